/**
 * Whose time runs: how long the handler on top of the host's stack may still go on, and whose budget pays.
 *
 * A handler's time is its own: from when the kernel enters the component until it leaves it, calls another, or is
 * interrupted. CHOICE: what the kernel does for it counts (its system calls, the way to another component; the book too
 * charges kernel time to the current context), the way back from another does not. A callee has a limit of its own, and
 * an interrupt's time is nobody's.
 *
 * The limit is armed in the clock, where it counts as due: no charge has a test more for it. The kernel's own charges
 * attend to nothing, so it may stay armed while the kernel works; it is taken away when nobody is left on the stack.
 *
 * A call is paid by whoever was dispatched at the bottom of the calls: servers are passive.
 */
import type { Clock } from '@bulkhead/clock';
import type { Budgets } from './budgets.ts';
import type { Seat } from './seat.ts';

const NOBODY = -1;
const NEVER: number = Number.POSITIVE_INFINITY;

export class Meter {
  readonly #clock: Clock;
  readonly #budgets: Budgets;
  /** False when no component has a limit: then nothing is counted. */
  readonly #isOn: boolean;
  /** By component, in cycles. */
  readonly #limit: Float64Array;
  /** What the handler that is on the stack may still use, as it was when its time last stood still. */
  readonly #left: Float64Array;
  /** What was used on a component's budget since it last paid. */
  readonly #owed: Float64Array;
  /** When the time of `#running` began to run. */
  readonly #since: Float64Array = new Float64Array(1);
  /** By component: 1 while no handler began in this visit to it. */
  readonly #fresh: Uint8Array;
  #running: number = NOBODY;
  #payer: number = NOBODY;

  constructor(clock: Clock, seats: readonly Seat[], budgets: Budgets) {
    this.#clock = clock;
    this.#budgets = budgets;
    this.#limit = Float64Array.from(seats, ({ limitCycles }) => limitCycles);
    this.#left = new Float64Array(seats.length);
    this.#owed = new Float64Array(seats.length);
    this.#fresh = new Uint8Array(seats.length);
    this.#isOn = this.#limit.some((cycles) => cycles !== NEVER);
  }

  /** Whether a handler that waits may begin. */
  mayBegin(component: number): boolean {
    return !this.#isOn || this.#budgets.mayBegin(component);
  }
  /** Whose budget pays now, to be put back by `payBy`; -1: nobody's. */
  get payer(): number {
    return this.#payer;
  }
  /** A dispatch is over. */
  payBy(payer: number): void {
    this.#payer = payer;
    if (this.#isOn) this.#clock.setLimit(NEVER);
  }
  /** A component is about to be dispatched: it pays, for that too. */
  dispatch(component: number): void {
    if (!this.#isOn) return;
    this.#payer = this.#budgets.has(component) ? component : NOBODY;
    this.begin(component);
  }

  /** The kernel enters a component. Whoever called it waits. */
  begin(component: number): void {
    if (this.#isOn) this.#begin(component);
  }
  #begin(component: number): void {
    if (this.#running !== NOBODY) this.#stop();
    this.#left[component] = this.#limit[component]!;
    this.#fresh[component] = 1;
    this.#run(component);
  }
  /** The kernel leaves the component. */
  end(component: number): void {
    if (this.#payer === NOBODY) {
      this.#running = NOBODY;
      return;
    }
    this.pause();
    if (this.#payer === component) this.#pay(component);
  }
  /**
   * A handler begins, in a component that the kernel entered.
   * @returns false when the component's budget does not hold one more: it must wait. What the component still does
   * before it is left counts to the handler before, so that the two together are within the limit.
   */
  next(component: number): boolean {
    if (!this.#isOn || this.#running !== component) return true;
    if (this.#fresh[component] === 1) {
      this.#fresh[component] = 0;
      return true;
    }
    this.#stop();
    const pays = this.#payer === component;
    if (pays) this.#pay(component);
    const mayBegin = !pays || this.#budgets.mayBegin(component);
    if (mayBegin) this.#left[component] = this.#limit[component]!;
    this.#run(component);
    return mayBegin;
  }

  /** The kernel does something that is nobody's. */
  pause(): void {
    if (this.#running !== NOBODY) this.#stop();
  }
  /** A handler whose time stood still goes on. */
  resume(component: number): void {
    if (this.#isOn) this.#run(component);
  }
  /** How long the handler that runs has taken, in cycles. */
  tookCycles(component: number): number {
    const running = this.#running === component ? this.#clock.now - this.#since[0]! : 0;
    return this.#limit[component]! - this.#left[component]! + running;
  }

  #run(component: number): void {
    const { now } = this.#clock;
    this.#running = component;
    this.#since[0] = now;
    this.#clock.setLimit(now + this.#left[component]!);
  }
  #stop(): void {
    const spent = this.#clock.now - this.#since[0]!;
    this.#left[this.#running] = this.#left[this.#running]! - spent;
    if (this.#payer !== NOBODY) this.#owed[this.#payer] = this.#owed[this.#payer]! + spent;
    this.#running = NOBODY;
  }
  #pay(component: number): void {
    this.#budgets.pay(component, this.#owed[component]!);
    this.#owed[component] = 0;
  }
}
