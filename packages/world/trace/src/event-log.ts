/**
 * What happened, as numbers: rows of one typed array that grows, so that a long run costs memory and no objects. What
 * comes after the limit is counted and dropped.
 *
 *   column 0  kind
 *   column 1  when, in cycles
 *   columns 2 to 5, by kind:
 *     ENTERED    component, caller or -1
 *     LEFT       component, when it was entered, cycles charged to it meanwhile
 *     CHARGE     component, primitive, count, end in cycles
 *     CALL       caller, callee, when the caller was entered
 *     CAST       producer, consumer, when the producer appended, when the producer was entered
 *     QUEUE      queue, length
 *     FRAME      index of the frame
 *     SEGMENT    index of the direction, bytes in flight, window
 */
export const ENTERED = 0;
export const LEFT = 1;
export const CHARGE = 2;
export const CALL = 3;
export const CAST = 4;
export const QUEUE = 5;
export const FRAME = 6;
export const SEGMENT = 7;

export const COLUMNS = 6;
const FIRST_ROWS = 4096;

export class EventLog {
  readonly limit: number;
  #cells: Float64Array = new Float64Array(FIRST_ROWS * COLUMNS);
  #count = 0;
  #dropped = 0;
  #cutAtCycles = -1;

  constructor(limit: number) {
    this.limit = limit;
  }

  get count(): number {
    return this.#count;
  }
  /** How many came after the limit. */
  get dropped(): number {
    return this.#dropped;
  }
  /** When the first one was dropped; -1 when none was. */
  get cutAtCycles(): number {
    return this.#cutAtCycles;
  }
  get isCut(): boolean {
    return this.#cutAtCycles >= 0;
  }

  add(kind: number, atCycles: number, a: number, b = 0, c = 0, d = 0): void {
    if (this.#count >= this.limit) {
      this.#drop(atCycles);
      return;
    }
    if ((this.#count + 1) * COLUMNS > this.#cells.length) this.#grow();
    const cells = this.#cells;
    const at = this.#count++ * COLUMNS;
    cells[at] = kind;
    cells[at + 1] = atCycles;
    cells[at + 2] = a;
    cells[at + 3] = b;
    cells[at + 4] = c;
    cells[at + 5] = d;
  }
  cell(row: number, column: number): number {
    return this.#cells[row * COLUMNS + column]!;
  }

  #drop(atCycles: number): void {
    if (this.#dropped++ === 0) this.#cutAtCycles = atCycles;
  }
  #grow(): void {
    const cells = new Float64Array(this.#cells.length * 2);
    cells.set(this.#cells);
    this.#cells = cells;
  }
}
