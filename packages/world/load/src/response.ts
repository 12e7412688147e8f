/**
 * Just enough of an HTTP/1.1 response to know where it ends: status, Content-Length, blank line. RFC 9112 §4, §6.3.
 * Fed in pieces of any size; allocates nothing.
 */
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const COLON = 0x3a;
const SPACE = 0x20;
const ZERO = 0x30;
const NAME: readonly number[] = [...'content-length'].map((letter) => letter.charCodeAt(0));

export class ResponseReader {
  status = 0;
  /** Bytes of the body that are still to come; -1 while the head is being read. */
  bodyLeft = -1;
  isComplete = false;
  isMalformed = false;
  #line = 0;
  #column = 0;
  #matched = 0;
  #inValue = false;
  #length = 0;

  begin(): void {
    this.status = 0;
    this.bodyLeft = -1;
    this.isComplete = false;
    this.isMalformed = false;
    this.#line = 0;
    this.#length = 0;
    this.#nextLine();
  }
  /** @returns how many bytes belonged to this response. */
  feed(bytes: Uint8Array, from: number, to: number): number {
    let at = from;
    while (at < to && this.bodyLeft < 0) this.#headByte(bytes[at++]!);
    if (this.bodyLeft >= 0) {
      const taken = Math.min(this.bodyLeft, to - at);
      this.bodyLeft -= taken;
      at += taken;
      this.isComplete = this.bodyLeft === 0;
    }
    return at - from;
  }

  #headByte(byte: number): void {
    if (byte === LINE_FEED) {
      if (this.#column === 0 && this.#line > 0) this.bodyLeft = this.#length;
      this.#line++;
      this.#nextLine();
    } else if (byte !== CARRIAGE_RETURN) {
      if (this.#line === 0) this.#statusByte(byte);
      else this.#fieldByte(byte);
      this.#column++;
    }
  }
  /** `HTTP/1.1 200 OK`: the digits stand in columns 9 to 11. */
  #statusByte(byte: number): void {
    if (this.#column >= 9 && this.#column < 12) this.status = this.status * 10 + byte - ZERO;
  }
  #fieldByte(byte: number): void {
    if (this.#inValue) {
      if (byte !== SPACE) this.#lengthDigit(byte - ZERO);
    } else if (this.#matched === NAME.length && byte === COLON) this.#inValue = true;
    else if (this.#matched === this.#column && (byte | 0x20) === NAME[this.#matched]) this.#matched++;
  }
  #lengthDigit(digit: number): void {
    if (digit < 0 || digit > 9) this.isMalformed = true;
    else this.#length = this.#length * 10 + digit;
  }
  #nextLine(): void {
    this.#column = 0;
    this.#matched = 0;
    this.#inValue = false;
  }
}
