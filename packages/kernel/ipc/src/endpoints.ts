/**
 * Endpoints: where a sender meets a receiver. seL4 reference manual 13.0.0 §4.2 "Endpoints". These are the state machines only: whoever calls moves the message, schedules
 * threads that run again, and checks rights before.
 */
import type { BlockedThreads } from './blocked-threads.ts';
import * as record from './endpoint-record.ts';
import type { Replies } from './replies.ts';
import * as rights from './rights.ts';
import * as states from './thread-states.ts';

const { BLOCKED_ON_RECEIVE, BLOCKED_ON_REPLY, BLOCKED_ON_SEND, INACTIVE, RUNNING } = states;
const { NO_THREAD, QUEUE_HEAD, RECORD_CORRUPTED, WOULD_BLOCK } = states;
const { IDLE, RECEIVING, SENDING, STATE } = record;
const { CALL, GRANT, GRANT_REPLY } = rights;

export class Endpoints {
  readonly #threads: BlockedThreads;
  readonly #replies: Replies;

  constructor(threads: BlockedThreads, replies: Replies) {
    this.#threads = threads;
    this.#replies = replies;
  }

  /**
   * A message arrives. Afterwards a caller waits for its reply, or is INACTIVE when the receiver lent no reply object
   * or the caller had no right to be answered.
   * @param sending CALL, GRANT and GRANT_REPLY
   * @returns the receiver, which runs again; BLOCKED, WOULD_BLOCK or RECORD_CORRUPTED.
   */
  send(endpoint: number, sender: number, badge: number, sending: number, blocking: boolean): number {
    const threads = this.#threads;
    const state = threads.words[endpoint + STATE];
    if (state === RECEIVING) return this.#deliver(endpoint, sender, badge, sending);
    if (!blocking) return WOULD_BLOCK;
    if (state !== IDLE && state !== SENDING) return RECORD_CORRUPTED;
    const blocked = threads.block(endpoint, sender, BLOCKED_ON_SEND);
    if (blocked === RECORD_CORRUPTED) return blocked;
    threads.words[endpoint + STATE] = SENDING;
    threads.sendBadge[sender] = badge;
    threads.sending[sender] = sending;
    return blocked;
  }
  #deliver(endpoint: number, sender: number, badge: number, sending: number): number {
    const threads = this.#threads;
    const receiver = this.#pop(endpoint, BLOCKED_ON_RECEIVE);
    if (receiver < 0) return receiver;
    threads.badge[receiver] = badge;
    const calls = (sending & CALL) !== 0;
    if (calls && (sending & (GRANT | GRANT_REPLY)) !== 0 && threads.reply[receiver] !== 0) {
      this.#replies.pass(receiver, sender);
      return receiver;
    }
    this.#replies.release(receiver);
    if (calls) threads.state[sender] = INACTIVE;
    return receiver;
  }

  /**
   * A thread is ready to receive.
   * @param reply the Reply object that it lends, or 0. One that is tied to another thread leaves that thread INACTIVE.
   * @returns the sender, whose badge is in `threads.sendBadge` and whose state says whether it waits for a reply or runs
   * again; BLOCKED, WOULD_BLOCK or RECORD_CORRUPTED.
   */
  receive(endpoint: number, receiver: number, reply: number, blocking: boolean): number {
    const threads = this.#threads;
    if (reply !== 0) this.untie(reply);
    const state = threads.words[endpoint + STATE];
    if (state === SENDING) return this.#collect(endpoint, reply);
    if (!blocking) return WOULD_BLOCK;
    if (state !== IDLE && state !== RECEIVING) return RECORD_CORRUPTED;
    const blocked = threads.block(endpoint, receiver, BLOCKED_ON_RECEIVE);
    if (blocked === RECORD_CORRUPTED) return blocked;
    threads.words[endpoint + STATE] = RECEIVING;
    if (reply !== 0) this.#replies.lend(reply, receiver);
    return blocked;
  }
  #collect(endpoint: number, reply: number): number {
    const threads = this.#threads;
    const sender = this.#pop(endpoint, BLOCKED_ON_SEND);
    if (sender < 0) return sender;
    const sending = threads.sending[sender]!;
    if ((sending & CALL) !== 0) this.#awaitReply(sender, sending, reply);
    return sender;
  }

  #awaitReply(caller: number, sending: number, reply: number): void {
    if (reply !== 0 && (sending & (GRANT | GRANT_REPLY)) !== 0) this.#replies.bind(reply, caller);
    else this.#threads.state[caller] = INACTIVE;
  }
  /** A reply object is wanted for something else: the thread that it is tied to is INACTIVE. */
  untie(reply: number): void {
    const thread = this.#replies.threadOf(reply);
    if (thread < 0) return;
    this.cancel(thread);
    this.#threads.state[thread] = INACTIVE;
  }

  /**
   * Ends a thread's wait, whatever it waits for: endpoint, reply or notification. What it does next is the caller's;
   * here it counts as running. Nothing happens when it does not wait.
   */
  cancel(thread: number): void {
    const threads = this.#threads;
    const object = threads.object[thread]!;
    const state = threads.state[thread]!;
    this.#replies.release(thread);
    if (state === BLOCKED_ON_REPLY || state === INACTIVE) threads.state[thread] = RUNNING;
    if (object === 0) return;
    threads.unblock(thread);
    if (threads.words[object + QUEUE_HEAD] === 0) threads.words[object + STATE] = IDLE;
  }

  /** Ends the wait of all at an endpoint, head first. @returns how many threads it wrote to `into`, or RECORD_CORRUPTED. */
  cancelAll(endpoint: number, into: Int32Array): number {
    const threads = this.#threads;
    for (let count = 0; count <= threads.threadCount; count++) {
      const thread = threads.endOf(endpoint, QUEUE_HEAD);
      if (thread === NO_THREAD) return count;
      if (thread < 0) return thread;
      this.cancel(thread);
      into[count] = thread;
    }
    return RECORD_CORRUPTED;
  }

  /** Ends the wait of senders with one badge (not 0). @returns as `cancelAll`. */
  cancelBadgedSends(endpoint: number, badge: number, into: Int32Array): number {
    const threads = this.#threads;
    if (badge === 0 || threads.words[endpoint + STATE] !== SENDING) return 0;
    let count = 0;
    for (let thread = threads.endOf(endpoint, QUEUE_HEAD); thread !== NO_THREAD; ) {
      if (thread < 0) return thread;
      const next = threads.after(thread);
      if (threads.sendBadge[thread] === badge) {
        this.cancel(thread);
        into[count++] = thread;
      }
      thread = next;
    }
    return count;
  }

  #pop(endpoint: number, state: number): number {
    const threads = this.#threads;
    const thread = threads.endOf(endpoint, QUEUE_HEAD);
    if (thread < 0 || threads.state[thread] !== state) return RECORD_CORRUPTED;
    threads.unblock(thread);
    if (threads.words[endpoint + QUEUE_HEAD] === 0) threads.words[endpoint + STATE] = IDLE;
    return thread;
  }
}
