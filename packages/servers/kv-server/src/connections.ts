/**
 * The table of connections. What waits on a connection stands in blocks of an arena: of a request that is not complete,
 * what came of it; of replies that the stack had no room for, the rest.
 */
import { ConnectionTable, NO_CONNECTION } from '@bulkhead/connections';
import type { Window } from '@bulkhead/runtime';
import { type Arena, NO_BLOCK } from './arena.ts';
import { CONNECTION_BYTES, CONNECTIONS, LAST_CLIENT, MAX_CONNECTIONS } from './layout.ts';

/** Words of a record; the first is the table's own. */
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

export class Connections extends ConnectionTable {
  readonly #heap: Window;
  readonly #waiting: Arena;

  constructor(heap: Window, waiting: Arena) {
    super({ heap, at: CONNECTIONS, recordBytes: CONNECTION_BYTES, size: MAX_CONNECTIONS });
    this.#heap = heap;
    this.#waiting = waiting;
  }
  /** Clients are numbered as they come. */
  override open(socket: number): number {
    const connection = super.open(socket);
    if (connection === NO_CONNECTION) return NO_CONNECTION;
    const client = (this.#heap.load32(LAST_CLIENT) + 1) & 0x7fffffff;
    this.#heap.store32(LAST_CLIENT, client);
    this.set(connection, CLIENT, client);
    return connection;
  }
  /** With its blocks. */
  override free(connection: number): void {
    const kept = this.get(connection, OUT_BLOCK);
    if (kept !== NO_BLOCK) this.#waiting.give(kept);
    this.forgetInput(connection);
    super.free(connection);
  }
  /** Gives back what is kept of a request. */
  forgetInput(connection: number): void {
    const block = this.get(connection, IN_BLOCK);
    if (block !== NO_BLOCK) this.#waiting.give(block);
    this.set(connection, IN_BLOCK, NO_BLOCK);
    this.set(connection, IN_LEN, 0);
  }
}
