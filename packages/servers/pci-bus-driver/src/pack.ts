/**
 * Packs pieces of an address space into a window: the strictest alignment first, each at the lowest place that is free.
 *
 * BARs are powers of two, aligned to their size. In falling order they leave no hole, so a window that is large enough
 * for their sum takes them all. Windows of bridges may be longer than their alignment, and what is smaller fills what
 * they leave.
 */

export interface Piece {
  readonly sizePages: number;
  /** A power of two. */
  readonly alignPages: number;
  /** It must end below 4 GiB. */
  readonly isLow: boolean;
  /** Where it was put, or -1. */
  page: number;
}

export const PAGES_BELOW_4_GIB = 0x10_0000;

/**
 * @param lowEndPage where pieces that are low must end.
 * @returns the pieces that found no place.
 */
export function pack<P extends Piece>(
  pieces: readonly P[],
  firstPage: number,
  endPage: number,
  lowEndPage: number = PAGES_BELOW_4_GIB,
): P[] {
  const taken: Piece[] = [];
  const left: P[] = [];
  // The sort is stable: of equal ones the one that was found first is first.
  for (const piece of [...pieces].sort((a, b) => b.alignPages - a.alignPages || b.sizePages - a.sizePages)) {
    const limit = piece.isLow ? Math.min(endPage, lowEndPage) : endPage;
    piece.page = lowestPlace(piece, taken, firstPage, limit);
    if (piece.page < 0) left.push(piece);
    else insert(taken, piece);
  }
  return left;
}

/** @param taken in the order of their places. */
function lowestPlace(piece: Piece, taken: readonly Piece[], firstPage: number, endPage: number): number {
  let page = roundUp(firstPage, piece.alignPages);
  for (const other of taken) {
    if (page + piece.sizePages <= other.page) break;
    page = Math.max(page, roundUp(other.page + other.sizePages, piece.alignPages));
  }
  return page + piece.sizePages <= endPage ? page : -1;
}
function insert(taken: Piece[], piece: Piece): void {
  const next = taken.findIndex((other) => other.page > piece.page);
  taken.splice(next < 0 ? taken.length : next, 0, piece);
}

/** A claim may be of 2^51 pages: too many for the bits of a word. */
export const roundUp = (page: number, alignPages: number): number => Math.ceil(page / alignPages) * alignPages;
