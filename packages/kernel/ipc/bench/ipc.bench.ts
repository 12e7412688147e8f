/** What a call and its answer, a signal and a ring entry cost on this host, without machine. */
import { bench } from '@bulkhead/bench';
import { initRing, message, RingConsumer, type RingPort, RingProducer, ringSizeBytes } from '../src/index.ts';
import { CLIENT, calls, ENDPOINT, NOTIFICATION, REPLY, SERVER, threads } from '../test/short-calls.ts';

const ROUNDS = 1000;

bench(
  'call and reply, fast path',
  () => {
    for (let i = 0; i < ROUNDS; i++) {
      calls.call(CLIENT, ENDPOINT);
      calls.replyReceive(SERVER, ENDPOINT, REPLY);
    }
  },
  { per: ROUNDS },
);

bench(
  'call and reply, general path',
  () => {
    for (let i = 0; i < ROUNDS; i++) {
      calls.callSlowly(CLIENT, ENDPOINT);
      calls.replyReceiveSlowly(SERVER, ENDPOINT, REPLY);
    }
  },
  { per: ROUNDS },
);

bench(
  'call and reply of 120 words each',
  () => {
    threads.tag.fill(message.messageTag(1, 0, 0, message.MAX_MESSAGE_WORDS));
    for (let i = 0; i < ROUNDS; i++) {
      calls.call(CLIENT, ENDPOINT);
      calls.replyReceive(SERVER, ENDPOINT, REPLY);
    }
    threads.tag.fill(message.messageTag(1, 0, 0, message.MESSAGE_REGISTERS));
  },
  { per: ROUNDS, bytes: 2 * message.MAX_MESSAGE_WORDS * 8 },
);

bench(
  'signal, then wait',
  () => {
    for (let i = 0; i < ROUNDS; i++) {
      calls.send(CLIENT, NOTIFICATION);
      calls.wait(CLIENT, NOTIFICATION);
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
