/**
 * Blocks of 64 bytes to 128 KiB out of the heap: a buddy system. Knuth, TAOCP vol. 1, §2.5 "Dynamic Storage
 * Allocation", algorithms R and S.
 *
 * The map holds a byte a unit: what the block is that begins there, or 0. Free blocks of one order are a list, doubly
 * linked through their first words; a link is an offset in the heap, and 0 is none.
 *
 * Invariant: every unit is in exactly one block, and no two free buddies stand side by side.
 */
import type { Window } from '@bulkhead/runtime';
import { type ArenaPlace, UNIT_BYTES } from './layout.ts';

const MAX_ORDER = 11;
export const MAX_BLOCK_BYTES: number = UNIT_BYTES << MAX_ORDER;
/** No block. */
export const NO_BLOCK = 0;

/** What begins at a unit, beside its order. */
const FREE = 0x40;
const TAKEN = 0x80;
const ORDER = 0x0f;

/** Words of a free block. */
const NEXT = 0;
const PREVIOUS = 4;

export class Arena {
  readonly #heap: Window;
  readonly #at: number;
  readonly #lenBytes: number;
  readonly #map: number;
  readonly #freeBytes: number;
  readonly #lists: number;

  /** @param place whose length is a multiple of MAX_BLOCK_BYTES. */
  constructor(heap: Window, { at, lenBytes, map, words }: ArenaPlace) {
    this.#heap = heap;
    this.#at = at;
    this.#lenBytes = lenBytes;
    this.#map = map;
    this.#freeBytes = words;
    this.#lists = words + 4;
  }
  /** Once, over a heap of zeros. */
  format(): void {
    const end = this.#at + this.#lenBytes;
    for (let at = this.#at; at < end; at += MAX_BLOCK_BYTES) this.#push(at, MAX_ORDER);
    this.#heap.store32(this.#freeBytes, this.#lenBytes);
  }
  get freeBytes(): number {
    return this.#heap.load32(this.#freeBytes);
  }
  /** @returns how many bytes the block has room for. */
  capacity(block: number): number {
    return UNIT_BYTES << (this.#mark(block) & ORDER);
  }

  /** @returns a block of at least so many bytes, or NO_BLOCK when there is none. */
  take(lenBytes: number): number {
    if (lenBytes > MAX_BLOCK_BYTES) return NO_BLOCK;
    const wanted = orderOf(lenBytes);
    let order = wanted;
    while (order <= MAX_ORDER && this.#first(order) === NO_BLOCK) order++;
    if (order > MAX_ORDER) return NO_BLOCK;
    const block = this.#first(order);
    this.#unlink(block, order);
    while (order > wanted) {
      order--;
      this.#push(block + (UNIT_BYTES << order), order);
    }
    this.#setMark(block, TAKEN | order);
    this.#addFree(-(UNIT_BYTES << order));
    return block;
  }
  /** What is no taken block, because a wild store hit the map, stays as it is. */
  give(block: number): void {
    const mark = this.#mark(block);
    if ((mark & TAKEN) === 0) return;
    let order = mark & ORDER;
    let merged = block;
    this.#addFree(UNIT_BYTES << order);
    this.#setMark(block, 0);
    for (; order < MAX_ORDER; order++) {
      const buddy = this.#at + ((merged - this.#at) ^ (UNIT_BYTES << order));
      if (this.#mark(buddy) !== (FREE | order)) break;
      this.#unlink(buddy, order);
      this.#setMark(buddy, 0);
      merged = Math.min(merged, buddy);
    }
    this.#push(merged, order);
  }

  #first(order: number): number {
    return this.#heap.load32(this.#lists + order * 4);
  }
  #push(block: number, order: number): void {
    const first = this.#first(order);
    this.#heap.store32(block + NEXT, first);
    this.#heap.store32(block + PREVIOUS, NO_BLOCK);
    if (first !== NO_BLOCK) this.#heap.store32(first + PREVIOUS, block);
    this.#heap.store32(this.#lists + order * 4, block);
    this.#setMark(block, FREE | order);
  }
  #unlink(block: number, order: number): void {
    const next = this.#heap.load32(block + NEXT);
    const previous = this.#heap.load32(block + PREVIOUS);
    if (next !== NO_BLOCK) this.#heap.store32(next + PREVIOUS, previous);
    if (previous !== NO_BLOCK) this.#heap.store32(previous + NEXT, next);
    else this.#heap.store32(this.#lists + order * 4, next);
  }
  #mark(block: number): number {
    return this.#heap.load8(this.#map + (block - this.#at) / UNIT_BYTES);
  }
  #setMark(block: number, mark: number): void {
    this.#heap.store8(this.#map + (block - this.#at) / UNIT_BYTES, mark);
  }
  #addFree(lenBytes: number): void {
    this.#heap.store32(this.#freeBytes, this.freeBytes + lenBytes);
  }
}

/** The smallest order whose blocks hold so many bytes. */
const orderOf = (lenBytes: number): number =>
  lenBytes <= UNIT_BYTES ? 0 : 32 - Math.clz32((lenBytes - 1) / UNIT_BYTES);
