import { describe, expect, it } from 'vitest';
import { latencies } from '../../src/charts/latency.ts';
import { COMPARISON } from '../sample.ts';

const [sample] = COMPARISON.systems;
const withBuckets = (buckets: readonly { fromNs: number; toNs: number; count: number }[]) => {
  const count = buckets.reduce((sum, bucket) => sum + bucket.count, 0);
  const [minNs, maxNs] = [buckets[0]!.fromNs + 1, buckets.at(-1)!.toNs];
  const latency = {
    count,
    minNs,
    meanNs: minNs,
    p50Ns: minNs,
    p90Ns: maxNs,
    p99Ns: maxNs,
    p999Ns: maxNs,
    maxNs,
    buckets,
  };
  return latencies({ ...COMPARISON, systems: [{ ...sample!, latency }] });
};
/** Heights of the steps, of 44 pixels, from left to right. */
const stepsOf = (drawing: string): number[] =>
  [...(/class="hill" d="([^"]*)"/.exec(drawing)?.[1] ?? '').matchAll(/V([\d.]+)H/g)].map(([, y]) => 44 - Number(y));

describe('latency distributions', () => {
  it('a value stands where its logarithm is', () => {
    const drawing = String(latencies(COMPARISON).drawing);
    const least = Math.min(...COMPARISON.systems.map(({ latency }) => latency.minNs)) / 1.12;
    const most = Math.max(...COMPARISON.systems.map(({ latency }) => latency.maxNs)) * 1.12;
    const placed = [...drawing.matchAll(/class="median" x1="([^"]*)%"/g)].map(([, share]) => Number(share));
    COMPARISON.systems.forEach(({ latency }, index) => {
      const share = Math.log(latency.p50Ns / least) / Math.log(most / least);
      expect(placed[index]).toBeCloseTo(share * 100, 1);
    });
  });
  it('the heights of the steps are as the shares of the answers', () => {
    const steps = stepsOf(
      String(
        withBuckets([
          { fromNs: 1000, toNs: 1001, count: 100 },
          { fromNs: 9999, toNs: 10_000, count: 50 },
          { fromNs: 100_000, toNs: 100_001, count: 25 },
        ]).drawing,
      ),
    );
    expect(steps.filter((height) => height > 0).map(Math.round)).toEqual([44, 22, 11]);
  });
  it('a wide bucket is spread over all that it covers', () => {
    const steps = stepsOf(
      String(
        withBuckets([
          { fromNs: 1000, toNs: 100_000, count: 1000 },
          { fromNs: 100_000, toNs: 100_001, count: 1 },
        ]).drawing,
      ),
    );
    expect(steps.filter((height) => height > 30).length).toBeGreaterThan(100);
  });
  it('what happened once in a million is still seen', () => {
    const steps = stepsOf(
      String(
        withBuckets([
          { fromNs: 1000, toNs: 1001, count: 1_000_000 },
          { fromNs: 1e6, toNs: 1e6 + 1, count: 1 },
        ]).drawing,
      ),
    );
    expect(steps.filter((height) => height > 0).at(-1)).toBe(1);
  });
  it('the caption names the fastest, the slowest and the longest tail', () => {
    const sorted = [...COMPARISON.systems].sort((a, b) => a.latency.p50Ns - b.latency.p50Ns);
    const tails = [...COMPARISON.systems].sort(
      (a, b) => b.latency.p99Ns / b.latency.p50Ns - a.latency.p99Ns / a.latency.p50Ns,
    );
    const named = [...String(latencies(COMPARISON).caption).matchAll(/<b>([^<]*)<\/b>/g)].map(([, name]) => name);
    expect(named).toEqual([sorted[0]!.system, sorted.at(-1)!.system, tails[0]!.system]);
  });
});
