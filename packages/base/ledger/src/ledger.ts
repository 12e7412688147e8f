/**
 * Where every cycle went: one cell a component and primitive.
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
  readonly prices: Float64Array;
  readonly cycles: Float64Array;
  readonly counts: Float64Array;
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
    this.prices = Float64Array.from(prices);
    this.cycles = new Float64Array(components.length * primitives.length);
    this.counts = new Float64Array(components.length * primitives.length);
    this.#clock = clock;
    this.#trace = trace;
  }

  /** @param attend runs inside a charge of this component when something is due. */
  charge(component: number, attend: () => void): Charge {
    const options = {
      clock: this.#clock,
      prices: this.prices,
      cycles: this.cycles,
      counts: this.counts,
      base: component * this.primitives.length,
      component,
      attend,
    };
    return this.#trace === undefined ? new Charge(options) : new TracedCharge(options, this.#trace);
  }

  /** @returns the sum of all cells: equal to the time since the ledger was opened. */
  totalCycles(): number {
    return this.cycles.reduce((sum, cell) => sum + cell, 0);
  }
  cyclesOf(component: number, primitive: number): number {
    return this.cycles[component * this.primitives.length + primitive]!;
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
