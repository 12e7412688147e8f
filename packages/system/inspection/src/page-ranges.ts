/** Sets of pages, as runs in rising order that neither touch nor overlap. */
export interface PageRange {
  readonly page: number;
  readonly count: number;
}

/** @returns the pages that are in any of `ranges`. */
export function union(ranges: readonly PageRange[]): PageRange[] {
  const merged: { page: number; count: number }[] = [];
  for (const { page, count } of ranges.toSorted((a, b) => a.page - b.page)) {
    const last = merged.at(-1);
    if (count === 0) continue;
    if (last !== undefined && page <= last.page + last.count)
      last.count = Math.max(last.count, page + count - last.page);
    else merged.push({ page, count });
  }
  return merged;
}
/** @returns the pages that are in both. Each argument is a set: rising, without overlaps. */
export function intersection(a: readonly PageRange[], b: readonly PageRange[]): PageRange[] {
  const common: PageRange[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const [x, y] = [a[i]!, b[j]!];
    const page = Math.max(x.page, y.page);
    const end = Math.min(x.page + x.count, y.page + y.count);
    if (page < end) common.push({ page, count: end - page });
    if (x.page + x.count <= y.page + y.count) i++;
    else j++;
  }
  return common;
}
/** @returns how many pages a set has. */
export const pageCount = (ranges: readonly PageRange[]): number => ranges.reduce((sum, { count }) => sum + count, 0);
/** @returns whether a page is in a set. */
export const holdsPage = (ranges: readonly PageRange[], page: number): boolean =>
  ranges.some((range) => page >= range.page && page < range.page + range.count);
