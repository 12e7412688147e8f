/**
 * Reply objects: the right to answer one caller, once. seL4 reference manual 13.0.0 §4.2.4 "Calling and Replying"
 * (MCS). A record has 8 words, of which
 *
 *   word 0  thread + 1: who lent the object to a receive, or the caller that waits for the answer; 0: free
 *
 * Which of the two it is says that thread's state. Zeroed memory is a free reply object.
 *
 * UNIMPLEMENTED: the stack of calls along which scheduling contexts come back.
 */
import type { BlockedThreads } from './blocked-threads.ts';
import * as states from './thread-states.ts';

const { BLOCKED_ON_REPLY, NO_THREAD, RECORD_CORRUPTED, RUNNING } = states;
const THREAD = 0;

export class Replies {
  readonly #threads: BlockedThreads;

  constructor(threads: BlockedThreads) {
    this.#threads = threads;
  }

  /** @returns the thread that a reply object is tied to, NO_THREAD or RECORD_CORRUPTED. */
  threadOf(reply: number): number {
    const thread = this.#threads.words[reply + THREAD]! - 1;
    if (thread === -1) return NO_THREAD;
    if (thread < 0 || thread >= this.#threads.threadCount) return RECORD_CORRUPTED;
    return this.#threads.reply[thread] === reply ? thread : RECORD_CORRUPTED;
  }

  /** A receiver lends its reply object to the caller that will come. */
  lend(reply: number, receiver: number): void {
    this.#threads.words[reply + THREAD] = receiver + 1;
    this.#threads.reply[receiver] = reply;
  }
  /** A caller, which runs, waits for its answer through a free reply object. */
  bind(reply: number, caller: number): void {
    this.lend(reply, caller);
    this.#threads.state[caller] = BLOCKED_ON_REPLY;
  }
  /** The receiver's reply object, which is not 0, becomes that of the caller, which runs and waits for its answer. */
  pass(receiver: number, caller: number): void {
    const { reply } = this.#threads;
    const lent = reply[receiver]!;
    reply[receiver] = 0;
    this.bind(lent, caller);
  }
  /** A thread and the reply object it is tied to, if any, part. */
  release(thread: number): void {
    const reply = this.#threads.reply[thread]!;
    if (reply === 0) return;
    this.#threads.reply[thread] = 0;
    if (this.#threads.words[reply + THREAD] === thread + 1) this.#threads.words[reply + THREAD] = 0;
  }

  /**
   * Takes the caller that a reply object is for: it runs again, and the object is free.
   * @returns the caller; NO_THREAD when nobody waits, in which case a reply says nothing to nobody; RECORD_CORRUPTED.
   */
  take(reply: number): number {
    const thread = this.threadOf(reply);
    if (thread < 0) return thread;
    const { state, words } = this.#threads;
    if (state[thread] !== BLOCKED_ON_REPLY) return NO_THREAD;
    words[reply + THREAD] = 0;
    this.#threads.reply[thread] = 0;
    state[thread] = RUNNING;
    return thread;
  }
}
