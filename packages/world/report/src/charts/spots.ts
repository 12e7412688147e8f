/** Names beside dots, none on another: the nearest free spot for each, in the order in which they come. */
import { textWidth } from '../svg.ts';

export interface Named {
  readonly text: string;
  /** A share of the width. */
  readonly x: number;
  readonly y: number;
}
export interface Spot extends Named {
  /** Pixels from the dot to where the text begins, or, when negative, ends. */
  readonly dx: number;
  readonly dy: number;
}

const FONT_PX = 12.5;
const LINE_PX = 16;
/** Room between a dot and its name. */
const GAP_PX = 10;
const DOT_PX = 7;
/** How far a name may move, in lines: beyond it would be nobody's. */
const LINES: readonly number[] = [0, -1, 1, -2, 2, -3, -4, -5, -6];

interface Span {
  readonly from: number;
  readonly to: number;
  readonly y: number;
}
const collide = (a: Span, b: Span): boolean => a.from < b.to && b.from < a.to && Math.abs(a.y - b.y) < LINE_PX - 2;

/** @param bottomPx no name stands below it */
export function labelled(dots: readonly Named[], widthPx: number, bottomPx: number): Spot[] {
  const taken: Span[] = dots.map(({ x, y }) => ({ from: x * widthPx - DOT_PX, to: x * widthPx + DOT_PX, y }));
  return dots.map((dot) => {
    const spots = spotsOf(dot);
    const isFree = (spot: Spot): boolean => {
      const span = spanOf(spot, widthPx);
      const isInside = span.from >= 0 && span.to <= widthPx && (spot.dy <= 0 || span.y < bottomPx - DOT_PX);
      return isInside && !taken.some((other) => collide(span, other));
    };
    const spot = spots.find(isFree) ?? spots[0]!;
    taken.push(spanOf(spot, widthPx));
    return spot;
  });
}

const spotsOf = (dot: Named): Spot[] =>
  LINES.flatMap((line) => [GAP_PX, -GAP_PX].map((dx) => ({ ...dot, dx, dy: line * LINE_PX })));

function spanOf({ text, x, y, dx, dy }: Spot, widthPx: number): Span {
  const [start, long] = [x * widthPx + dx, textWidth(text, FONT_PX)];
  return dx < 0 ? { from: start - long, to: start, y: y + dy } : { from: start, to: start + long, y: y + dy };
}
