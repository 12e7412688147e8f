/** Nested stretches of memory, laid flat: every byte belongs to the innermost stretch that holds it. */
export interface Stretch {
  readonly address: number;
  readonly lenBytes: number;
}

/**
 * @param stretches which nest or are disjoint; what overlaps otherwise is cut off where its surroundings end.
 * @returns pieces in rising order that cover all stretches and do not overlap, each with the stretch it is of.
 */
export function flatten<S extends Stretch>(
  stretches: readonly S[],
): { readonly of: S; readonly address: number; readonly lenBytes: number }[] {
  const pieces: { of: S; address: number; lenBytes: number }[] = [];
  const open: { of: S; end: number }[] = [];
  let at = 0;
  const emitTo = (end: number): void => {
    const inner = open.at(-1);
    if (inner !== undefined && end > at) pieces.push({ of: inner.of, address: at, lenBytes: end - at });
    at = Math.max(at, end);
  };
  const close = (): void => {
    emitTo(open.at(-1)!.end);
    open.pop();
  };
  for (const stretch of stretches.toSorted((a, b) => a.address - b.address || b.lenBytes - a.lenBytes)) {
    while (open.length > 0 && open.at(-1)!.end <= stretch.address) close();
    emitTo(stretch.address);
    const end = Math.min(stretch.address + stretch.lenBytes, open.at(-1)?.end ?? Number.POSITIVE_INFINITY);
    open.push({ of: stretch, end });
  }
  while (open.length > 0) close();
  return pieces;
}
