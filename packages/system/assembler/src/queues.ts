/** The memory of queued casts: whose it is, and who else has it. */
import { Window } from '@bulkhead/runtime';
import { CastQueue, queueBytes } from './cast-queue.ts';
import type { Connection } from './connection.ts';
import type { SharedFrames } from './shared-frames.ts';

const PAGE_BITS = 12;
const PAGE_BYTES = 4096;

export class Queues {
  readonly #frames: SharedFrames;

  constructor(frames: SharedFrames) {
    this.#frames = frames;
  }

  /** A ring in the producer's memory, or in the consumer's when that is the kernel, which appends for a user. */
  make(connection: Connection, toServer: boolean): CastQueue {
    const [producer, consumer] = toServer
      ? [connection.client, connection.server]
      : [connection.server, connection.client];
    const fetched = !toServer && connection.down === 'outbox';
    const { capacity } = connection.contract;
    const lenBytes = queueBytes(capacity);
    const inKernel = consumer.seat.domain.isKernel && !producer.seat.domain.isKernel;
    const owner = inKernel ? consumer : producer;
    const name = `queue ${connection.index} ${toServer}`;
    const { page } = this.#frames.own(name, owner, PAGE_BITS, Math.ceil(lenBytes / PAGE_BYTES));
    const own = new Window(owner.memory!, page, 0, lenBytes);
    if (inKernel || fetched) return new CastQueue(capacity, own, own);
    const isShared = consumer.seat.domain !== owner.seat.domain;
    const theirPage = isShared ? this.#frames.share(name, consumer).page : page;
    return new CastQueue(capacity, own, new Window(consumer.memory!, theirPage, 0, lenBytes));
  }
}
