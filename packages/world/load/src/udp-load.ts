/**
 * Clients inside simulated time, each with a UDP socket of its own and at most one datagram on its way to an echo
 * server. RFC 862. An answer is the datagram itself, byte for byte. What does not come back in time has failed, and what
 * comes back later is nobody's answer.
 *
 * One datagram goes there and back before all others, so that addresses are resolved (RFC 826) and nobody else's
 * datagram is lost for that; it counts for nothing.
 */
import { Digest } from '@bulkhead/clock';
import { createFarEnd, type FarEnd } from '@bulkhead/far-end';
import { READABLE } from '@bulkhead/net-stack-api';
import { Deadlines } from './deadlines.ts';
import type { Load, LoadOptions } from './load.ts';
import { Noise } from './noise.ts';
import { type Failure, NO_ANSWER, Requests, WRONG_ANSWER } from './requests.ts';
import { StreamDigest } from './stream-digest.ts';
import type { WorkloadOptions } from './workload.ts';

export interface UdpLoadOptions extends LoadOptions, Pick<WorkloadOptions, 'sizeBytes'> {}

/** A datagram begins with the number of its request. */
const NUMBER_BYTES = 4;
/** An Ethernet's 1500 bytes without the headers of IPv4 and UDP. */
const MAX_DATAGRAM_BYTES = 1472;
/** CHOICE: far above any latency of a system that answers, and far below what a user waits for. */
const TIME_OUT_NS = 100_000_000;
const SEND_OFFSET = 0;
const RECEIVE_OFFSET = 4096;
const CHUNK_BYTES = 2048;
/** The datagram before all others. */
const GREETING = -1;

class Client {
  readonly number: number;
  readonly socket: number;
  isWaiting = false;
  /** The request that it waits for. */
  index = 0;
  readonly digest: StreamDigest = new StreamDigest();

  constructor(number: number, socket: number) {
    this.number = number;
    this.socket = socket;
  }
}

export class UdpLoad implements Load {
  readonly requests: Requests;
  readonly #options: UdpLoadOptions;
  readonly #farEnd: FarEnd;
  readonly #clients: readonly Client[];
  readonly #bySocket: (Client | undefined)[] = [];
  readonly #timeOuts: Deadlines;
  readonly #noise: Noise;
  readonly #sent: Uint8Array = new Uint8Array(MAX_DATAGRAM_BYTES);
  readonly #received: Uint8Array = new Uint8Array(CHUNK_BYTES);
  #isOpen = false;

  constructor(options: UdpLoadOptions) {
    const { system, clients, config, sizeBytes } = options;
    const { clock, wire } = system;
    this.#options = options;
    this.#noise = new Noise(sizeBytes);
    this.#timeOuts = new Deadlines(clock, clients, TIME_OUT_NS, (client) => this.#timeOut(this.#clients[client]!));
    this.requests = new Requests({
      ...options,
      clock,
      seed: config.seed,
      onArrival: (client) => this.#arrive(this.#clients[client]!),
    });
    this.#farEnd = createFarEnd({ clock, wire, config, onReady: (socket, what) => this.#onReady(socket, what) });
    this.#clients = Array.from({ length: clients }, (_, number) => new Client(number, this.#farEnd.sockets.bind(0)));
    for (const client of this.#clients) this.#bySocket[client.socket] = client;
  }

  start(): void {
    this.#send(this.#clients[0]!, GREETING);
    this.#farEnd.settle();
  }
  digest(): string {
    const digest = new Digest();
    for (const client of this.#clients) client.digest.mixInto(digest);
    return digest.toString();
  }

  #open(): void {
    this.#isOpen = true;
    this.requests.expect(this.#clients.length);
    this.requests.open();
    for (const client of this.#clients) this.#ask(client);
  }
  #arrive(client: Client): void {
    if (client.isWaiting) return;
    this.#ask(client);
    this.#farEnd.settle();
  }
  #ask(client: Client): void {
    if (this.requests.isExhausted(client.number)) this.#farEnd.sockets.close(client.socket);
    if (this.requests.hasNext(client.number)) this.#send(client, this.requests.begin(client.number));
  }
  /** What the clients' own stack has no room for is lost like any other. */
  #send(client: Client, index: number): void {
    const { address, port, sizeBytes } = this.#options;
    const { sockets } = this.#farEnd;
    client.isWaiting = true;
    client.index = index;
    this.#compose(client);
    sockets.write(SEND_OFFSET, this.#sent, 0, sizeBytes);
    sockets.sendTo(client.socket, SEND_OFFSET, sizeBytes, address, port);
    this.#timeOuts.set(client.number);
  }
  #compose({ number, index }: Client): void {
    const { sizeBytes } = this.#options;
    const place = this.#noise.placeOf(number, index);
    for (let at = 0; at < NUMBER_BYTES; at++) this.#sent[at] = index >>> (8 * at);
    for (let at = NUMBER_BYTES; at < sizeBytes; at++) this.#sent[at] = this.#noise.bytes[place + at]!;
  }

  #onReady(socket: number, what: number): void {
    const client = this.#bySocket[socket];
    if (client === undefined || (what & READABLE) === 0) return;
    const { sockets } = this.#farEnd;
    for (;;) {
      const count = sockets.receiveFrom(socket, RECEIVE_OFFSET, CHUNK_BYTES);
      if (count < 0) return;
      sockets.read(RECEIVE_OFFSET, this.#received, 0, Math.min(count, CHUNK_BYTES));
      if (client.isWaiting && this.#isNumbered(client.index, count)) this.#answer(client, count);
    }
  }
  #isNumbered(index: number, count: number): boolean {
    if (count < NUMBER_BYTES) return false;
    for (let at = 0; at < NUMBER_BYTES; at++) if (this.#received[at] !== ((index >>> (8 * at)) & 0xff)) return false;
    return true;
  }
  #answer(client: Client, count: number): void {
    const { sizeBytes } = this.#options;
    client.isWaiting = false;
    this.#timeOuts.clear(client.number);
    if (client.index === GREETING) this.#open();
    else if (this.#isWhatWasSent(client, count)) {
      client.digest.add(this.#received, 0, count);
      this.requests.succeed(client.number, sizeBytes, sizeBytes);
      this.#ask(client);
    } else this.#fail(client, WRONG_ANSWER);
  }
  #isWhatWasSent(client: Client, count: number): boolean {
    if (count !== this.#options.sizeBytes) return false;
    this.#compose(client);
    for (let at = 0; at < count; at++) if (this.#received[at] !== this.#sent[at]) return false;
    return true;
  }
  #timeOut(client: Client): void {
    client.isWaiting = false;
    if (this.#isOpen) this.#fail(client, NO_ANSWER);
    else this.#greetAgain(client);
    this.#farEnd.settle();
  }
  #greetAgain(client: Client): void {
    this.requests.failUnasked(client.number, NO_ANSWER);
    if (!this.requests.isHopeless) this.#send(client, GREETING);
  }
  #fail(client: Client, why: Failure): void {
    this.requests.fail(why);
    this.#ask(client);
  }
}
