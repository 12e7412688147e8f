import { Chance } from '@bulkhead/clock';
import { describe, expect, it } from 'vitest';
import { Arrivals, exponential } from '../src/arrivals.ts';

const EFFORT: number = Number(process.env.BULKHEAD_EFFORT ?? 1);
const DRAWS = 50_000 * EFFORT;
const draws = (seed: number): number[] => {
  const chance = new Chance(seed);
  return Array.from({ length: DRAWS }, () => exponential(chance));
};

describe('exponential gaps by comparisons (von Neumann 1951)', () => {
  it.each([1, 2, 3])('have the distribution 1 - e^-x, seed %i', (seed) => {
    const sorted = draws(seed).sort((a, b) => a - b);
    const distance = Math.max(...sorted.map((x, i) => Math.abs((i + 0.5) / DRAWS - (1 - Math.exp(-x)))));
    // Kolmogorov and Smirnov: greater than 2 / √n once in 1500 such seeds.
    expect(distance).toBeLessThan(2 / Math.sqrt(DRAWS));
  });
  it('do not depend on those before', () => {
    const gaps = draws(4);
    const products = gaps.slice(1).map((gap, i) => (gap - 1) * (gaps[i]! - 1));
    const correlation = products.reduce((sum, product) => sum + product, 0) / products.length;
    expect(Math.abs(correlation)).toBeLessThan(4 / Math.sqrt(DRAWS));
  });
});

describe('arrivals', () => {
  it('never go back, begin a gap after the beginning, and come at the rate', () => {
    const arrivals = new Arrivals(1, 250.5);
    arrivals.begin(1000);
    let last = 1000;
    for (let i = 0; i < DRAWS; i++) {
      const at = arrivals.next();
      expect(at).toBeGreaterThanOrEqual(last);
      last = at;
    }
    expect((last - 1000) / DRAWS / 250.5).toBeCloseTo(1, 1);
  });
  it('are the same for the same seed, and others for another', () => {
    const first = (seed: number): number[] => {
      const arrivals = new Arrivals(seed, 100);
      arrivals.begin(0);
      return Array.from({ length: 10 }, () => arrivals.next());
    };
    expect(first(1)).toEqual(first(1));
    expect(first(1)).not.toEqual(first(2));
  });
});
