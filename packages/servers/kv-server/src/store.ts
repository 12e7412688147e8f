/**
 * Keys and their values: a hash table with open addressing and linear probing over records in an arena. Knuth, TAOCP
 * vol. 3, §6.4 "Hashing", algorithms L and R: a deletion moves back what probed past it, so there are no tombstones.
 *
 *     slot     0 record (0: empty)   4 hash of its key
 *     record   0 key length          4 value length       8 key, value
 *
 * Invariant: between a record's home (its hash modulo the slots) and its slot no slot is empty. There are twice as many
 * slots as the arena can hold records, so probing ends.
 *
 * A change has two steps: `prepare` may find no memory and changes no key; `commit` cannot fail.
 */
import type { Window } from '@bulkhead/runtime';
import { type Arena, NO_BLOCK } from './arena.ts';
import { KEY_COUNT, SLOT_BYTES, SLOT_COUNT, SLOTS } from './layout.ts';

export const NO_SLOT = -1;
const EMPTY = 0;
const MASK: number = SLOT_COUNT - 1;

const KEY_LEN = 0;
const VALUE_LEN = 4;
const KEY = 8;
/** What a record takes beside its key and its value. */
export const RECORD_HEAD_BYTES: number = KEY;

export class Store {
  readonly #heap: Window;
  readonly #arena: Arena;
  /** Keys out of the heap, to be compared. */
  readonly #scratch: Uint8Array;

  constructor(heap: Window, arena: Arena, maxKeyBytes: number) {
    this.#heap = heap;
    this.#arena = arena;
    this.#scratch = new Uint8Array(maxKeyBytes);
  }
  get keyCount(): number {
    return this.#heap.load32(KEY_COUNT);
  }
  get freeBytes(): number {
    return this.#arena.freeBytes;
  }

