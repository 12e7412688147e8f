/**
 * What each thread waits for, and the queues in which it does. Threads are small integers; what they wait for is named
 * by the index of the object's first word in the lent memory. Queues are ordered by priority, first come, first served
 * within one; their heads and tails are in the objects' records, their links here.
 *
 * A head or tail that memory gives is believed only if that thread does wait there.
 */
import { invariant } from '@bulkhead/result';
import { MESSAGE_REGISTERS, WORD_LANES } from './message.ts';
import * as states from './thread-states.ts';

export * from './thread-states.ts';

const { RUNNING, BLOCKED_ON_REPLY, BLOCKED, NO_THREAD, RECORD_CORRUPTED, QUEUE_HEAD, QUEUE_TAIL } = states;
const NONE = -1;

/** Lanes in which a thread's fault is described: 20 words. */
export const FAULT_LANES = 64;
const FIELDS = 15;
const REGISTER_LANES: number = MESSAGE_REGISTERS * WORD_LANES;

/** @returns how many words of storage as many threads take. */
export const storageWords = (threadCount: number): number => threadCount * (FIELDS + REGISTER_LANES + FAULT_LANES);

export class BlockedThreads {
  /** The memory in which the records of objects, and message buffers, lie. */
  readonly words: Int32Array;
  readonly threadCount: number;
  readonly state: Int32Array;
  readonly priority: Int32Array;
  /** The object at which a thread waits, or 0. */
  readonly object: Int32Array;
  /** The badge register: what a thread received last, a badge or the word of a notification. */
  readonly badge: Int32Array;
  /** Of a blocked sender: the badge of the capability through which it sends. Not for the sender to see. */
  readonly sendBadge: Int32Array;
  /** Of a blocked sender: CALL, GRANT, GRANT_REPLY. */
  readonly sending: Int32Array;
  /** The Reply object that a receiver lent, or whose answer a caller awaits; 0 for none. */
  readonly reply: Int32Array;
  /** The notification that is bound to a thread, or 0. */
  readonly bound: Int32Array;
  /** The tag register. */
  readonly tag: Int32Array;
  /** The first word of a thread's message buffer in `words`, or 0. */
  readonly buffer: Int32Array;
  /** 1: the buffer is only read. Messages are sent from it, and none arrives there. */
  readonly bufferReadOnly: Int32Array;
  /** The label of the fault for whose end a thread waits, or 0. */
  readonly fault: Int32Array;
  /**
   * How many words describe the fault, then how many came with its answer; in bit 8, whether the label of the answer
   * decides if the thread goes on; from bit 16 on, how many words an answer may have.
   */
  readonly faultShape: Int32Array;
  /** Message registers: four words of two lanes a thread. */
  readonly registers: Int32Array;
  /** What a thread's fault says: FAULT_LANES a thread. */
  readonly faultWords: Int32Array;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;

  /** @param storage what is kept of threads; all zero, `storageWords(threadCount)` long. */
  constructor(words: Int32Array, threadCount: number, storage: Int32Array = new Int32Array(storageWords(threadCount))) {
    invariant(storage.length >= storageWords(threadCount), `${threadCount} threads want more storage`);
    let at = 0;
    const take = (perThread: number): Int32Array => {
      const start = at;
      at += perThread * threadCount;
      return storage.subarray(start, at);
    };
    this.words = words;
    this.threadCount = threadCount;
    this.state = take(1);
    this.priority = take(1);
    this.object = take(1);
    this.badge = take(1);
    this.sendBadge = take(1);
    this.sending = take(1);
    this.reply = take(1);
    this.bound = take(1);
    this.tag = take(1);
    this.buffer = take(1);
    this.bufferReadOnly = take(1);
    this.fault = take(1);
    this.faultShape = take(1);
    this.#next = take(1);
    this.#previous = take(1);
    this.registers = take(REGISTER_LANES);
    this.faultWords = take(FAULT_LANES);
  }

