/** The table of connections: a record is the table's word, and how far its stream stands in the pattern. */
import { ConnectionTable, NO_CONNECTION } from '@bulkhead/connections';
import type { Window } from '@bulkhead/runtime';

const MAX_CONNECTIONS = 256;
const RECORD_BYTES = 16;
const FIRST_RECORD = 4096;
/** One page of words, one of records. */
export const HEAP_PAGES: number = 1 + (MAX_CONNECTIONS * RECORD_BYTES) / 4096;

/** A word of a record: how much of the stream was taken, modulo the pattern's period. */
export const PLACE = 4;

export class Connections extends ConnectionTable {
  constructor(heap: Window) {
    super({ heap, at: FIRST_RECORD, recordBytes: RECORD_BYTES, size: MAX_CONNECTIONS, clearedBytes: 0 });
  }
  /** At the start of the pattern. One store costs less than clearing a line. */
  override open(socket: number): number {
    const connection = super.open(socket);
    if (connection !== NO_CONNECTION) this.set(connection, PLACE, 0);
    return connection;
  }
}
