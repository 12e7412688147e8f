/**
 * Simulated time in whole cycles, and the alarms that devices set in it.
 *
 * Time moves only by `advance`. An alarm fires from `runDue`, never from `advance`: whoever charges
 * work decides where it may be interrupted. Alarms with one deadline fire in the order of their
 * creation, so a run is the same every time. Nothing is allocated after the alarms were created.
 *
 * Whoever runs may have a limit: a time that counts as due like an alarm's deadline, fires nothing, and stays until it
 * is set anew. So the one compare of `advance` is the only test there is, for both.
 *
 * Invariant: `time[EVENT]` is the earliest armed deadline, or 0 after `poke`, or NEVER; `time[DUE]` is the earlier of
 * that and `time[LIMIT]`.
 */
import { invariant } from '@bulkhead/result';

export type AlarmId = number;

/** A deadline that never comes. */
export const NEVER: number = Number.MAX_SAFE_INTEGER;

const NOW = 0;
const DUE = 1;
const EVENT = 2;
const LIMIT = 3;

export class Clock {
  /** `[now, due, next event, limit]`: a typed array, because a field above 2^31 would be a boxed double. */
  readonly time: Float64Array = new Float64Array([0, NEVER, NEVER, NEVER]);
  readonly cyclesPerSecond: number;
  readonly #fire: (() => void)[] = [];
  #deadline: Float64Array = new Float64Array(0);
  #poked = false;

  constructor(cyclesPerSecond: number) {
    invariant(cyclesPerSecond > 0, 'a clock needs a positive frequency');
    this.cyclesPerSecond = cyclesPerSecond;
  }

  get now(): number {
    return this.time[NOW]!;
  }
  /** The earlier of the earliest armed deadline and the limit, or NEVER. */
  get due(): number {
    return this.time[DUE]!;
  }
  /** True when the deadline of an alarm has come, or after `poke`. */
  get isEventDue(): boolean {
    return this.time[NOW]! >= this.time[EVENT]!;
  }
  /** True when the limit of who runs has come. */
  get isOverLimit(): boolean {
    return this.time[NOW]! >= this.time[LIMIT]!;
  }
  /** @returns whole cycles that cover `ns` nanoseconds. */
  cyclesOf(ns: number): number {
    return Math.ceil((ns * this.cyclesPerSecond) / 1e9);
  }
  /** Whole nanoseconds that have passed. Long division by thousands: one division would be off by one now and then. */
  get nowNs(): number {
    let ns = Math.floor(this.time[NOW]! / this.cyclesPerSecond);
    let rest = this.time[NOW]! - ns * this.cyclesPerSecond;
    for (let group = 0; group < 3; group++) {
      const digits = Math.floor((rest * 1000) / this.cyclesPerSecond);
      rest = rest * 1000 - digits * this.cyclesPerSecond;
      ns = ns * 1000 + digits;
    }
    return ns;
  }

  /** Creates an unarmed alarm. Alarms are made at assembly and live as long as the clock. */
  createAlarm(fire: () => void): AlarmId {
    const id = this.#fire.push(fire) - 1;
    const deadline = new Float64Array(id + 1).fill(NEVER);
    deadline.set(this.#deadline);
    this.#deadline = deadline;
    return id;
  }
  /** Arms the alarm for `atCycles`, in place of any earlier deadline of it. */
  set(alarm: AlarmId, atCycles: number): void {
    this.#deadline[alarm] = atCycles;
    this.#arm(alarm);
  }
  /**
   * The same, for `delayCycles` from now. Whoever sets alarms all the time does it so: a delay in whole cycles is a small
   * integer, while a time from 2^31 on is boxed wherever it is passed to a function that the compiler did not inline.
   */
  setAfter(alarm: AlarmId, delayCycles: number): void {
    this.#deadline[alarm] = this.time[NOW]! + delayCycles;
    this.#arm(alarm);
  }
  cancel(alarm: AlarmId): void {
    if (this.#deadline[alarm] === NEVER) return;
    this.#deadline[alarm] = NEVER;
    this.#findDue();
  }
  isArmed(alarm: AlarmId): boolean {
    return this.#deadline[alarm] !== NEVER;
  }

  /** From `atCycles` on every `advance` reports that something is due; NEVER, or infinity, takes the limit away. */
  setLimit(atCycles: number): void {
    this.time[LIMIT] = atCycles;
    this.#settleDue();
  }

  /** Adds `cycles` to the time. @returns true when something is due. */
  advance(cycles: number): boolean {
    const now = this.time[NOW]! + cycles;
    this.time[NOW] = now;
    return now >= this.time[DUE]!;
  }
  /** Makes the next `advance` report that something is due, whatever the deadlines say. */
  poke(): void {
    this.#poked = true;
    this.time[EVENT] = 0;
    this.#settleDue();
  }
  /** Fires every alarm whose deadline has come, earliest first, those that they arm included. */
  runDue(): void {
    this.#poked = false;
    for (;;) {
      const alarm = this.#findDue();
      if (alarm < 0 || this.#deadline[alarm]! > this.time[NOW]!) return;
      this.#deadline[alarm] = NEVER;
      this.#fire[alarm]!();
    }
  }

  /** No time is passed or returned from here on: see `setAfter`. */
  #arm(alarm: AlarmId): void {
    const { time } = this;
    if (this.#deadline[alarm]! >= time[EVENT]!) {
      this.#findDue();
      return;
    }
    time[EVENT] = this.#deadline[alarm]!;
    this.#settleDue();
  }
  /** CHOICE: a scan. A machine has a dozen alarms; a heap costs more than it saves below about a hundred. */
  #findDue(): AlarmId {
    const { time } = this;
    const deadlines = this.#deadline;
    let found = -1;
    time[EVENT] = NEVER;
    for (let alarm = 0; alarm < deadlines.length; alarm++) {
      if (deadlines[alarm]! < time[EVENT]!) {
        time[EVENT] = deadlines[alarm]!;
        found = alarm;
      }
    }
    if (this.#poked) time[EVENT] = 0;
    this.#settleDue();
    return found;
  }
  #settleDue(): void {
    const { time } = this;
    time[DUE] = Math.min(time[EVENT]!, time[LIMIT]!);
  }
}
