/**
 * The driver's end of a split virtqueue. Virtio 1.2 §2.7 "Split Virtqueues".
 *
 * Each chain is two descriptors, one behind the other: the header, and the buffer. Headers, lengths of receive buffers
 * and links are written once; a frame writes its buffer's address. So the packet pool holds frames and nothing else.
 *
 * Memory: a page of descriptors, and a page with both rings. What the device writes is not believed: what it gives back
 * must be a chain that it has.
 *
 * Invariant: a chain is free, or lent with its buffer in `lent`; free chains stand in `free`, the first `#freeCount`.
 */
import type { Window } from '@bulkhead/runtime';
import * as virtio from '@bulkhead/virtio-datasheet';

/** A page of descriptors. */
export const QUEUE_SIZE_MAX = 256;
const CHAINS_MAX = QUEUE_SIZE_MAX / 2;
/** Lent buffers and free chains, a word each. */
export const BOOK_SIZE_BYTES: number = 2 * CHAINS_MAX * 4;
const FREE_OFFSET = CHAINS_MAX * 4;
/** In the page of the rings. */
const AVAIL = 0;
const USED = 1024;

/** In `reap`. */
export const NONE = -1;
/** In `reap`: the device gave back what it does not have. */
export const BAD = -2;

const DESC_SHIFT = 4;
const CHAIN_SHIFT = DESC_SHIFT + 1;
const INDEX_MASK = 0xffff;

/** Where the device reaches something. */
export interface DeviceAddress {
  readonly page: number;
  readonly offset: number;
}
export interface QueueAddresses {
  readonly desc: DeviceAddress;
  readonly driver: DeviceAddress;
  readonly device: DeviceAddress;
}
export interface QueueMemory {
  readonly descriptors: Window;
  readonly rings: Window;
  /** In the heap, BOOK_SIZE_BYTES. */
  readonly book: Window;
}
export interface QueueSetUp {
  readonly size: number;
  readonly hasEvents: boolean;
  /** The header of chain n stands at `header.offset + n × headerStrideBytes`. */
  readonly header: DeviceAddress;
  readonly headerStrideBytes: number;
  /** The device writes the buffers, each of so many bytes; 0 when it reads them. */
  readonly writesBytes: number;
}

/** Where the parts of a queue stand, by the pages of its memory. */
export const addressesOf = (descriptorsPage: number, ringsPage: number): QueueAddresses => ({
  desc: { page: descriptorsPage, offset: 0 },
  driver: { page: ringsPage, offset: AVAIL },
  device: { page: ringsPage, offset: USED },
});

export class Queue {
  readonly index: number;
  /** Length that the device said of what `reap` gave. */
  lenBytes = 0;
  notifyOffset = 0;
  readonly #descriptors: Window;
  readonly #rings: Window;
  readonly #book: Window;
  #size = 2;
  #mask = 1;
  #hasEvents = false;
  #freeCount = 0;
  /** Free-running, modulo 2^16: what was offered, what of it the device knows, and what was taken back. */
  #offered = 0;
  #published = 0;
  #reaped = 0;

  constructor(index: number, { descriptors, rings, book }: QueueMemory) {
    this.index = index;
    this.#descriptors = descriptors;
    this.#rings = rings;
    this.#book = book;
  }

  /** Writes what never changes. The device does not know the queue yet. */
  setUp({ size, hasEvents, header, headerStrideBytes, writesBytes }: QueueSetUp): void {
    const descriptors = this.#descriptors;
    this.#size = size;
    this.#mask = size - 1;
    this.#hasEvents = hasEvents;
    this.#rings.fill(0, 0, USED + virtio.availEventOffset(size) + 2);
    const write = writesBytes > 0 ? virtio.DESC_F_WRITE : 0;
    for (let chain = 0; chain < size >> 1; chain++) {
      const at = chain << CHAIN_SHIFT;
      const buffer = at + virtio.DESC_SIZE_BYTES;
      const link = ((2 * chain + 1) << 16) | virtio.DESC_F_NEXT | write;
      descriptors.store32(at, (header.page << 12) | (header.offset + chain * headerStrideBytes));
      descriptors.store32(at + 4, header.page >>> 20);
      descriptors.store32(at + virtio.DESC_LEN, virtio.NET_HDR_SIZE_BYTES);
      descriptors.store32(at + virtio.DESC_FLAGS, link);
      descriptors.store32(buffer + virtio.DESC_LEN, writesBytes);
      descriptors.store32(buffer + virtio.DESC_FLAGS, write);
      this.#give(chain);
    }
  }

