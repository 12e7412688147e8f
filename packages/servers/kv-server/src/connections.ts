/**
 * The table of connections: a record each, in the heap. A connection is named by the offset of its record.
 *
 * What waits on a connection stands in blocks of an arena: of a request that is not complete, what came of it; of
 * replies that the stack had no room for, the rest.
 */
import type { Window } from '@bulkhead/runtime';
import * as l from './layout.ts';

/** Words of a record. The first holds the socket's number + 1; 0 is a free record. */
const SOCKET = 0;
export const PHASE = 4;
/** What was received and not yet executed: block, length, and how much must be there before it is worth a look. */
export const IN_BLOCK = 8;
export const IN_LEN = 12;
export const NEED = 16;
/** What is to be sent: block, length, and how much of it was taken. */
export const OUT_BLOCK = 20;
export const OUT_LEN = 24;
export const OUT_SENT = 28;
/** How much came after we had closed. */
export const DISCARDED = 32;
/** The client's number, as CLIENT ID tells it. */
export const CLIENT = 36;

export const NO_CONNECTION = -1;

export class Connections {
  readonly #heap: Window;

  constructor(heap: Window) {
    this.#heap = heap;
  }
  get isFull(): boolean {
    return this.#heap.load32(l.CONNECTION_COUNT) >= l.MAX_CONNECTIONS;
  }
  /** The listening socket; -1 is none. */
  get listener(): number {
    return this.#heap.load32(l.LISTENER) - 1;
  }
  set listener(socket: number) {
    this.#heap.store32(l.LISTENER, socket + 1);
  }
  /** @returns the record number `index`, or NO_CONNECTION when it is free. */
  at(index: number): number {
    const connection = l.CONNECTIONS + index * l.CONNECTION_BYTES;
    return this.#heap.load32(connection + SOCKET) === 0 ? NO_CONNECTION : connection;
  }
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
  /** @returns a cleared record for a socket that has none, or NO_CONNECTION when the table is full. */
  open(socket: number): number {
    const connection = this.#search(socket, 0);
    if (connection === NO_CONNECTION) return NO_CONNECTION;
    const client = (this.#heap.load32(l.LAST_CLIENT) + 1) & 0x7fffffff;
    this.#heap.store32(l.LAST_CLIENT, client);
    this.#heap.store32(l.CONNECTION_COUNT, this.#heap.load32(l.CONNECTION_COUNT) + 1);
    this.#heap.fill(connection, 0, l.CONNECTION_BYTES);
    this.#heap.store32(connection + SOCKET, socket + 1);
    this.#heap.store32(connection + CLIENT, client);
    return connection;
  }
  /** Its blocks must have been given back. */
  free(connection: number): void {
    this.#heap.store32(connection + SOCKET, 0);
    this.#heap.store32(l.CONNECTION_COUNT, this.#heap.load32(l.CONNECTION_COUNT) - 1);
  }
  #search(socket: number, wanted: number): number {
    for (let i = 0; i < l.MAX_CONNECTIONS; i++) {
      const connection = l.CONNECTIONS + ((socket + i) & (l.MAX_CONNECTIONS - 1)) * l.CONNECTION_BYTES;
      if (this.#heap.load32(connection + SOCKET) === wanted) return connection;
    }
    return NO_CONNECTION;
  }
}
