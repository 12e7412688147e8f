/**
 * The table of connections: one page of the heap each, so that a wild store hits somebody's record and a record is
 * found again. A connection is named by the offset of its page.
 *
 *     0      words, by the names below
 *     64     the parser's words
 *     2048   bytes that were received and not yet read
 */
import type { Window } from '@bulkhead/runtime';
import { STATE_WORDS } from './request-state.ts';

export const MAX_CONNECTIONS = 256;
export const RECORD_BYTES = 4096;
export const RECEIVE_BYTES = 2048;

/** Words of a record, by byte offset. The first holds the socket's number + 1; 0 is a free record. */
const SOCKET = 0;
export const PHASE = 4;
export const ACTIVE_US = 8;
/** What is being sent: document, end of head, lengths, and how much of head and body together was taken. */
export const DOCUMENT = 12;
export const TAIL = 16;
export const HEAD_LEN = 20;
export const BODY_LEN = 24;
export const SENT = 28;
/** How much to compose at once. */
export const CHUNK = 32;
export const PENDING_LEN = 36;
/** How much came after we had closed. */
export const DISCARDED = 40;
/** What Content-Length says: the body's length, but for the answer to HEAD. */
export const STATED_LEN = 44;
const PARSER = 64;
const PENDING = 2048;

/** Words of the page before the records. */
const COUNT = 0;
const LISTENER = 4;
const SCANNED_US = 8;

export const NO_CONNECTION = -1;

export class Connections {
  readonly #heap: Window;

  constructor(heap: Window) {
    this.#heap = heap;
  }
  get isFull(): boolean {
    return this.#heap.load32(COUNT) >= MAX_CONNECTIONS;
  }
  get listener(): number {
    return this.#heap.load32(LISTENER);
  }
  set listener(socket: number) {
    this.#heap.store32(LISTENER, socket);
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
  /** @returns a cleared record for the socket; there must be a free one, or one that the number had before. */
  open(socket: number): number {
    const known = this.find(socket);
    const connection = known === NO_CONNECTION ? this.#search(socket, 0) : known;
    if (connection === NO_CONNECTION) return NO_CONNECTION;
    if (known === NO_CONNECTION) this.#heap.store32(COUNT, this.#heap.load32(COUNT) + 1);
    this.#heap.fill(connection, 0, PARSER + STATE_WORDS * 4);
    this.#heap.store32(connection + SOCKET, socket + 1);
    return connection;
  }
  free(connection: number): void {
    this.#heap.store32(connection + SOCKET, 0);
    this.#heap.store32(COUNT, this.#heap.load32(COUNT) - 1);
  }
  #search(socket: number, wanted: number): number {
    for (let i = 0; i < MAX_CONNECTIONS; i++) {
      const connection = (1 + ((socket + i) & (MAX_CONNECTIONS - 1))) * RECORD_BYTES;
      if (this.#heap.load32(connection + SOCKET) === wanted) return connection;
    }
    return NO_CONNECTION;
  }
  /** @returns true when the last time that this was true is `intervalUs` past: a scan touches every record. */
  mayScan(nowUs: number, intervalUs: number): boolean {
    if (((nowUs - this.#heap.load32(SCANNED_US)) | 0) < intervalUs) return false;
    this.#heap.store32(SCANNED_US, nowUs);
    return true;
  }
  idleUs(connection: number, nowUs: number): number {
    return (nowUs - this.#heap.load32(connection + ACTIVE_US)) | 0;
  }
  /** @returns the connection on which nothing has happened for longest, of a full table. */
  longestIdle(nowUs: number): number {
    let found = RECORD_BYTES;
    for (let i = 2; i <= MAX_CONNECTIONS; i++) {
      const connection = i * RECORD_BYTES;
      if (this.idleUs(connection, nowUs) > this.idleUs(found, nowUs)) found = connection;
    }
    return found;
  }

  loadParser(connection: number, words: Int32Array): void {
    for (let i = 0; i < STATE_WORDS; i++) words[i] = this.#heap.load32(connection + PARSER + i * 4);
  }
  storeParser(connection: number, words: Int32Array): void {
    for (let i = 0; i < STATE_WORDS; i++) this.#heap.store32(connection + PARSER + i * 4, words[i]!);
  }
  /** @returns how many bytes are pending; they are now in `into`. What is left of them is put back by `putPending`. */
  takePending(connection: number, into: Uint8Array): number {
    const lenBytes = this.#heap.load32(connection + PENDING_LEN);
    if (lenBytes <= 0 || lenBytes > RECEIVE_BYTES) return 0;
    this.#heap.loadBytes(connection + PENDING, into, 0, lenBytes);
    return lenBytes;
  }
  putPending(connection: number, from: Uint8Array, at: number, lenBytes: number): void {
    if (lenBytes > 0) this.#heap.storeBytes(connection + PENDING, from, at, lenBytes);
    this.#heap.store32(connection + PENDING_LEN, lenBytes);
  }
}
