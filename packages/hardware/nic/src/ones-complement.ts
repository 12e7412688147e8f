/**
 * The Internet checksum's sum: RFC 1071 "Computing the Internet Checksum". Sums are 16 bits, in network order.
 *
 * The sum of words in the wrong byte order is the sum in the wrong byte order (RFC 1071 §2 "Calculating the Checksum",
 * (B) Byte Order Independence), so the machine's words are added as they are and the result is swapped once.
 * It is computed in one's complement, where adding can be undone: what a prefix adds need not be read again.
 */
import { swap16 } from '@bulkhead/bits';

/** @returns a sum below 2^31 with its carries added in, 16 bits. */
export function fold(sum: number): number {
  const once = (sum & 0xffff) + (sum >>> 16);
  return (once & 0xffff) + (once >>> 16);
}

export class OnesComplement {
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;

  /** @param bytes an array that begins on a word of its buffer. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
  }

  /** @returns the sum of `lenBytes` bytes at `at`, at most 64 KiB of them, the last padded with a zero. */
  sum(at: number, lenBytes: number): number {
    if (lenBytes <= 0) return 0;
    if ((at & 1) !== 0) return this.#sumOdd(at, lenBytes);
    const bytes = this.#bytes;
    const end = at + lenBytes;
    let sum = 0;
    let next = at;
    if ((next & 2) !== 0 && lenBytes >= 2) {
      sum = bytes[next]! | (bytes[next + 1]! << 8);
      next += 2;
    }
    const words = (end - next) >>> 2;
    sum += this.#sumWords(next >>> 2, words);
    next += words * 4;
    for (; next + 1 < end; next += 2) sum += bytes[next]! | (bytes[next + 1]! << 8);
    if (next < end) sum += bytes[next]!;
    return swap16(fold(sum));
  }

  #sumWords(from: number, count: number): number {
    const words = this.#words;
    let sum = 0;
    for (let i = from; i < from + count; i++) {
      const word = words[i]!;
      sum += (word & 0xffff) + (word >>> 16);
    }
    return sum;
  }
  /** A sum that starts at an odd address is that of the even bytes, swapped. */
  #sumOdd(at: number, lenBytes: number): number {
    return fold((this.#bytes[at]! << 8) + swap16(this.sum(at + 1, lenBytes - 1)));
  }
}
