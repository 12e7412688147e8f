import type { LatencyHistogram } from '@bulkhead/load';
import { describe, expect, it } from 'vitest';
import { histogramText } from '../src/output/histogram-text.ts';

const histogramOf = (counts: readonly number[]): LatencyHistogram => ({
  count: counts.reduce((sum, count) => sum + count, 0),
  minNs: 1000,
  meanNs: 1500,
  p50Ns: 1500,
  p90Ns: 1500,
  p99Ns: 1500,
  p999Ns: 1500,
  maxNs: counts.length * 1000,
  buckets: counts.map((count, i) => ({ fromNs: i * 1000, toNs: (i + 1) * 1000, count })),
});
const rowsOf = (counts: readonly number[]): string[] => histogramText(histogramOf(counts)).split('\n').slice(1);

describe('a histogram for people', () => {
  it('has a row a bucket, its bar as long as its share of the fullest, and never none', () => {
    const rows = rowsOf([1, 100, 50]);
    expect(rows.map((row) => (row.match(/#/g) ?? []).length)).toEqual([1, 50, 25]);
    expect(rows[1]).toMatch(/^1\.0 +2\.0 +100 +#+$/);
  });
  it('joins neighbours until it can be read at a look, and loses nobody', () => {
    const rows = rowsOf(Array.from({ length: 201 }, () => 3));
    expect(rows.length).toBeLessThanOrEqual(24);
    const counts = rows.map((row) => Number(row.trim().split(/ +/)[2]));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(603);
    expect(rows.at(-1)).toMatch(/ 201\.0 /);
  });
});
