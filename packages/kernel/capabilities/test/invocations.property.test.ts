import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { errors, guardWord, Invocations, labels, objects } from '../src/index.ts';
import { type Fixture, firstDifference, fixture, make, ROOT } from './fixture.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const { CNODE, ENDPOINT, TCB, ALL_RIGHTS } = objects;
/** No slot of the root CNode: its guard is in the way. */
const NOWHERE = 0x40;

let f: Fixture;
let invocations: Invocations;
let cancelled: [endpoint: number, badge: number][];
/** 10 an endpoint, 11 a badged one, 12 and 13 CNodes, 14 a zombie; 20 on are free. */
function prepare(): void {
  cancelled = [];
  f = fixture(0x80000, (endpoint, badge) => cancelled.push([endpoint, badge]));
  make(f, f.untyped, ENDPOINT, 0, 10);
  f.capabilities.mint(f.at(11), f.at(10), ALL_RIGHTS, 7);
  make(f, f.untyped, CNODE, 2, 12, 3);
  f.capabilities.delete(f.at(14), 1);
  invocations = new Invocations({ capabilities: f.capabilities });
}
beforeEach(prepare);

interface Invocation {
  slot: number;
  label: number;
  words: number[];
  extras: number[];
}
function invoke({ slot, label, words, extras }: Invocation): number {
  invocations.message.set(words);
  invocations.length = words.length;
  invocations.extras.set(extras);
  invocations.extraCount = extras.length;
  return invocations.invoke(slot, label);
}

type Mistake = readonly [name: string, error: number, spoil: (invocation: Invocation) => void, details?: object];
const word = (index: number, value: number) => (invocation: Invocation) => {
  if (index < invocation.words.length) invocation.words[index] = value;
};
const missing = (wasSource: boolean, lookupFailure: number): object => ({ wasSource, lookupFailure });
const { GUARD_MISMATCH, MISSING_CAPABILITY, INVALID_ROOT } = errors;

/** What is wrong with any invocation, in the order in which it is found. */
const COMMON: readonly Mistake[] = [
  ['an empty slot', errors.INVALID_CAPABILITY, (i) => Object.assign(i, { slot: f.at(30) })],
  ['a zombie', errors.INVALID_CAPABILITY, (i) => Object.assign(i, { slot: f.at(14) })],
  ['a label that is none', errors.ILLEGAL_OPERATION, (i) => Object.assign(i, { label: 99 })],
  ['label 0', errors.ILLEGAL_OPERATION, (i) => Object.assign(i, { label: 0 })],
  ['a negative label', errors.ILLEGAL_OPERATION, (i) => Object.assign(i, { label: -1 })],
  ['another kind of object', errors.ILLEGAL_OPERATION, (i) => Object.assign(i, { slot: f.at(10) })],
  ['a word too few', errors.TRUNCATED_MESSAGE, (i) => i.words.pop()],
];
const NO_EXTRAS: Mistake = ['no extra capability', errors.TRUNCATED_MESSAGE, (i) => i.extras.pop()];
const ONE_SLOT: readonly Mistake[] = [
  ['a depth of 0', errors.RANGE_ERROR, word(1, 0), { rangeMin: 1, rangeMax: 32 }],
  ['a depth of 33', errors.RANGE_ERROR, word(1, 33), { rangeMin: 1, rangeMax: 32 }],
  ['a path to nowhere', errors.FAILED_LOOKUP, word(0, NOWHERE), missing(false, GUARD_MISMATCH)],
];
/** @param at the message word at which the source's path begins */
const twoSlots = (at: number): Mistake[] => [
  NO_EXTRAS,
  ...ONE_SLOT,
  ['a full destination', errors.DELETE_FIRST, word(0, 10)],
  [
    'a root of the source that is no CNode',
    errors.FAILED_LOOKUP,
    (i) => i.extras.fill(f.at(10)),
    missing(true, INVALID_ROOT),
  ],
  ['a source depth of 0', errors.RANGE_ERROR, word(at + 1, 0), { rangeMin: 1, rangeMax: 32 }],
  ['a source path to nowhere', errors.FAILED_LOOKUP, word(at, NOWHERE), missing(true, GUARD_MISMATCH)],
  ['an empty source', errors.FAILED_LOOKUP, word(at, 31), missing(true, MISSING_CAPABILITY)],
];

