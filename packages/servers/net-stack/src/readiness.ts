/**
 * The `ready` events: coalesced per socket, told at the end of a handler.
 *
 * A client whose queue is full is told later; events wait in the record, so nothing is lost and nothing grows.
 */
import { PEER_DIED, type ServerPort } from '@bulkhead/abi';
import type { sockets } from '@bulkhead/net-stack-api';
import { NO_RECORD } from './fifo.ts';
import { FREE_RECORD, SocketRecord } from './socket-record.ts';
import type { SocketTable } from './socket-table.ts';

/** No client died. Identities are 0 or more. */
export const NOBODY = -1;

export class Readiness {
  readonly #table: SocketTable;
  readonly #client: ServerPort<typeof sockets>;
  readonly #record: SocketRecord;

  constructor(table: SocketTable, client: ServerPort<typeof sockets>) {
    this.#table = table;
    this.#client = client;
    this.#record = new SocketRecord(table.records);
  }
  /** Will tell the owner of `record` of `what`. */
  notify(record: SocketRecord, what: number): void {
    record.events = record.events | what;
    this.#table.ready.push(record.index);
  }
  /** Tells everything that waits. @returns a client that turned out to be dead, or NOBODY. */
  flush(): number {
    const { ready } = this.#table;
    const record = this.#record;
    for (let index = ready.shift(); index !== NO_RECORD; index = ready.shift()) {
      record.moveTo(index);
      if (record.kind === FREE_RECORD || record.events === 0) continue;
      const owner = record.owner;
      const refusal = this.#client.ready(owner, index, record.events);
      if (refusal < 0 && refusal !== PEER_DIED) {
        ready.push(index);
        return NOBODY;
      }
      record.events = 0;
      this.#table.told(index);
      if (refusal === PEER_DIED) return owner;
    }
    return NOBODY;
  }
}
