/**
 * Ann, Bob and Cid, each with a capability space, an untyped and a message buffer of their own, a few objects that they
 * share with different rights, and Root, who made them. What they do is told to a kernel and to the model.
 */
import { objects, labels as slotLabels } from '@bulkhead/capabilities';
import { message } from '@bulkhead/ipc';
import { bootSlots, labels, systemCalls } from '../../src/index.ts';
import { World } from '../support.ts';
import { Census, type Held } from './census.ts';
import { brokenInvariants } from './invariants.ts';
import { Model } from './model/model.ts';
import {
  type Cap,
  type Place,
  type State,
  type SystemCall,
  type Thing,
  type Thread,
  thing,
  thread,
} from './model/things.ts';

export const NODE_RADIX = 5;
export const NAMES: readonly string[] = ['Root', 'Ann', 'Bob', 'Cid'];
/** Where an actor's first capabilities are. */
export const [SELF, TCB, MEMORY, DESK, HATCH, REPLY, BELL, PAPER, SPACE, PUPIL, FIRST_FREE] = [
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12,
] as const;
const STATES: readonly State[] = ['running', 'sending', 'receiving', 'awaits an answer', 'waiting', 'inactive'];
const { WRITE, READ, GRANT, GRANT_REPLY, ALL_RIGHTS } = objects;
const GUARD = 32 - NODE_RADIX;

/** Rights and badges of what the three share: at the desk, at the hatch, of the bell. */
const SHARES = [
  [
    [ALL_RIGHTS, 0],
    [WRITE, 3],
    [READ | WRITE, 0],
  ],
  [
    [WRITE | GRANT, 7],
    [READ | WRITE | GRANT, 0],
    [WRITE, 1],
  ],
  [
    [READ | WRITE | GRANT_REPLY, 9],
    [ALL_RIGHTS, 5],
    [READ, 0],
  ],
] as const;

export interface CastOptions {
  /** How many of the three there are. */
  readonly count?: number;
  readonly pages?: number;
  readonly untypedBits?: number;
}

/** The kernel's side. */
export class Cast {
  readonly w: World;
  /** Threads by name. */
  readonly threads: number[];

