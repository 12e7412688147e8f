/** The lent memory at boot: objects are taken from it, each aligned to its size, and the rest is cut into untypeds. */
import { granuleOf, objects } from '@bulkhead/capabilities';
import type { PhysicalMemoryPort } from '@bulkhead/ports';
import { invariant } from '@bulkhead/result';
import type { UntypedDescription } from './boot-info.ts';

const GRANULE_BITS = 4;
const GRANULE_BYTES = 16;
const GRANULE_WORDS = 4;

interface Range {
  start: number;
  end: number;
}

export class BootMemory {
  readonly #words: Int32Array;
  readonly #base: number;
  /** Free memory, in granules. */
  #free: Range[];

  constructor(memory: PhysicalMemoryPort, reservedPages: number) {
    this.#words = memory.words;
    this.#base = granuleOf(memory.basePage, 0);
    const start = this.#base + granuleOf(reservedPages, 0);
    this.#free = [{ start, end: this.#base + memory.words.length / GRANULE_WORDS }];
  }

  /** @returns the first place that fits, zeroed. */
  take(bits: number): number {
    const granules = 2 ** (bits - GRANULE_BITS);
    for (const range of this.#free) {
      const start = Math.ceil(range.start / granules) * granules;
      if (start + granules > range.end) continue;
      const after = { start: start + granules, end: range.end };
      range.end = start;
      this.#free = [...this.#free, after].filter(({ start, end }) => end > start).sort((a, b) => a.start - b.start);
      const word = (start - this.#base) * GRANULE_WORDS;
      this.#words.fill(0, word, word + granules * GRANULE_WORDS);
      return start;
    }
    invariant(false, `the memory has no room for an object of 2^${bits} bytes`);
  }
  /** All that is left, as the largest aligned powers of two. */
  rest(): UntypedDescription[] {
    const list: UntypedDescription[] = [];
    for (const range of this.#free) {
      for (let at = range.start; at < range.end; ) {
        let granules = 1;
        let sizeBits = GRANULE_BITS;
        while (sizeBits < objects.UNTYPED_MAX_BITS && at % (granules * 2) === 0 && at + granules * 2 <= range.end) {
          granules *= 2;
          sizeBits++;
        }
        list.push({ address: at * GRANULE_BYTES, sizeBits, isDevice: false });
        at += granules;
      }
    }
    this.#free = [];
    return list;
  }
}
