/**
 * A program's view of its thread: registers, message buffer, and what it may ask for. A program writes its message,
 * calls one of the methods that ask, and yields what that gives. Nothing here allocates.
 */
import { type BlockedThreads, message } from '@bulkhead/ipc';
import * as number from './system-call-numbers.ts';

/** What a program may yield. */
export const SPEND = 1;
export const SYSTEM_CALL = 2;
export const FAULT = 3;

const { BUFFER_MESSAGE, CAPS_OR_BADGES, MAX_EXTRA_CAPS, MAX_MESSAGE_WORDS, MESSAGE_REGISTERS, WORD_LANES } = message;

export class ThreadContext {
  /** Its thread's number. */
  readonly thread: number;
  readonly #threads: BlockedThreads;
  readonly #now: () => number;
  /* What it asks for: read by `Programs` when it is yielded. */
  number = 0;
  pointer = 0;
  reply = 0;
  destination = 0;
  time = 0;
  code = 0;

  constructor(thread: number, threads: BlockedThreads, now: () => number) {
    this.thread = thread;
    this.#threads = threads;
    this.#now = now;
  }

  get now(): number {
    return this.#now();
  }

  /* What it asks for. */

  /** Computes for so long: at least 1. */
  spend(time: number): number {
    this.time = time;
    return SPEND;
  }
  call(pointer: number, tag = 0): number {
    return this.#send(number.CALL, pointer, tag);
  }
  send(pointer: number, tag = 0): number {
    return this.#send(number.SEND, pointer, tag);
  }
  nbSend(pointer: number, tag = 0): number {
    return this.#send(number.NB_SEND, pointer, tag);
  }
  receive(pointer: number, reply = 0): number {
    return this.#ask(number.RECEIVE, pointer, reply, 0);
  }
  nbReceive(pointer: number, reply = 0): number {
    return this.#ask(number.NB_RECEIVE, pointer, reply, 0);
  }
  wait(pointer: number): number {
    return this.#ask(number.WAIT, pointer, 0, 0);
  }
  nbWait(pointer: number): number {
    return this.#ask(number.NB_WAIT, pointer, 0, 0);
  }
  replyReceive(pointer: number, tag: number, reply: number): number {
    this.tag = tag;
    return this.#ask(number.REPLY_RECEIVE, pointer, reply, 0);
  }
  nbSendReceive(destination: number, tag: number, pointer: number, reply = 0): number {
    this.tag = tag;
    return this.#ask(number.NB_SEND_RECEIVE, pointer, reply, destination);
  }
  nbSendWait(destination: number, tag: number, pointer: number): number {
    this.tag = tag;
    return this.#ask(number.NB_SEND_WAIT, pointer, 0, destination);
  }
  yield(): number {
    return this.#ask(number.YIELD, 0, 0, 0);
  }
  /** Any number, known or not. */
  systemCall(callNumber: number, pointer = 0, reply = 0, destination = 0): number {
    return this.#ask(callNumber, pointer, reply, destination);
  }
  /** Does what a processor would not let it: a user exception. */
  fault(exception: number, code = 0): number {
    this.number = exception;
    this.code = code;
    return FAULT;
  }

  #send(callNumber: number, pointer: number, tag: number): number {
    this.tag = tag;
    return this.#ask(callNumber, pointer, 0, 0);
  }
  #ask(callNumber: number, pointer: number, reply: number, destination: number): number {
    this.number = callNumber;
    this.pointer = pointer;
    this.reply = reply;
    this.destination = destination;
    return SYSTEM_CALL;
  }

  /* Its message. */

  get tag(): number {
    return this.#threads.tag[this.thread]!;
  }
  set tag(tag: number) {
    this.#threads.tag[this.thread] = tag;
  }
  get label(): number {
    return message.labelOf(this.tag);
  }
  get length(): number {
    return message.lengthOf(this.tag);
  }
  /** The badge through which it received last, or the bits of a notification. */
  get badge(): number {
    return this.#threads.badge[this.thread]!;
  }
  /** The low lane of a word; 0 beyond what a message may have. */
  word(index: number): number {
    return this.#lane(index, 0);
  }
  wordHigh(index: number): number {
    return this.#lane(index, 1);
  }
  setWord(index: number, low: number, high = 0): void {
    const { words, registers } = this.#threads;
    const at = this.#indexOf(index);
    if (at < 0) return;
    const target = index < MESSAGE_REGISTERS ? registers : words;
    target[at] = low;
    target[at + 1] = high;
  }
  /** Names the extra capabilities of its next message. */
  setCapability(index: number, pointer: number): void {
    const buffer = this.#threads.buffer[this.thread]!;
    if (buffer === 0 || !(index >= 0 && index < MAX_EXTRA_CAPS)) return;
    this.#threads.words[buffer + CAPS_OR_BADGES + (index | 0) * WORD_LANES] = pointer;
  }
  /** The badge of an extra capability that was unwrapped. */
  unwrappedBadge(index: number): number {
    const buffer = this.#threads.buffer[this.thread]!;
    if (buffer === 0 || !(index >= 0 && index < MAX_EXTRA_CAPS)) return 0;
    return this.#threads.words[buffer + CAPS_OR_BADGES + (index | 0) * WORD_LANES]!;
  }
  /** Where a capability that comes with a message is to go. */
  receiveSlot(root: number, index: number, depth: number): void {
    const { words, buffer } = this.#threads;
    const at = buffer[this.thread]!;
    if (at === 0) return;
    words[at + message.RECEIVE_ROOT] = root;
    words[at + message.RECEIVE_INDEX] = index;
    words[at + message.RECEIVE_DEPTH] = depth;
  }

  #lane(index: number, lane: number): number {
    const at = this.#indexOf(index);
    if (at < 0) return 0;
    const { words, registers } = this.#threads;
    return (index < MESSAGE_REGISTERS ? registers : words)[at + lane]!;
  }
  #indexOf(index: number): number {
    if (!(index >= 0 && index < MAX_MESSAGE_WORDS)) return -1;
    if (index < MESSAGE_REGISTERS) return (this.thread * MESSAGE_REGISTERS + (index | 0)) * WORD_LANES;
    const buffer = this.#threads.buffer[this.thread]!;
    return buffer === 0 ? -1 : buffer + BUFFER_MESSAGE + (index | 0) * WORD_LANES;
  }
}