  /** @returns the slot of the key `bytes[at…at + lenBytes]`, or NO_SLOT. */
  find(bytes: Uint8Array, at: number, lenBytes: number): number {
    const hash = hashOf(bytes, at, lenBytes);
    for (let slot = hash & MASK; ; slot = (slot + 1) & MASK) {
      const record = this.recordAt(slot);
      if (record === EMPTY) return NO_SLOT;
      if (this.#hashAt(slot) === hash && this.#hasKey(record, bytes, at, lenBytes)) return slot;
    }
  }
  #hasKey(record: number, bytes: Uint8Array, at: number, lenBytes: number): boolean {
    if (this.#heap.load32(record + KEY_LEN) !== lenBytes) return false;
    this.#heap.loadBytes(record + KEY, this.#scratch, 0, lenBytes);
    for (let i = 0; i < lenBytes; i++) if (this.#scratch[i] !== bytes[at + i]) return false;
    return true;
  }

  /** @returns the record that stands in the slot; 0 for none. */
  recordAt(slot: number): number {
    return this.#heap.load32(SLOTS + slot * SLOT_BYTES);
  }
  keyLen(record: number): number {
    return this.#heap.load32(record + KEY_LEN);
  }
  keyOffset(record: number): number {
    return record + KEY;
  }
  valueLen(record: number): number {
    return this.#heap.load32(record + VALUE_LEN);
  }
  /** Where in the heap the value stands. */
  valueOffset(record: number): number {
    return record + KEY + this.#heap.load32(record + KEY_LEN);
  }

  /** Writes a value over that of a record, if it has room. @returns false when it has none. */
  overwrite(record: number, bytes: Uint8Array, at: number, lenBytes: number): boolean {
    if (this.valueOffset(record) - record + lenBytes > this.#arena.capacity(record)) return false;
    this.#writeValue(record, bytes, at, lenBytes);
    return true;
  }
  /** Adds to the end of a record's value, if it has room. @returns false when it has none. */
  extend(record: number, bytes: Uint8Array, at: number, lenBytes: number): boolean {
    const before = this.valueLen(record);
    const end = this.valueOffset(record) + before;
    if (end - record + lenBytes > this.#arena.capacity(record)) return false;
    if (lenBytes > 0) this.#heap.storeBytes(end, bytes, at, lenBytes);
    this.#heap.store32(record + VALUE_LEN, before + lenBytes);
    return true;
  }
  /** @returns a record for the key, with no value yet and room for one of `valueLen`; or NO_BLOCK. */
  prepare(bytes: Uint8Array, at: number, lenBytes: number, valueLen: number): number {
    const record = this.#arena.take(RECORD_HEAD_BYTES + lenBytes + valueLen);
    if (record === NO_BLOCK) return NO_BLOCK;
    this.#heap.store32(record + KEY_LEN, lenBytes);
    this.#heap.store32(record + VALUE_LEN, 0);
    if (lenBytes > 0) this.#heap.storeBytes(record + KEY, bytes, at, lenBytes);
    return record;
  }
  /** Puts a prepared record where `bytes[at…]`, its key, belongs: in its predecessor's place, if it has one. */
  commit(record: number, bytes: Uint8Array, at: number, lenBytes: number): void {
    const known = this.find(bytes, at, lenBytes);
    const hash = hashOf(bytes, at, lenBytes);
    if (known === NO_SLOT) this.#heap.store32(KEY_COUNT, this.keyCount + 1);
    else this.#arena.give(this.recordAt(known));
    this.#setSlot(known === NO_SLOT ? this.#freeSlot(hash) : known, record, hash);
  }
  /** Gives back a record that was not committed. */
  discard(record: number): void {
    this.#arena.give(record);
  }
  /** Copies the value of one record to the start of another's. */
  copyValue(to: number, from: number): void {
    const lenBytes = this.valueLen(from);
    if (lenBytes > 0) this.#heap.copyFrom(this.valueOffset(to), this.#heap, this.valueOffset(from), lenBytes);
    this.#heap.store32(to + VALUE_LEN, lenBytes);
  }
  #writeValue(record: number, bytes: Uint8Array, at: number, lenBytes: number): void {
    if (lenBytes > 0) this.#heap.storeBytes(this.valueOffset(record), bytes, at, lenBytes);
    this.#heap.store32(record + VALUE_LEN, lenBytes);
  }

  /** Algorithm R. */
  remove(slot: number): void {
    this.#arena.give(this.recordAt(slot));
    this.#heap.store32(KEY_COUNT, this.keyCount - 1);
    let hole = slot;
    for (let next = (slot + 1) & MASK; this.recordAt(next) !== EMPTY; next = (next + 1) & MASK) {
      const hash = this.#hashAt(next);
      if (((next - hash) & MASK) < ((next - hole) & MASK)) continue; // its home lies behind the hole
      this.#setSlot(hole, this.recordAt(next), hash);
      hole = next;
    }
    this.#setSlot(hole, EMPTY, 0);
  }
  removeAll(): void {
    for (let slot = 0; slot < SLOT_COUNT; slot++) {
      const record = this.recordAt(slot);
      if (record !== EMPTY) this.#arena.give(record);
      if (record !== EMPTY) this.#setSlot(slot, EMPTY, 0);
    }
    this.#heap.store32(KEY_COUNT, 0);
  }

  #freeSlot(hash: number): number {
    let slot = hash & MASK;
    while (this.recordAt(slot) !== EMPTY) slot = (slot + 1) & MASK;
    return slot;
  }
  #hashAt(slot: number): number {
    return this.#heap.load32(SLOTS + slot * SLOT_BYTES + 4);
  }
  #setSlot(slot: number, record: number, hash: number): void {
    this.#heap.store32(SLOTS + slot * SLOT_BYTES, record);
    this.#heap.store32(SLOTS + slot * SLOT_BYTES + 4, hash);
  }
}

/**
 * FNV-1a of 32 bits (Fowler, Noll, Vo), its high half folded onto its low one, of which the home is made.
 *
 * CHOICE: not keyed. Who chooses keys that collide slows down this server.
 */
export function hashOf(bytes: Uint8Array, at: number, lenBytes: number): number {
  let hash = 0x811c9dc5;
  for (let i = at; i < at + lenBytes; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash ^ (hash >>> 15);
}
