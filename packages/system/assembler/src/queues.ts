/**
 * The memory of queued casts, and what outlives a restart of one end: the other end keeps its frames, and finds what is
 * shared with it where it was, so that a neighbour's restart costs it nothing.
 */
import type { Kernel, Life } from '@bulkhead/microkernel';
import { Window } from '@bulkhead/runtime';
import { CastQueue, queueBytes } from './cast-queue.ts';
import type { Connection } from './connection.ts';
import { checked, type Frames, type Piece } from './frames.ts';
import type { Place } from './place.ts';

const PAGE_BITS = 12;
const PAGE_BYTES = 4096;
const READ_WRITE = 6;

export class Queues {
  readonly #kernel: Kernel;
  readonly #frames: Frames;
  readonly #queues = new Map<string, { readonly life: Life; readonly piece: Piece }>();
  readonly #mapped = new Map<string, { readonly life: Life; readonly page: number }>();

  constructor(kernel: Kernel, frames: Frames) {
    this.#kernel = kernel;
    this.#frames = frames;
  }

  /** A ring in the producer's memory, or in the consumer's when that is the kernel, which appends for a user. */
  make(connection: Connection, toServer: boolean): CastQueue {
    const [producer, consumer] = toServer
      ? [connection.client, connection.server]
      : [connection.server, connection.client];
    const fetched = !toServer && connection.down === 'outbox';
    const { spaces } = this.#kernel;
    const { capacity } = connection.contract;
    const lenBytes = queueBytes(capacity);
    const count = Math.ceil(lenBytes / PAGE_BYTES);
    const inKernel = consumer.seat.domain.isKernel && !producer.seat.domain.isKernel;
    const owner = inKernel ? consumer : producer;
    const piece = this.#queueFrames(connection, toServer, owner, count);
    const own = new Window(owner.memory!, piece.page, 0, lenBytes);
    if (inKernel || fetched) return new CastQueue(capacity, own, own);
    if (consumer.seat.domain === owner.seat.domain)
      return new CastQueue(capacity, own, new Window(consumer.memory!, piece.page, 0, lenBytes));
    const source = spaces.slotAt(owner.seat.domain, piece.right);
    const first = checked(spaces.grant(source, consumer.seat.domain, count));
    const page = this.mapAgain(`queue ${connection.index} ${toServer}`, consumer, first, count);
    return new CastQueue(capacity, own, new Window(consumer.memory!, page, 0, lenBytes));
  }
  /** The frames of a queue: those that an owner, who still lives, gave it before, cleared; or new ones. */
  #queueFrames(connection: Connection, toServer: boolean, owner: Place, count: number): Piece {
    const key = `${connection.index} ${toServer}`;
    const known = this.#queues.get(key);
    const kernel = this.#kernel;
    if (known !== undefined && known.life === owner.life) {
      const word = kernel.capabilities.wordOf(kernel.spaces.slotAt(owner.seat.domain, known.piece.right));
      kernel.memory.words.fill(0, word, word + (count * PAGE_BYTES) / 4);
      return known.piece;
    }
    const piece = this.#frames.make(owner.seat.domain, PAGE_BITS, count, READ_WRITE);
    this.#queues.set(key, { life: owner.life, piece });
    return piece;
  }
  /** Maps frames that another shares where the last ones were mapped, so that a restart of the other is not noticed. */
  mapAgain(key: string, place: Place, right: number, count: number): number {
    const { spaces } = this.#kernel;
    const known = this.#mapped.get(key);
    const at = known !== undefined && known.life === place.life && !place.seat.domain.isKernel ? known.page : -1;
    checked(spaces.map(place.seat.domain, right, count, READ_WRITE, at));
    this.#mapped.set(key, { life: place.life, page: spaces.mappedPage });
    return spaces.mappedPage;
  }
}
