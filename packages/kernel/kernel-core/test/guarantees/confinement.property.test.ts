/** Without a model: what a party's threads can ever name is what it was given, whatever anybody does. */
import { objects, labels as slotLabels } from '@bulkhead/capabilities';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labels, systemCalls } from '../../src/index.ts';
import { BELL, Cast, DESK, HATCH, PUPIL, SPACE } from './cast.ts';
import { Census, type Held } from './census.ts';

const effort = Number(process.env.BULKHEAD_EFFORT ?? 1);
const seed = 20260108;
const LABELS = [...Object.values(slotLabels), ...Object.values(labels)].filter((label) => label !== labels.TCB_LAST);
const CALLS = Object.values(systemCalls);
const TYPES = [1, 2, 3, 4, 5, 6, 7, 9];

/** All that a thread reaches: what is in its TCB, and in what that names, and so on. */
function reached(census: Census, tcb: number): Held[] {
  const found = new Set<Held>();
  const open = Array.from({ length: 5 }, (_, i) => tcb + i * 8);
  for (let slot = open.pop(); slot !== undefined; slot = open.pop()) {
    const held = census.held.get(slot);
    if (held === undefined || found.has(held)) continue;
    found.add(held);
    open.push(...census.slotsOf(held));
  }
  return [...found];
}
/** Whether a capability says no more than one that was given. */
function isCovered(held: Held, given: readonly Held[]): boolean {
  const end = held.object * 16 + held.bytes;
  return given.some((by) => {
    if (by.type === objects.UNTYPED && held.bytes > 0)
      return by.object <= held.object && end <= by.object * 16 + by.bytes;
    if (by.type !== held.type || by.object !== held.object || by.size !== held.size) return false;
    if ((held.rights & ~by.rights) !== 0) return false;
    return held.type === objects.CNODE || by.data === 0 || by.data === held.data;
  });
}

class Party {
  readonly cast: Cast;
  #chance: number;
  constructor(chance: number, open: boolean) {
    this.cast = new Cast({ count: 2 });
    this.#chance = chance | 1;
    const { w, threads } = this.cast;
    // Ann and Bob share nothing but the desk, to which Ann sends and from which Bob receives.
    const keep = (i: number, index: number): number => nodeOf(this.cast, i) + index * 8;
    for (const i of [0, 1])
      for (const index of [HATCH, BELL, PUPIL, SPACE]) w.kernel.capabilities.delete(keep(i, index));
    w.kernel.capabilities.delete(w.kernel.tcbs.wordOf(threads[2]!) + 24);
    this.#limit(keep(0, DESK), open ? objects.WRITE | objects.GRANT : objects.WRITE);
    this.#limit(keep(1, DESK), objects.READ);
    w.rest();
  }
  /** CHOICE: what is given is written here, as boot does it. */
  #limit(slot: number, rights: number): void {
    this.cast.w.words[slot] = (this.cast.w.words[slot]! & ~(15 << 19)) | (rights << 19);
  }
  below(limit: number): number {
    this.#chance = (Math.imul(this.#chance, 0x41c6_4e6d) + 12345) | 0;
    return (this.#chance >>> 8) % limit;
  }
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
  step(): void {
    const { cast } = this;
    if (cast.current < 0)
      for (const t of cast.threads.slice(1)) if (cast.w.kernel.tcbs.incarnation[t] === 0) cast.wake(t);
    if (cast.current < 0) return;
    if (this.below(3) === 0) cast.pass();
    const isMessage = this.below(3) === 0;
    const pointer = isMessage ? this.pick([DESK, DESK, DESK, 6]) : this.below(24);
    const small = (): number => this.below(this.pick([3, 8, 24, 33]));
    const words = Array.from({ length: 8 }, small);
    const label = isMessage ? 0 : this.pick(this.below(2) === 0 ? LABELS : Object.values(slotLabels));
    if (label === slotLabels.UNTYPED_RETYPE)
      words.splice(
        0,
        6,
        this.pick(TYPES),
        this.pick([0, 1, 2, 7, 11, 12]),
        0,
        0,
        12 + this.below(12),
        1 + this.below(2),
      );
    else if (label >= slotLabels.CNODE_REVOKE && label <= slotLabels.CNODE_ROTATE)
      words.splice(
        0,
        6,
        this.below(24),
        this.pick([32, 32, 5]),
        this.pick([DESK, this.below(24)]),
        32,
        this.below(16),
        this.below(34),
      );
    const node = label > 0 && label < 10 && this.below(8) > 0 ? 1 : pointer;
    const calls = cast.current === cast.threads[1] ? CALLS.filter((call) => call !== systemCalls.CALL) : CALLS;
    cast.perform({
      number: label === 0 ? this.pick(calls) : cast.current === cast.threads[1] ? systemCalls.SEND : systemCalls.CALL,
      pointer: label === slotLabels.UNTYPED_RETYPE ? this.pick([3, 3, pointer]) : label === 0 ? pointer : node,
      reply: 6,
      destination: pointer,
      label,
      words,
      extras: label === 0 ? this.#gifts() : Array.from({ length: this.below(4) }, () => this.pick([1, this.below(24)])),
      receive: [1, 20 + this.below(12), 32],
    });
  }
  /** What gives nobody a way back: no nodes, no threads, no endpoints. */
  #gifts(): number[] {
    const { kernel } = this.cast.w;
    const root = kernel.tcbs.wordOf(this.cast.current);
    const isHarmless = (pointer: number): boolean => {
      const slot = kernel.capabilities.resolve(root, pointer, 32);
      return slot > 0 && [objects.UNTYPED, objects.FRAME, objects.NULL].includes(kernel.capabilities.typeOf(slot));
    };
    return Array.from({ length: this.below(4) }, () => this.pick([3, 3, 8, this.below(24)])).filter(isHarmless);
  }
}
const nodeOf = (cast: Cast, i: number): number => {
  const { kernel } = cast.w;
  return kernel.capabilities.wordOf(kernel.tcbs.wordOf(cast.threads[i + 1]!));
};

describe('confinement', () => {
  it.each([
    ['an endpoint without Grant carries no capability in either direction', false],
    [
      'an endpoint with Grant, for who never calls, carries capabilities one way, and only what the sender reaches',
      true,
    ],
  ])('%s', (_name, open) => {
    let passed = 0;
    fc.assert(
      fc.property(fc.noShrink(fc.integer()), (chance) => {
        const party = new Party(chance, open);
        const { cast } = party;
        const tcbs = cast.threads.slice(1).map((t) => cast.w.kernel.tcbs.wordOf(t));
        const start = new Census(cast.w);
        const [ann, bob] = tcbs.map((tcb) => reached(start, tcb)) as [Held[], Held[]];
        const bobs = open ? [...bob, ...ann] : bob;
        for (let i = 0; i < 150; i++) {
          party.step();
          const census = new Census(cast.w);
          tcbs.forEach((tcb, who) => {
            for (const held of reached(census, tcb)) {
              if (!isCovered(held, who === 0 ? ann : bobs))
                throw new Error(
                  `after ${i} steps ${['Ann', 'Bob'][who]} holds ${objects.NAMES[held.type]} ${held.object}`,
                );
              if (who === 1 && !isCovered(held, bob)) passed++;
            }
          });
        }
        expect(cast.w.kernel.corrupted).toBe(false);
      }),
      { numRuns: 8 * effort, seed },
    );
    if (open) expect(passed).toBeGreaterThan(0);
    else expect(passed).toBe(0);
  });
});
