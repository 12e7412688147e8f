/**
 * Who may run, by priority. 256 queues, first in, first out within each; the highest one that is not empty is found in
 * constant time through a bitmap of two levels. Threads are small integers; their links are here, so nothing is ever
 * allocated.
 *
 * Implements the choice of seL4 reference manual 13.0.0 §6.1 "Thread Control Blocks": 0 is the lowest priority, 255
 * the highest.
 */
import { invariant } from '@bulkhead/result';

export const PRIORITY_COUNT = 256;
const NONE = -1;
const WORD_BITS = 32;
const WORD_COUNT: number = PRIORITY_COUNT / WORD_BITS;

export class ReadyQueues {
  readonly #head: Int32Array = new Int32Array(PRIORITY_COUNT).fill(NONE);
  readonly #tail: Int32Array = new Int32Array(PRIORITY_COUNT).fill(NONE);
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  /** The priority under which a thread is queued, or NONE. */
  readonly #queuedAt: Int16Array;
  /** Bit p of word p / 32: queue p is not empty. */
  readonly #filled: Int32Array = new Int32Array(WORD_COUNT);
  /** Bit w: word w of `filled` is not 0. */
  #filledWords = 0;

  constructor(threadCount: number) {
    this.#next = new Int32Array(threadCount).fill(NONE);
    this.#previous = new Int32Array(threadCount).fill(NONE);
    this.#queuedAt = new Int16Array(threadCount).fill(NONE);
  }

  /** Puts a thread behind all others of its priority. It must not be queued. */
  enqueue(thread: number, priority: number): void {
    const last = this.#tail[priority]!;
    this.#enter(thread, priority, last, NONE);
  }
  /** Puts a thread before all others of its priority. It must not be queued. */
  enqueueFront(thread: number, priority: number): void {
    const first = this.#head[priority]!;
    this.#enter(thread, priority, NONE, first);
  }

  /** Takes a thread out, wherever it stands; nothing happens when it is not queued. */
  dequeue(thread: number): void {
    const priority = this.#queuedAt[thread]!;
    if (priority === NONE) return;
    const next = this.#next[thread]!;
    const previous = this.#previous[thread]!;
    if (previous === NONE) this.#head[priority] = next;
    else this.#next[previous] = next;
    if (next === NONE) this.#tail[priority] = previous;
    else this.#previous[next] = previous;
    this.#queuedAt[thread] = NONE;
    if (previous === NONE && next === NONE) this.#clear(priority);
  }

  /** @returns the thread to run, which stays queued, or -1. */
  highest(): number {
    const priority = this.highestPriority();
    return priority === NONE ? NONE : this.#head[priority]!;
  }
  /** @returns the highest priority at which a thread is queued, or -1. */
  highestPriority(): number {
    if (this.#filledWords === 0) return NONE;
    const word = WORD_BITS - 1 - Math.clz32(this.#filledWords);
    return word * WORD_BITS + (WORD_BITS - 1 - Math.clz32(this.#filled[word]!));
  }
  /** @returns the highest priority at which a thread other than this one is queued, or -1. */
  highestPriorityWithout(thread: number): number {
    const highest = this.highestPriority();
    if (highest === NONE || this.#head[highest] !== thread || this.#tail[highest] !== thread) return highest;
    this.#clear(highest);
    const next = this.highestPriority();
    this.#filled[highest >>> 5]! |= 1 << (highest & 31);
    this.#filledWords |= 1 << (highest >>> 5);
    return next;
  }
  isQueued(thread: number): boolean {
    return this.#queuedAt[thread] !== NONE;
  }
  /** @returns the priority under which a thread is queued, or -1. */
  priorityOf(thread: number): number {
    return this.#queuedAt[thread]!;
  }

  #enter(thread: number, priority: number, previous: number, next: number): void {
    // The texts are made only when they are needed: they cost more than all the rest.
    if (this.#queuedAt[thread] !== NONE) invariant(false, `thread ${thread} is queued already, or does not exist`);
    if (!(priority >= 0 && priority < PRIORITY_COUNT)) invariant(false, `no priority ${priority}`);
    this.#queuedAt[thread] = priority;
    this.#previous[thread] = previous;
    this.#next[thread] = next;
    if (previous === NONE) this.#head[priority] = thread;
    else this.#next[previous] = thread;
    if (next === NONE) this.#tail[priority] = thread;
    else this.#previous[next] = thread;
    this.#filled[priority >>> 5]! |= 1 << (priority & 31);
    this.#filledWords |= 1 << (priority >>> 5);
  }
  #clear(priority: number): void {
    const word = priority >>> 5;
    this.#filled[word]! &= ~(1 << (priority & 31));
    if (this.#filled[word] === 0) this.#filledWords &= ~(1 << word);
  }
}
