/**
 * Casts that wait, in a ring in simulated memory: one producer, one consumer, each with its own mapping of it.
 *
 *   word 0  tail: entries ever appended, modulo 2^32       word 2  1 while the consumer has been signalled
 *   word 1  head: entries ever taken                       entries of 5 words from byte 64: method, four arguments
 *
 * What the other side could have written is not believed: a distance between the indices that is no filling of the ring
 * counts as full for the producer and as empty for the consumer, and is counted in `spoiled`.
 */
import type { Window } from '@bulkhead/runtime';

const TAIL = 0;
const HEAD = 4;
const SIGNALLED = 8;
const ENTRIES = 64;
export const ENTRY_WORDS = 5;
const ENTRY_BYTES = ENTRY_WORDS * 4;

/** @returns how many bytes a queue of this capacity takes. */
export const queueBytes = (capacity: number): number => ENTRIES + capacity * ENTRY_BYTES;

export class CastQueue {
  readonly capacity: number;
  spoiled = 0;
  readonly #producer: Window;
  readonly #consumer: Window;

  /** @param capacity a power of two. The memory is zero. */
  constructor(capacity: number, producer: Window, consumer: Window) {
    this.capacity = capacity;
    this.#producer = producer;
    this.#consumer = consumer;
  }
  /** @returns false when the queue is full. */
  append(method: number, a0: number, a1: number, a2: number, a3: number): boolean {
    const ring = this.#producer;
    const tail = ring.load32(TAIL);
    const filling = (tail - ring.load32(HEAD)) >>> 0;
    if (filling >= this.capacity) {
      if (filling > this.capacity) this.spoiled++;
      return false;
    }
    const at = ENTRIES + (tail & (this.capacity - 1)) * ENTRY_BYTES;
    ring.store32(at, method);
    ring.store32(at + 4, a0);
    ring.store32(at + 8, a1);
    ring.store32(at + 12, a2);
    ring.store32(at + 16, a3);
    ring.store32(TAIL, tail + 1);
    return true;
  }
  /** @returns whether the consumer must be told; from now on it counts as told. */
  mustSignal(): boolean {
    if (this.#producer.load32(SIGNALLED) !== 0) return false;
    this.#producer.store32(SIGNALLED, 1);
    return true;
  }
  /** @returns whether there was an entry; it stands in `into`. */
  take(into: Int32Array): boolean {
    const ring = this.#consumer;
    const head = ring.load32(HEAD);
    const filling = (ring.load32(TAIL) - head) >>> 0;
    if (filling === 0 || filling > this.capacity) {
      if (filling !== 0) this.spoiled++;
      return false;
    }
    const at = ENTRIES + (head & (this.capacity - 1)) * ENTRY_BYTES;
    for (let word = 0; word < ENTRY_WORDS; word++) into[word] = ring.load32(at + word * 4);
    ring.store32(HEAD, head + 1);
    return true;
  }
  /** The consumer is about to sleep and wants to be told. @returns false when something came in the meantime. */
  sleep(): boolean {
    const ring = this.#consumer;
    ring.store32(SIGNALLED, 0);
    if (ring.load32(TAIL) === ring.load32(HEAD)) return true;
    ring.store32(SIGNALLED, 1);
    return false;
  }
}
