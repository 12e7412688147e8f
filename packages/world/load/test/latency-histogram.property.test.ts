import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LatencyHistogram, latencyHistogram } from '../src/index.ts';

const EFFORT: number = Number(process.env.BULKHEAD_EFFORT ?? 1);
/** One cycle is one nanosecond. */
const GIGAHERTZ = 1e9;
const listOf = (cycles: fc.Arbitrary<number>) => fc.array(cycles, { minLength: 1, maxLength: 300 });
const latencies = listOf(fc.oneof(fc.nat(100), fc.nat(1e6), fc.nat(2 ** 31 - 1)));
const hugeLatencies = listOf(fc.oneof(fc.nat(1e6), fc.maxSafeNat()));
const histogram = (values: readonly number[], hertz = GIGAHERTZ): LatencyHistogram =>
  latencyHistogram(Float64Array.from(values), hertz);

describe('a histogram of latencies', () => {
  it('has as percentiles the smallest latencies that so large a share does not exceed', () => {
    const property = fc.property(latencies, (values) => {
      const found = histogram(values);
      const exceeded = (permille: number, ns: number): void => {
        expect(values).toContain(ns);
        const atMost = (limit: number): number => values.filter((value) => value <= limit).length;
        expect(atMost(ns) * 1000).toBeGreaterThanOrEqual(permille * values.length);
        expect((atMost(ns) - values.filter((value) => value === ns).length) * 1000).toBeLessThan(
          permille * values.length,
        );
      };
      exceeded(500, found.p50Ns);
      exceeded(900, found.p90Ns);
      exceeded(990, found.p99Ns);
      exceeded(999, found.p999Ns);
    });
    fc.assert(property, { numRuns: 200 * EFFORT });
  });
  it('has the count, the least, the most and the mean of them', () => {
    const property = fc.property(latencies, (values) => {
      const found = histogram(values);
      expect([found.count, found.minNs, found.maxNs]).toEqual([
        values.length,
        Math.min(...values),
        Math.max(...values),
      ]);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      expect(Math.abs(found.meanNs - mean)).toBeLessThanOrEqual(mean * 1e-9);
    });
    fc.assert(property, { numRuns: 100 * EFFORT });
  });
  it('holds every latency in one bucket: above its beginning, at most its end', () => {
    const property = fc.property(latencies, ([...values]) => {
      for (const { fromNs, toNs, count } of histogram(values).buckets) {
        const inside = values.filter((ns) => (ns > fromNs || (ns === 0 && fromNs === 0)) && ns <= toNs);
        expect(inside.length).toBe(count);
        expect(count).toBeGreaterThan(0);
        values = values.filter((ns) => !inside.includes(ns));
      }
      expect(values).toEqual([]);
    });
    fc.assert(property, { numRuns: 200 * EFFORT });
  });
  it('has buckets in rising order that do not overlap, none wider than a thirty-second of where it stands', () => {
    const property = fc.property(hugeLatencies, fc.integer({ min: 1e8, max: 5e9 }), (values, hertz) => {
      let end = 0;
      for (const { fromNs, toNs } of histogram(values, hertz).buckets) {
        expect(fromNs).toBeGreaterThanOrEqual(end);
        expect(toNs - fromNs).toBeLessThanOrEqual(Math.max(1, fromNs / 32));
        expect(Number.isInteger(fromNs) && Number.isInteger(toNs)).toBe(true);
        end = toNs;
      }
    });
    fc.assert(property, { numRuns: 200 * EFFORT });
  });
  it('cuts time at the same places, whatever is in it: two histograms can be laid on each other', () => {
    const property = fc.property(latencies, latencies, (some, others) => {
      const all = new Map(histogram([...some, ...others]).buckets.map(({ fromNs, toNs }) => [fromNs, toNs]));
      for (const { fromNs, toNs } of histogram(some).buckets) expect(all.get(fromNs)).toBe(toNs);
    });
    fc.assert(property, { numRuns: 100 * EFFORT });
  });
  it('sorts numbers as numbers, and leaves what it was given', () => {
    const values = Float64Array.of(10, 9, 100);
    expect(latencyHistogram(values, 2e9)).toMatchObject({ minNs: 4.5, p50Ns: 5, p999Ns: 50, maxNs: 50 });
    expect([...values]).toEqual([10, 9, 100]);
  });
  it('of nothing is all zeros, so that it can be written as JSON', () => {
    const nothing = histogram([]);
    expect(nothing).toEqual({ ...JSON.parse(JSON.stringify(nothing)), count: 0, maxNs: 0, buckets: [] });
  });
});
