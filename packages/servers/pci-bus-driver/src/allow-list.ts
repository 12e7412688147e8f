/** Who may have which devices: pairs of component and vendor-and-device ID, as records in the heap. */
import type { Window } from '@bulkhead/runtime';

const RECORD_SIZE_BYTES = 8;
export const ALLOW_CAPACITY = 128;
export const ALLOW_LIST_SIZE_BYTES: number = RECORD_SIZE_BYTES * ALLOW_CAPACITY;

export class AllowList {
  readonly #records: Window;
  #count = 0;

  constructor(records: Window) {
    this.#records = records;
  }
  has(component: number, vendorDevice: number): boolean {
    for (let at = 0; at < this.#count * RECORD_SIZE_BYTES; at += RECORD_SIZE_BYTES) {
      if (this.#records.load32(at) === (component | 0) && this.#records.load32(at + 4) === (vendorDevice | 0)) {
        return true;
      }
    }
    return false;
  }
  /** @returns false when the list is full. A pair that stands in it already takes no room. */
  add(component: number, vendorDevice: number): boolean {
    if (this.has(component, vendorDevice)) return true;
    if (this.#count === ALLOW_CAPACITY) return false;
    const at = this.#count++ * RECORD_SIZE_BYTES;
    this.#records.store32(at, component);
    this.#records.store32(at + 4, vendorDevice);
    return true;
  }
}
