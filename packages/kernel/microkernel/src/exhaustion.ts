/**
 * Budgets that are used up, period after period. An exhaustion is a handler that must wait for its component's budget;
 * those of which no two are two periods apart are a row. A row is told when it lasts as long as patience does, and
 * again when it lasts twice as long, four times, and so on.
 *
 * The book raises a timeout fault each time (seL4 reference manual 13.0.0 §6.1 "Timeout Exceptions"). CHOICE: here what
 * is faulted is postponed and goes on by itself, so once is nothing to tell.
 */
import type { Budgets } from './budgets.ts';
import type { Domain, Seat } from './seat.ts';

const PERIODS_APART = 2;

export class Exhaustion {
  readonly #budgets: Budgets;
  readonly #patiencePeriods: number;
  readonly #now: () => number;
  /** By component, in cycles: when its row began, its last exhaustion, and how long a row is told next. */
  readonly #since: Float64Array;
  readonly #last: Float64Array;
  readonly #toldAfter: Float64Array;
  /** By component: 1 while somebody is to be told. */
  readonly #untold: Uint8Array;

  constructor(budgets: Budgets, components: number, patiencePeriods: number, now: () => number) {
    this.#budgets = budgets;
    this.#patiencePeriods = patiencePeriods;
    this.#now = now;
    this.#since = new Float64Array(components);
    this.#last = new Float64Array(components).fill(Number.NEGATIVE_INFINITY);
    this.#toldAfter = new Float64Array(components);
    this.#untold = new Uint8Array(components);
  }

  /** A handler has to wait. @returns whether somebody is to be told. */
  note({ index, periodCycles }: Seat): boolean {
    const now = this.#now();
    if (now - this.#last[index]! >= PERIODS_APART * periodCycles) {
      this.#since[index] = now;
      this.#toldAfter[index] = this.#patiencePeriods * periodCycles;
      this.#budgets.takeConsumed(index);
    }
    this.#last[index] = now;
    if (now - this.#since[index]! < this.#toldAfter[index]!) return false;
    this.#toldAfter[index] = this.#toldAfter[index]! * 2;
    this.#untold[index] = 1;
    return true;
  }
  /** Takes one that is to be told, of a domain's. @returns the component, or -1. */
  takeUntold({ seats }: Domain): number {
    for (const { index } of seats) {
      if (this.#untold[index] === 0) continue;
      this.#untold[index] = 0;
      return index;
    }
    return -1;
  }
  /** When the row began. */
  sinceCycles(component: number): number {
    return this.#since[component]!;
  }
  /** What was used since then. */
  consumedCycles(component: number): number {
    return this.#budgets.consumedBy(component);
  }
}
