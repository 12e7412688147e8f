/** Every latency of a run, in plain characters: a row a bucket, and none left out between the first and the last. */
import type { LatencyHistogram } from '@bulkhead/load';
import { table, tenths, whole } from './table.ts';

const BAR_COLUMNS = 50;
const MOST_ROWS = 24;
const US = 1000;

interface Row {
  readonly fromNs: number;
  readonly toNs: number;
  readonly count: number;
}

/** @returns lines, widest bar for the fullest row; buckets are joined while there are more rows than are read at a look. */
export function histogramText({ buckets }: LatencyHistogram): string {
  const rows = joined(buckets);
  const most = Math.max(...rows.map(({ count }) => count));
  return table(
    ['above, µs', 'up to, µs', 'requests', ''],
    rows.map(({ fromNs, toNs, count }) => [tenths(fromNs / US), tenths(toNs / US), whole(count), bar(count / most)]),
    false,
  );
}

/** Anything at all is seen. */
const bar = (share: number): string => '#'.repeat(Math.max(1, Math.round(share * BAR_COLUMNS)));

function joined(buckets: readonly Row[]): readonly Row[] {
  if (buckets.length <= MOST_ROWS) return buckets;
  const pairs = buckets.flatMap((bucket, i): Row[] => {
    const next = buckets[i + 1];
    if (i % 2 === 1) return [];
    return next === undefined
      ? [bucket]
      : [{ fromNs: bucket.fromNs, toNs: next.toNs, count: bucket.count + next.count }];
  });
  return joined(pairs);
}
