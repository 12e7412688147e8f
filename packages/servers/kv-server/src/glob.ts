/**
 * Patterns of KEYS and SCAN: `*` any bytes, `?` one, `[ab]`, `[^ab]` and `[a-z]` one of a set, `\` the next byte itself.
 * Redis, command reference, "KEYS".
 *
 * One place to return to is enough: what a later `*` cannot match, an earlier one cannot either.
 */
const STAR = 0x2a;
const ANY = 0x3f;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const CARET = 0x5e;
const DASH = 0x2d;
const ESCAPE = 0x5c;

const NOWHERE = -1;

export class Glob {
  #pattern: Uint8Array = new Uint8Array(0);
  #from = 0;
  #to = 0;
  /** Where the pattern goes on behind the element that was matched last. */
  #next = 0;

  /** The pattern is `bytes[from…from + lenBytes]` from now on. */
  use(bytes: Uint8Array, from: number, lenBytes: number): void {
    this.#pattern = bytes;
    this.#from = from;
    this.#to = from + lenBytes;
  }
  matches(text: Uint8Array, lenBytes: number): boolean {
    let at = this.#from;
    let i = 0;
    let star = NOWHERE;
    let resume = 0;
    while (i < lenBytes) {
      if (at < this.#to && this.#pattern[at] === STAR) {
        star = ++at;
        resume = i;
      } else if (at < this.#to && this.#element(at, text[i]!)) {
        at = this.#next;
        i++;
      } else if (star !== NOWHERE) {
        at = star;
        i = ++resume;
      } else return false;
    }
    while (at < this.#to && this.#pattern[at] === STAR) at++;
    return at === this.#to;
  }
  /** @returns true when the element of the pattern at `at` matches `byte`. */
  #element(at: number, byte: number): boolean {
    const element = this.#pattern[at];
    if (element === OPEN) return this.#set(at + 1, byte);
    const isEscape = element === ESCAPE && at + 1 < this.#to;
    this.#next = isEscape ? at + 2 : at + 1;
    if (element === ANY) return true;
    return (isEscape ? this.#pattern[at + 1] : element) === byte;
  }
  /** A set that nobody closes ends with the pattern. */
  #set(from: number, byte: number): boolean {
    const isNegated = this.#pattern[from] === CARET && from < this.#to;
    let at = isNegated ? from + 1 : from;
    let isIn = false;
    while (at < this.#to && this.#pattern[at] !== CLOSE) {
      if (this.#pattern[at] === ESCAPE && at + 1 < this.#to) at++;
      const low = this.#pattern[at]!;
      const isRange = at + 2 < this.#to && this.#pattern[at + 1] === DASH && this.#pattern[at + 2] !== CLOSE;
      const high = isRange ? this.#pattern[at + 2]! : low;
      if (byte >= Math.min(low, high) && byte <= Math.max(low, high)) isIn = true;
      at += isRange ? 3 : 1;
    }
    this.#next = Math.min(at + 1, this.#to);
    return isIn !== isNegated;
  }
}
