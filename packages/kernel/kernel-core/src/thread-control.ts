/**
 * Stops threads, starts them again, and ends them, in the messages' and the scheduler's books alike. seL4 reference
 * manual 13.0.0 §6.1 "Thread Deactivation".
 */
import { blocking, type SystemCalls } from '@bulkhead/ipc';
import type { Scheduler } from '@bulkhead/scheduler';
import type { Tcbs } from './tcbs.ts';

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
    this.#scheduler.suspend(thread);
    this.#calls.endings.suspend(thread);
  }
  /** A thread that waits or was stopped makes its system call again; one that runs is left alone. */
  resume(thread: number): void {
    if (this.#calls.threads.state[thread] === blocking.RUNNING) return;
    this.#scheduler.suspend(thread);
    this.#calls.endings.resume(thread);
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
