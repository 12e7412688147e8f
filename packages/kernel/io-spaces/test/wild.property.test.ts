/** Memory that somebody else writes, and messages that mean nothing: an answer always, and never an exception. */

import { objects } from '@bulkhead/capabilities';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { issue, mapFrame, mapTable, type World, world } from './world.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const SLOTS = 16;
const INTERESTING: readonly number[] = [0, 1, -1, 2, 3, 8, 0x7fffffff, -0x80000000, 0x1fffff, 512, 1024, 0x20000000];
const word = fc.oneof(fc.integer({ min: -0x80000000, max: 0x7fffffff }), fc.constantFrom(...INTERESTING));

/** A slot's word, a record's, a table's entry, or any. */
const place = fc.oneof(
  fc.integer({ min: 1024, max: 1024 + SLOTS * 8 - 1 }),
  fc.integer({ min: 512, max: 512 + 23 }),
  fc.integer({ min: 32 * 1024, max: 38 * 1024 }),
  fc.integer({ min: 0, max: 65535 }),
);
const step = fc.record({
  place,
  value: word,
  flip: fc.integer({ min: 0, max: 31 }),
  slot: fc.nat(SLOTS - 1),
  other: fc.nat(SLOTS - 1),
  label: fc.integer({ min: 86, max: 94 }),
  words: fc.array(word, { minLength: 8, maxLength: 8 }),
  length: fc.nat(5),
  op: fc.nat(9),
});

function furnished(): World {
  const w = world();
  issue(w, 0x18, 2, 4);
  w.make(objects.IO_PAGE_TABLE, 0, 5, 3);
  w.make(objects.FRAME, 12, 8, 3);
  for (let table = 5; table < 8; table++) mapTable(w, table, 4, 5);
  mapFrame(w, 8, 4, 5);
  mapFrame(w, 9, 4, 6);
  return w;
}

describe('IO spaces in memory that is overwritten', () => {
  it('answer every invocation, deletion and revocation with a number of the book', () => {
    const property = fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const w = furnished();
      const { message, capabilities } = w;
      for (const { place: at, value, flip, slot, other, label, words, length, op } of steps) {
        if (op < 2) w.words[at] = value;
        else if (op < 4) w.words[at]! ^= 1 << flip;
        words.forEach((each, i) => {
          message.low[i] = each;
          message.high[i] = op % 2 === 0 ? 0 : each;
        });
        const lanes = words.slice(0, length).map((each, i) => (i === 1 && op > 4 ? 0x5000 : each));
        const answer =
          op === 8
            ? capabilities.delete(w.at(slot))
            : op === 9
              ? capabilities.revoke(w.at(slot), 3)
              : w.invoke(slot, label, lanes, [other]);
        expect(answer).toBeGreaterThanOrEqual(-11);
        expect(answer).toBeLessThanOrEqual(1);
      }
    });
    fc.assert(property, { numRuns: 1000 * EFFORT });
  });
});