  constructor({ count = 3, pages = 64, untypedBits = 13 }: CastOptions = {}) {
    const w = new World({ pages, boot: { cnodeRadix: 7, priority: 100 } });
    this.w = w;
    const shared = [objects.ENDPOINT, objects.ENDPOINT, objects.NOTIFICATION].map((type) => w.make(type));
    const nodes: number[] = [];
    const tcbs: number[] = [];
    for (let i = 0; i < count; i++) nodes.push(w.make(objects.CNODE, NODE_RADIX));
    for (let i = 0; i < count; i++) tcbs.push(this.#furnish(nodes[i]!, shared, SHARES[i]!, untypedBits));
    tcbs.forEach((tcb, i) => {
      this.#give(nodes[i]!, PUPIL, tcbs[(i + 1) % count]!, ALL_RIGHTS, 0);
      w.must(tcb, labels.TCB_RESUME);
    });
    w.must(tcbs.at(-1)!, labels.TCB_SET_SPACE, [GUARD, 0], [shared[0]!, nodes.at(-1)!, bootSlots.VSPACE]);
    this.threads = [w.info.thread, ...tcbs.map((tcb) => w.thread(tcb))];
  }
  #furnish(
    node: number,
    shared: readonly number[],
    shares: readonly (readonly [number, number])[],
    bits: number,
  ): number {
    const { w } = this;
    const tcb = w.make(objects.TCB);
    const frame = w.make(objects.FRAME, 12);
    const sc = w.make(objects.SCHED_CONTEXT, 8);
    w.must(tcb, labels.TCB_CONFIGURE, [GUARD, 0, 0x4000_0000], [node, bootSlots.VSPACE, frame]);
    w.must(bootSlots.SCHED_CONTROL, labels.SCHED_CONTROL_CONFIGURE_FLAGS, [1000, 1000, 0, 0, 0], [sc]);
    w.must(tcb, labels.TCB_SET_SCHED_PARAMS, [100, 100], [bootSlots.TCB, sc, 0]);
    this.#give(node, SELF, node, ALL_RIGHTS, GUARD);
    this.#give(node, TCB, tcb, ALL_RIGHTS, 0);
    this.#give(node, MEMORY, w.make(objects.UNTYPED, bits), ALL_RIGHTS, 0);
    for (const [i, [rights, badge]] of shares.entries())
      this.#give(node, [DESK, HATCH, BELL][i]!, shared[i]!, rights, badge);
    this.#give(node, REPLY, w.make(objects.REPLY), ALL_RIGHTS, 0);
    this.#give(node, PAPER, frame, ALL_RIGHTS, 0);
    this.#give(node, SPACE, bootSlots.VSPACE, ALL_RIGHTS, 0);
    return tcb;
  }
  #give(node: number, index: number, from: number, rights: number, data: number): void {
    this.w.must(node, slotLabels.CNODE_MINT, [index, NODE_RADIX, from, 32, rights, data], [bootSlots.CNODE]);
  }

  get current(): number {
    return this.w.kernel.current;
  }
  /** Whoever runs lets the next of its priority run. */
  pass(): void {
    this.w.kernel.systemCall(systemCalls.YIELD, 0, 0, 0);
  }
  /** A thread goes on by a hand from outside. */
  wake(thread: number): void {
    this.w.kernel.control.resume(thread);
    this.w.kernel.reschedule();
  }
  /** By whoever runs. */
  perform(call: SystemCall): void {
    const { kernel } = this.w;
    const { threads } = kernel;
    const t = kernel.current;
    const buffer = threads.buffer[t]!;
    const { words = [], extras = [], receive, label = 0 } = call;
    words.forEach((word, i) => {
      if (i >= 4 && buffer === 0) return;
      const at = i < 4 ? t * 8 + i * 2 : buffer + message.BUFFER_MESSAGE + i * 2;
      const target = i < 4 ? threads.registers : threads.words;
      target[at] = word;
      target[at + 1] = 0;
    });
    if (buffer !== 0) {
      extras.forEach((pointer, i) => {
        threads.words[buffer + message.CAPS_OR_BADGES + i * 2] = pointer;
      });
      receive?.forEach((word, i) => {
        threads.words[buffer + message.RECEIVE_ROOT + i * 2] = word;
      });
    }
    threads.tag[t] = message.messageTag(label, 0, extras.length, words.length);
    kernel.systemCall(call.number, call.pointer, call.reply ?? 0, call.destination ?? 0);
  }
}

/** The model of what is there now: what each was given. */
export function modelOf(cast: Cast, census: Census = new Census(cast.w)): Model {
  const { w } = cast;
  const model = new Model((object, index) => census.wordOf(object) + index * 8);
  const keyOf = ({ type, object, size }: Held): string => `${type} ${object} ${size}`;
  const things = new Map<string, Thing>();
  for (const held of census.held.values())
    if (!things.has(keyOf(held)))
      things.set(keyOf(held), thing(held.type, held.object, held.size, census.slotsOf(held)));
  const places = new Map<number, Place>();
  for (const each of things.values()) for (const place of each.places) places.set(place.slot, place);
  const caps = new Map<number, Cap>();
  const put = (held: Held): Cap => {
    const known = caps.get(held.slot);
    if (known !== undefined) return known;
    const parentHeld = census.held.get(held.parent);
    const parent = parentHeld === undefined ? null : put(parentHeld);
    const cap = model.put(things.get(keyOf(held))!, places.get(held.slot)!, null, held.rights, held.revocable);
    const { mapped, guardSize } = held;
    Object.assign(cap, { parent, mapped, guardSize });
    if (held.type === objects.CNODE) cap.guard = held.data;
    else cap.badge = held.data;
    if (held.type === objects.UNTYPED) cap.used = (w.words[held.slot + 2]! >>> 0) * 16;
    caps.set(held.slot, cap);
    return cap;
  };
  for (const held of census.held.values()) put(held);
  for (const list of listsOf(w, census))
    for (const slot of list) {
      const cap = caps.get(slot)!;
      cap.parent?.children.push(cap);
    }
  for (const each of things.values()) {
    model.things.add(each);
    if (each.type !== objects.TCB) continue;
    each.thread = thread(each);
    const number = w.kernel.tcbs.threadAt(each.object);
    each.thread.state = STATES[w.kernel.threads.state[number]!]!;
    each.thread.buffer = each.places[2]!.cap?.thing ?? null;
  }
  return model;
}
function listsOf(w: World, census: Census): number[][] {
  const first = [...census.held.keys()].filter((slot) => w.words[slot + 4] === 0);
  return first.map((start) => {
    const list: number[] = [];
    for (let slot = start; slot !== 0; slot = w.words[slot + 5]!) list.push(slot);
    return list;
  });
}

