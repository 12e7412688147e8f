/** The receiving side of queued casts: takes entries from a queue and hands them to the component's handlers. */
import { FIRST_INBOUND_BIT, type Life } from '@bulkhead/microkernel';
import { ENTRY_WORDS } from './cast-queue.ts';
import type { Connection } from './connection.ts';
import { dispatcher, type GateScope } from './gates.ts';
import type { Inbound, Place } from './place.ts';

/** Entries that one fetch brings: as many as fit into a message of 120 words. */
const FETCH_ENTRIES = 24;
const MESSAGE_REGISTERS = 4;
const A0 = 10;

/** Gives a connection's queue a bit in the notification word of its consumer. @returns the bit. */
export function addInbound(place: Place, inbound: Inbound): number {
  return 1 << (FIRST_INBOUND_BIT + place.inbound.push(inbound) - 1);
}

/** The queue is in memory that the consumer sees: it takes entry by entry. */
export function sharedInbound(scope: GateScope, connection: Connection, toServer: boolean): Inbound {
  const place = toServer ? connection.server : connection.client;
  const methods = toServer ? connection.casts : connection.events;
  const port = toServer ? connection.serverPort : connection.clientPort;
  const dispatch = dispatcher(methods, port, toServer ? connection.client.seat.index : null);
  const entry = new Int32Array(ENTRY_WORDS);
  const { castDispatch, ringEntry } = scope.kernel.primitives;
  const gate = toServer ? connection.up : connection.down;
  const price = gate === 'queue' || gate === 'system-call' ? castDispatch : ringEntry;
  return {
    drain(): void {
      const queue = toServer ? connection.upQueue! : connection.downQueue!;
      const { life } = place;
      const { executive } = scope.kernel;
      const bit = toServer ? connection.upBit : connection.downBit;
      // As many as the queue holds, then others have their turn, even if every answer brings the next cast.
      let left = connection.contract.capacity;
      do {
        for (; ; left--) {
          if (!executive.meter.next(place.seat.index)) {
            executive.signal(place.seat, bit);
            return;
          }
          if (!queue.take(entry)) break;
          place.quiet.spend(price);
          dispatch(place, entry);
          if (life.over) throw life.ended;
          // The other end was started again while the handler ran: this ring is gone, and the new one signals by itself.
          if (queue !== (toServer ? connection.upQueue : connection.downQueue)) return;
          if (left <= 1) {
            executive.signal(place.seat, bit);
            return;
          }
        }
      } while (!queue.sleep());
    },
  };
}

/** The queue is in the producer's memory: the consumer fetches batches with a call. */
export const fetchedInbound = (scope: GateScope, connection: Connection): Inbound => new Fetched(scope, connection);

class Fetched implements Inbound {
  readonly #scope: GateScope;
  readonly #connection: Connection;
  readonly #dispatch: (place: Place, entry: Int32Array) => boolean;
  readonly #batch: Int32Array = new Int32Array(FETCH_ENTRIES * ENTRY_WORDS);
  readonly #entry: Int32Array = new Int32Array(ENTRY_WORDS);
  /** Where the next entry of the batch is, and its end; what waits for the component's budget lies between. */
  #next = 0;
  #end = 0;
  /** Whose batch it is. */
  #life: Life | null = null;

  constructor(scope: GateScope, connection: Connection) {
    this.#scope = scope;
    this.#connection = connection;
    this.#dispatch = dispatcher(connection.events, connection.clientPort, null);
  }
  drain(): void {
    const place = this.#connection.client;
    const { life } = place;
    const { executive } = this.#scope.kernel;
    const isLate = this.#life === life && this.#next < this.#end;
    if (!isLate) this.#begin(place);
    while (this.#next < this.#end) {
      if (!executive.meter.next(place.seat.index)) {
        executive.signal(place.seat, this.#connection.downBit);
        return;
      }
      const from = this.#next++ * ENTRY_WORDS;
      for (let word = 0; word < ENTRY_WORDS; word++) this.#entry[word] = this.#batch[from + word]!;
      this.#dispatch(place, this.#entry);
      if (life.over) throw life.ended;
    }
    // A full batch may not have been all, and a late one may have grown old: the component comes back to it when others
    // have had their turn.
    if (isLate || this.#end === FETCH_ENTRIES) executive.signal(place.seat, this.#connection.downBit);
  }
  #begin(place: Place): void {
    this.#life = place.life;
    this.#next = 0;
    this.#end = 0;
    this.#end = this.#fetch(place);
  }
  /** One call to the producer. @returns how many entries its answer brought. */
  #fetch(place: Place): number {
    const { life, seat } = place;
    const { kernel } = this.#scope;
    const { executive: x, primitives: p } = kernel;
    const producer = this.#connection.server;
    const { level } = x;
    kernel.hart.lo[A0] = this.#connection.endpointRight;
    x.trap();
    let count = 0;
    if (this.#scope.call(place, this.#connection.endpointRight) >= 0) {
      kernel.charge.spend(p.ipcPath);
      count = this.#takeBatch(producer);
      // One entry fits the registers, its method in the tag; more take the kernel's general path.
      kernel.charge.spend(count > 1 ? p.ipcSlowPath : p.ipcPath);
      kernel.charge.spendMany(p.messageWord, Math.max(0, count * ENTRY_WORDS - 1 - MESSAGE_REGISTERS));
      const from = producer.bufferWord + 1;
      kernel.memory.words.copyWithin(place.bufferWord + 1, from, from + count * ENTRY_WORDS);
    }
    x.resume(seat, life, level);
    if (life.over) throw life.ended;
    place.touch();
    for (let word = 0; word < count * ENTRY_WORDS; word++)
      this.#batch[word] = place.memory!.load32(place.bufferPage, (word + 1) * 4);
    return count;
  }
  /** In the producer's domain: entries go from the queue into its message buffer. */
  #takeBatch(producer: Place): number {
    const { kernel } = this.#scope;
    const { executive: x, primitives: p } = kernel;
    const queue = this.#connection.downQueue!;
    const producerLife = producer.life;
    let count = 0;
    x.enter(producer.seat);
    try {
      while (count < FETCH_ENTRIES && queue.take(this.#entry)) {
        producer.quiet.spend(p.ringEntry);
        for (let word = 0; word < ENTRY_WORDS; word++)
          producer.memory!.store32(producer.bufferPage, (count * ENTRY_WORDS + word + 1) * 4, this.#entry[word]!);
        count++;
      }
      if (count < FETCH_ENTRIES) queue.sleep();
    } catch (error) {
      kernel.caught(producer.seat, producerLife, error);
    }
    x.leave(producer.seat);
    return count;
  }
}
