/** What went wrong, counted in the driver's heap. Frames that went right are counted by the device itself. */
import type { Window } from '@bulkhead/runtime';

export const BAD_BUFFER = 0; // offset or length left the pool
export const NO_ROOM = 4; // the peer lent more than its credits
export const FRAME_ERROR = 8; // received with a length that no frame has
export const EVENT_REFUSED = 12; // the peer did not take an event
export const IOMMU_FAULT = 16;
export const NOT_OPEN = 20; // lent before the stack knew of this driver
export const BAD_USED = 24; // the device gave back what it does not have
export const COUNTERS_SIZE_BYTES = 28;

export class Counters {
  readonly #words: Window;

  constructor(words: Window) {
    this.#words = words;
  }
  add(counter: number): void {
    this.#words.store32(counter, (this.#words.load32(counter) + 1) | 0);
  }
}
