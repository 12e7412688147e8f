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
export const BAR_PAGES = 40; // six words: how many, 0 when there is no such BAR or it has no place
export const BAR_PAGE = 64; // six words: the physical page
export const BAR_RIGHT = 88; // six words: our untyped right to exactly the BAR's pages
export const MSI = 112; // offset of the MSI capability, 0 when there is none
export const POWER = 116; // offset of the power management capability, 0 when there is none
export const TENURE = 120; // which time of being held this is, 0 while nobody holds it
export const MESSAGE_PAGE = 124; // the page that vector 0 sends to, when MESSAGE_COUNT is not 0
export const MESSAGE_COUNT = 128; // how many vectors have a page of their own; 0: all share the interrupt controller's
export const COMMAND = 132; // what the Command register holds: it is written, never asked
export const BRIDGE = 136; // the record of the bridge that leads to it, -1 on bus 0
export const BAR_KINDS = 140; // WIDE, IO and PREFETCHABLE, each six bits, one a BAR

/** BAR_KINDS: the first of six bits. */
export const WIDE = 0;
export const IO = 8;
export const PREFETCHABLE = 16;

/** FLAGS: the IOMMU's owner said what the device reaches, since its holder claimed it. */
export const HAS_SPACE = 0x40;
/** FLAGS: bits 5:0 tell which BARs are lent; from this one on stand the STATE bits that `inventory` shows. */
export const STATE_SHIFT = 8;

const RECORD_SIZE_BYTES = 144;
/** CHOICE: there could be 65536 functions. Those beyond the table stay switched off, and nobody can have them. */
export const DEVICE_CAPACITY = 64;
export const DEVICE_TABLE_SIZE_BYTES: number = RECORD_SIZE_BYTES * DEVICE_CAPACITY;

export class DeviceTable {
  readonly #records: Window;
  #count = 0;
  /** How many functions there was no record for. */
  lost = 0;

  constructor(records: Window) {
    this.#records = records;
  }
  get(record: number, field: number): number {
    return this.#records.load32(record + field);
  }
  put(record: number, field: number, value: number): void {
    this.#records.store32(record + field, value);
  }
  state(record: number): number {
    return this.get(record, FLAGS) >>> STATE_SHIFT;
  }
  mark(record: number, state: number): void {
    this.put(record, FLAGS, this.get(record, FLAGS) | (state << STATE_SHIFT));
  }
  unmark(record: number, state: number): void {
    this.put(record, FLAGS, this.get(record, FLAGS) & ~(state << STATE_SHIFT));
  }
  /** WIDE, IO or PREFETCHABLE. */
  isBar(record: number, kind: number, index: number): boolean {
    return (this.get(record, BAR_KINDS) & (1 << (kind + index))) !== 0;
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
    if (this.#count < DEVICE_CAPACITY) return this.#count++ * RECORD_SIZE_BYTES;
    this.lost++;
    return -1;
  }
  get count(): number {
    return this.#count;
  }
  /** @returns the `nth` record, or -1. */
  at(nth: number): number {
    return nth >= 0 && nth < this.#count ? nth * RECORD_SIZE_BYTES : -1;
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
