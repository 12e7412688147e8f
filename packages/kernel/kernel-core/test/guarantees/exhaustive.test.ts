/** Every sequence of a few deeds, on a few objects: nothing is left to chance. */
import { errors, objects, labels as slotLabels } from '@bulkhead/capabilities';
import { blocking, message } from '@bulkhead/ipc';
import { describe, expect, it } from 'vitest';
import { bootSlots, labels, systemCalls } from '../../src/index.ts';
import { BELL, Cast, DESK, differences, MEMORY, modelOf, NAMES, PUPIL, REPLY, SELF, TCB, threadOf } from './cast.ts';
import { Memory, type Saved } from './explorer.ts';
import { Model } from './model/model.ts';
import type { SystemCall, Thing } from './model/things.ts';

const effort = Number(process.env.BULKHEAD_EFFORT ?? 1);
const DEPTH = effort >= 50 ? 5 : effort >= 5 ? 4 : 3;
const [A, B, NODE, GIFT] = [12, 13, 15, 17] as const;
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

interface Node {
  readonly saved: Saved;
  readonly key: string;
  readonly things: Set<Thing>;
  readonly path: readonly string[];
}

class Exploration {
  readonly cast = new Cast({ count: 2, pages: 32, untypedBits: 9 });
  readonly memory = new Memory(this.cast);
  readonly #slotAt = modelOf(this.cast).slotAt;
  readonly seen = new Set<string>();
  transitions = 0;

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
    this.cast.threads.forEach((number, who) => {
      for (const [i, deed] of (who === 0 ? ROOTS : DEEDS).entries()) {
        const next = this.#step(node, number, deed, `${NAMES[who]} ${who === 0 ? 'root deed' : 'deed'} ${i}`);
        if (next !== undefined && !isLast) found.push(next);
      }
    });
    return found;
  }
  #step(node: Node, number: number, deed: SystemCall, name: string): Node | undefined {
    const { cast, memory } = this;
    const { kernel } = cast.w;
    memory.put(node.saved);
    if (kernel.threads.state[number] !== blocking.RUNNING) return undefined;
    this.transitions++;
    kernel.attribute(number);
    cast.perform(deed);
    const error = message.labelOf(kernel.threads.tag[number]!);
    memory.settle();
    const saved = memory.take();
    const key = saved.join();
    const isNew = !this.seen.has(key);
    const path = [...node.path, name];
    const isRefused = key === node.key && error !== 0;
    if (!isNew && !isRefused) return undefined;
    const things = isRefused ? node.things : structuredClone(node.things);
    this.#check(things, number, deed, error, path);
    if (!isNew) return undefined;
    this.seen.add(key);
    return { saved, key, things, path };
  }
  #check(things: Set<Thing>, number: number, deed: SystemCall, error: number, path: readonly string[]): void {
    const model = new Model(this.#slotAt);
    for (const each of things) model.things.add(each);
    const answer = model.systemCall(threadOf(this.cast, model, number), deed);
    const wrong = answer === null || answer.error === error ? [] : [`the answer is ${errors.NAMES[error]}`];
    wrong.push(...differences(this.cast, model));
    if (wrong.length > 0) throw new Error([path.join(', then '), ...wrong].join('\n  '));
    things.clear();
    for (const each of model.things) things.add(each);
  }
}

describe('every sequence of a few deeds', () => {
  it('leads where the model says, and breaks no invariant', () => {
    const exploration = new Exploration();
    exploration.run(DEPTH);
    console.info(`depth ${DEPTH}: ${exploration.seen.size} states, ${exploration.transitions} transitions`);
    expect(exploration.seen.size).toBeGreaterThan(1000);
    expect(exploration.cast.w.kernel.corrupted).toBe(false);
  }, 3_000_000);
});
