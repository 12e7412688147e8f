/**
 * Where every cycle went: one cell a component and primitive. What is kept is how often each was charged; what that
 * took follows from the price, which never changes.
 *
 * Invariant: the cells add up to the clock's time, always, for time moves by nothing else.
 */
import type { Clock } from '@bulkhead/clock';
import { invariant } from '@bulkhead/result';
import { Charge, TracedCharge, type TraceSink } from './charge.ts';
import { CAUSES, type Cause, type Primitive } from './primitive.ts';

export interface LedgerOptions {
  readonly clock: Clock;
  readonly primitives: readonly Primitive[];
  /** Whole cycles, one a primitive, in the same order. */
  readonly prices: readonly number[];
  readonly components: readonly string[];
  /** When given, every charge is told to it. */
  readonly trace?: TraceSink;
}

export class Ledger {
  readonly primitives: readonly Primitive[];
  readonly components: readonly string[];
  /** Views of the one array that charges work on. */
  readonly prices: Float64Array;
  readonly counts: Float64Array;
  readonly #cells: Float64Array;
  /** Idle time: it is charged in cycles, and not by a price. */
  readonly #unpriced: Float64Array;
  readonly #clock: Clock;
  readonly #trace: TraceSink | undefined;

  constructor({ clock, primitives, prices, components, trace }: LedgerOptions) {
    invariant(prices.length === primitives.length, 'a price for every primitive');
    invariant(
      prices.every((price) => Number.isSafeInteger(price) && price >= 0),
      'prices are whole cycles',
    );
    this.primitives = primitives;
    this.components = components;
    this.#cells = new Float64Array((1 + components.length) * primitives.length);
    this.#cells.set(prices);
    this.#unpriced = new Float64Array(components.length * primitives.length);
    this.prices = this.#cells.subarray(0, primitives.length);
    this.counts = this.#cells.subarray(primitives.length);
    this.#clock = clock;
    this.#trace = trace;
  }

  /** @param attend runs inside a charge of this component when something is due. */
  charge(component: number, attend: () => void): Charge {
    const count = this.primitives.length;
    const options = {
      clock: this.#clock,
      cells: this.#cells,
      base: (1 + component) * count,
      unpriced: this.#unpriced.subarray(component * count, (component + 1) * count),
      component,
      attend,
    };
    return this.#trace === undefined ? new Charge(options) : new TracedCharge(options, this.#trace);
  }

  /** @returns the sum of all cells: equal to the time since the ledger was opened. */
  totalCycles(): number {
    return this.cycles().reduce((sum, cell) => sum + cell, 0);
  }
  /** @returns all cells, by component, then by primitive. */
  cycles(): Float64Array {
    const { length } = this.primitives;
    return this.counts.map((count, cell) => count * this.prices[cell % length]! + this.#unpriced[cell]!);
  }
  cyclesOf(component: number, primitive: number): number {
    const cell = component * this.primitives.length + primitive;
    return this.counts[cell]! * this.prices[primitive]! + this.#unpriced[cell]!;
  }
  /** @returns how often a primitive was charged, by whomever. */
  countOf(primitive: number): number {
    let sum = 0;
    for (let c = 0; c < this.components.length; c++) sum += this.counts[c * this.primitives.length + primitive]!;
    return sum;
  }
  /** @returns cycles by component, then by cause. */
  byCause(): Float64Array[] {
    return this.components.map((_, component) => {
      const row = new Float64Array(CAUSES.length);
      this.primitives.forEach((primitive, p) => {
        const cause = CAUSES.indexOf(primitive.cause as Cause);
        row[cause] = row[cause]! + this.cyclesOf(component, p);
      });
      return row;
    });
  }
}
