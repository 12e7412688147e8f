/**
 * Latencies as a histogram: exact percentiles, and buckets whose width grows with the value.
 *
 * Every latency is kept until the end, 8 bytes each, so that a percentile is one of the latencies and no bucket's edge.
 *
 * CHOICE: buckets as in Gil Tene's HdrHistogram, log-linear: 32 of one width to each power of two, so that a bucket is
 * never wider than a thirty-second of where it stands. hdr-histogram-js 3.0.1 is not used for it: it finds buckets
 * by `Math.log2`, which may differ between engines, its percentiles and mean are those of buckets, and it brings a
 * WebAssembly loader and a compressor that nothing here needs.
 */

import type { LatencyHistogram } from './workload.ts';

type LatencyBucket = LatencyHistogram['buckets'][number];

const BUCKETS_AN_OCTAVE = 32;

/** By nearest rank: the smallest of the values, which are sorted, that at least so many in a thousand do not exceed. */
export function percentile(sorted: Float64Array, permille: number): number {
  if (sorted.length === 0) return 0;
  return sorted[Math.max(0, Math.ceil((permille * sorted.length) / 1000) - 1)]!;
}

/** @returns what the latencies, in cycles and in any order, amount to in time; all zeros when there are none. */
export function latencyHistogram(latencies: Float64Array, cyclesPerSecond: number): LatencyHistogram {
  const sorted = latencies.map((cycles) => (cycles * 1e9) / cyclesPerSecond).sort();
  const count = sorted.length;
  return {
    count,
    minNs: percentile(sorted, 0),
    meanNs: count === 0 ? 0 : sorted.reduce((sum, ns) => sum + ns, 0) / count,
    p50Ns: percentile(sorted, 500),
    p90Ns: percentile(sorted, 900),
    p99Ns: percentile(sorted, 990),
    p999Ns: percentile(sorted, 999),
    maxNs: percentile(sorted, 1000),
    buckets: bucketsOf(sorted),
  };
}

function bucketsOf(sorted: Float64Array): LatencyBucket[] {
  const buckets: LatencyBucket[] = [];
  for (let first = 0; first < sorted.length; ) {
    const last = Math.max(0, Math.ceil(sorted[first]!) - 1);
    const width = widthAt(last);
    const fromNs = Math.floor(last / width) * width;
    const toNs = fromNs + width;
    const start = first;
    while (first < sorted.length && sorted[first]! <= toNs) first++;
    buckets.push({ fromNs, toNs, count: first - start });
  }
  return buckets;
}

/** How wide the bucket is that begins at or before `ns`: the largest power of two that is at most a 32nd of it, or 1. */
function widthAt(ns: number): number {
  let width = 1;
  while (width * 2 * BUCKETS_AN_OCTAVE <= ns) width *= 2;
  return width;
}
