/**
 * Pages that were unmapped, and whose invalidation waits in the command queue for the next fence. Until then a device may
 * still reach them: this list is the window of exposure, and keeps its measure.
 */
import type { Window } from '@bulkhead/runtime';
import type { Counters } from './counters.ts';
import * as counter from './counters.ts';
import * as layout from './layout.ts';

export class Waiting {
  readonly #heap: Window;
  readonly #counters: Counters;

  constructor(heap: Window, counters: Counters) {
    this.#heap = heap;
    this.#counters = counters;
  }

  get count(): number {
    return this.#heap.load32(layout.WAITING_COUNT);
  }
  /** @param at the device's record. */
  add(at: number, ioPage: number, nowUs: number): void {
    const count = this.count;
    if (count === 0) this.#heap.store32(layout.WAITING_SINCE_US, nowUs);
    const entry = layout.WAITING_OFFSET + count * layout.WAITING_SIZE_BYTES;
    this.#heap.store32(entry, at);
    this.#heap.store32(entry + 4, ioPage);
    this.#heap.store32(layout.WAITING_COUNT, count + 1);
    this.#counters.add(counter.EXPOSED_PAGES);
    this.#counters.raiseTo(counter.EXPOSED_AT_ONCE, count + 1);
  }
  /** After a fence nothing waits. `each` is told the record and the page. */
  drain(nowUs: number, each: (at: number, ioPage: number) => void): void {
    const count = this.count;
    if (count === 0) return;
    this.#counters.add(counter.BATCHES);
    this.#counters.raiseTo(counter.EXPOSED_LONGEST_US, (nowUs - this.#heap.load32(layout.WAITING_SINCE_US)) | 0);
    this.#heap.store32(layout.WAITING_COUNT, 0);
    for (let i = 0; i < count; i++) {
      const entry = layout.WAITING_OFFSET + i * layout.WAITING_SIZE_BYTES;
      each(this.#heap.load32(entry), this.#heap.load32(entry + 4));
    }
  }
}
