/**
 * Scheduling contexts as records in lent memory: a budget, a period, and refills, each an amount of time and when it
 * may be used. seL4 reference manual 13.0.0 §6.1 "MCS Scheduling", "Scheduling Contexts".
 *
 * What must hold of a configured context, and does after every operation:
 * - the amounts add up to the budget;
 * - refills are ordered and apart: each is due at or after the end of the one before, were that used when due;
 * - the last ends within one period of the time at which the head is due;
 * - the head holds at least the minimum budget.
 *
 * No operation makes a unit of time usable earlier than one period after its last use began. So whoever uses a head
 * from the moment it is due, never has more than its budget within a period, wherever the period begins.
 *
 * Nothing here throws or loops for ever whatever the memory holds: `isActive` believes only a ring that fits.
 */
import {
  loadTime,
  MIN_REFILLS,
  REFILL_AMOUNT,
  REFILL_TIME,
  REFILL_WORDS,
  SC_BADGE,
  SC_BUDGET,
  SC_CONSUMED,
  SC_FLAGS,
  SC_PERIOD,
  SC_REFILL_COUNT,
  SC_REFILL_HEAD,
  SC_REFILL_MAX,
  SC_REFILLS,
  storeTime,
} from './records.ts';

/** Flag of a context: time that was not used for being preempted may still be used later. */
export const SPORADIC = 1;

export class SchedContexts {
  readonly words: Int32Array;
  /** A head with less is merged with what follows. */
  readonly minBudget: number;

  constructor(words: Int32Array, minBudget: number) {
    this.words = words;
    this.minBudget = minBudget;
  }

  // ---------------------------------------------------------------- what a context says

