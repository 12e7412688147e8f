/**
 * Which interrupt identity belongs to which vector, as records in the heap. An identity stays with its vector for
 * good; its handler lives from a holder's asking to its giving back.
 */
import type { Window } from '@bulkhead/runtime';

const OWNER = 0; // requester ID + 1; 0 is a free record
const VECTOR = 4;
const RIGHT = 8; // to its handler; 0 while nobody was given one
const RECORD_SIZE_BYTES = 12;
/** CHOICE: identities beyond these are not given out. A device has five vectors, a bus of devices some dozens. */
export const INTERRUPT_CAPACITY = 256;
export const INTERRUPT_TABLE_SIZE_BYTES: number = RECORD_SIZE_BYTES * INTERRUPT_CAPACITY;

export class InterruptTable {
  readonly #records: Window;
  readonly #capacity: number;

  constructor(records: Window, identityCount: number) {
    this.#records = records;
    this.#capacity = Math.min(identityCount, INTERRUPT_CAPACITY);
  }
  /** @returns the index of the vector's record, which is its identity's distance from the first one; or -1. */
  find(device: number, vector: number): number {
    for (let index = 0; index < this.#capacity; index++) {
      if (this.owner(index) === device && this.#get(index, VECTOR) === vector) return index;
    }
    return -1;
  }
  /** @returns the index of a free record, or -1. */
  free(): number {
    for (let index = 0; index < this.#capacity; index++) if (this.#get(index, OWNER) === 0) return index;
    return -1;
  }
  /** The identity is the vector's from now on. */
  take(index: number, device: number, vector: number): void {
    this.#put(index, VECTOR, vector);
    this.#put(index, RIGHT, 0);
    this.#put(index, OWNER, device + 1);
  }
  hold(index: number, right: number): void {
    this.#put(index, RIGHT, right);
  }
  vector(index: number): number {
    return this.#get(index, VECTOR);
  }
  /** @returns the requester ID, or -1 for a free record. */
  owner(index: number): number {
    return this.#get(index, OWNER) - 1;
  }
  right(index: number): number {
    return this.#get(index, RIGHT);
  }
  get capacity(): number {
    return this.#capacity;
  }
  #get(index: number, field: number): number {
    return this.#records.load32(index * RECORD_SIZE_BYTES + field);
  }
  #put(index: number, field: number, value: number): void {
    this.#records.store32(index * RECORD_SIZE_BYTES + field, value);
  }
}
