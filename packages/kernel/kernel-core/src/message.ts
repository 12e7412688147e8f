/**
 * The message of an invocation: taken from its thread's registers and buffer, and the answer put there. One object,
 * reused for all.
 */
import type { InvocationMessage } from '@bulkhead/capabilities';
import { type BlockedThreads, message } from '@bulkhead/ipc';

const WORDS = 128;
const { BUFFER_MESSAGE, MESSAGE_REGISTERS, WORD_LANES } = message;
const REGISTER_LANES: number = MESSAGE_REGISTERS * WORD_LANES;
const HIGH = 0x1_0000_0000;

export class Answer {
  readonly low: Int32Array = new Int32Array(WORDS);
  readonly high: Int32Array = new Int32Array(WORDS);
  length = 0;

  add(low: number, high: number): void {
    this.low[this.length] = low;
    this.high[this.length++] = high;
  }
  /** A number of up to 53 bits; a negative one is a word with its sign. */
  addNumber(value: number): void {
    this.add(value | 0, Math.floor(value / HIGH) | 0);
  }
}

export class Message implements InvocationMessage {
  readonly low: Int32Array = new Int32Array(WORDS);
  readonly high: Int32Array = new Int32Array(WORDS);
  length = 0;
  readonly extras: Int32Array = new Int32Array(message.MAX_EXTRA_CAPS);
  extraCount = 0;
  readonly answer: Answer = new Answer();

  /** Words beyond the registers come only from a buffer. */
  load(threads: BlockedThreads, thread: number): void {
    const { words, buffer, registers } = threads;
    const from = buffer[thread]!;
    const all = message.lengthOf(threads.tag[thread]!);
    this.length = from === 0 ? Math.min(all, MESSAGE_REGISTERS) : all;
    this.answer.length = 0;
    for (let i = 0; i < this.length; i++) {
      const inRegisters = i < MESSAGE_REGISTERS;
      const at = inRegisters ? thread * REGISTER_LANES + i * WORD_LANES : from + BUFFER_MESSAGE + i * WORD_LANES;
      const source = inRegisters ? registers : words;
      this.low[i] = source[at]!;
      this.high[i] = source[at + 1]!;
    }
  }
  /** @returns how many words of the answer arrived. */
  store(threads: BlockedThreads, thread: number): number {
    const { words, registers } = threads;
    const to = threads.inboxOf(thread);
    const { answer } = this;
    const length =
      to === 0 ? Math.min(answer.length, MESSAGE_REGISTERS) : Math.min(answer.length, message.MAX_MESSAGE_WORDS);
    for (let i = 0; i < length; i++) {
      const inRegisters = i < MESSAGE_REGISTERS;
      const at = inRegisters ? thread * REGISTER_LANES + i * WORD_LANES : to + BUFFER_MESSAGE + i * WORD_LANES;
      const target = inRegisters ? registers : words;
      target[at] = answer.low[i]!;
      target[at + 1] = answer.high[i]!;
    }
    return length;
  }
}

/** @returns a word of an invocation as a number: exact below 2^53. */
export const wordNumber = ({ low, high }: InvocationMessage, index: number): number =>
  (high[index]! >>> 0) * HIGH + (low[index]! >>> 0);
