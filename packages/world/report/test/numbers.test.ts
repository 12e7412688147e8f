import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { amount, duration, percent, ratioText } from '../src/numbers.ts';

const numRuns = 200 * Number(process.env.BULKHEAD_EFFORT ?? 1);

describe('numbers as people read them', () => {
  it('groups thousands, and keeps one decimal below ten', () => {
    expect([0, 3, 3.14, 12.6, 999, 1000, 1234567].map((value) => amount(value))).toEqual([
      '0',
      '3',
      '3.1',
      '13',
      '999',
      '1,000',
      '1,234,567',
    ]);
  });
  it('says the same number as toFixed when the commas are taken out', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e15, max: 1e15, noNaN: true }), fc.nat(6), (value, decimals) => {
        const read = Number(amount(value, decimals).replaceAll(',', '').replace('−', '-'));
        expect(read).toBeCloseTo(Number(value.toFixed(decimals)), 9);
      }),
      { numRuns },
    );
  });
  it('reads as a dash where there is no number', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e30])
      expect(amount(value)).toBe('–');
  });
  it('writes durations in the largest unit that leaves something before the point', () => {
    expect([0, 412, 1_230, 45_678, 141_400, 2_000_000, 3.5e9].map(duration)).toEqual([
      '0\u00a0ns',
      '412\u00a0ns',
      '1.23\u00a0µs',
      '45.7\u00a0µs',
      '141\u00a0µs',
      '2\u00a0ms',
      '3.50\u00a0s',
    ]);
  });
  it('does not call something nothing', () => {
    expect([0, 0.004, 0.5, 1].map(percent)).toEqual(['0\u00a0%', '<1\u00a0%', '50\u00a0%', '100\u00a0%']);
    expect([1.0312, 12.34, 186.2].map(ratioText)).toEqual(['1.03', '12.3', '186']);
  });
});
