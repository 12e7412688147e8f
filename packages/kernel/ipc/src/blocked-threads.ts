/**
 * What each thread waits for, and the queues in which it does. Threads are small integers; what they wait for is named
 * by the index of the object's first word in the lent memory. Queues are ordered by priority, first come, first served
 * within one; their heads and tails are in the objects' records, their links here.
 *
 * A head or tail that memory gives is believed only if that thread does wait there.
 */
import { invariant } from '@bulkhead/result';

export const RUNNING = 0;
export const BLOCKED_ON_SEND = 1;
export const BLOCKED_ON_RECEIVE = 2;
export const BLOCKED_ON_REPLY = 3;
export const BLOCKED_ON_NOTIFICATION = 4;
/** Not running, and nothing will wake it: a caller whom nobody can answer any more, or a receiver whose reply object went. */
export const INACTIVE = 5;

/** The operation is done only when somebody else comes: the thread waits. */
export const BLOCKED = -1;
/** Nobody was there, and the operation was not to wait. */
export const WOULD_BLOCK = -2;
/** There is no such thread. */
export const NO_THREAD = -3;
/** The state of the objects forbids it. */
export const ILLEGAL = -4;
/** The record in memory is not what was left there. */
export const RECORD_CORRUPTED = -5;

/** Words of a record at which a queue keeps its ends, each a thread's number + 1: 0 is none. */
export const QUEUE_HEAD = 1;
export const QUEUE_TAIL = 2;

const NONE = -1;

export class BlockedThreads {
  readonly words: Int32Array;
  readonly threadCount: number;
  readonly state: Uint8Array;
  readonly priority: Uint8Array;
  /** The object at which a thread waits, or 0. */
  readonly object: Int32Array;
  /** Of a blocked sender: its badge. Of a thread that was woken: the badge or word that it receives. */
  readonly badge: Int32Array;
  /** Of a blocked sender: CALL, GRANT, GRANT_REPLY. */
  readonly sending: Uint8Array;
  /** The Reply object that a receiver lent, or whose answer a caller awaits; 0 for none. */
  readonly reply: Int32Array;
  /** The notification that is bound to a thread, or 0. */
  readonly bound: Int32Array;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;

  constructor(words: Int32Array, threadCount: number) {
    this.words = words;
    this.threadCount = threadCount;
    this.state = new Uint8Array(threadCount);
    this.priority = new Uint8Array(threadCount);
    this.object = new Int32Array(threadCount);
    this.badge = new Int32Array(threadCount);
    this.sending = new Uint8Array(threadCount);
    this.reply = new Int32Array(threadCount);
    this.bound = new Int32Array(threadCount);
    this.#next = new Int32Array(threadCount).fill(NONE);
    this.#previous = new Int32Array(threadCount).fill(NONE);
  }

  /** @returns the thread that a record's word names if it waits at `object`; NO_THREAD for 0; else RECORD_CORRUPTED. */
  endOf(object: number, word: number): number {
    const thread = this.words[object + word]! - 1;
    if (thread === NONE) return NO_THREAD;
    const waits = thread >= 0 && thread < this.threadCount && this.object[thread] === object;
    return waits && this.state[thread] !== BLOCKED_ON_REPLY ? thread : RECORD_CORRUPTED;
  }
  /** @returns the thread behind another of the same queue, or NO_THREAD. */
  after(thread: number): number {
    const next = this.#next[thread]!;
    return next === NONE ? NO_THREAD : next;
  }

  /** Blocks a running thread at an object, by its priority. @returns BLOCKED or RECORD_CORRUPTED. */
  block(object: number, thread: number, state: number): number {
    invariant(this.state[thread] === RUNNING, `thread ${thread} waits already, or does not exist`);
    const last = this.endOf(object, QUEUE_TAIL);
    if (last === RECORD_CORRUPTED) return RECORD_CORRUPTED;
    this.state[thread] = state;
    this.object[thread] = object;
    this.#insert(object, thread, last === NO_THREAD ? NONE : last);
    return BLOCKED;
  }
  #insert(object: number, thread: number, last: number): void {
    const priority = this.priority[thread]!;
    let previous = last;
    let next = last === NONE ? NONE : this.#next[last]!;
    while (previous !== NONE && this.priority[previous]! < priority) {
      next = previous;
      previous = this.#previous[previous]!;
    }
    this.#previous[thread] = previous;
    this.#next[thread] = next;
    if (previous === NONE) this.words[object + QUEUE_HEAD] = thread + 1;
    else this.#next[previous] = thread;
    if (next === NONE) this.words[object + QUEUE_TAIL] = thread + 1;
    else this.#previous[next] = thread;
  }

  /** Takes a thread out of the queue in which it waits. It runs again. */
  unblock(thread: number): void {
    const object = this.object[thread]!;
    const next = this.#next[thread]!;
    const previous = this.#previous[thread]!;
    if (previous === NONE) this.words[object + QUEUE_HEAD] = next + 1;
    else this.#next[previous] = next;
    if (next === NONE) this.words[object + QUEUE_TAIL] = previous + 1;
    else this.#previous[next] = previous;
    this.#next[thread] = NONE;
    this.#previous[thread] = NONE;
    this.object[thread] = 0;
    this.state[thread] = RUNNING;
  }

  /** Gives a thread a new priority, and its queue the order that follows from it. */
  setPriority(thread: number, priority: number): void {
    const state = this.state[thread]!;
    const object = this.object[thread]!;
    this.priority[thread] = priority;
    if (object === 0 || state === BLOCKED_ON_REPLY) return;
    this.unblock(thread);
    const last = this.endOf(object, QUEUE_TAIL);
    this.state[thread] = state;
    this.object[thread] = object;
    this.#insert(object, thread, Math.max(last, NONE));
  }
}
