/**
 * What the supervisor knows of each child, in its heap: one record a child, in the order of the configuration.
 * Times are microseconds modulo 2^32 and compared by their difference.
 */
import type { Window } from '@bulkhead/runtime';
import { MAX_CHILDREN } from './config.ts';

/** Values of STATE. */
export const NEW = 0;
export const ALIVE = 1;
/** Ended and reclaimed; it starts again at DUE_US. */
export const WAITING = 2;
/** Ended and reclaimed, for good. */
export const GIVEN_UP = 3;

/** Values of REASON beside the kernel's causes. */
export const REASON_IOMMU = 16;
export const REASON_HEARTBEAT = 17;
export const REASON_NOT_STARTED = 18;
export const REASON_NOT_RECLAIMED = 19;

/** Words of a record, as byte offsets. */
export const STATE = 0;
/** Failures in a row: those before which the child did not live long. */
export const FAILURES = 4;
export const STARTED_US = 8;
export const DUE_US = 12;
/** 1 from a ping until its pong. */
export const AWAITED = 16;
/** Why it died last, and two words about it: page and offset of a page fault, cause and page of an IOMMU fault. */
export const REASON = 20;
export const DETAIL = 24;
export const RECORD_SIZE_BYTES = 32;

const NEXT_BEAT: number = MAX_CHILDREN * RECORD_SIZE_BYTES;
export const HEAP_SIZE_BYTES: number = NEXT_BEAT + 4;

export class Records {
  readonly #heap: Window;

  constructor(heap: Window) {
    this.#heap = heap;
  }
  get(child: number, word: number): number {
    return this.#heap.load32(child * RECORD_SIZE_BYTES + word);
  }
  set(child: number, word: number, value: number): void {
    this.#heap.store32(child * RECORD_SIZE_BYTES + word, value);
  }
  setReason(child: number, reason: number, first: number, second: number): void {
    this.set(child, REASON, reason);
    this.set(child, DETAIL, first);
    this.set(child, DETAIL + 4, second);
  }
  get nextBeatUs(): number {
    return this.#heap.load32(NEXT_BEAT);
  }
  set nextBeatUs(timeUs: number) {
    this.#heap.store32(NEXT_BEAT, timeUs);
  }
}
