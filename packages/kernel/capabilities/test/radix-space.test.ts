import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  Capabilities,
  censusOf,
  errors,
  GuardedSpace,
  granuleOf,
  objects,
  RadixSpace,
  radixCapacityOf,
} from '../src/index.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const { CNODE, ENDPOINT, NULL, UNTYPED, ALL_RIGHTS } = objects;
const HOLDER = 8;
const UNTYPED_PAGE = 256;

/** A CNode of 16 slots (0 the anchor, 1 an untyped, 2 the spare slot, 3 an endpoint), and a space to come. */
function world(untypedBits: number, basePage = 0) {
  const words = new Int32Array((UNTYPED_PAGE * 4096 + 2 ** untypedBits) / 4);
  const capabilities = new Capabilities({ words, basePage, finalise: () => {} });
  const at = (index: number): number => 1024 + index * 8;
  capabilities.install(HOLDER, CNODE, granuleOf(basePage + 1, 0), 4);
  capabilities.install(at(1), UNTYPED, granuleOf(basePage + UNTYPED_PAGE, 0), untypedBits);
  capabilities.retype(at(1), ENDPOINT, 0, HOLDER, 0, 0, 3, 1);
  const options = { capabilities, anchor: at(0), spareNode: HOLDER, spareIndex: 2 };
  return { words, capabilities, at, space: new RadixSpace(options), anchor: at(0), untyped: at(1), endpoint: at(3) };
}
const put = (w: ReturnType<typeof world>, pointer: number): number => {
  const slot = w.space.reserve(pointer, w.untyped);
  expect(slot).toBeGreaterThan(0);
  if (w.capabilities.typeOf(slot) === NULL) expect(w.capabilities.copy(slot, w.endpoint, ALL_RIGHTS)).toBe(0);
  return slot;
};

describe('the radix tree of the lecture: nodes of 64 slots over leaves of 4 KiB', () => {
  it('reaches 256 KiB, 16 MiB, 1 GiB, 64 GiB and 4 TiB of leaves at heights 1 to 5', () => {
    const KIB = 1024;
    const capacities = [1, 2, 3, 4, 5].map((height) => radixCapacityOf(height));
    const bytes = [256 * KIB, 16 * KIB ** 2, KIB ** 3, 64 * KIB ** 3, 4 * KIB ** 4];
    expect(capacities.map(({ leafBytes }) => leafBytes)).toEqual(bytes);
    expect(capacities.map(({ slots }) => slots)).toEqual(bytes.map((each) => each / 32));
    expect(capacities.map(({ namedSlots }) => namedSlots)).toEqual([2 ** 13, 2 ** 19, 2 ** 25, 2 ** 31, 2 ** 32]);
  });

  it('grows by a root above the old one: no capability moves, every pointer keeps its slot', () => {
    const w = world(18);
    const kept: [pointer: number, slot: number][] = [];
    const firstOfHeight = [0, 2 ** 13, 2 ** 19, 2 ** 25, 2 ** 31];
    for (const [i, pointer] of firstOfHeight.entries()) {
      kept.push([pointer, put(w, pointer)], [pointer + 129, put(w, pointer + 129)]);
      expect(w.space.height).toBe(i + 1);
      for (const [earlier, slot] of kept) expect(w.space.lookup(earlier | 0)).toBe(slot);
      expect(w.space.stepsTo(0)).toBe(i + 2);
    }
    expect(w.space.stepsTo(firstOfHeight[4]! | 0)).toBe(6);
  });

  it('growth takes one node and one slot', () => {
    const w = world(18);
    put(w, 0);
    const before = censusOf(w.capabilities, w.anchor);
    const free = w.capabilities.freeBytesOf(w.untyped);
    expect(w.space.reserve(2 ** 13 - 1, w.untyped)).toBeGreaterThan(0);
    expect(free - w.capabilities.freeBytesOf(w.untyped)).toBe(4096);
    put(w, 2 ** 13);
    const after = censusOf(w.capabilities, w.anchor);
    expect([before.cnodes, after.cnodes]).toEqual([2, 6]);
    expect(after.leading).toBe(5);
    expect(after.held).toBe(2);
    expect(after.slots).toBe(3 * 64 + 3 * 128);
  });

  it('deleting the anchor deletes the whole tree, and its memory can be used again', () => {
    const w = world(18);
    for (const pointer of [0, 5, 2 ** 13, 2 ** 20, 2 ** 26, 2 ** 31]) put(w, pointer);
    w.capabilities.delete(w.endpoint);
    expect(w.capabilities.delete(w.anchor)).toBe(0);
    expect(w.space.height).toBe(0);
    expect(w.space.lookup(0)).toBe(errors.FAILED_LOOKUP);
    expect(w.capabilities.details.lookupFailure).toBe(errors.INVALID_ROOT);
    expect(w.capabilities.freeBytesOf(w.untyped)).toBe(2 ** 18);
  });

  it('memory that runs out is an answer; what was made before stays, and asking again goes on', () => {
    const w = world(14);
    expect(w.space.reserve(2 ** 25, w.untyped)).toBe(errors.NOT_ENOUGH_MEMORY);
    expect(w.space.height).toBe(4);
    expect(w.space.reserve(2 ** 25, w.untyped)).toBe(errors.NOT_ENOUGH_MEMORY);
    expect(w.space.height).toBe(4);
  });
});

