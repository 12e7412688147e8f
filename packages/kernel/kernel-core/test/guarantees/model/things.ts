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
}
export interface Cap {
  readonly thing: Thing;
  rights: number;
  badge: number;
  guard: number;
  guardSize: number;
  mapped: boolean;
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