export function threadOf(cast: Cast, model: Model, number: number): Thread {
  return model.threads().find(({ tcb }) => cast.w.kernel.tcbs.threadAt(tcb.object) === number)!;
}

const describeCap = (type: number, object: number, rights: number, badge: number, parent: number): string =>
  `${objects.NAMES[type]} ${object}, rights ${rights}, badge ${badge}, from slot ${parent}`;

/** Where kernel and model differ, and which invariants are broken, in words; nothing when all is well. */
export function differences(cast: Cast, model: Model): string[] {
  const { w } = cast;
  const census = new Census(w);
  const found: string[] = [];
  const seen = new Set<number>();
  for (const { slot, cap } of model.places()) {
    const held = census.held.get(slot);
    if (cap === null) {
      if (held !== undefined)
        found.push(
          `slot ${slot} holds ${describeCap(held.type, held.object, held.rights, held.data, held.parent)}: nothing should be there`,
        );
      continue;
    }
    seen.add(slot);
    const badge = cap.thing.type === objects.CNODE ? cap.guard | 0 : cap.badge;
    const parent = cap.parent?.place.slot ?? 0;
    const { type, object, size } = cap.thing;
    if (held === undefined) {
      found.push(`slot ${slot} is empty: ${describeCap(type, object, cap.rights, badge, parent)} should be there`);
      continue;
    }
    const isSame =
      held.type === type &&
      held.object === object &&
      held.rights === cap.rights &&
      held.data === badge &&
      held.parent === parent;
    if (!isSame) {
      const actual = describeCap(held.type, held.object, held.rights, held.data, held.parent);
      found.push(`slot ${slot} holds ${actual}; it should be ${describeCap(type, object, cap.rights, badge, parent)}`);
    }
    if (held.guardSize !== cap.guardSize || held.size !== size || held.mapped !== cap.mapped)
      found.push(`slot ${slot}: size, guard's size or mapping differ`);
  }
  for (const slot of census.held.keys()) if (!seen.has(slot)) found.push(`slot ${slot} should not exist`);
  compareThreads(cast, model, found);
  return [...found, ...brokenInvariants(w, census)];
}
function compareThreads(cast: Cast, model: Model, found: string[]): void {
  const { threads, tcbs, capabilities } = cast.w.kernel;
  const wordOf = (each: Thing | null): number => (each === null ? 0 : capabilities.wordOfGranule(each.object));
  for (const t of model.threads()) {
    const number = tcbs.threadAt(t.tcb.object);
    const state = STATES[threads.state[number]!]!;
    if (model.isOrderOpen && [state, t.state].every((s) => s === 'running' || s === 'inactive')) {
      t.state = state;
      t.fault = threads.fault[number] !== 0;
    }
    const actual = [
      state,
      threads.object[number],
      threads.reply[number],
      threads.bound[number],
      threads.buffer[number],
    ];
    const expected = [t.state, wordOf(t.at), wordOf(t.reply), wordOf(t.bound), wordOf(t.buffer)];
    if (actual.join() !== expected.join()) found.push(`thread ${number} is ${actual}; it should be ${expected}`);
  }
}
