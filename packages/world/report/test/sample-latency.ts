/** Latencies, made up. */
import type { SystemResult } from '@bulkhead/comparison';

type Latency = SystemResult['latency'];

/** A hill with a tail, in buckets that grow with the value. */
export function latencyOf(medianNs: number, tail: number): Latency {
  const buckets: { fromNs: number; toNs: number; count: number }[] = [];
  let from = medianNs * 0.8;
  for (let step = 0; step < 40; step++) {
    const to = from * 1.03;
    const distance = from / medianNs - 1;
    const count = Math.round(distance < 0 ? 4000 / (1 + (distance * 30) ** 2) : 4000 / (1 + (distance * tail) ** 2));
    buckets.push({ fromNs: Math.round(from), toNs: Math.round(to), count });
    from = to;
  }
  const count = buckets.reduce((sum, bucket) => sum + bucket.count, 0);
  const at = (share: number): number => {
    let seen = 0;
    for (const bucket of buckets) {
      seen += bucket.count;
      if (seen >= share * count) return bucket.toNs;
    }
    return buckets.at(-1)!.toNs;
  };
  const [p50Ns, p90Ns, p99Ns, p999Ns] = [at(0.5), at(0.9), at(0.99), at(0.999)];
  return { count, minNs: buckets[0]!.fromNs, meanNs: p50Ns, p50Ns, p90Ns, p99Ns, p999Ns, maxNs: at(1), buckets };
}
