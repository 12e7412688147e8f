/**
 * Requests: an array of bulk strings, or an inline command. RESP protocol specification, "Sending commands to a Redis
 * server" and "Inline commands".
 *
 * The parser keeps nothing between two calls. It is given all that has come of a request, and says what it is or how
 * much must have come before it can say more: so a request may be cut anywhere.
 *
 * CHOICE: CR LF is asked for where the specification writes it, except after an inline command, where LF is enough.
 * UNIMPLEMENTED: quotes in inline commands.
 */
import { ascii, CR, isDigit, isPrinting, LF } from './text.ts';

export const MAX_BULK_BYTES = 32_768;
export const MAX_REQUEST_BYTES = 65_536;
export const MAX_ARGUMENTS = 1024;
/** Sign, digits and CR LF, with some patience. */
const MAX_LENGTH_LINE_BYTES = 32;

/** What came of a call. */
export const COMPLETE = 0;
export const INCOMPLETE = 1;
export const MALFORMED = 2;

const ASTERISK = 0x2a;
const DOLLAR = 0x24;
const MINUS = 0x2d;
const BLANK = 0x20;
const TAB = 0x09;

/** In the words of Redis, where it has some. */
const TOO_BIG_COUNT: Uint8Array = ascii('-ERR Protocol error: too big mbulk count string\r\n');
const INVALID_COUNT: Uint8Array = ascii('-ERR Protocol error: invalid multibulk length\r\n');
const TOO_BIG_LENGTH: Uint8Array = ascii('-ERR Protocol error: too big bulk count string\r\n');
const INVALID_LENGTH: Uint8Array = ascii('-ERR Protocol error: invalid bulk length\r\n');
const NO_DOLLAR = "-ERR Protocol error: expected '$', got '?'\r\n";
const GOT: number = NO_DOLLAR.indexOf('?');
const NO_LINE_END: Uint8Array = ascii('-ERR Protocol error: expected CRLF after a bulk string\r\n');
const TOO_BIG_INLINE: Uint8Array = ascii('-ERR Protocol error: too big inline request\r\n');
const TOO_MANY_INLINE: Uint8Array = ascii('-ERR Protocol error: too many arguments in an inline request\r\n');
const TOO_BIG_REQUEST: Uint8Array = ascii('-ERR Protocol error: too big request\r\n');

export class RequestParser {
  /** The arguments, the command's name first. None is an empty request, which has no answer. */
  count = 0;
  readonly at: Int32Array = new Int32Array(MAX_ARGUMENTS);
  readonly len: Int32Array = new Int32Array(MAX_ARGUMENTS);
  /** COMPLETE: where the next request begins. */
  end = 0;
  /** INCOMPLETE: how many bytes of the request must be there before it is worth another try. */
  need = 0;
  /** MALFORMED: what to answer. */
  error: Uint8Array = INVALID_COUNT;
  readonly #noDollar: Uint8Array = ascii(NO_DOLLAR);
  /** The number that the latest length line held, and where the line ended. */
  #number = 0;
  #lineEnd = 0;

  /** Reads one request from `bytes[from…to]`, which is not empty. */
  parse(bytes: Uint8Array, from: number, to: number): number {
    this.count = 0;
    return bytes[from] === ASTERISK ? this.#array(bytes, from, to) : this.#inline(bytes, from, to);
  }

