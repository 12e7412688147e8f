import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Piece, pack } from '../src/pack.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);

/** Page by page: the strictest alignment first, of equals the longest, of equals the first; each at the lowest place. */
function slowly(pieces: readonly Piece[], firstPage: number, endPage: number, lowEndPage: number): number[] {
  const used = new Set<number>();
  const places = pieces.map(() => -1);
  const order = pieces.map((piece, index) => ({ piece, index }));
  order.sort((a, b) => {
    if (a.piece.alignPages !== b.piece.alignPages) return b.piece.alignPages - a.piece.alignPages;
    if (a.piece.sizePages !== b.piece.sizePages) return b.piece.sizePages - a.piece.sizePages;
    return a.index - b.index;
  });
  for (const { piece, index } of order) {
    const end = piece.isLow ? Math.min(lowEndPage, endPage) : endPage;
    for (let page = firstPage; page + piece.sizePages <= end && places[index] === -1; page++) {
      if (page % piece.alignPages !== 0) continue;
      const pages = Array.from({ length: piece.sizePages }, (_, i) => page + i);
      if (pages.some((each) => used.has(each))) continue;
      for (const each of pages) used.add(each);
      places[index] = page;
    }
  }
  return places;
}

describe('the window allocator', () => {
  const piece = fc.record({
    alignBits: fc.integer({ min: 0, max: 5 }),
    sizePages: fc.integer({ min: 1, max: 40 }),
    isLow: fc.boolean(),
  });
  it('places as a slow one does that looks at every page', () => {
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 12 }),
        fc.integer({ min: 0, max: 40 }),
        fc.integer({ min: 0, max: 200 }),
        fc.integer({ min: 0, max: 200 }),
        (shapes, firstPage, lengthPages, lowEndPage) => {
          const pieces = shapes.map(({ alignBits, sizePages, isLow }): Piece & { name: number } => ({
            sizePages,
            alignPages: 2 ** alignBits,
            isLow,
            page: -1,
            name: 0,
          }));
          const left = pack(pieces, firstPage, firstPage + lengthPages, lowEndPage);
          expect(pieces.map(({ page }) => page)).toEqual(
            slowly(pieces, firstPage, firstPage + lengthPages, lowEndPage),
          );
          expect(new Set(left)).toEqual(new Set(pieces.filter(({ page }) => page < 0)));
        },
      ),
      { numRuns: 200 * EFFORT },
    );
  });
  it('leaves no hole between powers of two that are aligned to their size', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 10 }), { maxLength: 30 }), (sizes) => {
        const pieces = sizes.map(
          (bits): Piece => ({ sizePages: 2 ** bits, alignPages: 2 ** bits, isLow: false, page: -1 }),
        );
        const total = pieces.reduce((sum, { sizePages }) => sum + sizePages, 0);
        expect(pack(pieces, 0x4_0000, 0x4_0000 + total)).toEqual([]);
      }),
      { numRuns: 100 * EFFORT },
    );
  });
});
