/** The bridges, as records in the driver's heap: what must be known when a device is started or taken back. */
import { NO_SUCH_DEVICE } from '@bulkhead/pci-bus-driver-api';
import type { Window } from '@bulkhead/runtime';

export const DEVICE = 0; // requester ID
export const VENDOR_DEVICE = 4;
export const STATE = 8; // STATE bits of the contract
export const UP = 12; // the record of the bridge that leads to it, -1 on bus 0
export const COMMAND = 16; // what the Command register holds: it is written, never asked
export const STARTED = 20; // how many devices behind it may reach memory
export const SECONDARY = 24; // the bus behind it, 0 while it is closed

const RECORD_SIZE_BYTES = 32;
/** CHOICE: what is behind further bridges stays off. */
export const BRIDGE_CAPACITY = 32;
export const BRIDGE_TABLE_SIZE_BYTES: number = RECORD_SIZE_BYTES * BRIDGE_CAPACITY;
export const NO_BRIDGE = -1;

export class BridgeTable {
  readonly #records: Window;
  #count = 0;
  /** How many bridges there was no record for. */
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
  mark(record: number, state: number): void {
    this.put(record, STATE, this.get(record, STATE) | state);
  }
  /** @returns a fresh record of zeros, or -1 when the table is full. */
  add(): number {
    if (this.#count < BRIDGE_CAPACITY) return this.#count++ * RECORD_SIZE_BYTES;
    this.lost++;
    return -1;
  }
  /** @returns the requester ID of the `nth` bridge, its IDs and state in the answers; or NO_SUCH_DEVICE. */
  describe(nth: number, answer: Int32Array): number {
    const record = this.at(nth);
    if (record < 0) return NO_SUCH_DEVICE;
    answer[1] = this.get(record, VENDOR_DEVICE);
    answer[2] = this.get(record, STATE);
    return this.get(record, DEVICE);
  }
  /** @returns the `nth` record, or -1. */
  at(nth: number): number {
    return nth >= 0 && nth < this.#count ? nth * RECORD_SIZE_BYTES : -1;
  }
}
