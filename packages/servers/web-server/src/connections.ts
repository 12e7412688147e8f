/**
 * The table of connections: a page of the heap each.
 *
 *     0      words, by the names below
 *     64     the parser's words
 *     2048   bytes that were received and not yet read
 */
import { ConnectionTable } from '@bulkhead/connections';
import type { Window } from '@bulkhead/runtime';
import { STATE_WORDS } from './request-state.ts';

export const MAX_CONNECTIONS = 256;
export const RECORD_BYTES = 4096;
export const RECEIVE_BYTES = 2048;

/** Words of a record, by byte offset; the first is the table's own. */
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

/** In the page before the records, beyond the table's words. */
const SCANNED_US = 8;

export class Connections extends ConnectionTable {
  readonly #heap: Window;

  constructor(heap: Window) {
    const clearedBytes = PARSER + STATE_WORDS * 4;
    super({ heap, at: RECORD_BYTES, recordBytes: RECORD_BYTES, size: MAX_CONNECTIONS, clearedBytes });
    this.#heap = heap;
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
