/**
 * What there is, in plain objects: things, the places in them, the capabilities that places hold, and threads. All that
 * the model remembers hangs on things, so that a copy of them is a copy of everything.
 */
import { objects } from '@bulkhead/capabilities';

export type State = 'running' | 'sending' | 'receiving' | 'awaits an answer' | 'waiting' | 'inactive';

export interface Place {
  readonly slot: number;
  cap: Cap | null;
}
export interface Thing {
  readonly type: number;
  /** Address / 16. */
  readonly object: number;
  readonly size: number;
  readonly places: Place[];
  /** An endpoint's or a notification's. */
  queue: Thread[];
  word: number | null;
  bound: Thread | null;
  /** Of a reply object: who is tied to it. Of a TCB: its thread. */
  thread: Thread | null;
  /** Of a frame that is a message buffer. */
  extras: number[];
  receive: readonly number[];
  /** Of an untyped or a frame: whether it is a device's memory. */
  device: boolean;
  /** Of a table, by index: what hangs there, and a leaf's letters. Of an ASID pool, by ASID: roots. */
  entries: Map<number, { readonly thing: Thing; readonly flags: string }>;
  /** Which ASID pool it is; an IO space's domain. */
  index: number;
  /** Of an IO space. */
  root: Thing | null;
  /** Of an interrupt's handler. */
  enabled: boolean;
  awaits: boolean;
}
/** Where a frame's or a table's capability says that it is mapped. */
export interface Mapping {
  readonly io: boolean;
  /** An ASID or an IO domain. */
  readonly space: number;
  readonly page: number;
}
export interface Cap {
  readonly thing: Thing;
  rights: number;
  badge: number;
  guard: number;
  guardSize: number;
  mapping: Mapping | null;
  /** Whether copies are its children, and not its siblings. */
  readonly original: boolean;
  parent: Cap | null;
  children: Cap[];
  place: Place;
  /** Bytes that an untyped gave out. */
  used: number;
  dying: boolean;
}
export interface Thread {
  readonly tcb: Thing;
  state: State;
  at: Thing | null;
  reply: Thing | null;
  bound: Thing | null;
  buffer: Thing | null;
  /** Whether messages may be written there, too. */
  isInbox: boolean;
  fault: boolean;
  extraCount: number;
  /** While it is sending. */
  badge: number;
  rights: number;
  calls: boolean;
}
export interface SystemCall {
  readonly number: number;
  readonly pointer: number;
  readonly reply?: number;
  readonly destination?: number;
  readonly label?: number;
  readonly words?: readonly number[];
  readonly extras?: readonly number[];
  /** Root, index and depth of the slot for a capability received. */
  readonly receive?: readonly number[];
}
export interface Answer {
  /** The error, positive; 0 for none. */
  error: number;
  /** With NOT_ENOUGH_MEMORY: bytes that are left. */
  bytesLeft?: number;
}

export function thing(type: number, object: number, size: number, slots: readonly number[]): Thing {
  return {
    type,
    object,
    size,
    places: slots.map((slot) => ({ slot, cap: null })),
    queue: [],
    word: null,
    bound: null,
    thread: null,
    extras: [0, 0, 0],
    receive: [0, 0, 0],
    device: false,
    entries: new Map(),
    index: 0,
    root: null,
    enabled: false,
    awaits: false,
  };
}
export function thread(tcb: Thing): Thread {
  return {
    tcb,
    state: 'inactive',
    at: null,
    reply: null,
    bound: null,
    buffer: null,
    isInbox: false,
    fault: false,
    extraCount: 0,
    badge: 0,
    rights: 0,
    calls: false,
  };
}
export const isBadged = ({ type }: Thing): boolean => type === objects.ENDPOINT || type === objects.NOTIFICATION;
/** Places of a TCB. */
export const [CSPACE, VSPACE, BUFFER, FAULT_HANDLER, TIMEOUT_HANDLER] = [0, 1, 2, 3, 4] as const;

/** Everything once more: nothing in it is in the other. */
export const copyOf = (things: Set<Thing>): Set<Thing> => copy(things, new Map()) as Set<Thing>;

function copy(value: object, copies: Map<object, object>): object {
  if ('slot' in value && 'cap' in value && value.cap === null) return { ...value }; // an empty place, which only its thing knows
  const known = copies.get(value);
  if (known !== undefined) return known;
  if (value instanceof Set) return new Set([...value].map((each) => copy(each, copies)));
  if (value instanceof Map) return new Map([...value].map(([key, each]) => [key, copy(each, copies)]));
  const made = (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>;
  copies.set(value, made);
  for (const key in made) {
    const each = made[key];
    if (typeof each === 'object' && each !== null) made[key] = copy(each, copies);
  }
  return made;
}
