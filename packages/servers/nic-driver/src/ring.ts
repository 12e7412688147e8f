/**
 * What both rings are: descriptors in memory that the device reaches, and for each the buffer that it names, in the
 * heap. The driver fills at `tail` and reaps at `head`; the device works between. Intel 82574 Datasheet revision 3.4
 * §7.1 "Receive Functionality", §7.2 "Transmit Functionality": empty when head and tail are equal, so one descriptor
 * is never used.
 */
import type { Window } from '@bulkhead/runtime';

export const RING_LENGTH_ENTRIES = 256;
export const DESCRIPTOR_SIZE_BYTES = 16;
export const RING_SIZE_BYTES: number = RING_LENGTH_ENTRIES * DESCRIPTOR_SIZE_BYTES;
/** The buffers of one ring, a word each. */
export const LENT_SIZE_BYTES: number = RING_LENGTH_ENTRIES * 4;
const INDEX_MASK: number = RING_LENGTH_ENTRIES - 1;

export class Ring {
  readonly descriptors: Window;
  readonly #lent: Window;
  #head = 0;
  #tail = 0;
  /** What the device's tail register holds. */
  #announced = 0;

  constructor(descriptors: Window, lent: Window) {
    this.descriptors = descriptors;
    this.#lent = lent;
  }
  get isEmpty(): boolean {
    return this.#head === this.#tail;
  }
  get isFull(): boolean {
    return ((this.#tail + 1) & INDEX_MASK) === this.#head;
  }
  /** Byte offset of the descriptor that is filled next. */
  get tailOffset(): number {
    return this.#tail * DESCRIPTOR_SIZE_BYTES;
  }
  /** Byte offset of the descriptor that is reaped next. */
  get headOffset(): number {
    return this.#head * DESCRIPTOR_SIZE_BYTES;
  }
  /** The descriptor at the tail is filled, and names `buffer`. */
  push(buffer: number): void {
    this.#lent.store32(this.#tail * 4, buffer);
    this.#tail = (this.#tail + 1) & INDEX_MASK;
  }
  /** The descriptor at the head is done. @returns its buffer. */
  pop(): number {
    const buffer = this.#lent.load32(this.#head * 4);
    this.#head = (this.#head + 1) & INDEX_MASK;
    return buffer;
  }
  /** @returns the tail to tell the device, or -1 when it knows it. */
  unannounced(): number {
    if (this.#announced === this.#tail) return -1;
    this.#announced = this.#tail;
    return this.#tail;
  }
}
