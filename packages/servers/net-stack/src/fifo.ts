/**
 * A first-in-first-out list of records, threaded through one word of each. The word is 0 outside the list, 1 in the
 * last record, and the next record's index + 2 otherwise, so that membership needs no flag and zeroed memory is valid.
 */
import type { Window } from '@bulkhead/runtime';

export const NO_RECORD = -1;
/** Head and tail, each index + 1. */
export const FIFO_BYTES = 8;

const TAIL = 4;
const LAST = 1;

export interface FifoOptions {
  /** Holds head and tail. */
  readonly ends: Window;
  readonly table: Window;
  readonly recordBytes: number;
  /** The word of each record that this list owns. */
  readonly linkOffset: number;
}

export class Fifo {
  readonly #ends: Window;
  readonly #table: Window;
  readonly #recordBytes: number;
  readonly #linkOffset: number;

  constructor({ ends, table, recordBytes, linkOffset }: FifoOptions) {
    this.#ends = ends;
    this.#table = table;
    this.#recordBytes = recordBytes;
    this.#linkOffset = linkOffset;
  }
  get isEmpty(): boolean {
    return this.#ends.load32(0) === 0;
  }
  has(record: number): boolean {
    return this.#link(record) !== 0;
  }
  /** Appends a record; one that is in the list already stays where it is. */
  push(record: number): void {
    if (this.has(record)) return;
    this.#setLink(record, LAST);
    const tail = this.#ends.load32(TAIL) - 1;
    if (tail < 0) this.#ends.store32(0, record + 1);
    else this.#setLink(tail, record + 2);
    this.#ends.store32(TAIL, record + 1);
  }
  /** @returns the oldest record, taken out, or NO_RECORD. */
  shift(): number {
    const record = this.#ends.load32(0) - 1;
    if (record < 0) return NO_RECORD;
    const next = Math.max(this.#link(record) - 2, NO_RECORD);
    this.#ends.store32(0, next + 1);
    if (next < 0) this.#ends.store32(TAIL, 0);
    this.#setLink(record, 0);
    return record;
  }
  get tail(): number {
    return this.#ends.load32(TAIL) - 1;
  }

  #link(record: number): number {
    return this.#table.load32(record * this.#recordBytes + this.#linkOffset);
  }
  #setLink(record: number, link: number): void {
    this.#table.store32(record * this.#recordBytes + this.#linkOffset, link);
  }
}
