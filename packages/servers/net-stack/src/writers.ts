/**
 * Sockets that found no buffer to send with: who else has buffers out gives them back, and nothing of a waiting socket's
 * own need ever come for it to hear of that.
 */
import { WRITABLE } from '@bulkhead/net-stack-api';
import type { Buffers } from './buffers.ts';
import { NO_RECORD } from './fifo.ts';
import type { Link } from './link.ts';
import type { Readiness } from './readiness.ts';
import { CONNECTION, DATAGRAM_SOCKET, SocketRecord } from './socket-record.ts';
import type { SocketTable } from './socket-table.ts';
import { ESTABLISHED } from './tcp/state.ts';
import { WANT_WRITE } from './tcp/tcb.ts';

export interface WritersOptions {
  readonly buffers: Buffers;
  readonly link: Link;
  readonly table: SocketTable;
  readonly readiness: Readiness;
}

export class Writers {
  readonly #buffers: Buffers;
  readonly #link: Link;
  readonly #table: SocketTable;
  readonly #readiness: Readiness;
  readonly #record: SocketRecord;

  constructor({ buffers, link, table, readiness }: WritersOptions) {
    this.#buffers = buffers;
    this.#link = link;
    this.#table = table;
    this.#readiness = readiness;
    this.#record = new SocketRecord(table.records);
  }
  /** Tells those who wait longest, no more than there are buffers: whoever finds none again waits again. */
  offer(): void {
    const { writers } = this.#table;
    if (writers.isEmpty || !this.#link.canTransmit) return;
    for (let left = this.#buffers.spareForPayload; left > 0; left--) {
      const index = writers.shift();
      if (index === NO_RECORD) return;
      this.#tell(index);
    }
  }
  /** The number may be another socket's by now, which then tries once in vain. */
  #tell(index: number): void {
    const record = this.#record;
    record.moveTo(index);
    const isWriter = record.kind === CONNECTION && record.state >= ESTABLISHED && record.has(WANT_WRITE);
    if (isWriter) record.clear(WANT_WRITE);
    if (isWriter || record.kind === DATAGRAM_SOCKET) this.#readiness.notify(record, WRITABLE);
  }
}
