import { objects } from '@bulkhead/capabilities';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ASID_CONTROL, KERNEL_ROOT, POOL, POOL_PAGE } from './machine.ts';
import { BASE } from './memory.ts';
import { FRAMES, MIDDLE, pageOf, prepare, SPACE } from './prepared.ts';

const EFFORT: number = Number(process.env.BULKHEAD_EFFORT ?? 1);
const PAGE_WORDS = 1024;
const word = fc.oneof(
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  fc.integer({ min: BASE * 1024, max: (BASE + 256) * 1024 }).map((pointer) => pointer | 1),
  fc.constantFrom(0, 1, -1, (BASE + 1) << 1),
);
const SLOTS: readonly number[] = [
  SPACE,
  MIDDLE,
  12,
  13,
  14,
  15,
  FRAMES,
  FRAMES + 1,
  30,
  31,
  POOL,
  ASID_CONTROL,
  40,
  100,
];
const wordOfSlot = (slot: number): fc.Arbitrary<number> => fc.integer({ min: slot * 8, max: slot * 8 + 3 });
/** A store to a table, a pool, the pools' table, or a slot. */
const stray = fc.record({
  where: fc.nat(4),
  index: fc.oneof(fc.nat(16), fc.nat(PAGE_WORDS - 1), fc.constantFrom(...SLOTS).chain(wordOfSlot)),
  value: word,
});
const call = fc.record({
  index: fc.constantFrom(...SLOTS),
  label: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 55, max: 64 }) }, { weight: 1, arbitrary: fc.integer() }),
  words: fc.array(fc.oneof(fc.nat(2 ** 22), fc.maxSafeInteger(), fc.constant(0)), { maxLength: 4 }),
  extras: fc.array(fc.constantFrom(SPACE, MIDDLE, 13, 15, 40, 41, -1, 99), { maxLength: 3 }),
  deletes: fc.boolean(),
});

describe('whatever a stray store left in tables, pools and slots', () => {
  it('is answered with an error or 0, and nothing throws', () => {
    const story = fc.array(fc.tuple(fc.array(stray, { maxLength: 3 }), call), { minLength: 1, maxLength: 30 });
    const property = fc.property(story, (steps) => {
      const machine = prepare();
      const pages = [KERNEL_ROOT, POOL_PAGE, pageOf(machine, SPACE), pageOf(machine, MIDDLE), BASE + 2];
      for (const [strays, { index, label, words, extras, deletes }] of steps) {
        for (const { where, index: at, value } of strays) machine.memory.setWord(pages[where]!, at, value);
        const answer = machine.invoke(index, label, words, extras);
        expect(answer <= 0 && answer >= -11).toBe(true);
        machine.spaces.rootOf(machine.at(index));
        if (deletes) machine.capabilities.delete(machine.at(index));
        else machine.spaces.finalise(objects.PAGE_TABLE, 0, machine.at(index), true);
      }
    });
    fc.assert(property, { numRuns: 200 * EFFORT, seed: 82574 });
  });
});
