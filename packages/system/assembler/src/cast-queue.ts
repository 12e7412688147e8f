/**
 * Casts that wait: a ring of the ipc package in simulated memory, whose entries are a method and four arguments. The
 * producer and the consumer each reach it through a mapping of their own.
 *
 * What the other side could have written is not believed: an index that cannot be counts as full for the producer and
 * as empty for the consumer, and is counted in `spoiled`.
 */
import { RING_CORRUPTED, RingConsumer, RingProducer, ringSizeBytes } from '@bulkhead/ipc';
import type { Window } from '@bulkhead/runtime';

export const ENTRY_WORDS = 5;

/** @returns how many bytes a queue of this capacity takes. */
export const queueBytes = (capacity: number): number => ringSizeBytes(capacity, ENTRY_WORDS);

export class CastQueue {
  /** How often an index was found that no correct peer could have left. */
  spoiled = 0;
  #length = 0;
  readonly #capacityEntries: number;
  readonly #producerPort: Window;
  readonly #consumerPort: Window;
  readonly #entry: Int32Array = new Int32Array(ENTRY_WORDS);
  /** Each side is made when it first acts: only then is its address space loaded. */
  #producer: RingProducer | null = null;
  #consumer: RingConsumer | null = null;

  /** @param capacityEntries a power of two. The memory is zero: an empty ring. */
  constructor(capacityEntries: number, producer: Window, consumer: Window) {
    this.#capacityEntries = capacityEntries;
    this.#producerPort = producer;
    this.#consumerPort = consumer;
  }
  /** How many casts wait, as the two sides have counted: for who watches. It reads no memory, so it costs nothing. */
  get length(): number {
    return this.#length;
  }
  /** @returns false when the queue is full. */
  append(method: number, a0: number, a1: number, a2: number, a3: number): boolean {
    const entry = this.#entry;
    entry[0] = method;
    entry[1] = a0;
    entry[2] = a1;
    entry[3] = a2;
    entry[4] = a3;
    if (this.#checked(this.#producing().produce(entry)) <= 0) return false;
    this.#length++;
    return true;
  }
  /** @returns whether the consumer must be told; from now on it counts as told. */
  mustSignal(): boolean {
    return this.#producing().mustSignal();
  }
  /** @returns whether there was an entry; it stands in `into`. */
  take(into: Int32Array): boolean {
    if (this.#checked(this.#consuming().consume(into)) <= 0) return false;
    this.#length--;
    return true;
  }
  /** The consumer is about to sleep and wants to be told. @returns false when something came in the meantime. */
  sleep(): boolean {
    return this.#checked(this.#consuming().sleep()) <= 0;
  }

  #producing(): RingProducer {
    this.#producer ??= new RingProducer(this.#options(this.#producerPort));
    return this.#producer;
  }
  #consuming(): RingConsumer {
    this.#consumer ??= new RingConsumer(this.#options(this.#consumerPort));
    return this.#consumer;
  }
  #options(port: Window): ConstructorParameters<typeof RingProducer>[0] {
    return { port, capacityEntries: this.#capacityEntries, entryWords: ENTRY_WORDS };
  }
  #checked(answer: number): number {
    if (answer === RING_CORRUPTED) this.spoiled++;
    return answer;
  }
}
