/**
 * A component's hand on the clock: work advances time only through one of these.
 *
 * The fast path is two adds in typed arrays and one compare with the next event. When something is
 * due, `attend` runs: for a component that is the place where it can be interrupted; the kernel's
 * own handle attends to nothing, for kernel code is never preempted.
 */
import type { Clock } from '@bulkhead/clock';

export interface ChargeOptions {
  readonly clock: Clock;
  /** Cycles by primitive, shared by every handle. */
  readonly prices: Float64Array;
  readonly cycles: Float64Array;
  readonly counts: Float64Array;
  /** Index of the component's first cell in `cycles` and `counts`. */
  readonly base: number;
  readonly component: number;
  readonly attend: () => void;
}

export class Charge {
  readonly component: number;
  protected readonly clock: Clock;
  readonly #prices: Float64Array;
  readonly #cycles: Float64Array;
  readonly #counts: Float64Array;
  readonly #base: number;
  readonly #attend: () => void;

  constructor({ clock, prices, cycles, counts, base, component, attend }: ChargeOptions) {
    this.component = component;
    this.clock = clock;
    this.#prices = prices;
    this.#cycles = cycles;
    this.#counts = counts;
    this.#base = base;
    this.#attend = attend;
  }

  /** Charges one `primitive` at its price. */
  spend(primitive: number): void {
    if (this.book(primitive, this.#prices[primitive]!, 1)) this.#attend();
  }
  /** Charges `count` of one primitive at once: lines copied, entries walked. */
  spendMany(primitive: number, count: number): void {
    if (this.book(primitive, this.#prices[primitive]! * count, count)) this.#attend();
  }
  /** Charges whole `cycles` that no price tells: idle time. Counts nothing and attends to nothing. */
  spendCycles(primitive: number, cycles: number): void {
    this.book(primitive, cycles, 0);
  }

  /** @returns true when something is due. */
  protected book(primitive: number, cycles: number, count: number): boolean {
    const cell = this.#base + primitive;
    this.#cycles[cell] = this.#cycles[cell]! + cycles;
    this.#counts[cell] = this.#counts[cell]! + count;
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
  protected override book(primitive: number, cycles: number, count: number): boolean {
    const isDue = super.book(primitive, cycles, count);
    this.#sink(this.component, primitive, count, this.clock.now);
    return isDue;
  }
}
