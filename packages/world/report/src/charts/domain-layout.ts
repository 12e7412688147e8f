/**
 * Where the components of all systems stand in their drawings. One place a component, the same in every system, so
 * that from drawing to drawing only the walls move.
 *
 * Two columns: on the left the lower half of the levels, the way of the data from application to driver, and under it
 * the kernel's core; on the right the upper half, which hands out the hardware, level with the core at the bottom.
 */
import type { SystemResult } from '@bulkhead/comparison';
import { componentsInOrder, type Instance, kindsInOrder } from '../component-order.ts';

/** A place in the grid: column 0 or 1, rows from the top. */
export interface Place {
  readonly column: number;
  readonly row: number;
}

/** The kernel's own code, which is in no list of components. No component can be called so. */
export const CORE = '';

export interface Layout {
  readonly rows: number;
  readonly places: ReadonlyMap<string, Place>;
}

/** @param system one of `systems` */
export function layoutOf(system: SystemResult, systems: readonly SystemResult[]): Layout {
  const kinds = kindsInOrder(systems);
  const half = Math.ceil(kinds.length / 2);
  const columnOf = ({ kind }: Instance): number => (kinds.indexOf(kind) < half ? 0 : 1);
  const ordered = componentsInOrder(system, kinds);
  const left = [...ordered.filter((instance) => columnOf(instance) === 0).map(({ name }) => name), CORE];
  const right = ordered.filter((instance) => columnOf(instance) === 1).map(({ name }) => name);
  const rows = Math.max(left.length, right.length);
  const placed = (names: readonly string[], column: number): [string, Place][] =>
    names.map((name, index) => [name, { column, row: rows - names.length + index }]);
  return { rows, places: new Map([...placed(left, 0), ...placed(right, 1)]) };
}

/** @returns the parts of a domain that hang together in the grid, each from the top. */
export function piecesOf(places: readonly Place[]): Place[][] {
  const rest = new Set([...places].sort((a, b) => a.row - b.row || a.column - b.column));
  const pieces: Place[][] = [];
  for (const first of rest) {
    const piece = [first];
    rest.delete(first);
    for (const place of piece)
      for (const other of rest)
        if (areNeighbours(place, other)) {
          rest.delete(other);
          piece.push(other);
        }
    pieces.push(piece);
  }
  return pieces;
}

export const areNeighbours = (a: Place, b: Place): boolean =>
  Math.abs(a.row - b.row) + Math.abs(a.column - b.column) === 1;
