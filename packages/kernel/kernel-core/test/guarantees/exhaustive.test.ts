/** Every sequence of a few deeds, on a few objects: nothing is left to chance. */
import { labels as spaceLabels } from '@bulkhead/address-space';
import { errors, objects, labels as slotLabels } from '@bulkhead/capabilities';
import { labels as irqLabels } from '@bulkhead/interrupts';
import { labels as ioLabels } from '@bulkhead/io-spaces';
import { blocking, message } from '@bulkhead/ipc';
import { describe, expect, it } from 'vitest';
import { bootSlots, labels, systemCalls } from '../../src/index.ts';
import {
  BELL,
  Cast,
  CONTROL,
  DESK,
  HANDLER,
  IDENTITY,
  MEMORY,
  NAMES,
  PAPER,
  PORT,
  PUPIL,
  REPLY,
  ROOM,
  SELF,
  TCB,
} from './cast.ts';
import { differences, modelOf, threadOf } from './comparison.ts';
import { Memory, type Saved } from './explorer.ts';
import { Model } from './model/model.ts';
import { copyOf, type SystemCall, type Thing } from './model/things.ts';

const effort = Number(process.env.BULKHEAD_EFFORT ?? 1);
const DEPTH = effort >= 50 ? 5 : effort >= 5 ? 4 : 3;
const [A, B, NODE, GIFT] = [18, 19, 21, 23] as const;
const receive = [SELF, GIFT, 32];

const on = (pointer: number, label: number, words: number[] = [], extras: number[] = []): SystemCall => ({
  number: systemCalls.CALL,
  pointer,
  label,
  words,
  extras,
  receive,
});
const say = (number: number, pointer: number, extras: number[] = []): SystemCall => ({
  number,
  pointer,
  reply: REPLY,
  extras,
  receive,
});
/** What Ann and Bob may do. */
const DEEDS: readonly SystemCall[] = [
  on(SELF, slotLabels.CNODE_COPY, [A, 32, DESK, 32, objects.READ | objects.WRITE], [SELF]),
  on(SELF, slotLabels.CNODE_MINT, [B, 32, DESK, 32, objects.ALL_RIGHTS, 7], [SELF]),
  on(SELF, slotLabels.CNODE_MOVE, [A, 32, B, 32], [SELF]),
  on(SELF, slotLabels.CNODE_REVOKE, [DESK, 32]),
  on(SELF, slotLabels.CNODE_DELETE, [A, 32]),
  on(MEMORY, slotLabels.UNTYPED_RETYPE, [objects.CNODE, 1, 0, 0, NODE, 1], [SELF]),
  on(SELF, slotLabels.CNODE_REVOKE, [MEMORY, 32]),
  on(NODE, slotLabels.CNODE_MOVE, [0, 1, A, 32], [SELF]),
  say(systemCalls.SEND, DESK, [A, MEMORY]),
  say(systemCalls.SEND, A, [MEMORY]),
  say(systemCalls.CALL, DESK, [MEMORY]),
  say(systemCalls.RECEIVE, DESK),
  say(systemCalls.REPLY_RECEIVE, DESK, [MEMORY]),
  on(PUPIL, labels.TCB_SUSPEND),
  on(PUPIL, labels.TCB_RESUME),
  on(TCB, labels.TCB_BIND_NOTIFICATION, [], [BELL]),
  on(SELF, slotLabels.CNODE_DELETE, [REPLY, 32]),
];
/** What Root may do: it has made the desk first. */
const ROOTS: readonly SystemCall[] = [
  on(bootSlots.CNODE, slotLabels.CNODE_REVOKE, [64, 32]),
  on(bootSlots.CNODE, slotLabels.CNODE_DELETE, [64, 32]),
];

/** What Ann and Bob may do with a frame and with an interrupt. */
const HARDWARE_DEEDS: readonly SystemCall[] = [
  on(SELF, slotLabels.CNODE_COPY, [A, 32, PAPER, 32, objects.READ], [SELF]),
  on(A, spaceLabels.PAGE_MAP, [0x1000, 3, 0], [ROOM]),
  on(PAPER, spaceLabels.PAGE_MAP, [0x1000, 3, 0], [ROOM]),
  on(A, ioLabels.PAGE_MAP_IO, [3, 0x1000], [PORT]),
  on(SELF, slotLabels.CNODE_DELETE, [A, 32]),
  on(SELF, slotLabels.CNODE_COPY, [A, 32, HANDLER, 32, objects.ALL_RIGHTS], [SELF]),
  on(CONTROL, irqLabels.IRQ_CONTROL_GET, [IDENTITY, NODE, 32], [SELF]),
  on(HANDLER, irqLabels.IRQ_HANDLER_SET_NOTIFICATION, [], [BELL]),
  on(HANDLER, irqLabels.IRQ_HANDLER_ACK),
  on(HANDLER, irqLabels.IRQ_HANDLER_CLEAR),
  say(systemCalls.SEND, DESK, [A]),
  say(systemCalls.RECEIVE, DESK),
];
/** And Root: he revokes what they have copies of, or deletes it. */
const hardwareRoots = ({ frame, room, handler, port }: Cast['originals']): readonly SystemCall[] => [
  on(bootSlots.CNODE, slotLabels.CNODE_REVOKE, [frame, 32]),
  on(bootSlots.CNODE, slotLabels.CNODE_REVOKE, [room, 32]),
  on(bootSlots.CNODE, slotLabels.CNODE_DELETE, [room, 32]),
  on(bootSlots.CNODE, slotLabels.CNODE_REVOKE, [handler, 32]),
  on(bootSlots.CNODE, slotLabels.CNODE_DELETE, [handler, 32]),
  on(bootSlots.CNODE, slotLabels.CNODE_REVOKE, [port, 32]),
];

