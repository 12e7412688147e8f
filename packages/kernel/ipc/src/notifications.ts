/**
 * Notifications: a word of bits that are set until somebody takes them. seL4 reference manual 13.0.0 §5
 * "Notifications". A record has 16 words, of which
 *
 *   word 0  0 idle, 1 threads wait, 2 active
 *   word 1  head of the queue, word 2 its tail: thread + 1
 *   word 3  the bits signalled, while active
 *   word 4  the bound thread + 1, or 0
 *
 * Zeroed memory is an idle notification.
 */
import type { BlockedThreads } from './blocked-threads.ts';
import type { Endpoints } from './endpoints.ts';
import * as states from './thread-states.ts';

const { BLOCKED_ON_NOTIFICATION, BLOCKED_ON_RECEIVE } = states;
const { ILLEGAL, NO_THREAD, QUEUE_HEAD, RECORD_CORRUPTED, WOULD_BLOCK } = states;
const STATE = 0;
const WORD = 3;
const BOUND = 4;

const IDLE = 0;
const WAITING = 1;
const ACTIVE = 2;

export class Notifications {
  readonly #threads: BlockedThreads;
  readonly #endpoints: Endpoints;
  /** The bits that the last successful wait or takeBound gave. */
  word = 0;

  constructor(threads: BlockedThreads, endpoints: Endpoints) {
    this.#threads = threads;
    this.#endpoints = endpoints;
  }

  /**
   * Sets bits. @returns the thread that they wake, which finds them in `threads.badge`: the first that waits here, or
   * the bound thread out of its receive; NO_THREAD when the bits stay, to be taken; RECORD_CORRUPTED.
   */
  signal(notification: number, badge: number): number {
    const { words } = this.#threads;
    switch (words[notification + STATE]) {
      case IDLE:
        return this.#signalIdle(notification, badge);
      case WAITING:
        return this.#wake(this.#threads.endOf(notification, QUEUE_HEAD), badge, BLOCKED_ON_NOTIFICATION);
      case ACTIVE:
        words[notification + WORD]! |= badge;
        return NO_THREAD;
      default:
        return RECORD_CORRUPTED;
    }
  }
  #signalIdle(notification: number, badge: number): number {
    const { state, words } = this.#threads;
    const bound = this.boundThread(notification);
    if (bound >= 0 && state[bound] === BLOCKED_ON_RECEIVE) return this.#wake(bound, badge, BLOCKED_ON_RECEIVE);
    words[notification + STATE] = ACTIVE;
    words[notification + WORD] = badge;
    return bound === RECORD_CORRUPTED ? RECORD_CORRUPTED : NO_THREAD;
  }
  #wake(thread: number, badge: number, state: number): number {
    if (thread < 0 || this.#threads.state[thread] !== state) return RECORD_CORRUPTED;
    this.#endpoints.cancel(thread);
    this.#threads.badge[thread] = badge;
    return thread;
  }

  /** Takes the bits into `word`, or waits for them. @returns 0, BLOCKED, WOULD_BLOCK or RECORD_CORRUPTED. */
  wait(notification: number, thread: number, blocking: boolean): number {
    const { words } = this.#threads;
    if (words[notification + STATE] === ACTIVE) return this.#take(notification);
    if (!blocking) return WOULD_BLOCK;
    if (words[notification + STATE] !== IDLE && words[notification + STATE] !== WAITING) return RECORD_CORRUPTED;
    const blocked = this.#threads.block(notification, thread, BLOCKED_ON_NOTIFICATION);
    if (blocked !== RECORD_CORRUPTED) words[notification + STATE] = WAITING;
    return blocked;
  }
  #take(notification: number): number {
    const { words } = this.#threads;
    this.word = words[notification + WORD]!;
    words[notification + WORD] = 0;
    words[notification + STATE] = IDLE;
    return 0;
  }

  /** @returns whether a receive of this thread would find something signalled. */
  isBoundActive(thread: number): boolean {
    const notification = this.#threads.bound[thread]!;
    return notification !== 0 && this.#threads.words[notification + STATE] === ACTIVE;
  }
  /** Before a receive: takes what was signalled to the thread's bound notification. @returns 0 or WOULD_BLOCK. */
  takeBound(thread: number): number {
    return this.isBoundActive(thread) ? this.#take(this.#threads.bound[thread]!) : WOULD_BLOCK;
  }

  /** @returns 0, or ILLEGAL when either is bound already or somebody waits at the notification. */
  bind(notification: number, thread: number): number {
    const { words, bound } = this.#threads;
    if (bound[thread] !== 0 || words[notification + BOUND] !== 0) return ILLEGAL;
    if (words[notification + STATE] === WAITING) return ILLEGAL;
    words[notification + BOUND] = thread + 1;
    bound[thread] = notification;
    return 0;
  }
  /** @returns 0, or ILLEGAL when the thread is bound to none. */
  unbind(thread: number): number {
    const { words, bound } = this.#threads;
    const notification = bound[thread]!;
    if (notification === 0) return ILLEGAL;
    words[notification + BOUND] = 0;
    bound[thread] = 0;
    return 0;
  }
  /** @returns the thread that is bound to a notification, NO_THREAD or RECORD_CORRUPTED. */
  boundThread(notification: number): number {
    const thread = this.#threads.words[notification + BOUND]! - 1;
    if (thread === -1) return NO_THREAD;
    if (thread < 0 || thread >= this.#threads.threadCount) return RECORD_CORRUPTED;
    return this.#threads.bound[thread] === notification ? thread : RECORD_CORRUPTED;
  }

  /** The last capability to a notification goes: unbinds it and ends all waits. @returns as `Endpoints.cancelAll`. */
  destroy(notification: number, into: Int32Array): number {
    const bound = this.boundThread(notification);
    if (bound >= 0) this.unbind(bound);
    return this.#endpoints.cancelAll(notification, into);
  }
}
