/**
 * The devices of the bus, as records in the driver's heap: they outlive a handler, so they stand in simulated memory.
 * A record is named by its byte offset; its fields are 32-bit words at the offsets below.
 */
import type { Window } from '@bulkhead/runtime';

export const DEVICE = 0; // requester ID
export const VENDOR_DEVICE = 4;
export const HOLDER = 8; // a component, or NOBODY
export const FLAGS = 12;
export const EXPRESS = 16; // offset of the PCI Express capability, 0 when there is none
export const MSIX = 20; // offset of the MSI-X capability, 0 when there is none
export const VECTOR_COUNT = 24;
export const MSIX_BAR = 28; // the BAR that holds the MSI-X table, -1 when there is none
export const TABLE_PAGE = 32; // the page of our own address space at which the MSI-X table is mapped
export const TABLE_OFFSET = 36;
export const BAR_SIZE_BITS = 40; // six words: at least 12, or 0 when there is no such memory BAR
export const BAR_PAGE = 64; // six words: the physical page
export const BAR_RIGHT = 88; // six words: our untyped right to exactly the BAR's pages

/** FLAGS: bits 5:0 tell which BARs are lent; this one, that some memory BAR found no place. */
export const UNASSIGNED = 0x100;

const RECORD_SIZE_BYTES = 128;
/** CHOICE: bus 0 could hold 256 functions. Those beyond the table stay switched off, and nobody can have them. */
export const DEVICE_CAPACITY = 64;
export const DEVICE_TABLE_SIZE_BYTES: number = RECORD_SIZE_BYTES * DEVICE_CAPACITY;

export class DeviceTable {
  readonly #records: Window;
  #count = 0;

  constructor(records: Window) {
    this.#records = records;
  }
  get(record: number, field: number): number {
    return this.#records.load32(record + field);
  }
  put(record: number, field: number, value: number): void {
    this.#records.store32(record + field, value);
  }
  /** A word of one of the fields that are six words, one a BAR. */
  bar(record: number, field: number, index: number): number {
    return this.get(record, field + index * 4);
  }
  putBar(record: number, field: number, index: number, value: number): void {
    this.put(record, field + index * 4, value);
  }
  /** @returns a fresh record of zeros, or -1 when the table is full. */
  add(): number {
    if (this.#count === DEVICE_CAPACITY) return -1;
    return this.#count++ * RECORD_SIZE_BYTES;
  }
  /** @returns the record of a requester ID, or -1. */
  find(device: number): number {
    for (let record = 0; record < this.end; record = this.after(record)) {
      if (this.get(record, DEVICE) === device) return record;
    }
    return -1;
  }
  /** Records run from 0 by `after` up to, but not including, `end`. */
  get end(): number {
    return this.#count * RECORD_SIZE_BYTES;
  }
  after(record: number): number {
    return record + RECORD_SIZE_BYTES;
  }
}
