/**
 * Zeroes the memory of objects to come, in parts.
 *
 * How far a preempted retype came stands in its untyped's slot, in words that an untyped uses for nothing else: memory
 * is zero from the watermark, aligned up to 2^n granules, up to the granule in EXTRA. n is in the header's field for a
 * guard's size. Nobody has that memory: it lies above the watermark, and a watermark that moves up leaves the rest of it
 * zero. When an untyped starts over, its memory has been somebody's, and what was zeroed counts no more.
 */
import * as errors from './errors.ts';
import * as objects from './object-types.ts';
import * as layout from './slot.ts';

const { PREEMPTED } = errors;
const { power } = objects;
const { DATA, EXTRA, GUARD_SIZE_MASK, GUARD_SIZE_SHIFT, guardSizeOf, HEADER } = layout;

const GRANULE_WORDS = 4;
/** Granules that one unit of work zeroes: 256 bytes. */
const UNIT_GRANULES = 16;
/** Fewer words are faster zeroed one by one than by a call of the host's. */
const LOOP_WORDS = 64;

/** An untyped without children gives its memory out from the start again, and knows nothing about it. */
export function startOver(words: Int32Array, untyped: number): void {
  if (words[untyped + DATA] === 0) return;
  words[untyped + DATA] = 0;
  words[untyped + EXTRA] = 0;
}

export const alignUp = (granule: number, bits: number): number => Math.ceil(granule / power(bits)) * power(bits);

export class Zeroing {
  readonly #words: Int32Array;
  /** Words that the last call set to zero. */
  zeroedWords = 0;

  constructor(words: Int32Array) {
    this.#words = words;
  }

  /**
   * @param firstWord the untyped's first word
   * @param alignBits log2 of the granules of one object
   * @param length granules of all objects, from the watermark aligned up
   * @param units parts of 256 bytes; below 0: as many as it takes
   * @returns 0, or PREEMPTED: the same call goes on.
   */
  zero(
    untyped: number,
    firstWord: number,
    watermark: number,
    alignBits: number,
    length: number,
    units: number,
  ): number {
    const start = alignUp(watermark, alignBits);
    const end = start + length;
    const from = Math.min(this.#doneFrom(untyped, watermark, start), end);
    const to = units < 0 ? end : Math.min(end, from + units * UNIT_GRANULES);
    this.zeroedWords = (to - from) * GRANULE_WORDS;
    this.#fill(firstWord + from * GRANULE_WORDS, firstWord + to * GRANULE_WORDS);
    if (to === end) return 0;
    const header = this.#words[untyped + HEADER]! & ~(GUARD_SIZE_MASK << GUARD_SIZE_SHIFT);
    this.#words[untyped + HEADER] = header | (alignBits << GUARD_SIZE_SHIFT);
    this.#words[untyped + EXTRA] = to | 0;
    return PREEMPTED;
  }

  /** @returns up to where the memory from `start` on is zero already. */
  #doneFrom(untyped: number, watermark: number, start: number): number {
    const end = this.#words[untyped + EXTRA]! >>> 0;
    return end > start && alignUp(watermark, guardSizeOf(this.#words, untyped)) <= start ? end : start;
  }

  #fill(start: number, end: number): void {
    const words = this.#words;
    if (end - start > LOOP_WORDS) words.fill(0, start, end);
    else for (let word = start; word < end; word++) words[word] = 0;
  }
}
