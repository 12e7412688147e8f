/**
 * How waits end otherwise than by a message: the object goes, the thread is stopped, a badge is retired. seL4 reference
 * manual 13.0.0 §4.2 "Endpoints", §3.2 "Deletion and Revocation"; what each type does when its last capability goes.
 */
import { BLOCKED, BLOCKED_ON_REPLY, type BlockedThreads, INACTIVE, RECORD_CORRUPTED } from './blocked-threads.ts';
import type { Endpoints } from './endpoints.ts';
import type { Notifications } from './notifications.ts';
import type { Replies } from './replies.ts';
import type { SchedulingPort } from './scheduling-port.ts';

export interface EndingsOptions {
  readonly threads: BlockedThreads;
  readonly replies: Replies;
  readonly endpoints: Endpoints;
  readonly notifications: Notifications;
  readonly scheduling: SchedulingPort;
}

export class Endings {
  readonly #threads: BlockedThreads;
  readonly #replies: Replies;
  readonly #endpoints: Endpoints;
  readonly #notifications: Notifications;
  readonly #scheduling: SchedulingPort;
  readonly #ended: Int32Array;

  constructor({ threads, replies, endpoints, notifications, scheduling }: EndingsOptions) {
    this.#threads = threads;
    this.#replies = replies;
    this.#endpoints = endpoints;
    this.#notifications = notifications;
    this.#scheduling = scheduling;
    this.#ended = new Int32Array(threads.threadCount);
  }

  /** A thread is stopped, whatever it does. @returns BLOCKED: it does not run. */
  suspend(thread: number): number {
    return this.#stop(thread, false);
  }
  /** @param returns whether what the thread lent with its call comes back */
  #stop(thread: number, returns: boolean): number {
    const { state, reply, fault } = this.#threads;
    if (state[thread] === BLOCKED_ON_REPLY) this.#scheduling.dropped(thread, reply[thread]!, returns);
    this.#endpoints.cancel(thread);
    state[thread] = INACTIVE;
    fault[thread] = 0;
    this.#scheduling.ended?.(thread);
    return BLOCKED;
  }
  /** A thread that was stopped, or waits, runs again from its last system call. */
  resume(thread: number): void {
    this.suspend(thread);
    this.#endpoints.cancel(thread);
    this.#scheduling.restart(thread);
  }
  /**
   * A reply object is wanted for another: the thread that is tied to it gets no answer, ever, as if it had been
   * suspended. What it lent with its call stays with whoever has it.
   */
  untie(reply: number): void {
    const thread = this.#replies.threadOf(reply);
    if (thread >= 0) this.#stop(thread, false);
  }

  /** The last capability goes. All who wait there find that out for themselves. @returns how many, or RECORD_CORRUPTED. */
  endpointDeleted(endpoint: number): number {
    return this.#restart(this.#endpoints.cancelAll(endpoint, this.#ended));
  }
  notificationDeleted(notification: number): number {
    return this.#restart(this.#notifications.destroy(notification, this.#ended));
  }
  /** The thread that is tied to it gets no answer, but what it lent. */
  replyDeleted(reply: number): void {
    const thread = this.#replies.threadOf(reply);
    if (thread >= 0) this.#stop(thread, true);
  }
  /** Senders with a badge (not 0) run their system call again. @returns how many, or RECORD_CORRUPTED. */
  cancelBadgedSends(endpoint: number, badge: number): number {
    return this.#restart(this.#endpoints.cancelBadgedSends(endpoint, badge, this.#ended));
  }
  /** A fault cannot be raised again: its thread stops. */
  #restart(count: number): number {
    for (let i = 0; i < count; i++) {
      const thread = this.#ended[i]!;
      if (this.#threads.fault[thread] !== 0) this.suspend(thread);
      else this.#scheduling.restart(thread);
    }
    return count < 0 ? RECORD_CORRUPTED : count;
  }
}
