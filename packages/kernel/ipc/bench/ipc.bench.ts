/** What a meeting at an endpoint, a signal and a ring entry cost on this host, without machine or message. */
import { bench } from '@bulkhead/bench';
import {
  BlockedThreads,
  Endpoints,
  initRing,
  Notifications,
  Replies,
  RingConsumer,
  type RingPort,
  RingProducer,
  rights,
  ringSizeBytes,
} from '../src/index.ts';

const ENDPOINT = 16;
const REPLY = 24;
const NOTIFICATION = 32;
const ROUNDS = 1000;
const threads = new BlockedThreads(new Int32Array(64), 4);
const replies = new Replies(threads);
const endpoints = new Endpoints(threads, replies);
const notifications = new Notifications(threads, endpoints);

bench(
  'receive, call, reply',
  () => {
    for (let i = 0; i < ROUNDS; i++) {
      endpoints.receive(ENDPOINT, 0, REPLY, true);
      endpoints.send(ENDPOINT, 1, i, rights.CALL | rights.GRANT, true);
      replies.take(REPLY);
    }
  },
  { per: ROUNDS },
);

bench(
  'wait and signal',
  () => {
    for (let i = 0; i < ROUNDS; i++) {
      notifications.wait(NOTIFICATION, 2, true);
      notifications.signal(NOTIFICATION, 1);
    }
  },
  { per: ROUNDS },
);

class ArrayPort implements RingPort {
  readonly #words = new Int32Array(ringSizeBytes(64, 4) / 4);
  load32(offset: number): number {
    return this.#words[offset >>> 2]!;
  }
  store32(offset: number, value: number): void {
    this.#words[offset >>> 2] = value;
  }
}
const port = new ArrayPort();
initRing(port);
const shape = { port, capacityEntries: 64, entryWords: 4 };
const producer = new RingProducer(shape);
const consumer = new RingConsumer(shape);
const entry = new Int32Array(4);
bench(
  'ring: an entry of 16 bytes, produced and consumed',
  () => {
    for (let i = 0; i < ROUNDS; i++) {
      producer.produce(entry);
      consumer.consume(entry);
    }
  },
  { per: ROUNDS },
);