  #array(bytes: Uint8Array, from: number, to: number): number {
    const found = this.#lengthLine(bytes, from, from, to, TOO_BIG_COUNT, INVALID_COUNT);
    if (found !== COMPLETE) return found;
    const wanted = this.#number;
    if (wanted > MAX_ARGUMENTS) return this.#malformed(INVALID_COUNT);
    let at = this.#lineEnd;
    for (let i = 0; i < wanted; i++) {
      const read = this.#bulk(bytes, from, at, to);
      if (read !== COMPLETE) return read;
      at = this.end;
    }
    this.end = at;
    return COMPLETE;
  }
  #bulk(bytes: Uint8Array, from: number, at: number, to: number): number {
    if (at < to && bytes[at] !== DOLLAR) return this.#otherThanDollar(bytes[at]!);
    const found = this.#lengthLine(bytes, from, at, to, TOO_BIG_LENGTH, INVALID_LENGTH);
    if (found !== COMPLETE) return found;
    const lenBytes = this.#number;
    if (lenBytes < 0 || lenBytes > MAX_BULK_BYTES) return this.#malformed(INVALID_LENGTH);
    const start = this.#lineEnd;
    const end = start + lenBytes + 2;
    if (end - from > MAX_REQUEST_BYTES) return this.#malformed(TOO_BIG_REQUEST);
    if (end > to) return this.#incomplete(end - from);
    if (bytes[end - 2] !== CR || bytes[end - 1] !== LF) return this.#malformed(NO_LINE_END);
    this.#add(start, lenBytes);
    this.end = end;
    return COMPLETE;
  }
  /** A mark, a number and CR LF, from `at` on, of the request that began at `from`. */
  #lengthLine(
    bytes: Uint8Array,
    from: number,
    at: number,
    to: number,
    tooBig: Uint8Array,
    invalid: Uint8Array,
  ): number {
    const limit = Math.min(to, at + MAX_LENGTH_LINE_BYTES);
    let end = at + 1;
    while (end < limit && bytes[end] !== CR) end++;
    if (end >= limit) return limit < to ? this.#malformed(tooBig) : this.#incomplete(to - from + 1);
    if (end + 1 >= to) return this.#incomplete(to - from + 1);
    const isNegative = bytes[at + 1] === MINUS;
    const first = isNegative ? at + 2 : at + 1;
    let number = 0;
    for (let i = first; i < end; i++) {
      if (!isDigit(bytes[i]!)) return this.#malformed(invalid);
      number = Math.min(number * 10 + bytes[i]! - 0x30, 0x7fffffff);
    }
    if (first === end || bytes[end + 1] !== LF) return this.#malformed(invalid);
    this.#number = isNegative ? -number : number;
    this.#lineEnd = end + 2;
    return COMPLETE;
  }

  #inline(bytes: Uint8Array, from: number, to: number): number {
    const limit = Math.min(to, from + MAX_REQUEST_BYTES);
    let end = from;
    while (end < limit && bytes[end] !== LF) end++;
    if (end === limit && limit - from === MAX_REQUEST_BYTES) return this.#malformed(TOO_BIG_INLINE);
    if (end === limit) return this.#incomplete(to - from + 1);
    this.end = end + 1;
    const textEnd = end > from && bytes[end - 1] === CR ? end - 1 : end;
    return this.#words(bytes, from, textEnd);
  }
  #words(bytes: Uint8Array, from: number, to: number): number {
    let at = from;
    while (at < to) {
      while (at < to && isBlank(bytes[at]!)) at++;
      const start = at;
      while (at < to && !isBlank(bytes[at]!)) at++;
      if (at === start) break;
      if (this.count === MAX_ARGUMENTS) return this.#malformed(TOO_MANY_INLINE);
      this.#add(start, at - start);
    }
    return COMPLETE;
  }

  #add(at: number, lenBytes: number): void {
    this.at[this.count] = at;
    this.len[this.count] = lenBytes;
    this.count++;
  }
  #otherThanDollar(byte: number): number {
    this.#noDollar[GOT] = isPrinting(byte) ? byte : 0x3f;
    return this.#malformed(this.#noDollar);
  }
  #incomplete(need: number): number {
    this.need = need;
    return INCOMPLETE;
  }
  #malformed(error: Uint8Array): number {
    this.error = error;
    return MALFORMED;
  }
}

const isBlank = (byte: number): boolean => byte === BLANK || byte === TAB;
