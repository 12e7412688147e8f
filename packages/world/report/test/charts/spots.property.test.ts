import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labelled } from '../../src/charts/spots.ts';

const numRuns = 200 * Number(process.env.BULKHEAD_EFFORT ?? 1);
const FONT_PX = 12.5;

describe('names beside dots', () => {
  it('up to seven on a phone stand inside the drawing, on no other name, and near their dots', () => {
    const dots = fc.array(
      fc.record({
        text: fc.string({ minLength: 1, maxLength: 17 }),
        x: fc.double({ min: 0.03, max: 0.97, noNaN: true }),
        y: fc.integer({ min: 110, max: 280 }),
      }),
      { maxLength: 7 },
    );
    fc.assert(
      fc.property(dots, (given) => {
        const placed = labelled(given, 300, 300).map(({ text, x, y, dx, dy }) => {
          const long = text.length * FONT_PX * 0.58;
          const start = x * 300 + dx - (dx < 0 ? long : 0);
          expect(start).toBeGreaterThanOrEqual(0);
          expect(start + long).toBeLessThanOrEqual(300);
          expect(Math.abs(dy)).toBeLessThanOrEqual(96);
          return { start, end: start + long, y: y + dy };
        });
        placed.forEach((a, index) => {
          for (const b of placed.slice(index + 1))
            expect(a.end <= b.start || b.end <= a.start || Math.abs(a.y - b.y) >= FONT_PX).toBe(true);
        });
      }),
      { numRuns },
    );
  });
  it('a name that has room stands to the right of its dot', () => {
    expect(labelled([{ text: 'alone', x: 0.5, y: 100 }], 300, 200)).toEqual([
      { text: 'alone', x: 0.5, y: 100, dx: 10, dy: 0 },
    ]);
  });
});