  /** Whether a context was configured. One whose ring does not fit in memory was overwritten, and never is. */
  isActive(sc: number): boolean {
    const words = this.words;
    const max = words[sc + SC_REFILL_MAX]!;
    const count = words[sc + SC_REFILL_COUNT]!;
    const head = words[sc + SC_REFILL_HEAD]!;
    if (max < MIN_REFILLS || count < 1 || count > max || head < 0 || head >= max) return false;
    if (sc + SC_REFILLS + max * REFILL_WORDS > words.length) return false;
    return (words[sc + SC_BUDGET]! | words[sc + SC_BUDGET + 1]!) !== 0;
  }
  budgetOf(sc: number): number {
    return loadTime(this.words, sc + SC_BUDGET);
  }
  periodOf(sc: number): number {
    return loadTime(this.words, sc + SC_PERIOD);
  }
  badgeOf(sc: number): number {
    return this.words[sc + SC_BADGE]!;
  }
  /** Budget == period: a time slice, refilled as soon as it is used. */
  isRoundRobin(sc: number): boolean {
    const { words } = this;
    if (words[sc + SC_BUDGET] !== words[sc + SC_PERIOD]) return false;
    return words[sc + SC_BUDGET + 1] === words[sc + SC_PERIOD + 1];
  }
  isSporadic(sc: number): boolean {
    return (this.words[sc + SC_FLAGS]! & SPORADIC) !== 0;
  }
  refillCount(sc: number): number {
    return this.words[sc + SC_REFILL_COUNT]!;
  }
  refillTime(sc: number, index: number): number {
    return loadTime(this.words, this.#slot(sc, index) + REFILL_TIME);
  }
  refillAmount(sc: number, index: number): number {
    return loadTime(this.words, this.#slot(sc, index) + REFILL_AMOUNT);
  }
  headTime(sc: number): number {
    return this.refillTime(sc, 0);
  }
  headAmount(sc: number): number {
    return this.refillAmount(sc, 0);
  }
  /** Whether the head may be used now, when `used` of it are gone already. */
  isReady(sc: number, now: number, used: number): boolean {
    return this.headTime(sc) <= now && this.headAmount(sc) - used >= this.minBudget;
  }

  consumedBy(sc: number): number {
    return loadTime(this.words, sc + SC_CONSUMED);
  }
  addConsumed(sc: number, time: number): void {
    storeTime(this.words, sc + SC_CONSUMED, this.consumedBy(sc) + time);
  }
  /** @returns the time used since the last time that this was asked. */
  takeConsumed(sc: number): number {
    const consumed = this.consumedBy(sc);
    storeTime(this.words, sc + SC_CONSUMED, 0);
    return consumed;
  }

  // ---------------------------------------------------------------- parameters

  /** Parameters for a context that nobody runs on: all of the budget, usable from now. */
  renew(sc: number, refillMax: number, budget: number, period: number, now: number): void {
    this.#setParameters(sc, refillMax, budget, period);
    this.words[sc + SC_REFILL_HEAD] = 0;
    this.words[sc + SC_REFILL_COUNT] = 1;
    this.#set(sc, 0, now, budget);
    if (budget === period) this.#push(sc, now, 0); // used time waits in a second refill
  }
  /**
   * New parameters for a context that somebody runs on: what is left of the head stays, and the rest of the budget
   * comes at the end of the period.
   */
  update(sc: number, refillMax: number, budget: number, period: number, now: number): void {
    const start = Math.max(this.headTime(sc), now);
    const amount = Math.min(this.headAmount(sc), budget);
    this.#setParameters(sc, refillMax, budget, period);
    this.words[sc + SC_REFILL_HEAD] = 0;
    this.words[sc + SC_REFILL_COUNT] = 1;
    this.#set(sc, 0, start, amount);
    const rest = budget - amount;
    if (rest > 0) this.#append(sc, start + period - rest, rest);
    this.#ensureMinimum(sc);
  }
  #setParameters(sc: number, refillMax: number, budget: number, period: number): void {
    this.words[sc + SC_REFILL_MAX] = refillMax;
    storeTime(this.words, sc + SC_BUDGET, budget);
    storeTime(this.words, sc + SC_PERIOD, period);
  }
  /** 0 % of the processor, and nothing to remember. */
  clear(sc: number): void {
    this.words.fill(0, sc, sc + SC_REFILLS);
  }

  // ---------------------------------------------------------------- charging

  /** Somebody used `usage` of this context's time: it comes back one period after its refill was due. */
  charge(sc: number, usage: number): void {
    if (this.isRoundRobin(sc)) this.#chargeRoundRobin(sc, usage);
    else this.#chargeSporadic(sc, usage);
  }
  /** A time slice is over: the next one begins. */
  renewSlice(sc: number): void {
    this.#setAmount(sc, 0, this.budgetOf(sc));
    this.#setAmount(sc, 1, 0);
  }
  /**
   * Whoever begins to run after a pause begins a head now, and what is due before that would end is one with it: so
   * time that was not used while it could be does not add up.
   */
  unblock(sc: number, now: number): void {
    if (this.headTime(sc) > now || this.isRoundRobin(sc)) return;
    let amount = this.headAmount(sc);
    while (this.refillCount(sc) > 1 && this.refillTime(sc, 1) <= now + amount) {
      amount += this.refillAmount(sc, 1);
      this.#pop(sc);
    }
    this.#set(sc, 0, now, amount);
  }

  #chargeRoundRobin(sc: number, usage: number): void {
    const used = Math.min(usage, this.headAmount(sc));
    this.#setAmount(sc, 0, this.headAmount(sc) - used);
    this.#setAmount(sc, 1, this.refillAmount(sc, 1) + used);
  }
  #chargeSporadic(sc: number, usage: number): void {
    const left = this.#chargeWhole(sc, usage);
    const time = this.headTime(sc);
    const amount = this.headAmount(sc);
    if (left > 0 && left < amount) {
      this.#set(sc, 0, time + left, amount - left);
      this.#append(sc, time + this.periodOf(sc), left);
    }
    this.#ensureMinimum(sc);
  }
  /** Refills that were used up, more of them than the head after an overrun. @returns what is left to charge. */
  #chargeWhole(sc: number, usage: number): number {
    const period = this.periodOf(sc);
    const budget = this.budgetOf(sc);
    const rounds = Math.floor(usage / budget);
    if (rounds > 0) this.#delay(sc, rounds * period);
    let left = usage - rounds * budget;
    for (let i = this.refillCount(sc); i > 0 && left > 0 && left >= this.headAmount(sc); i--) {
      const time = this.headTime(sc) + period;
      const amount = this.headAmount(sc);
      left -= amount;
      if (this.refillCount(sc) === 1) {
        this.#set(sc, 0, time, amount);
      } else {
        this.#pop(sc);
        this.#append(sc, time, amount);
      }
    }
    return left;
  }
  #delay(sc: number, time: number): void {
    for (let i = 0; i < this.refillCount(sc); i++)
      this.#set(sc, i, this.refillTime(sc, i) + time, this.refillAmount(sc, i));
  }
  /** A head too small to run on is used together with the next, and no later than that would have ended. */
  #ensureMinimum(sc: number): void {
    while (this.refillCount(sc) > 1 && this.headAmount(sc) < this.minBudget) {
      const amount = this.headAmount(sc);
      this.#pop(sc);
      this.#set(sc, 0, Math.max(this.headTime(sc) - amount, 0), this.headAmount(sc) + amount);
    }
  }
  /** Used time comes back behind all others: within the last refill if it touches it, or if there is no other room. */
  #append(sc: number, time: number, amount: number): void {
    const last = this.refillCount(sc) - 1;
    const lastTime = this.refillTime(sc, last);
    const lastAmount = this.refillAmount(sc, last);
    if (lastTime + lastAmount >= time) this.#setAmount(sc, last, lastAmount + amount);
    else if (last + 1 === this.words[sc + SC_REFILL_MAX]) this.#set(sc, last, time - lastAmount, lastAmount + amount);
    else this.#push(sc, time, amount);
  }

  // ---------------------------------------------------------------- the ring

  #slot(sc: number, index: number): number {
    const max = this.words[sc + SC_REFILL_MAX]!;
    const at = this.words[sc + SC_REFILL_HEAD]! + index;
    return sc + SC_REFILLS + (at >= max ? at - max : at) * REFILL_WORDS;
  }
  #pop(sc: number): void {
    const head = this.words[sc + SC_REFILL_HEAD]! + 1;
    this.words[sc + SC_REFILL_HEAD] = head === this.words[sc + SC_REFILL_MAX] ? 0 : head;
    this.words[sc + SC_REFILL_COUNT]!--;
  }
  #push(sc: number, time: number, amount: number): void {
    const count = this.words[sc + SC_REFILL_COUNT]!;
    this.words[sc + SC_REFILL_COUNT] = count + 1;
    this.#set(sc, count, time, amount);
  }
  #set(sc: number, index: number, time: number, amount: number): void {
    const slot = this.#slot(sc, index);
    storeTime(this.words, slot + REFILL_TIME, time);
    storeTime(this.words, slot + REFILL_AMOUNT, amount);
  }
  #setAmount(sc: number, index: number, amount: number): void {
    storeTime(this.words, this.#slot(sc, index) + REFILL_AMOUNT, amount);
  }
}
