/**
 * Just enough of an HTTP/1.1 response to know where it ends: status, Content-Length, blank line. RFC 9112 §4, §6.3.
 * Fed in pieces of any size; allocates nothing.
 *
 * Invariant: `bodyLeft` is -1 until the blank line has come, and then what the length still owes.
 * CHOICE: a head without a length, with two, or with one that is no number is malformed. It then never completes.
 * UNIMPLEMENTED: chunked bodies, bodies that end with the connection, interim responses (1xx).
 */
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const TAB = 0x09;
const COLON = 0x3a;
const SPACE = 0x20;
const ZERO = 0x30;
const LOWER_CASE = 0x20;
const NAME: readonly number[] = [...'content-length'].map((letter) => letter.charCodeAt(0));
/** `HTTP/1.1 200 OK`: the digits of the status stand in columns 9 to 11. */
const STATUS_FROM = 9;
const STATUS_TO = 12;
const NO_LENGTH = -1;

/** Where in the value of Content-Length the reader is. */
const NOT_IN_VALUE = 0;
const BEFORE_DIGITS = 1;
const IN_DIGITS = 2;
const AFTER_DIGITS = 3;

export class ResponseReader {
  status = 0;
  /** Bytes of the body that are still to come; -1 while the head is being read. */
  bodyLeft = -1;
  isComplete = false;
  isMalformed = false;
  /** After `feed`: where in what was fed the body began, or went on. */
  bodyFrom = 0;
  #line = 0;
  #column = 0;
  #matched = 0;
  #value = NOT_IN_VALUE;
  #length = NO_LENGTH;

  begin(): void {
    this.status = 0;
    this.bodyLeft = -1;
    this.isComplete = false;
    this.isMalformed = false;
    this.bodyFrom = 0;
    this.#line = 0;
    this.#length = NO_LENGTH;
    this.#nextLine();
  }
  /** @returns how many bytes belonged to this response. */
  feed(bytes: Uint8Array, from: number, to: number): number {
    let at = from;
    while (at < to && this.bodyLeft < 0 && !this.isMalformed) this.#headByte(bytes[at++]!);
    this.bodyFrom = at;
    if (this.bodyLeft >= 0) {
      const taken = Math.min(this.bodyLeft, to - at);
      this.bodyLeft -= taken;
      at += taken;
      this.isComplete = this.bodyLeft === 0;
    }
    return at - from;
  }

  #headByte(byte: number): void {
    if (byte === LINE_FEED) this.#endLine();
    else if (byte !== CARRIAGE_RETURN) {
      if (this.#line === 0) this.#statusByte(byte);
      else this.#fieldByte(byte);
      this.#column++;
    }
  }
  #endLine(): void {
    if (this.#value === BEFORE_DIGITS) this.isMalformed = true;
    if (this.#column === 0 && this.#line > 0) {
      if (this.#length === NO_LENGTH) this.isMalformed = true;
      else this.bodyLeft = this.#length;
    }
    this.#line++;
    this.#nextLine();
  }
  #statusByte(byte: number): void {
    if (this.#column >= STATUS_FROM && this.#column < STATUS_TO) this.status = this.status * 10 + byte - ZERO;
  }
  #fieldByte(byte: number): void {
    if (this.#value !== NOT_IN_VALUE) this.#valueByte(byte);
    else if (this.#matched !== this.#column) return;
    else if (this.#matched === NAME.length && byte === COLON) this.#beginValue();
    else if ((byte | LOWER_CASE) === NAME[this.#matched]) this.#matched++;
  }
  #beginValue(): void {
    if (this.#length !== NO_LENGTH) this.isMalformed = true;
    this.#value = BEFORE_DIGITS;
    this.#length = 0;
  }
  #valueByte(byte: number): void {
    const digit = byte - ZERO;
    if (byte === SPACE || byte === TAB) {
      if (this.#value === IN_DIGITS) this.#value = AFTER_DIGITS;
    } else if (digit < 0 || digit > 9 || this.#value === AFTER_DIGITS) this.isMalformed = true;
    else {
      this.#value = IN_DIGITS;
      this.#length = this.#length * 10 + digit;
    }
  }
  #nextLine(): void {
    this.#column = 0;
    this.#matched = 0;
    this.#value = NOT_IN_VALUE;
  }
}
