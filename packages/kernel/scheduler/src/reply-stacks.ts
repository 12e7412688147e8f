/**
 * Along which calls a scheduling context was donated, as a stack of reply objects: the head knows the context, and the
 * context the head. seL4 reference manual 13.0.0 §6.1 "Scheduling Context Donation".
 *
 * A link is believed only if its other end says the same.
 */
import { REPLY_CALLER, REPLY_NEXT, REPLY_PREVIOUS, REPLY_SC, SC_REPLY } from './records.ts';

const RECORD_WORDS = 8;

export class ReplyStacks {
  readonly #words: Int32Array;

  constructor(words: Int32Array) {
    this.#words = words;
  }

  /** @returns the thread that waits for this reply, plus 1; 0 for none. */
  callerWord(reply: number): number {
    return this.#words[reply + REPLY_CALLER]!;
  }
  tie(reply: number, caller: number): void {
    this.#words[reply + REPLY_CALLER] = caller + 1;
  }
  /** The scheduling context goes on to whoever was called: `reply` is where it comes back. */
  push(reply: number, sc: number): void {
    const words = this.#words;
    const previous = this.headOf(sc);
    words[reply + REPLY_PREVIOUS] = previous;
    words[reply + REPLY_NEXT] = 0;
    if (previous !== 0) {
      words[previous + REPLY_NEXT] = reply;
      words[previous + REPLY_SC] = 0;
    }
    this.#setHead(sc, reply);
  }
  /** @returns the scheduling context of the stack whose head this is; 0 if it is no head. */
  contextOf(reply: number): number {
    const sc = this.#words[reply + REPLY_SC]!;
    return sc > 0 && this.#words[sc + SC_REPLY] === reply ? sc : 0;
  }
  /** @returns the head of a context's stack, or 0. */
  headOf(sc: number): number {
    const reply = this.#words[sc + SC_REPLY]!;
    return this.#isRecord(reply) && this.#words[reply + REPLY_SC] === sc ? reply : 0;
  }
  /** Takes the head off: the one below is the head now. @returns the context, or 0 when it is no head: then it stays. */
  pop(reply: number): number {
    const sc = this.contextOf(reply);
    if (sc === 0) return 0;
    const previous = this.#below(reply);
    this.#clear(reply);
    this.#words[sc + SC_REPLY] = 0;
    if (previous !== 0) {
      this.#words[previous + REPLY_NEXT] = 0;
      this.#setHead(sc, previous);
    }
    return sc;
  }
  /** Takes a reply out without giving anything back. What is below never gets the context: the chain is cut. */
  cut(reply: number): void {
    const words = this.#words;
    const sc = this.contextOf(reply);
    const previous = this.#below(reply);
    const next = words[reply + REPLY_NEXT]!;
    if (sc !== 0) words[sc + SC_REPLY] = 0;
    if (previous !== 0) words[previous + REPLY_NEXT] = 0;
    if (this.#isRecord(next) && words[next + REPLY_PREVIOUS] === reply) words[next + REPLY_PREVIOUS] = 0;
    this.#clear(reply);
  }

  /** The context is gone: its stack stays, and leads nowhere. */
  detach(head: number): void {
    this.#words[this.#words[head + REPLY_SC]! + SC_REPLY] = 0;
    this.#words[head + REPLY_SC] = 0;
  }

  #setHead(sc: number, reply: number): void {
    this.#words[sc + SC_REPLY] = reply;
    this.#words[reply + REPLY_SC] = sc;
  }
  #below(reply: number): number {
    const previous = this.#words[reply + REPLY_PREVIOUS]!;
    return this.#isRecord(previous) && this.#words[previous + REPLY_NEXT] === reply ? previous : 0;
  }
  #isRecord(reply: number): boolean {
    return reply > 0 && reply + RECORD_WORDS <= this.#words.length;
  }
  #clear(reply: number): void {
    const words = this.#words;
    words[reply + REPLY_CALLER] = 0;
    words[reply + REPLY_PREVIOUS] = 0;
    words[reply + REPLY_NEXT] = 0;
    words[reply + REPLY_SC] = 0;
  }
}
