/**
 * A ring of fixed-size entries in shared memory, with one producer and one consumer, and the protocol by which the
 * consumer may sleep without ever missing an entry.
 *
 *   word 0  tail                 entries ever produced, modulo 2^32; written by the producer
 *   word 1  head                 entries ever consumed, modulo 2^32; written by the consumer
 *   word 2  consumer signalled   0: the consumer asks for a signal
 *   word 3  –
 *   word 4… entries
 *
 * Each side keeps its own index and the capacity privately, and takes from memory only the other side's index, which
 * it does not trust: a distance beyond the capacity is RING_CORRUPTED. No loop depends on what memory holds.
 *
 * Where harts reorder a store behind a later load, `fence` must order them: once on each side, between the store
 * that announces (the tail, the cleared flag) and the load that asks (the flag, the tail). One hart needs none. There too
 * the signal that `mustSignal` asks for must not overtake the flag's store, or the consumer may wake, clear the flag and
 * have it set again behind its back: a signal through a kernel that takes a lock does not.
 */
import { isPowerOfTwo } from '@bulkhead/bits';
import { invariant } from '@bulkhead/result';

/** Memory that both sides see, from the ring's first byte. A window of a component is one. */
export interface RingPort {
  load32(offset: number): number;
  store32(offset: number, value: number): void;
}

/** The other side's index cannot be: nothing that this memory holds is to be believed. */
export const RING_CORRUPTED = -1;

const TAIL = 0;
const HEAD = 4;
const CONSUMER_SIGNALLED = 8;
const ENTRIES = 16;
const WORD_BYTES = 4;

/** @returns bytes that a ring takes. */
export const ringSizeBytes = (capacityEntries: number, entryWords: number): number =>
  ENTRIES + capacityEntries * entryWords * WORD_BYTES;

export interface RingOptions {
  readonly port: RingPort;
  /** A power of two. */
  readonly capacityEntries: number;
  readonly entryWords: number;
  /** Orders earlier stores before later loads. @defaultValue nothing: one hart */
  readonly fence?: () => void;
}

const noFence = (): void => {};

/** Empties a ring, before either side is made. */
export function initRing(port: RingPort): void {
  port.store32(TAIL, 0);
  port.store32(HEAD, 0);
  port.store32(CONSUMER_SIGNALLED, 0);
}

export class RingProducer {
  readonly #port: RingPort;
  readonly #capacity: number;
  readonly #entryWords: number;
  readonly #fence: () => void;
  #tail: number;

  /** Goes on where memory says that the producer before it stopped. */
  constructor({ port, capacityEntries, entryWords, fence = noFence }: RingOptions) {
    invariant(isPowerOfTwo(capacityEntries), 'a ring holds a power of two of entries');
    this.#port = port;
    this.#capacity = capacityEntries;
    this.#entryWords = entryWords;
    this.#fence = fence;
    this.#tail = port.load32(TAIL);
  }

  /** @returns how many entries can be produced now, or RING_CORRUPTED. */
  free(): number {
    const used = (this.#tail - this.#port.load32(HEAD)) | 0;
    return used < 0 || used > this.#capacity ? RING_CORRUPTED : this.#capacity - used;
  }

  /** Appends the first words of `entry`. @returns 1, 0 when the ring is full, or RING_CORRUPTED. */
  produce(entry: Int32Array): number {
    const free = this.free();
    if (free <= 0) return free;
    const port = this.#port;
    const start = ENTRIES + (this.#tail & (this.#capacity - 1)) * this.#entryWords * WORD_BYTES;
    for (let i = 0; i < this.#entryWords; i++) port.store32(start + i * WORD_BYTES, entry[i]!);
    this.#tail = (this.#tail + 1) | 0;
    port.store32(TAIL, this.#tail);
    return 1;
  }

  /** To be asked after a batch. @returns whether the consumer waits for a signal, which is then the caller's to send. */
  mustSignal(): boolean {
    this.#fence();
    if (this.#port.load32(CONSUMER_SIGNALLED) !== 0) return false;
    this.#port.store32(CONSUMER_SIGNALLED, 1);
    return true;
  }
}

export class RingConsumer {
  readonly #port: RingPort;
  readonly #capacity: number;
  readonly #entryWords: number;
  readonly #fence: () => void;
  #head: number;

  /** Goes on where memory says that the consumer before it stopped. */
  constructor({ port, capacityEntries, entryWords, fence = noFence }: RingOptions) {
    invariant(isPowerOfTwo(capacityEntries), 'a ring holds a power of two of entries');
    this.#port = port;
    this.#capacity = capacityEntries;
    this.#entryWords = entryWords;
    this.#fence = fence;
    this.#head = port.load32(HEAD);
  }

  /** @returns how many entries wait, or RING_CORRUPTED. */
  available(): number {
    const waiting = (this.#port.load32(TAIL) - this.#head) | 0;
    return waiting < 0 || waiting > this.#capacity ? RING_CORRUPTED : waiting;
  }

  /** Takes the oldest entry. @returns 1, 0 when there is none, or RING_CORRUPTED. */
  consume(into: Int32Array): number {
    const available = this.available();
    if (available <= 0) return available;
    const port = this.#port;
    const start = ENTRIES + (this.#head & (this.#capacity - 1)) * this.#entryWords * WORD_BYTES;
    for (let i = 0; i < this.#entryWords; i++) into[i] = port.load32(start + i * WORD_BYTES);
    this.#head = (this.#head + 1) | 0;
    port.store32(HEAD, this.#head);
    return 1;
  }

  /**
   * To be asked when the ring was found empty: asks for a signal, and looks again, because the producer may have been
   * between its entry and its look at the flag.
   * @returns 0: sleep, a signal will come; otherwise, as `available`, what came meanwhile.
   */
  sleep(): number {
    this.#port.store32(CONSUMER_SIGNALLED, 0);
    this.#fence();
    const available = this.available();
    if (available !== 0) this.#port.store32(CONSUMER_SIGNALLED, 1);
    return available;
  }
}
