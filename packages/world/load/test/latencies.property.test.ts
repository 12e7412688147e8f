import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { percentile } from '../src/index.ts';

const EFFORT: number = Number(process.env.BULKHEAD_EFFORT ?? 1);

describe('percentile, by nearest rank', () => {
  it('is the smallest of the values that at least the share does not exceed', () => {
    const values = fc.array(fc.double({ noNaN: true, min: 0, max: 1e15 }), { minLength: 1 });
    const property = fc.property(values, fc.double({ noNaN: true, min: 0, max: 1 }), (given, share) => {
      const found = percentile(Float64Array.from(given), share);
      const atMost = (limit: number): number => given.filter((value) => value <= limit).length;
      expect(given).toContain(found);
      expect(atMost(found)).toBeGreaterThanOrEqual(share * given.length);
      for (const smaller of given.filter((value) => value < found))
        expect(atMost(smaller)).toBeLessThan(share * given.length);
    });
    fc.assert(property, { numRuns: 300 * EFFORT });
  });
  it('sorts numbers as numbers, and leaves what it was given', () => {
    const values = Float64Array.of(10, 9, 100);
    expect([0, 0.5, 0.99, 1].map((share) => percentile(values, share))).toEqual([9, 10, 100, 100]);
    expect([...values]).toEqual([10, 9, 100]);
  });
  it('of nothing is not a number', () => {
    expect(percentile(new Float64Array(0), 0.5)).toBeNaN();
  });
});