  /** @returns the first word of the buffer in which messages arrive for a thread, or 0. */
  inboxOf(thread: number): number {
    return this.bufferReadOnly[thread] === 0 ? this.buffer[thread]! : 0;
  }

  /** @returns the thread that a record's word names if it waits at `object`; NO_THREAD for 0; else RECORD_CORRUPTED. */
  endOf(object: number, word: number): number {
    const thread = this.words[object + word]! - 1;
    if (thread === NONE) return NO_THREAD;
    const waits = thread >= 0 && thread < this.threadCount && this.object[thread] === object;
    return waits && this.state[thread] !== BLOCKED_ON_REPLY ? thread : RECORD_CORRUPTED;
  }
  /** @returns the thread behind another of the same queue, NO_THREAD or RECORD_CORRUPTED. */
  after(thread: number): number {
    const next = this.#next[thread]! - 1;
    if (next === NONE) return NO_THREAD;
    return next >= 0 && next < this.threadCount ? next : RECORD_CORRUPTED;
  }

  /** Blocks a running thread at an object, by its priority. @returns BLOCKED or RECORD_CORRUPTED. */
  block(object: number, thread: number, state: number): number {
    if (this.state[thread] !== RUNNING) return RECORD_CORRUPTED;
    const last = this.endOf(object, QUEUE_TAIL);
    if (last === RECORD_CORRUPTED) return RECORD_CORRUPTED;
    this.state[thread] = state;
    this.object[thread] = object;
    if (last === NO_THREAD) this.#waitAlone(object, thread);
    else this.#insert(object, thread, last);
    return BLOCKED;
  }
  /** A server that waits for its next call. The links of a thread that ran are 0 already. */
  #waitAlone(object: number, thread: number): void {
    this.words[object + QUEUE_HEAD] = thread + 1;
    this.words[object + QUEUE_TAIL] = thread + 1;
  }
  #insert(object: number, thread: number, last: number): void {
    const priority = this.priority[thread]!;
    let previous = last;
    let next = last === NONE ? NONE : this.#next[last]! - 1;
    for (let passed = 0; previous !== NONE && passed < this.threadCount; passed++) {
      if (this.priority[previous]! >= priority) break;
      next = previous;
      previous = this.#previous[previous]! - 1;
    }
    this.#previous[thread] = previous + 1;
    this.#next[thread] = next + 1;
    this.#join(object, previous, thread);
    this.#join(object, thread, next);
  }
  /** Of two threads side by side, either may be none: the queue begins or ends there. */
  #join(object: number, previous: number, next: number): void {
    if (previous === NONE) this.words[object + QUEUE_HEAD] = next + 1;
    else this.#next[previous] = next + 1;
    if (next === NONE) this.words[object + QUEUE_TAIL] = previous + 1;
    else this.#previous[next] = previous + 1;
  }

  /** @returns whether nobody stands before a thread that waits. */
  isFirst(thread: number): boolean {
    return this.#previous[thread] === 0;
  }
  /** `unblock` of the head of a queue. @returns whether the queue is empty then. */
  unblockHead(object: number, thread: number): boolean {
    const next = this.#next[thread]!;
    this.words[object + QUEUE_HEAD] = next;
    if (next === 0) this.words[object + QUEUE_TAIL] = 0;
    else this.#previous[next - 1] = 0;
    this.#next[thread] = 0;
    this.object[thread] = 0;
    this.state[thread] = RUNNING;
    return next === 0;
  }
  /** Takes a thread out of the queue in which it waits. It runs again. */
  unblock(thread: number): void {
    const object = this.object[thread]!;
    const previous = this.#previous[thread]!;
    const next = this.#next[thread]!;
    if ((previous | next) === 0) {
      this.words[object + QUEUE_HEAD] = 0;
      this.words[object + QUEUE_TAIL] = 0;
    } else {
      this.#join(object, previous - 1, next - 1);
      this.#next[thread] = 0;
      this.#previous[thread] = 0;
    }
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
