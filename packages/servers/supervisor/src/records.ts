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

/** Words of what was told of a child last, that it lives on with: how often it was; then 0, and nothing else counts. */
export const NOTICES = 0;
/** FAULT_UNACKNOWLEDGED or FAULT_EXHAUSTED. */
export const NOTICE_CAUSE = 4;
/** Whose interrupt it is, or which device the child holds; negative when none is known. */
export const NOTICE_DEVICE = 8;
/** The interrupt's identity, or the microseconds that were consumed. */
export const NOTICE_DETAIL = 12;
export const NOTICE_SINCE_US = 16;
const NOTICE_SIZE_BYTES = 20;
const FIRST_NOTICE: number = NEXT_BEAT + 4;
export const HEAP_SIZE_BYTES: number = FIRST_NOTICE + MAX_CHILDREN * NOTICE_SIZE_BYTES;

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
  notice(child: number, word: number): number {
    return this.#heap.load32(FIRST_NOTICE + child * NOTICE_SIZE_BYTES + word);
  }
  setNotice(child: number, word: number, value: number): void {
    this.#heap.store32(FIRST_NOTICE + child * NOTICE_SIZE_BYTES + word, value);
  }
  get nextBeatUs(): number {
    return this.#heap.load32(NEXT_BEAT);
  }
  set nextBeatUs(timeUs: number) {
    this.#heap.store32(NEXT_BEAT, timeUs);
  }
}