interface Case {
  readonly name: string;
  readonly good: () => Invocation;
  readonly mistakes: readonly Mistake[];
}
const onRoot = (label: number, words: number[], extras = 0): Invocation => ({
  slot: ROOT,
  label,
  words,
  extras: new Array<number>(extras).fill(ROOT),
});
const CASES: readonly Case[] = [
  { name: 'Revoke', good: () => onRoot(labels.CNODE_REVOKE, [10, 32]), mistakes: ONE_SLOT },
  { name: 'Delete', good: () => onRoot(labels.CNODE_DELETE, [11, 32]), mistakes: ONE_SLOT },
  {
    name: 'CancelBadgedSends',
    good: () => onRoot(labels.CNODE_CANCEL_BADGED_SENDS, [11, 32]),
    mistakes: [
      ...ONE_SLOT,
      ['no endpoint', errors.ILLEGAL_OPERATION, word(0, 12)],
      ['an empty slot there', errors.ILLEGAL_OPERATION, word(0, 31)],
    ],
  },
  {
    name: 'Copy',
    good: () => onRoot(labels.CNODE_COPY, [20, 32, 10, 32, ALL_RIGHTS], 1),
    mistakes: [
      ...twoSlots(2),
      ['an untyped with children', errors.REVOKE_FIRST, word(2, 1)],
      ['a control', errors.ILLEGAL_OPERATION, word(2, 3)],
      ['a zombie as the source', errors.ILLEGAL_OPERATION, word(2, 14)],
    ],
  },
  {
    name: 'Mint',
    good: () => onRoot(labels.CNODE_MINT, [20, 32, 10, 32, ALL_RIGHTS, 5], 1),
    mistakes: [
      ...twoSlots(2),
      ['an untyped with children', errors.REVOKE_FIRST, word(2, 1)],
      ['a badge over a badge', errors.ILLEGAL_OPERATION, word(2, 11)],
      ['a guard that is too long', errors.ILLEGAL_OPERATION, (i) => i.words.splice(2, 4, 12, 32, 0, guardWord(0, 31))],
    ],
  },
  {
    name: 'Move',
    good: () => onRoot(labels.CNODE_MOVE, [20, 32, 10, 32], 1),
    mistakes: [...twoSlots(2), ['a zombie as the source', errors.ILLEGAL_OPERATION, word(2, 14)]],
  },
  {
    name: 'Mutate',
    good: () => onRoot(labels.CNODE_MUTATE, [20, 32, 12, 32, guardWord(1, 2)], 1),
    mistakes: [
      ...twoSlots(2),
      ['an endpoint', errors.ILLEGAL_OPERATION, word(2, 10)],
      ['a guard that is too long', errors.ILLEGAL_OPERATION, word(4, guardWord(0, 31))],
    ],
  },
  {
    name: 'Rotate',
    good: () => onRoot(labels.CNODE_ROTATE, [20, 32, 0, 12, 32, 0, 13, 32], 2),
    mistakes: [
      NO_EXTRAS,
      ...ONE_SLOT,
      ['a source depth of 0', errors.RANGE_ERROR, word(7, 0)],
      ['a source path to nowhere', errors.FAILED_LOOKUP, word(6, NOWHERE), missing(true, GUARD_MISMATCH)],
      ['a pivot depth of 0', errors.RANGE_ERROR, word(4, 0)],
      ['a pivot path to nowhere', errors.FAILED_LOOKUP, word(3, NOWHERE), missing(false, GUARD_MISMATCH)],
      ['the source as pivot', errors.ILLEGAL_OPERATION, (i) => (i.words[3] = i.words[6]!)],
      ['a full destination', errors.DELETE_FIRST, word(0, 1)],
      ['an empty source', errors.FAILED_LOOKUP, word(6, 31), missing(true, MISSING_CAPABILITY)],
      ['an empty pivot', errors.FAILED_LOOKUP, word(3, 32), missing(false, MISSING_CAPABILITY)],
      ['an endpoint as source', errors.ILLEGAL_OPERATION, word(6, 10)],
      ['an endpoint as pivot', errors.ILLEGAL_OPERATION, word(3, 11)],
      ['a guard of the source that is too long', errors.ILLEGAL_OPERATION, word(5, guardWord(0, 31))],
      ['a guard of the pivot that is too long', errors.ILLEGAL_OPERATION, word(2, guardWord(0, 31))],
    ],
  },
];

describe.each(CASES)('$name: which error wins (seL4 reference manual §10.3, CNode)', ({ good, mistakes: own }) => {
  const mistakes = [...COMMON, ...own];
  it('succeeds without a mistake', () => {
    expect(invoke(good())).toBe(0);
  });
  for (const [name, error, spoil, details = {}] of mistakes)
    it(name, () => {
      const wrong = good();
      spoil(wrong);
      const before = f.words.slice();
      expect(invoke(wrong)).toBe(error);
      expect(f.capabilities.details).toMatchObject(details);
      expect(firstDifference(f.words, before)).toBe(-1);
    });
  it('of two mistakes the earlier one wins', () => {
    for (const [i, [first, error, spoil]] of mistakes.entries()) {
      for (const [second, , spoilToo] of mistakes.slice(i + 1)) {
        prepare();
        const wrong = good();
        spoilToo(wrong);
        spoil(wrong);
        expect(invoke(wrong), `${first}, ${second}`).toBe(error);
      }
    }
  });
});

