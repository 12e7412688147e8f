/** A fingerprint of a stream of bytes that does not depend on the pieces in which it came. */
import { Digest } from '@bulkhead/clock';

export class StreamDigest {
  readonly #digest: Digest = new Digest();
  readonly #lenBytes: Float64Array = new Float64Array(1);
  /** Up to three bytes that are no word yet, the first lowest. */
  #rest = 0;
  #restBits = 0;

  add(bytes: Uint8Array, from: number, to: number): void {
    this.#lenBytes[0] = this.#lenBytes[0]! + to - from;
    let at = from;
    while (this.#restBits !== 0 && at < to) this.#addByte(bytes[at++]!);
    for (; at + 4 <= to; at += 4)
      this.#digest.word(bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24));
    while (at < to) this.#addByte(bytes[at++]!);
  }
  #addByte(byte: number): void {
    this.#rest |= byte << this.#restBits;
    this.#restBits += 8;
    if (this.#restBits < 32) return;
    this.#digest.word(this.#rest);
    this.#rest = 0;
    this.#restBits = 0;
  }
  /** Mixes what came so far into `into`: its length, its last bytes, and both lanes of what was whole words. */
  mixInto(into: Digest): void {
    into.number(this.#lenBytes[0]!);
    into.word(this.#rest);
    const text = this.#digest.toString();
    into.word(Number.parseInt(text.slice(0, 8), 16) | 0);
    into.word(Number.parseInt(text.slice(8), 16) | 0);
  }
}
