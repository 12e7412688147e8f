/** Cuts the component's heap into tables, once, at construction: where every record stands is decided here. */
import { alignUp } from '@bulkhead/bits';
import type { Window } from '@bulkhead/runtime';

const CACHE_LINE_BYTES = 64;

export class Arena {
  readonly #heap: Window;
  #used = 0;

  constructor(heap: Window) {
    this.#heap = heap;
  }
  /** @throws RangeError when the heap is too small: at construction only. */
  take(lenBytes: number): Window {
    const offset = this.#used;
    this.#used = alignUp(offset + lenBytes, CACHE_LINE_BYTES);
    if (this.#used > this.#heap.lenBytes)
      throw new RangeError(`net-stack: the heap holds fewer than ${this.#used} bytes`);
    return this.#heap.at(offset, lenBytes);
  }
}
