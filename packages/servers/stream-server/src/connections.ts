/**
 * The table of connections, in the heap: a record is the socket's number + 1 (0 is a free record) and how far its
 * stream stands in the pattern. A connection is named by the offset of its record.
 */
import type { Window } from '@bulkhead/runtime';

export const MAX_CONNECTIONS = 256;
const RECORD_BYTES = 16;
const FIRST_RECORD = 4096;
/** One page of words, one of records. */
export const HEAP_PAGES: number = 1 + (MAX_CONNECTIONS * RECORD_BYTES) / 4096;

/** Words of a record. */
const SOCKET = 0;
const PLACE = 4;
/** Words of the page before the records. */
const LISTENER = 0;
const COUNT = 4;

export const NO_CONNECTION = -1;

export class Connections {
  readonly #heap: Window;

  constructor(heap: Window) {
    this.#heap = heap;
  }
  get isFull(): boolean {
    return this.#heap.load32(COUNT) >= MAX_CONNECTIONS;
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
    const connection = FIRST_RECORD + index * RECORD_BYTES;
    return this.#heap.load32(connection + SOCKET) === 0 ? NO_CONNECTION : connection;
  }
  socketOf(connection: number): number {
    return this.#heap.load32(connection + SOCKET) - 1;
  }
  /** How much of the stream was taken, modulo the pattern's period. */
  placeOf(connection: number): number {
    return this.#heap.load32(connection + PLACE);
  }
  setPlace(connection: number, place: number): void {
    this.#heap.store32(connection + PLACE, place);
  }

  /** Looks from the record that the number points at; a socket that has one is found at once as a rule. */
  find(socket: number): number {
    return this.#search(socket, socket + 1);
  }
  /** @returns a record for the socket, at the start of the pattern, or NO_CONNECTION when the table is full. */
  open(socket: number): number {
    const known = this.find(socket);
    const connection = known === NO_CONNECTION ? this.#search(socket, 0) : known;
    if (connection === NO_CONNECTION) return NO_CONNECTION;
    if (known === NO_CONNECTION) this.#heap.store32(COUNT, this.#heap.load32(COUNT) + 1);
    this.#heap.store32(connection + SOCKET, socket + 1);
    this.#heap.store32(connection + PLACE, 0);
    return connection;
  }
  free(connection: number): void {
    this.#heap.store32(connection + SOCKET, 0);
    this.#heap.store32(COUNT, this.#heap.load32(COUNT) - 1);
  }
  #search(socket: number, wanted: number): number {
    for (let i = 0; i < MAX_CONNECTIONS; i++) {
      const connection = FIRST_RECORD + ((socket + i) & (MAX_CONNECTIONS - 1)) * RECORD_BYTES;
      if (this.#heap.load32(connection + SOCKET) === wanted) return connection;
    }
    return NO_CONNECTION;
  }
}
