/**
 * How much of the hart a component gets, when its system says so: a scheduling context in the kernel's memory, beside
 * the component's thread. seL4 reference manual 13.0.0 §6.1 "Scheduling Contexts".
 *
 * A budget is looked at between handlers, never within one. A handler begins only when what is left holds a handler's
 * limit; that limit is the context's smallest budget. So a component that calls nobody never has more than its budget
 * within any stretch as long as its period, but for the one charge by which a handler may pass its limit. What the
 * handlers of others take on its behalf may pass it: what is over is taken from the refills that follow.
 *
 * CHOICE: the context belongs to the component's place, not to its life, and comes from the memory that the kernel keeps
 * at boot: so dying buys no time. A context that memory has lost gives none (as the book's, which then was never
 * configured); calls from below still run.
 */
import type { Capabilities } from '@bulkhead/capabilities';
import { objects } from '@bulkhead/capabilities';
import type { Clock } from '@bulkhead/clock';
import { records, SchedContexts } from '@bulkhead/scheduler';
import type { KernelMemory } from './kernel-memory.ts';
import type { Seat } from './seat.ts';

/** Twelve refills: time that is used in more pieces comes back in fewer, and later. */
const CONTEXT_BITS = 8;
const MOST_REFILLS: number = records.refillsWithin(CONTEXT_BITS);

export interface BudgetsOptions {
  readonly clock: Clock;
  readonly kernelMemory: KernelMemory;
  readonly capabilities: Capabilities;
  readonly seats: readonly Seat[];
}

export class Budgets {
  /** By component: its context's first word in RAM, 0 where it has no budget. */
  readonly #context: Int32Array;
  /** One view of the memory each: the smallest budget is a component's own. */
  readonly #contexts: readonly SchedContexts[];
  readonly #clock: Clock;

  constructor({ clock, kernelMemory, capabilities, seats }: BudgetsOptions) {
    this.#clock = clock;
    this.#context = new Int32Array(seats.length);
    this.#contexts = seats.map(({ limitCycles }) => new SchedContexts(kernelMemory.memory.words, limitCycles));
    for (const { index, budgetCycles, periodCycles } of seats) {
      if (budgetCycles === 0) continue;
      const slot = kernelMemory.make(kernelMemory.bootUntyped, objects.SCHED_CONTEXT, CONTEXT_BITS);
      this.#context[index] = capabilities.wordOf(slot);
      this.#contexts[index]!.renew(this.#context[index]!, MOST_REFILLS, budgetCycles, periodCycles, clock.now);
    }
  }

  has(component: number): boolean {
    return this.#context[component] !== 0;
  }
  /** Whether a handler that waits may begin now. A component without a budget may always. */
  mayBegin(component: number): boolean {
    const context = this.#context[component]!;
    if (context === 0) return true;
    const contexts = this.#contexts[component]!;
    return contexts.isActive(context) && contexts.isReady(context, this.#clock.now, 0);
  }
  /** When one may; infinity when never. */
  nextBegin(component: number): number {
    const context = this.#context[component]!;
    const contexts = this.#contexts[component]!;
    // A head too small is one that memory has lost: it would be due for ever, and never enough.
    const mayEver = contexts.isActive(context) && contexts.headAmount(context) >= contexts.minBudget;
    return mayEver ? contexts.headTime(context) : Number.POSITIVE_INFINITY;
  }
  /**
   * Takes what was used until now. CHOICE: counted as if used without a pause until now, though others may have run in
   * between: so no unit of time comes back earlier than a period after it was used.
   */
  pay(component: number, usedCycles: number): void {
    const context = this.#context[component]!;
    const contexts = this.#contexts[component]!;
    if (usedCycles <= 0 || !contexts.isActive(context)) return;
    contexts.unblock(context, this.#clock.now - usedCycles);
    contexts.charge(context, usedCycles);
    contexts.addConsumed(context, usedCycles);
  }
  /** What a component used since `takeConsumed`, in cycles. */
  consumedBy(component: number): number {
    return this.#contexts[component]!.consumedBy(this.#context[component]!);
  }
  takeConsumed(component: number): number {
    return this.#contexts[component]!.takeConsumed(this.#context[component]!);
  }
}