describe('Retype as a message (seL4 reference manual §10.3 "Architecture-Independent Object Methods", Untyped)', () => {
  const good = (): Invocation => ({
    slot: f.untyped,
    label: labels.UNTYPED_RETYPE,
    words: [TCB, 0, 0, 0, 20, 2],
    extras: [ROOT],
  });
  it('label, then length, then its own checks, which retype.test.ts has in order', () => {
    expect(invoke({ ...good(), slot: f.at(10) })).toBe(errors.ILLEGAL_OPERATION);
    expect(invoke({ ...good(), slot: ROOT })).toBe(errors.ILLEGAL_OPERATION);
    expect(invoke({ ...good(), words: [99, 0, 0, 0, 20] })).toBe(errors.TRUNCATED_MESSAGE);
    expect(invoke({ ...good(), words: [99, 0, 0, 0, 20, 2], extras: [] })).toBe(errors.TRUNCATED_MESSAGE);
    expect(invoke({ ...good(), words: [99, 64, 0, 0, 20, 2] })).toBe(errors.INVALID_ARGUMENT);
    expect(invoke(good())).toBe(0);
    expect([20, 21].map((index) => f.capabilities.typeOf(f.at(index)))).toEqual([TCB, TCB]);
  });
});

describe('what the invocations do', () => {
  it('CancelBadgedSends calls for a badge, not without one, and wants all four rights', () => {
    const endpoint = f.capabilities.objectOf(f.at(10));
    expect(invoke(onRoot(labels.CNODE_CANCEL_BADGED_SENDS, [11, 32]))).toBe(0);
    expect(cancelled).toEqual([[endpoint, 7]]);
    expect(invoke(onRoot(labels.CNODE_CANCEL_BADGED_SENDS, [10, 32]))).toBe(0);
    expect(cancelled.length).toBe(1);
    for (const right of [1, 2, 4, 8]) {
      f.capabilities.copy(f.at(20), f.at(11), ALL_RIGHTS & ~right);
      expect(invoke(onRoot(labels.CNODE_CANCEL_BADGED_SENDS, [20, 32]))).toBe(errors.ILLEGAL_OPERATION);
      f.capabilities.delete(f.at(20));
    }
    expect(cancelled.length).toBe(1);
  });
  it('Rotate moves pivot to destination and source to pivot, each with its guard, and the tree stays', () => {
    const [twelve, thirteen] = [f.capabilities.objectOf(f.at(12)), f.capabilities.objectOf(f.at(13))];
    const words = [20, 32, guardWord(1, 2), 12, 32, guardWord(5, 3), 13, 32];
    expect(invoke(onRoot(labels.CNODE_ROTATE, words, 2))).toBe(0);
    const { capabilities: c, at } = f;
    expect([c.objectOf(at(20)), c.guardSizeOf(at(20)), c.badgeOf(at(20))]).toEqual([twelve, 2, 1]);
    expect([c.objectOf(at(12)), c.guardSizeOf(at(12)), c.badgeOf(at(12))]).toEqual([thirteen, 3, 5]);
    expect(c.typeOf(at(13))).toBe(objects.NULL);
    c.revoke(f.untyped);
    expect([12, 20].map((index) => c.typeOf(at(index)))).toEqual([0, 0]);
  });
  it('Rotate with the source as destination exchanges two neighbours of the tree', () => {
    const [twelve, thirteen] = [f.capabilities.objectOf(f.at(12)), f.capabilities.objectOf(f.at(13))];
    expect(invoke(onRoot(labels.CNODE_ROTATE, [13, 32, 0, 12, 32, 0, 13, 32], 2))).toBe(0);
    expect([12, 13].map((index) => f.capabilities.objectOf(f.at(index)))).toEqual([thirteen, twelve]);
    f.capabilities.revoke(f.untyped);
    expect([12, 13].map((index) => f.capabilities.typeOf(f.at(index)))).toEqual([0, 0]);
  });
  it('Delete and Revoke are preempted after 100 slots, and go on when they are invoked again', () => {
    make(f, f.untyped, CNODE, 8, 20);
    const answers = [1, 2, 3].map(() => invoke(onRoot(labels.CNODE_DELETE, [20, 32])));
    expect(answers).toEqual([errors.PREEMPTED, errors.PREEMPTED, 0]);
    expect(invoke(onRoot(labels.CNODE_DELETE, [20, 32]))).toBe(0);
  });
});