describe('look-up in the radix tree', () => {
  it('up to height 4 it is the guarded look-up of the manual, failures included, on any shape of the tree', () => {
    const answers = new Set<number>();
    const pointers = fc.array(fc.tuple(fc.nat(25), fc.integer()), { minLength: 1, maxLength: 6 });
    const depths = fc.array(fc.integer({ min: -1, max: 34 }), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(pointers, depths, fc.boolean(), fc.nat(63), (chosen, depth, foreign, index) => {
        const w = world(18, 0x80000);
        const guarded = new GuardedSpace(w.capabilities, w.anchor);
        const made = chosen.map(([shift, noise]) => (noise >>> 1) >>> shift);
        for (const pointer of made) put(w, pointer);
        // Something else than a CNode of the tree in the way.
        if (foreign) w.capabilities.copy(w.capabilities.wordOf(w.anchor) + index * 8, w.endpoint, ALL_RIGHTS);
        const say = (slot: number): unknown[] => {
          answers.add(Math.min(slot, 0));
          return slot < 0 ? [slot, { ...w.capabilities.details }] : [slot];
        };
        for (const [i, pointer] of made.entries()) {
          for (const near of [pointer, pointer ^ 1, pointer ^ (1 << i), chosen[i]![1], index << 19]) {
            expect(say(w.space.lookup(near))).toEqual(say(guarded.lookup(near)));
            expect(say(w.space.lookupSlot(near, depth[i]!, true))).toEqual(
              say(guarded.lookupSlot(near, depth[i]!, true)),
            );
            expect(w.space.stepsTo(near)).toBe(guarded.stepsTo(near));
          }
        }
      }),
      { numRuns: 150 * EFFORT, seed: 31 },
    );
    expect([...answers].sort()).toEqual([0, errors.FAILED_LOOKUP, errors.RANGE_ERROR].sort());
  });

  it('agrees with a map from pointers to slots at every height', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(31), fc.integer()), { minLength: 1, maxLength: 12 }), (chosen) => {
        const w = world(19);
        const reference = new Map<number, number>();
        for (const [shift, noise] of chosen) reference.set(noise >>> shift, put(w, noise >>> shift));
        expect(new Set(reference.values()).size).toBe(reference.size);
        for (const [pointer, slot] of reference) {
          expect(w.space.lookup(pointer | 0)).toBe(slot);
          expect(w.space.lookupSlot(pointer | 0, 32, false)).toBe(slot);
          expect(w.space.reserve(pointer, w.untyped)).toBe(slot);
          const missing = (pointer ^ 0x40) >>> 0;
          if (!reference.has(missing)) expect(w.space.lookup(missing | 0)).toBe(errors.FAILED_LOOKUP);
        }
      }),
      { numRuns: 60 * EFFORT, seed: 32 },
    );
  });

  it('at height 5 the root takes the one bit that is left, and depths count from there', () => {
    const w = world(19);
    const slot = put(w, 2 ** 31 + 3);
    const { details } = w.capabilities;
    expect(w.space.lookupSlot((2 ** 31 + 3) | 0, 32, true)).toBe(slot);
    expect(w.space.lookupSlot(1, 1, true)).toBe(w.capabilities.wordOf(w.anchor) + 8);
    expect(w.space.lookupSlot(1, 33, true)).toBe(errors.RANGE_ERROR);
    expect(w.space.lookupSlot(1, 0, true)).toBe(errors.RANGE_ERROR);
    expect(w.space.lookupSlot(0b1000001000, 10, true)).toBe(errors.FAILED_LOOKUP);
    expect(details).toMatchObject({ wasSource: true, lookupFailure: errors.DEPTH_MISMATCH, bitsLeft: 3, bitsFound: 0 });
    expect(w.space.lookup((2 ** 31 + 4) | 0)).toBe(errors.FAILED_LOOKUP);
    expect(details).toMatchObject({ lookupFailure: errors.MISSING_CAPABILITY, bitsLeft: 0 });
    expect(w.space.lookup(0)).toBe(errors.FAILED_LOOKUP);
    expect(details).toMatchObject({ lookupFailure: errors.MISSING_CAPABILITY, bitsLeft: 7 });
  });

  it('never throws over memory that somebody else wrote to', () => {
    const hits = fc.array(fc.tuple(fc.nat(), fc.integer()), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(hits, fc.integer(), fc.integer({ min: -2, max: 40 }), (wild, pointer, depth) => {
        const w = world(17);
        for (const each of [1, 2 ** 13, 2 ** 31]) put(w, each);
        const nodes = [w.anchor, w.capabilities.wordOf(w.anchor), w.capabilities.wordOf(w.anchor) + 8];
        for (const [where, value] of wild) w.words[nodes[where % 3]! + (where % 8)] = value;
        for (const each of [pointer, 1, 2 ** 13, (2 ** 31) | 0]) {
          for (const answer of [
            w.space.lookup(each),
            w.space.lookupSlot(each, depth, true),
            w.space.reserve(each, w.untyped),
          ])
            expect(answer).toBeGreaterThanOrEqual(errors.CORRUPTED);
        }
      }),
      { numRuns: 200 * EFFORT, seed: 33 },
    );
  });
});
