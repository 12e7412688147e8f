/**
 * The table of connections: a record each, in the heap, so that a wild store hits somebody's record and a record is
 * found again. A connection is named by the byte offset of its record. What stands in a record is its owner's, but for
 * the first word.
 */
import type { Window } from '@bulkhead/runtime';

/** Words at the start of the heap: the listening socket's number + 1 (0 is none), and how many records are taken. */
const LISTENER = 0;
const COUNT = 4;
/** The first word of a record: its socket's number + 1; 0 is a free record. */
const SOCKET = 0;

export const NO_CONNECTION = -1;

export interface TableOptions {
  readonly heap: Window;
  /** Byte offset of the first record, beyond the table's two words. */
  readonly at: number;
  readonly recordBytes: number;
  /** How many records there are: a power of two. */
  readonly size: number;
  /** How much of a record is cleared for a new connection; the rest is its owner's to set. @defaultValue recordBytes */
  readonly clearedBytes?: number;
}

export class ConnectionTable {
  readonly size: number;
  readonly #heap: Window;
  readonly #at: number;
  readonly #recordBytes: number;
  readonly #clearedBytes: number;

  constructor({ heap, at, recordBytes, size, clearedBytes = recordBytes }: TableOptions) {
    this.size = size;
    this.#heap = heap;
    this.#at = at;
    this.#recordBytes = recordBytes;
    this.#clearedBytes = clearedBytes;
  }
  get isFull(): boolean {
    return this.#heap.load32(COUNT) >= this.size;
  }
  /** The listening socket; -1 is none. */
  get listener(): number {
    return this.#heap.load32(LISTENER) - 1;
  }
  set listener(socket: number) {
    this.#heap.store32(LISTENER, socket + 1);
  }
  /** @returns the record number `index`, or NO_CONNECTION when it is free. */
  at(index: number): number {
    const connection = this.#at + index * this.#recordBytes;
    return this.#heap.load32(connection + SOCKET) === 0 ? NO_CONNECTION : connection;
  }
  /** @param word byte offset in the record; 0 is the table's own. */
  get(connection: number, word: number): number {
    return this.#heap.load32(connection + word);
  }
  set(connection: number, word: number, value: number): void {
    this.#heap.store32(connection + word, value);
  }
  socketOf(connection: number): number {
    return this.#heap.load32(connection + SOCKET) - 1;
  }

  /** Looks from the record that the number points at; a socket that has one is found at once as a rule. */
  find(socket: number): number {
    return this.#search(socket, socket + 1);
  }
  /**
   * @returns a cleared record for a socket that was accepted, or NO_CONNECTION when the table is full. A record that
   * the number has is of a socket before it, and is freed.
   */
  open(socket: number): number {
    const stale = this.find(socket);
    if (stale !== NO_CONNECTION) this.free(stale);
    const connection = this.#search(socket, 0);
    if (connection === NO_CONNECTION) return NO_CONNECTION;
    this.#heap.store32(COUNT, this.#heap.load32(COUNT) + 1);
    if (this.#clearedBytes > 0) this.#heap.fill(connection, 0, this.#clearedBytes);
    this.#heap.store32(connection + SOCKET, socket + 1);
    return connection;
  }
  free(connection: number): void {
    this.#heap.store32(connection + SOCKET, 0);
    this.#heap.store32(COUNT, this.#heap.load32(COUNT) - 1);
  }
  #search(socket: number, wanted: number): number {
    for (let i = 0; i < this.size; i++) {
      const connection = this.#at + ((socket + i) & (this.size - 1)) * this.#recordBytes;
      if (this.#heap.load32(connection + SOCKET) === wanted) return connection;
    }
    return NO_CONNECTION;
  }
}
