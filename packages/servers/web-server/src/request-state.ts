/**
 * All that the parser knows between two bytes: integers, which its user stores in the connection's record and puts
 * back. All zero is the start of a connection.
 */
import type { Words } from './words.ts';

/** Limits. RFC 9112 §3 recommends at least 8000 bytes for a request line. */
export const MAX_METHOD_BYTES = 32;
export const MAX_TARGET_BYTES = 8000;
export const MAX_FIELDS_BYTES = 16_384;
export const MAX_BODY_BYTES = 1_048_576;

/** Where in a request the next byte stands. */
export const START = 0;
export const START_LF = 1;
export const METHOD = 2;
export const TARGET = 3;
export const SCHEME = 4;
export const AUTHORITY = 5;
export const PATH = 6;
export const ESCAPE_HIGH = 7;
export const ESCAPE_LOW = 8;
export const QUERY = 9;
export const VERSION = 10;
export const LINE_LF = 11;
export const FIELD_START = 12;
export const NAME = 13;
export const VALUE_START = 14;
export const VALUE = 15;
export const VALUE_END = 16;
export const VALUE_LF = 17;
export const END_LF = 18;
export const BODY = 19;
export const DONE = 20;

/** Bits of FLAGS. */
export const HTTP_1_0 = 0x01;
export const HOST_SEEN = 0x02;
export const LENGTH_SEEN = 0x04;
export const TRANSFER_CODED = 0x08;
export const ASKED_CLOSE = 0x10;
export const ASKED_KEEP_ALIVE = 0x20;
export const EXPECTS_CONTINUE = 0x40;
export const MUST_CLOSE = 0x80;
/** The path began with `/bytes/`: what follows are the digits of N. */
export const IN_NUMBER = 0x100;

/** Indices. */
export const AT = 0;
export const FLAGS = 1;
/** The word that is being recognised: see Words. */
export const WORD_SET = 2;
export const WORD_LEN = 3;
export const METHOD_NUMBER = 4;
export const PAGE_SET = 5;
export const PATH_LEN = 6;
export const GENERATED_LEN = 7;
/** Bytes of the part whose length is limited. */
export const PART_LEN = 8;
export const FIELD_NUMBER = 9;
export const BODY_LEN = 10;
export const ESCAPED = 11;
export const STATUS = 12;
export const STATE_WORDS = 13;

export class RequestState {
  readonly words: Int32Array = new Int32Array(STATE_WORDS);

  /** A request that cannot be read is answered at once, and is the last: where the next would begin is unknown. */
  fail(status: number): number {
    this.words[STATUS] = status;
    this.set(MUST_CLOSE);
    return DONE;
  }
  /** @returns `next` when the byte is the one that must stand here. */
  expect(byte: number, wanted: number, next: number): number {
    return byte === wanted ? next : this.fail(400);
  }
  set(flag: number): void {
    this.words[FLAGS] = this.words[FLAGS]! | flag;
  }
  has(flag: number): boolean {
    return (this.words[FLAGS]! & flag) !== 0;
  }
  beginWord(words: Words): void {
    this.words[WORD_SET] = words.all;
    this.words[WORD_LEN] = 0;
  }
  narrow(words: Words, byte: number): void {
    this.words[WORD_SET] = words.narrow(this.words[WORD_SET]!, this.words[WORD_LEN]!, byte);
    this.words[WORD_LEN] = this.words[WORD_LEN]! + 1;
  }
  /** @returns the word that has come, or NO_WORD. */
  word(words: Words): number {
    return words.exact(this.words[WORD_SET]!, this.words[WORD_LEN]!);
  }
}
