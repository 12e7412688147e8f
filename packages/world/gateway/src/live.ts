/**
 * Simulated time beside real time. It may lag behind, and leads by at most a millisecond, so that latencies of devices
 * cost no timer of the host. Idle, the host waits for input or for the next event's real time; busy, it has its event
 * loop back every 5 ms. Input comes in between, when nobody is on the system's stack.
 */
import type { System } from '@bulkhead/assembler';
import { NEVER } from '@bulkhead/clock';

export interface LiveOptions {
  readonly system: System;
  /** The host's clock, which never goes back. */
  readonly nowMs: () => number;
  /** The system panicked: it will not run again. */
  readonly onPanic: () => void;
}

const LEAD_MS = 1;
const SLICE_MS = 5;
/** How much simulated time a busy machine runs between two looks at the host's clock. */
const BUSY_STEP_MS = 0.1;
const LONGEST_WAIT_MS = 1000;

export class Live {
  readonly #system: System;
  readonly #nowMs: () => number;
  readonly #onPanic: () => void;
  readonly #cyclesPerMs: number;
  #startedMs = 0;
  #startedCycles = 0;
  #timer: NodeJS.Timeout | null = null;
  #immediate: NodeJS.Immediate | null = null;
  #running = false;

  constructor({ system, nowMs, onPanic }: LiveOptions) {
    this.#system = system;
    this.#nowMs = nowMs;
    this.#onPanic = onPanic;
    this.#cyclesPerMs = system.clock.cyclesPerSecond / 1000;
  }
  start(): void {
    this.#startedMs = this.#nowMs();
    this.#startedCycles = this.#system.clock.now;
    this.#running = true;
    this.wake();
  }
  stop(): void {
    this.#running = false;
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#immediate !== null) clearImmediate(this.#immediate);
    this.#timer = null;
    this.#immediate = null;
  }
  /** Input came: there may be something to do. */
  wake(): void {
    if (!this.#running || this.#immediate !== null) return;
    this.#immediate = setImmediate(() => this.#tick());
  }

  #realCycles(): number {
    return this.#startedCycles + Math.floor((this.#nowMs() - this.#startedMs) * this.#cyclesPerMs);
  }
  #tick(): void {
    this.#immediate = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const end = this.#nowMs() + SLICE_MS;
    while (this.#nowMs() < end) {
      const outcome = this.#advance();
      if (outcome === 'panic') {
        this.stop();
        this.#onPanic();
        return;
      }
      if (outcome === 'idle') {
        this.#sleep();
        return;
      }
    }
    this.wake();
  }
  /** Runs to the next event, if it is due within the lead. */
  #advance(): 'busy' | 'idle' | 'panic' {
    const { clock } = this.#system;
    const real = this.#realCycles();
    const limit = real + LEAD_MS * this.#cyclesPerMs;
    if (this.#system.isBusy)
      return clock.now >= limit ? 'idle' : this.#run(Math.min(clock.now + BUSY_STEP_MS * this.#cyclesPerMs, limit));
    const next = clock.due;
    const isIdle = next > limit;
    const target = isIdle ? Math.max(clock.now, real) : Math.max(clock.now, next);
    if (this.#run(target) === 'panic') return 'panic';
    return isIdle && !this.#system.isBusy && clock.due > limit ? 'idle' : 'busy';
  }
  #run(target: number): 'busy' | 'panic' {
    return this.#system.runUntil(target) === 'panic' ? 'panic' : 'busy';
  }
  #sleep(): void {
    const { clock, isBusy } = this.#system;
    // A busy machine that leads waits for the host to come up with it.
    const until = isBusy ? clock.now : clock.due;
    if (until === NEVER) return;
    const waitMs = (until - this.#realCycles()) / this.#cyclesPerMs;
    this.#timer = setTimeout(() => this.wake(), Math.min(LONGEST_WAIT_MS, Math.max(0, waitMs)));
  }
}
