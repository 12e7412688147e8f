/**
 * A component's hand on the clock: work advances time only through one of these.
 *
 * The fast path is two adds in typed arrays and one compare with the next event: what was charged is counted, and the
 * cycles of a cell follow from its count and its price. When something is due, `attend` runs: for a component that is the place where it can be interrupted; the kernel's
 * own handle attends to nothing, for kernel code is never preempted.
 */
import type { Clock } from '@bulkhead/clock';

export interface ChargeOptions {
  readonly clock: Clock;
  /** The prices by primitive, and then the counts by component and primitive: one array, so that a charge finds one. */
  readonly cells: Float64Array;
  /** Index of the component's first count in `cells`. */
  readonly base: number;
  /** Cycles that no price tells, of the component by primitive. */
  readonly unpriced: Float64Array;
  readonly component: number;
  readonly attend: () => void;
}

export class Charge {
  readonly component: number;
  protected readonly clock: Clock;
  readonly #cells: Float64Array;
  readonly #base: number;
  readonly #unpriced: Float64Array;
  readonly #attend: () => void;

  constructor({ clock, cells, base, unpriced, component, attend }: ChargeOptions) {
    this.component = component;
    this.clock = clock;
    this.#cells = cells;
    this.#base = base;
    this.#unpriced = unpriced;
    this.#attend = attend;
  }

  /** Charges one `primitive` at its price. */
  spend(primitive: number): void {
    if (this.book(primitive, this.#cells[primitive]!, 1)) this.#attend();
  }
  /** Charges two primitives that always come together: what falls due in between is attended to after both. */
  spendBoth(first: number, second: number): void {
    if (this.bookBoth(first, second)) this.#attend();
  }
  /** Charges `count` of one primitive at once: lines copied, entries walked. */
  spendMany(primitive: number, count: number): void {
    if (this.book(primitive, this.#cells[primitive]! * count, count)) this.#attend();
  }
  /** Charges whole `cycles` that no price tells: idle time. Counts nothing and attends to nothing. */
  spendCycles(primitive: number, cycles: number): void {
    this.#unpriced[primitive] = this.#unpriced[primitive]! + cycles;
    this.book(primitive, cycles, 0);
  }

  protected bookOne(primitive: number): boolean {
    return this.book(primitive, this.#cells[primitive]!, 1);
  }
  /** `bookOne` of each. @returns true when something is due. */
  protected bookBoth(first: number, second: number): boolean {
    const cells = this.#cells;
    const base = this.#base;
    cells[base + first] = cells[base + first]! + 1;
    cells[base + second] = cells[base + second]! + 1;
    return this.clock.advance(cells[first]! + cells[second]!);
  }
  /** @returns true when something is due. */
  protected book(primitive: number, cycles: number, count: number): boolean {
    const cell = this.#base + primitive;
    this.#cells[cell] = this.#cells[cell]! + count;
    return this.clock.advance(cycles);
  }
}

/**
 * Told of every charge when it was made, before anything that it made due: so the ends come in order. A `count` of 0
 * is time without a price.
 */
export type TraceSink = (component: number, primitive: number, count: number, endCycles: number) => void;

/** The same, and every charge is told to a sink. A class of its own, so that an untraced run pays nothing. */
export class TracedCharge extends Charge {
  readonly #sink: TraceSink;

  constructor(options: ChargeOptions, sink: TraceSink) {
    super(options);
    this.#sink = sink;
  }
  protected override bookBoth(first: number, second: number): boolean {
    this.bookOne(first);
    return this.bookOne(second);
  }
  protected override book(primitive: number, cycles: number, count: number): boolean {
    const isDue = super.book(primitive, cycles, count);
    this.#sink(this.component, primitive, count, this.clock.now);
    return isDue;
  }
}