interface Node {
  readonly saved: Saved;
  readonly key: string;
  readonly things: Set<Thing>;
  readonly path: readonly string[];
}

class Exploration {
  readonly cast: Cast;
  readonly memory: Memory;
  readonly #slotAt: Model['slotAt'];
  readonly #deeds: readonly SystemCall[];
  readonly #roots: readonly SystemCall[];
  /** Interrupts that may come. */
  readonly #interrupts: readonly number[];
  readonly seen = new Set<string>();
  transitions = 0;

  constructor(cast: Cast, deeds: readonly SystemCall[], roots: readonly SystemCall[], interrupts: readonly number[]) {
    this.cast = cast;
    this.memory = new Memory(cast);
    this.#slotAt = modelOf(cast).slotAt;
    this.#deeds = deeds;
    this.#roots = roots;
    this.#interrupts = interrupts;
  }
  run(depth: number): void {
    const things = modelOf(this.cast).things;
    let open: Node[] = [{ saved: [], key: '', things, path: [] }];
    this.seen.add(open[0]!.key);
    for (let level = 1; level <= depth; level++) {
      const isLast = level === depth;
      open = open.flatMap((node) => this.#expand(node, isLast));
    }
  }
  #expand(node: Node, isLast: boolean): Node[] {
    const found: Node[] = [];
    const keep = (next: Node | undefined): void => {
      if (next !== undefined && !isLast) found.push(next);
    };
    this.cast.threads.forEach((number, who) => {
      for (const [i, deed] of (who === 0 ? this.#roots : this.#deeds).entries())
        keep(this.#byThread(node, number, deed, `${NAMES[who]} ${who === 0 ? 'root deed' : 'deed'} ${i}`));
    });
    for (const identity of this.#interrupts) keep(this.#byInterrupt(node, identity));
    return found;
  }
  #byThread(node: Node, number: number, deed: SystemCall, name: string): Node | undefined {
    const { cast } = this;
    const { kernel } = cast.w;
    this.memory.put(node.saved);
    if (kernel.threads.state[number] !== blocking.RUNNING) return undefined;
    kernel.attribute(number);
    cast.machine.readAhead();
    cast.perform(deed);
    const error = message.labelOf(kernel.threads.tag[number]!);
    return this.#arrive(node, name, error !== 0, (model) => {
      const answer = model.systemCall(threadOf(cast, model, number), deed);
      return answer === null || answer.error === error ? [] : [`the answer is ${errors.NAMES[error]}`];
    });
  }
  #byInterrupt(node: Node, identity: number): Node | undefined {
    const { machine } = this.cast;
    this.memory.put(node.saved);
    if (machine.enabled[identity] === 0) return undefined;
    machine.readAhead();
    machine.interrupt(identity);
    return this.#arrive(node, `interrupt ${identity}`, false, (model) => {
      model.interrupts.deliver(identity);
      return [];
    });
  }
  /** @param tell tells the model of it, and says what is wrong with the answer */
  #arrive(node: Node, name: string, hasError: boolean, tell: (model: Model) => string[]): Node | undefined {
    this.transitions++;
    this.memory.settle();
    const saved = this.memory.take();
    const key = saved.join();
    const isNew = !this.seen.has(key);
    const path = [...node.path, name];
    const isRefused = key === node.key && hasError;
    if (!isNew && !isRefused) return undefined;
    const things = isRefused ? node.things : copyOf(node.things);
    this.#check(things, path, tell);
    if (!isNew) return undefined;
    this.seen.add(key);
    return { saved, key, things, path };
  }
  #check(things: Set<Thing>, path: readonly string[], tell: (model: Model) => string[]): void {
    const model = new Model(this.#slotAt);
    for (const each of things) model.things.add(each);
    const wrong = [...tell(model), ...differences(this.cast, model)];
    if (wrong.length > 0) throw new Error([path.join(', then '), ...wrong].join('\n  '));
    things.clear();
    for (const each of model.things) things.add(each);
  }
}

describe('every sequence of a few deeds', () => {
  const explore = (exploration: Exploration, depth: number): void => {
    exploration.run(depth);
    console.info(`depth ${depth}: ${exploration.seen.size} states, ${exploration.transitions} transitions`);
    expect(exploration.cast.w.kernel.corrupted).toBe(false);
  };
  it('leads where the model says, and breaks no invariant', () => {
    const cast = new Cast({ count: 2, pages: 40, untypedBits: 9 });
    const exploration = new Exploration(cast, DEEDS, ROOTS, []);
    explore(exploration, DEPTH);
    expect(exploration.seen.size).toBeGreaterThan(1000);
  }, 3_000_000);
  it('does so with a frame that is mapped, and with an interrupt and its handler', () => {
    const cast = new Cast({ count: 2, pages: 48, untypedBits: 9, hardware: true });
    const exploration = new Exploration(cast, HARDWARE_DEEDS, hardwareRoots(cast.originals), [IDENTITY]);
    explore(exploration, DEPTH);
    expect(exploration.seen.size).toBeGreaterThan(400);
  }, 3_000_000);
});
