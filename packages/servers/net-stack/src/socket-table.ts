/**
 * All sockets, found by number, by four-tuple or by port, in simulated memory.
 *
 * Invariant: a record is in the hash chains exactly while its KIND is LISTENER, CONNECTION or DATAGRAM_SOCKET and it has
 * a local port. CHOICE: free records are reused oldest first, so that a late event seldom meets the number's next owner.
 */
import type { Window } from '@bulkhead/runtime';
import type { Core } from './core.ts';
import { FIFO_BYTES, Fifo, NO_RECORD } from './fifo.ts';
import {
  CONNECTION,
  FREE_LINK,
  FREE_RECORD,
  GONE,
  OUTPUT_LINK,
  READY_LINK,
  RECORD_BYTES,
  SocketRecord,
  TCB_FIELDS,
  TCB_FIELDS_END,
  WRITERS_LINK,
} from './socket-record.ts';

const BUCKETS = 1024;
/** Listeners and datagram sockets beside the connections. */
export const EXTRA_SOCKETS = 32;

export class SocketTable {
  readonly records: Window;
  readonly count: number;
  /** Sockets with events to tell. */
  readonly ready: Fifo;
  /** Connections with something to send. */
  readonly output: Fifo;
  /** Sockets that had something to send and found no buffer for it. */
  readonly writers: Fifo;
  readonly #free: Fifo;
  readonly #buckets: Window;
  readonly #record: SocketRecord;

  constructor(core: Core) {
    this.count = core.settings.maxConnections + EXTRA_SOCKETS;
    this.records = core.arena.take(this.count * RECORD_BYTES);
    this.#buckets = core.arena.take(BUCKETS * 4);
    const list = (linkOffset: number): Fifo =>
      new Fifo({ ends: core.arena.take(FIFO_BYTES), table: this.records, recordBytes: RECORD_BYTES, linkOffset });
    this.ready = list(READY_LINK);
    this.output = list(OUTPUT_LINK);
    this.writers = list(WRITERS_LINK);
    this.#free = list(FREE_LINK);
    this.#record = new SocketRecord(this.records);
    for (let index = 0; index < this.count; index++) this.#free.push(index);
  }

  holds(index: number): boolean {
    return Number.isInteger(index) && index >= 0 && index < this.count;
  }
  /** @returns a record, all 0 but its kind and owner, or NO_RECORD. */
  allocate(kind: number, owner: number): number {
    const index = this.#free.shift();
    if (index === NO_RECORD) return NO_RECORD;
    this.#wipe(index);
    this.#record.kind = kind;
    this.#record.owner = owner;
    return index;
  }
  /** Gives a record back, or, while its owner has yet to be told of its end, leaves it to `told`. */
  release(index: number): void {
    this.#unchain(index);
    this.#record.moveTo(index);
    this.#record.kind = GONE;
    if (this.#record.events === 0) this.told(index);
  }
  /** The owner has been told everything: nothing keeps the number of a socket that is gone. */
  told(index: number): void {
    this.#record.moveTo(index);
    if (this.#record.kind !== GONE) return;
    this.#record.kind = FREE_RECORD;
    this.#free.push(index);
  }

  /** Enters a record whose ports and address are set. */
  chain(index: number): void {
    const record = this.#record;
    record.moveTo(index);
    const bucket = bucketOf(record.remoteAddress, record.remotePort, record.localPort);
    record.hashNext = this.#buckets.load32(bucket);
    this.#buckets.store32(bucket, index + 1);
  }
  findConnection(remoteAddress: number, remotePort: number, localPort: number): number {
    return this.#find(CONNECTION, remoteAddress, remotePort, localPort);
  }
  /** Finds a listener or a datagram socket. */
  findPort(kind: number, localPort: number): number {
    return this.#find(kind, 0, 0, localPort);
  }

  #find(kind: number, remoteAddress: number, remotePort: number, localPort: number): number {
    const record = this.#record;
    let index = this.#buckets.load32(bucketOf(remoteAddress, remotePort, localPort)) - 1;
    while (index !== NO_RECORD) {
      record.moveTo(index);
      const isIt =
        record.kind === kind &&
        record.localPort === localPort &&
        record.remotePort === remotePort &&
        record.remoteAddress === remoteAddress;
      if (isIt) return index;
      index = record.hashNext - 1;
    }
    return NO_RECORD;
  }
  #unchain(index: number): void {
    const record = this.#record;
    record.moveTo(index);
    const following = record.hashNext;
    const bucket = bucketOf(record.remoteAddress, record.remotePort, record.localPort);
    let at = this.#buckets.load32(bucket) - 1;
    if (at === index) {
      this.#buckets.store32(bucket, following);
      return;
    }
    while (at !== NO_RECORD) {
      record.moveTo(at);
      at = record.hashNext - 1;
      if (at === index) {
        record.hashNext = following;
        return;
      }
    }
  }
  /** Clears everything but the links of the ready, output and writers lists, in which the number may still stand. */
  #wipe(index: number): void {
    const record = this.#record;
    record.moveTo(index);
    this.records.fill(record.base + TCB_FIELDS, 0, TCB_FIELDS_END - TCB_FIELDS);
    record.state = 0;
    record.localPort = 0;
    record.remotePort = 0;
    record.remoteAddress = 0;
    record.hashNext = 0;
    record.events = 0;
    record.flags = 0;
    record.error = 0;
    record.receiveBytes = 0;
  }
}

/** Multiplicative hashing; the peer chooses some of the bits, so long chains are his to make and cost only time. */
function bucketOf(remoteAddress: number, remotePort: number, localPort: number): number {
  const mixed = Math.imul(remoteAddress ^ Math.imul((remotePort << 16) | localPort, 0x9e3779b1), 0x85ebca6b);
  return (((mixed ^ (mixed >>> 15)) >>> 0) % BUCKETS) * 4;
}