  get isFull(): boolean {
    return this.#freeCount === 0;
  }
  /** How many chains the device has. */
  get outstanding(): number {
    return (this.#offered - this.#reaped) & INDEX_MASK;
  }

  /** §2.7.13, steps 1 and 2: offers a buffer. There is a free chain. A length of 0 leaves the one that stands there. */
  offer(buffer: number, addressLow: number, addressHigh: number, lenBytes: number): void {
    const book = this.#book;
    this.#freeCount -= 1;
    const chain = book.load32(FREE_OFFSET + this.#freeCount * 4);
    const at = (chain << CHAIN_SHIFT) + virtio.DESC_SIZE_BYTES;
    this.#descriptors.store32(at, addressLow);
    this.#descriptors.store32(at + 4, addressHigh);
    if (lenBytes !== 0) this.#descriptors.store32(at + virtio.DESC_LEN, lenBytes);
    book.store32(chain * 4, buffer);
    this.#rings.store16(AVAIL + virtio.AVAIL_RING + (this.#offered & this.#mask) * 2, chain * 2);
    this.#offered = (this.#offered + 1) & INDEX_MASK;
  }

  /** §2.7.13, steps 5 to 7: the device may take what was offered. @returns true when it is to be notified. */
  publish(): boolean {
    const before = this.#published;
    if (before === this.#offered) return false;
    this.#rings.store16(AVAIL + virtio.AVAIL_IDX, this.#offered);
    this.#published = this.#offered;
    if (!this.#hasEvents) return (this.#rings.load16(USED + virtio.USED_FLAGS) & virtio.USED_F_NO_NOTIFY) === 0;
    const event = this.#rings.load16(USED + virtio.availEventOffset(this.#size));
    return virtio.needsEvent(event, this.#offered, before);
  }

  /** §2.7.14 "Receiving Used Buffers From The Device". @returns the buffer of the next used chain, NONE or BAD. */
  reap(): number {
    const rings = this.#rings;
    if (rings.load16(USED + virtio.USED_IDX) === this.#reaped) return NONE;
    const at = USED + virtio.USED_RING + (this.#reaped & this.#mask) * virtio.USED_ELEM_SIZE_BYTES;
    const id = rings.load32(at + virtio.USED_ELEM_ID);
    this.lenBytes = rings.load32(at + virtio.USED_ELEM_LEN);
    this.#reaped = (this.#reaped + 1) & INDEX_MASK;
    if (id < 0 || id >= this.#size || (id & 1) !== 0) return BAD;
    const buffer = this.#book.load32((id >> 1) * 4);
    if (buffer === NONE) return BAD;
    this.#give(id >> 1);
    return buffer;
  }

  /**
   * §2.7.7.1: the device is to interrupt when it has used `after` chains more. @returns true when it has done so already:
   * what it used meanwhile may have passed the event unseen.
   */
  arm(after: number): boolean {
    if (this.#hasEvents) {
      this.#rings.store16(AVAIL + virtio.usedEventOffset(this.#size), (this.#reaped + after - 1) & INDEX_MASK);
    }
    return ((this.#rings.load16(USED + virtio.USED_IDX) - this.#reaped) & INDEX_MASK) >= after;
  }

  #give(chain: number): void {
    this.#book.store32(chain * 4, NONE);
    this.#book.store32(FREE_OFFSET + this.#freeCount * 4, chain);
    this.#freeCount += 1;
  }
}
