/** The drawing's pieces in pixels: cells for components, walls around them, arrows between them. */
import { html, type Markup } from '../html.ts';
import { px, textWidth } from '../svg.ts';
import { areNeighbours, type Place } from './domain-layout.ts';

/** All drawings are so wide, and scale: letters stay readable down to a phone's width. */
export const WIDTH_PX = 360;
const CELL_WIDTH_PX = 116;
const CELL_PX = 34;
const PITCH_PX = 100;
const MARGIN_PX = 12;
/** Between a wall and what it encloses: above, where the domain's name stands, and elsewhere. */
const HEAD_PX = 18;
const PAD_PX = 8;
/** Room on the right for arrows that go round. */
const GUTTER_PX = 26;
const RADIUS_PX = 6;
/** Where upright arrows leave a cell: clear of the name of the domain that they enter. */
const BESIDE_THE_NAME = 0.8;
export const ROW_PX: number = PITCH_PX;

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
const COLUMN_X: readonly number[] = [MARGIN_PX, WIDTH_PX - GUTTER_PX - CELL_WIDTH_PX];

export const cellOf = ({ column, row }: Place): Box => ({
  x: COLUMN_X[column]!,
  y: HEAD_PX + 4 + row * PITCH_PX,
  width: CELL_WIDTH_PX,
  height: CELL_PX,
});

const around = ({ x, y, width, height }: Box): Box => ({
  x: x - PAD_PX,
  y: y - HEAD_PX,
  width: width + 2 * PAD_PX,
  height: height + HEAD_PX + PAD_PX,
});

/** The smallest box around two. */
function span(a: Box, b: Box): Box {
  const [x, y] = [Math.min(a.x, b.x), Math.min(a.y, b.y)];
  return {
    x,
    y,
    width: Math.max(a.x + a.width, b.x + b.width) - x,
    height: Math.max(a.y + a.height, b.y + b.height) - y,
  };
}

const rect = ({ x, y, width, height }: Box, kind: string): Markup =>
  html`<rect class="${kind}" x="${px(x)}" y="${px(y)}" width="${px(width)}" height="${px(height)}" rx="${RADIUS_PX}"/>`;

/** A box as part of a path: one path for all boxes of a piece, so that edges that lie on each other are drawn once. */
function rounded({ x, y, width, height }: Box): string {
  const [across, down] = [px(width - 2 * RADIUS_PX), px(height - 2 * RADIUS_PX)];
  const corner = (dx: number, dy: number): string =>
    `a${RADIUS_PX} ${RADIUS_PX} 0 0 1 ${dx * RADIUS_PX} ${dy * RADIUS_PX}`;
  return `M${px(x + RADIUS_PX)} ${px(y)}h${across}${corner(1, 1)}v${down}${corner(-1, 1)}h${-across}${corner(-1, -1)}v${-down}${corner(1, -1)}Z`;
}

/** True when the piece holds the place and those to its right, below it, and below to its right: no hole between them. */
const isCornerOfFour = ({ column, row }: Place, piece: readonly Place[]): boolean =>
  [
    [1, 0],
    [0, 1],
    [1, 1],
  ].every(([right, down]) => piece.some((other) => other.column === column + right! && other.row === row + down!));

/**
 * The wall around a piece of a domain. Boxes around each cell and each pair of neighbours are drawn twice: once with
 * their outlines, then filled over them, so that only the outline of all of them is left.
 */
export function wall(piece: readonly Place[], kind: string): Markup {
  const boxes = piece.flatMap((place, index) => [
    around(cellOf(place)),
    ...piece
      .slice(index + 1)
      .filter((other) => areNeighbours(place, other))
      .map((other) => span(around(cellOf(place)), around(cellOf(other)))),
    ...(isCornerOfFour(place, piece)
      ? [span(around(cellOf(place)), around(cellOf({ column: place.column + 1, row: place.row + 1 })))]
      : []),
  ]);
  const outline = boxes.map(rounded).join('');
  return html`<path class="wall ${kind}" d="${outline}"/><path class="inside ${kind}" d="${outline}"/>`;
}

/** Names are cut to the cell; the whole of them is in the drawing's table. */
function cut(text: string, widthPx: number, fontPx: number): string {
  const most = Math.floor(widthPx / textWidth('x', fontPx));
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
}

export function cell(place: Place, name: string, kind: string): Markup {
  const box = cellOf(place);
  return html`${rect(box, `cell ${kind}`)}<text class="in-cell" x="${px(box.x + box.width / 2)}" y="${px(box.y + box.height / 2 + 4)}">${cut(name, box.width - 6, 12)}</text>`;
}

export function domainName(piece: readonly Place[], text: string): Markup {
  const { x, y } = cellOf(piece[0]!);
  return html`<text class="domain" x="${px(x - 2)}" y="${px(y - 6)}">${cut(text, CELL_WIDTH_PX + PAD_PX, 10)}</text>`;
}

/** A way from one cell to another, and where its label may stand, best first. */
export interface Route {
  readonly path: string;
  readonly spots: readonly (readonly [x: number, y: number])[];
  readonly isUpright: boolean;
}

const middle = ({ y, height }: Box): number => y + height / 2;
const BEND_PX = 5;
const SHARES: readonly number[] = [0.5, 0.34, 0.66, 0.2, 0.8];

function straight(x1: number, y1: number, x2: number, y2: number): Route {
  return {
    path: `M${px(x1)} ${px(y1)}L${px(x2)} ${px(y2)}`,
    spots: SHARES.map((share) => [x1 + (x2 - x1) * share, y1 + (y2 - y1) * share]),
    isUpright: false,
  };
}

/** @param isInside true when no wall stands between: the way stays inside it. */
export function routeOf(from: Place, to: Place, isInside: boolean): Route {
  const [a, b] = [cellOf(from), cellOf(to)];
  if (from.column !== to.column) {
    const isRightward = from.column < to.column;
    const reach = (box: Box, isRight: boolean): number => (isRight ? box.x + box.width : box.x);
    return straight(reach(a, isRightward), middle(a), reach(b, !isRightward), middle(b));
  }
  if (Math.abs(from.row - to.row) === 1) {
    const x = a.x + a.width * BESIDE_THE_NAME;
    return from.row < to.row ? straight(x, a.y + a.height, x, b.y) : straight(x, a.y, x, b.y + b.height);
  }
  return roundabout(a, b, isInside ? PAD_PX - 2 : PAD_PX + 9);
}

/** Past the cells between: out at the right, along, and in again. */
function roundabout(a: Box, b: Box, outPx: number): Route {
  const [x, fromY, toY] = [a.x + a.width, middle(a), middle(b)];
  const out = x + outPx;
  const bend = toY > fromY ? BEND_PX : -BEND_PX;
  const [leave, enter] = [px(out - BEND_PX), px(b.x + b.width)];
  const [down, up] = [
    `Q${px(out)} ${px(fromY)} ${px(out)} ${px(fromY + bend)}`,
    `Q${px(out)} ${px(toY)} ${leave} ${px(toY)}`,
  ];
  return {
    path: `M${px(x)} ${px(fromY)}H${leave}${down}V${px(toY - bend)}${up}H${enter}`,
    spots: SHARES.map((share) => [out, fromY + (toY - fromY) * share]),
    isUpright: true,
  };
}
