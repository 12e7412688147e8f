/**
 * A running fingerprint of a run: 64 bits in two lanes, FNV-1a on each with different offsets.
 * It tells two runs apart; it is no defence against somebody who wants them to look alike.
 */
const PRIME = 0x01000193;

export class Digest {
  #a = 0x811c9dc5 | 0;
  #b = 0x4b9ace2f | 0;

  /** Mixes in the low 32 bits of `word`. */
  word(word: number): void {
    this.#a = Math.imul(this.#a ^ word, PRIME);
    this.#b = Math.imul((this.#b << 5) ^ (this.#b >>> 27) ^ word, PRIME);
  }
  /** Mixes in a whole number up to 2^53. */
  number(value: number): void {
    this.word(value | 0);
    this.word(Math.floor(value / 0x1_0000_0000) | 0);
  }
  /** By words of four bytes, the first byte lowest: the two products a step are what it costs. */
  bytes(bytes: Uint8Array, lenBytes: number): void {
    this.word(lenBytes);
    let at = 0;
    for (; at + 4 <= lenBytes; at += 4) {
      this.word(bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24));
    }
    for (; at < lenBytes; at++) this.word(bytes[at]!);
  }
  /** @returns one that goes on by itself from the same state. */
  copy(): Digest {
    const copy = new Digest();
    copy.#a = this.#a;
    copy.#b = this.#b;
    return copy;
  }
  /** @returns 16 hexadecimal digits. */
  toString(): string {
    const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');
    return hex(this.#a) + hex(this.#b);
  }
}