describe('IO spaces and ASID pools', () => {
  beforeEach(() => {
    f.capabilities.install(f.at(40), objects.IO_SPACE_CONTROL, 0, 0);
  });
  it('revoking the control takes every IO space, copies included, of every device', () => {
    const { capabilities: c, at } = f;
    expect(c.issueIoSpace(at(40), 0x18, 1, at(41))).toBe(0);
    expect(c.issueIoSpace(at(40), 0x20, 2, at(42))).toBe(0);
    expect(c.issueIoSpace(at(40), 0x20, 2, at(42))).toBe(errors.DELETE_FIRST);
    expect(c.issueIoSpace(at(10), 0x20, 2, at(43))).toBe(errors.INVALID_CAPABILITY);
    expect(c.copy(at(43), at(41), 0)).toBe(0);
    expect(c.copy(at(44), at(40), 0)).toBe(errors.ILLEGAL_OPERATION);
    expect([c.objectOf(at(43)), c.badgeOf(at(43))]).toEqual([0x18, 1]);
    c.delete(at(41));
    expect(f.finalised.at(-1)).toMatchObject({ type: objects.IO_SPACE, final: false });
    c.revoke(at(40));
    expect([41, 42, 43].map((index) => c.typeOf(at(index)))).toEqual([0, 0, 0]);
    expect(f.finalised.slice(-2).every(({ final }) => final)).toBe(true);
  });
  it('an ASID pool is made of a whole untyped of 4 KiB that has no children', () => {
    const { capabilities: c, at } = f;
    make(f, f.untyped, objects.UNTYPED, 12, 41, 2);
    make(f, f.device, objects.UNTYPED, 12, 43);
    make(f, at(42), ENDPOINT, 0, 44);
    expect(c.makeAsidPool(f.untyped, at(45))).toBe(errors.INVALID_CAPABILITY);
    expect(c.makeAsidPool(at(43), at(45))).toBe(errors.INVALID_CAPABILITY);
    expect(c.makeAsidPool(at(42), at(10))).toBe(errors.REVOKE_FIRST);
    expect(c.makeAsidPool(at(41), at(10))).toBe(errors.DELETE_FIRST);
    expect(c.makeAsidPool(at(41), at(45))).toBe(0);
    expect([c.typeOf(at(45)), c.objectOf(at(45))]).toEqual([objects.ASID_POOL, c.objectOf(at(41))]);
    expect(c.freeBytesOf(at(41))).toBe(0);
    c.revoke(at(41));
    expect(c.typeOf(at(45))).toBe(0);
  });
});

describe('random invocations', () => {
  it('never throw, and what is refused has changed nothing', () => {
    const small = fc.integer({ min: -2, max: 40 });
    const any = fc.oneof(
      { weight: 6, arbitrary: small },
      { weight: 1, arbitrary: fc.integer() },
      { weight: 2, arbitrary: fc.constant(32) },
    );
    const invocation = fc.record({
      slot: fc.integer({ min: 0, max: 33 }),
      label: fc.integer({ min: -1, max: 11 }),
      words: fc.array(any, { maxLength: 8, minLength: 3, size: 'max' }),
      extras: fc.array(fc.integer({ min: 0, max: 33 }), { maxLength: 2, size: 'max' }),
    });
    const seen = new Map<number, number>();
    fc.assert(
      fc.property(fc.array(invocation, { minLength: 30, maxLength: 60, size: 'max' }), (sequence) => {
        prepare();
        const slotOf = (index: number): number => (index === 0 || index > 25 ? ROOT : f.at(index));
        for (const { slot, label, words, extras } of sequence) {
          const before = f.words.slice();
          const which = label === labels.UNTYPED_RETYPE ? f.untyped : slotOf(slot);
          const answer = invoke({ slot: which, label, words, extras: extras.map(slotOf) });
          seen.set(answer, (seen.get(answer) ?? 0) + 1);
          if (answer < 0) expect(firstDifference(f.words, before)).toBe(-1);
        }
      }),
      { numRuns: 60 * EFFORT, seed: 613 },
    );
    expect([...seen.keys()]).toEqual(expect.arrayContaining([0, -1, -2, -3, -4, -6, -7, -8]));
    expect([...seen.keys()]).not.toContain(errors.CORRUPTED);
    expect(seen.get(0)).toBeGreaterThan(20);
  });
});
