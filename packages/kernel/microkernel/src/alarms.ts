/**
 * What the hart's timer is for: one alarm a component, in its thread control block, the time at which a component that
 * waits for its budget may begin, and the time to look whether interrupts were acknowledged. It is set to the earliest.
 */
import { NEVER } from '@bulkhead/clock';
import type { HartPort } from '@bulkhead/ports';
import type { Budgets } from './budgets.ts';
import { type Seat, TCB_ALARM_HIGH, TCB_ALARM_LOW, TCB_ALARM_SET, TCB_ALARM_TOKEN, TCB_POSTPONED } from './seat.ts';

const TWO_32 = 0x1_0000_0000;

export class Alarms {
  readonly #words: Int32Array;
  readonly #hart: HartPort;
  readonly #seats: readonly Seat[];
  readonly #budgets: Budgets;
  #threadsAt: number = NEVER;
  #lookAt: number = NEVER;
  /** What the hart's timer is set to. */
  #armedAt: number = NEVER;

  constructor(words: Int32Array, hart: HartPort, seats: readonly Seat[], budgets: Budgets) {
    this.#words = words;
    this.#hart = hart;
    this.#seats = seats;
    this.#budgets = budgets;
  }
  set(seat: Seat, token: number, atCycles: number): void {
    this.#words[seat.tcb + TCB_ALARM_SET] = 1;
    this.#words[seat.tcb + TCB_ALARM_TOKEN] = token;
    this.#words[seat.tcb + TCB_ALARM_LOW] = atCycles | 0;
    this.#words[seat.tcb + TCB_ALARM_HIGH] = Math.floor(atCycles / TWO_32);
    this.#arm();
  }
  cancel(seat: Seat): void {
    this.#words[seat.tcb + TCB_ALARM_SET] = 0;
    this.#arm();
  }
  /** Takes one alarm that is due at `now`. @returns its component's index, or -1 when there is none. */
  takeDue(now: number): number {
    for (const seat of this.#seats) {
      if (this.#words[seat.tcb + TCB_ALARM_SET] === 0 || this.#deadline(seat) > now) continue;
      this.#words[seat.tcb + TCB_ALARM_SET] = 0;
      return seat.index;
    }
    this.#arm();
    return -1;
  }
  /** What a component was told waits for its budget. */
  postpone(seat: Seat, bits: number): void {
    this.#words[seat.tcb + TCB_POSTPONED] = this.#words[seat.tcb + TCB_POSTPONED]! | bits;
    this.#arm();
  }
  /** @returns the bits that waited for the component's budget; they wait no longer. */
  takePostponed(seat: Seat): number {
    const bits = this.#words[seat.tcb + TCB_POSTPONED]!;
    this.#words[seat.tcb + TCB_POSTPONED] = 0;
    return bits;
  }
  /** @returns a component that waits for its budget and may begin now, or -1. */
  nextReleased(): number {
    for (const { index, tcb } of this.#seats) {
      if (this.#words[tcb + TCB_POSTPONED] !== 0 && this.#budgets.mayBegin(index)) return index;
    }
    return -1;
  }
  /** A token that memory may have lost is cut to those there are. */
  tokenOf(seat: Seat): number {
    return this.#words[seat.tcb + TCB_ALARM_TOKEN]! & 0xf;
  }
  #deadline(seat: Seat): number {
    return (this.#words[seat.tcb + TCB_ALARM_HIGH]! >>> 0) * TWO_32 + (this.#words[seat.tcb + TCB_ALARM_LOW]! >>> 0);
  }
  /** Threads that are no components want to be told of the time. */
  wakeThreadsAt(atCycles: number): void {
    if (atCycles === this.#threadsAt) return;
    this.#threadsAt = Math.min(atCycles, NEVER);
    this.#arm();
  }
  /** Somebody wants to look at interrupts. Mostly something else is due before, and the timer stays. */
  lookAt(atCycles: number): void {
    const before = this.#lookAt;
    this.#lookAt = atCycles;
    if (atCycles < this.#armedAt || before === this.#armedAt) this.#arm();
  }
  #arm(): void {
    let earliest = Math.min(this.#threadsAt, this.#lookAt);
    for (const seat of this.#seats) {
      if (this.#words[seat.tcb + TCB_POSTPONED] !== 0)
        earliest = Math.min(earliest, this.#budgets.nextBegin(seat.index));
      if (this.#words[seat.tcb + TCB_ALARM_SET] !== 0) earliest = Math.min(earliest, this.#deadline(seat));
    }
    this.#armedAt = earliest;
    this.#hart.setTimer(earliest);
  }
}
