/** @returns the smallest value that at least `share` (0 … 1) of the values do not exceed; NaN when there are none. */
export function percentile(values: Float64Array, share: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = values.slice().sort();
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}
