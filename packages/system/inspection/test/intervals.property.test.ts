import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flatten } from '../src/intervals.ts';
import { intersection, type PageRange, pageCount, union } from '../src/page-ranges.ts';

const EFFORT: number = Number(process.env['BULKHEAD_EFFORT'] ?? 1);
const numRuns = 300 * EFFORT;

/** Nested or disjoint stretches of 64 bytes, as a tree of halves: each is there or not. */
const halves = fc.array(fc.boolean(), { minLength: 127, maxLength: 127 });
function stretchesOf(present: readonly boolean[]): { address: number; lenBytes: number; id: number }[] {
  return present.flatMap((isThere, id) => {
    const level = Math.floor(Math.log2(id + 1));
    const lenBytes = 64 >> level;
    return isThere ? [{ id, address: (id + 1 - 2 ** level) * lenBytes, lenBytes }] : [];
  });
}

describe('flatten', () => {
  it('gives every byte to the innermost stretch that holds it, once', () => {
    fc.assert(
      fc.property(halves, (present) => {
        const stretches = stretchesOf(present);
        const pieces = flatten(stretches);
        const holding = <S extends { address: number; lenBytes: number }>(list: readonly S[], byte: number): S[] =>
          list.filter(({ address, lenBytes }) => byte >= address && byte < address + lenBytes);
        const innermost = (byte: number): number[] =>
          holding(stretches, byte)
            .toSorted((a, b) => a.lenBytes - b.lenBytes)
            .slice(0, 1)
            .map(({ id }) => id);
        const bytes = Array.from({ length: 64 }, (_, byte) => byte);
        expect(bytes.map((byte) => holding(pieces, byte).map(({ of }) => of.id))).toEqual(bytes.map(innermost));
      }),
      { numRuns },
    );
  });
});

const ranges = fc.array(fc.record({ page: fc.nat(60), count: fc.nat(8) }), { maxLength: 12 });
const setOf = (list: readonly PageRange[]): Set<number> =>
  new Set(list.flatMap(({ page, count }) => Array.from({ length: count }, (_, i) => page + i)));

describe('page ranges', () => {
  it('union and intersection are those of sets, in rising order, with nothing that touches', () => {
    fc.assert(
      fc.property(ranges, ranges, (a, b) => {
        const [x, y] = [union(a), union(b)];
        expect(setOf(x)).toEqual(setOf(a));
        expect(pageCount(x)).toBe(setOf(a).size);
        expect(setOf(intersection(x, y))).toEqual(new Set([...setOf(a)].filter((page) => setOf(b).has(page))));
        expect(x.every((range, i) => i === 0 || range.page > x[i - 1]!.page + x[i - 1]!.count)).toBe(true);
      }),
      { numRuns },
    );
  });
});
