/**
 * Stops threads, starts them again, and ends them, in the messages' and the scheduler's books alike. seL4 reference
 * manual 13.0.0 §6.1 "Thread Deactivation".
 */
import { blocking, type SystemCalls } from '@bulkhead/ipc';
import type { Scheduler } from '@bulkhead/scheduler';
import type { Tcbs } from './tcbs.ts';

const REGISTER_LANES = 8;
const HIGH = 0x1_0000_0000;

export class ThreadControl {
  readonly #calls: SystemCalls;
  readonly #scheduler: Scheduler;
  readonly #tcbs: Tcbs;

  constructor(calls: SystemCalls, scheduler: Scheduler, tcbs: Tcbs) {
    this.#calls = calls;
    this.#scheduler = scheduler;
    this.#tcbs = tcbs;
  }

  /** What it waits for is over. A context that it lent with a call does not come back: the scheduler goes first. */
  suspend(thread: number): void {
    this.answerYield(thread);
    this.#scheduler.suspend(thread);
    this.#calls.endings.suspend(thread);
  }
  /** A thread that waits or was stopped makes its system call again; one that runs is left alone. */
  resume(thread: number): void {
    if (this.#calls.threads.state[thread] === blocking.RUNNING) return;
    this.#scheduler.suspend(thread);
    this.#calls.endings.resume(thread);
  }
  /**
   * A thread that yielded to a context runs again, or is stopped: that is over, and what the context consumed, if it is
   * known, is the answer. From now on its registers are as somebody writes them.
   */
  answerYield(thread: number): void {
    if (this.#tcbs.yielding[thread] === 0) return;
    this.#tcbs.yielding[thread] = 0;
    const report = this.#scheduler.threads.yieldReport[thread]!;
    if (report < 0) return;
    const { registers } = this.#tcbs.threads;
    registers[thread * REGISTER_LANES] = report | 0;
    registers[thread * REGISTER_LANES + 1] = Math.floor(report / HIGH);
  }
  /** The last capability to it is gone. */
  destroy(thread: number): void {
    this.suspend(thread);
    this.#calls.endpoints.cancel(thread);
    this.#calls.notifications.unbind(thread);
    this.#scheduler.destroyThread(thread);
    this.#tcbs.clear(thread);
  }
}
