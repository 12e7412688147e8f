/**
 * Faults that nobody dies of: an interrupt that came again and is not acknowledged, a budget that is used up period
 * after period. What holds them back is the mask and the budget; here they are told, to whoever is told of deaths.
 */
import { kernel as abi } from '@bulkhead/abi';
import type { InterruptFile } from '@bulkhead/interrupts';
import type { Budgets } from './budgets.ts';
import { Exhaustion } from './exhaustion.ts';
import type { Kernel } from './kernel.ts';
import { type Domain, type Seat, TCB_FAULT_TOKEN } from './seat.ts';
import { Unacknowledged } from './unacknowledged.ts';

/** How long something lasts before it is told. */
export interface Patience {
  /** An interrupt that is masked and not acknowledged. @defaultValue 10000 */
  readonly interruptUs?: number;
  /** A budget that is used up, in periods of it. @defaultValue 3 */
  readonly budgetPeriods?: number;
}
export const DEFAULT_PATIENCE: Required<Patience> = { interruptUs: 10_000, budgetPeriods: 3 };

export interface NoticesOptions {
  readonly kernel: Kernel;
  readonly file: InterruptFile;
  readonly identities: number;
  readonly budgets: Budgets;
  readonly patience: Patience;
}

export class Notices {
  readonly unacknowledged: Unacknowledged;
  readonly #exhaustion: Exhaustion;
  readonly #kernel: Kernel;
  readonly #file: InterruptFile;

  constructor({ kernel, file, identities, budgets, patience }: NoticesOptions) {
    const { interruptUs = DEFAULT_PATIENCE.interruptUs, budgetPeriods = DEFAULT_PATIENCE.budgetPeriods } = patience;
    const { clock, seats } = kernel;
    const now = (): number => clock.now;
    this.#kernel = kernel;
    this.#file = file;
    this.unacknowledged = new Unacknowledged({
      identities,
      patienceCycles: clock.cyclesOf(interruptUs * 1000),
      now,
      wakeAt: (atCycles) => kernel.alarms.lookAt(atCycles),
    });
    this.#exhaustion = new Exhaustion(budgets, seats.length, budgetPeriods, now);
  }

  /** The timer: patience with an interrupt may be over. One that did not come again is looked at later. */
  look(): void {
    const { unacknowledged } = this;
    const { interrupts, seats } = this.#kernel;
    for (let identity = unacknowledged.takeDue(); identity !== 0; identity = unacknowledged.takeDue()) {
      const seat = seats[interrupts.componentOf(identity)];
      if (seat === undefined || seat.life.over) continue;
      if (!this.#file.isPending(identity)) unacknowledged.lookAgain(identity);
      else {
        unacknowledged.blame(identity);
        this.#blame(seat);
      }
    }
  }
  /** A handler of the component must wait for its budget. */
  exhausted(seat: Seat): void {
    if (this.#exhaustion.note(seat)) this.#blame(seat);
  }
  #blame({ domain }: Seat): void {
    const { charge, primitives } = this.#kernel;
    charge.spend(primitives.notificationSignal);
    this.tell(domain);
  }

  /** Whoever holds a right to the domain and wants to hear of faults is told that there is one. */
  tell(domain: Domain): void {
    const { executive, memory, seats, spaces } = this.#kernel;
    for (const listener of seats) {
      const token = memory.words[listener.tcb + TCB_FAULT_TOKEN]!;
      if (token === 0 || listener.life.over || !spaces.holdsThread(listener.domain, domain)) continue;
      executive.signal(listener, 1 << ((token - 1) & 0xf));
    }
  }
  /** What is told of a domain that lives on, and then is told no more. @returns 0, or the fault, with what is known of it in the answer. */
  take(domain: Domain): number {
    const { interrupts, seats } = this.#kernel;
    const componentOf = (identity: number): number => interrupts.componentOf(identity);
    const identity = this.unacknowledged.takeUntold((one) => seats[componentOf(one)]?.domain === domain);
    if (identity !== 0) {
      this.#answer(identity, this.unacknowledged.sinceCycles(identity), componentOf(identity));
      return abi.FAULT_UNACKNOWLEDGED;
    }
    const component = this.#exhaustion.takeUntold(domain);
    if (component < 0) return 0;
    const consumedUs = this.#usOf(this.#exhaustion.consumedCycles(component));
    this.#answer(consumedUs, this.#exhaustion.sinceCycles(component), component);
    return abi.FAULT_EXHAUSTED;
  }
  #answer(what: number, sinceCycles: number, component: number): void {
    const { answer } = this.#kernel;
    answer[1] = what;
    answer[2] = this.#usOf(sinceCycles);
    answer[3] = component;
  }
  #usOf(cycles: number): number {
    return Math.floor((cycles * 1e6) / this.#kernel.clock.cyclesPerSecond);
  }
}
