/**
 * Closed-loop HTTP clients inside simulated time: each has one connection, kept alive, and one request outstanding.
 * What they do costs no cycles: they stand outside the machine, at the far end of its link.
 */
import type { System } from '@bulkhead/assembler';
import { createFarEnd, type FarEnd } from '@bulkhead/far-end';
import type { NetStackConfig } from '@bulkhead/net-stack';
import { ENDED, READABLE, WOULD_BLOCK, WRITABLE } from '@bulkhead/net-stack-api';
import { ResponseReader } from './response.ts';

export interface HttpLoadOptions {
  readonly system: System;
  readonly clients: number;
  /** How many answers end the load. */
  readonly requests: number;
  readonly path: string;
  /** The machine's IPv4 address and port. */
  readonly address: number;
  readonly port: number;
  /** The clients' own stack. */
  readonly config: NetStackConfig;
  /** Told of every answer when its last byte has come: a moment of simulated time. */
  readonly onAnswer?: (completed: number) => void;
  /** Shown every piece of every body, in order: `bytes[from…to)`, which are the load's again when it returns. */
  readonly onBody?: (bytes: Uint8Array, from: number, to: number) => void;
}

const CHUNK_BYTES = 16_384;
const REQUEST_OFFSET = 0;
const RECEIVE_OFFSET = 4096;
const NONE = -1;
/** What a stack holds when its configuration does not say. */
const DEFAULT_CONNECTIONS = 256;
/** A latency is kept of each. */
const MAX_REQUESTS = 100_000_000;

class Client {
  socket = NONE;
  isEstablished = false;
  /** True from the request to the end of its answer. */
  isWaiting = false;
  readonly reader: ResponseReader = new ResponseReader();
  readonly since: Float64Array = new Float64Array(1);
}

export class HttpLoad {
  /** Cycles from the request to the last byte of its answer, in the order in which they ended. */
  readonly latencies: Float64Array;
  completed = 0;
  /** Answers that were not 200 or not HTTP, and requests whose connection broke. */
  failed = 0;
  /** Of all answers, without their heads. */
  bodyBytes = 0;
  readonly #system: System;
  readonly #options: HttpLoadOptions;
  readonly #farEnd: FarEnd;
  readonly #clients: readonly Client[];
  readonly #bySocket: (Client | undefined)[] = [];
  readonly #request: Uint8Array;
  readonly #chunk: Uint8Array = new Uint8Array(CHUNK_BYTES);
  #started = 0;
  #established = 0;
  /** True when everybody was connected at once: from then on, whoever is connected asks. */
  #isOpen = false;

  /** @throws RangeError when there are no clients or no requests, or more clients than the stack has connections. */
  constructor(options: HttpLoadOptions) {
    const { system, clients, requests, path, config } = options;
    mustBeWithin('clients', clients, config.maxConnections ?? DEFAULT_CONNECTIONS);
    mustBeWithin('requests', requests, MAX_REQUESTS);
    this.#options = options;
    this.#system = system;
    this.latencies = new Float64Array(requests);
    this.#clients = Array.from({ length: clients }, () => new Client());
    this.#request = Uint8Array.from([...`GET ${path} HTTP/1.1\r\nHost: bulkhead\r\n\r\n`].map((c) => c.charCodeAt(0)));
    this.#farEnd = createFarEnd({
      clock: system.clock,
      wire: system.wire,
      config,
      onReady: (socket, what) => this.#onReady(socket, what),
    });
    this.#farEnd.sockets.write(REQUEST_OFFSET, this.#request, 0, this.#request.length);
  }

  get isDone(): boolean {
    return this.completed + this.failed >= this.#options.requests;
  }
  /** The first client connects, then all others; requests begin when everybody is connected. */
  start(): void {
    this.#connect(this.#clients[0]!);
    this.#farEnd.settle();
  }
  #connected(client: Client): void {
    if (client.isEstablished) return;
    client.isEstablished = true;
    this.#established++;
    if (this.#isOpen) this.#send(client);
    else if (this.#established === this.#clients.length) this.#open();
    else this.#connectOthers();
  }
  #open(): void {
    this.#isOpen = true;
    for (const client of this.#clients) this.#send(client);
  }
  #connectOthers(): void {
    for (const client of this.#clients) if (client.socket === NONE) this.#connect(client);
  }

  #connect(client: Client): void {
    const socket = this.#farEnd.sockets.connect(this.#options.address, this.#options.port);
    client.socket = socket;
    if (socket >= 0) this.#bySocket[socket] = client;
    else this.failed++;
  }
  #onReady(socket: number, what: number): void {
    const client = this.#bySocket[socket];
    if (client === undefined) return;
    if ((what & READABLE) !== 0 && client.isWaiting) this.#receive(client);
    if ((what & ENDED) !== 0) this.#ended(client);
    else if ((what & WRITABLE) !== 0) this.#connected(client);
  }
  #send(client: Client): void {
    if (this.#started >= this.#options.requests) {
      this.#farEnd.sockets.close(client.socket);
      return;
    }
    this.#started++;
    client.isWaiting = true;
    client.since[0] = this.#system.clock.now;
    client.reader.begin();
    // A request is far smaller than an empty send buffer, so it is taken whole.
    this.#farEnd.sockets.send(client.socket, REQUEST_OFFSET, this.#request.length);
  }
  #receive(client: Client): void {
    const { sockets } = this.#farEnd;
    for (;;) {
      const count = sockets.receive(client.socket, RECEIVE_OFFSET, CHUNK_BYTES);
      if (count === WOULD_BLOCK) return;
      if (count <= 0) {
        this.#ended(client);
        return;
      }
      sockets.read(RECEIVE_OFFSET, this.#chunk, 0, count);
      if (!this.#read(client.reader, count)) {
        this.#ended(client);
        return;
      }
      if (client.reader.isComplete) this.#complete(client);
    }
  }
  /** @returns false when what came is no answer, or more than the answer to the one request. */
  #read(reader: ResponseReader, count: number): boolean {
    const end = reader.feed(this.#chunk, 0, count);
    const { bodyFrom } = reader;
    this.bodyBytes += end - bodyFrom;
    if (end > bodyFrom) this.#options.onBody?.(this.#chunk, bodyFrom, end);
    return end === count && !reader.isMalformed;
  }
  #complete(client: Client): void {
    client.isWaiting = false;
    if (client.reader.status === 200) {
      this.latencies[this.completed] = this.#system.clock.now - client.since[0]!;
      this.completed++;
      this.#options.onAnswer?.(this.completed);
    } else this.failed++;
    this.#send(client);
  }
  /**
   * The connection is over, or not to be trusted: what was asked on it, or was to be asked, failed. The client begins
   * anew, so that a machine that refuses everybody ends the load after as many attempts as there are requests.
   */
  #ended(client: Client): void {
    this.#bySocket[client.socket] = undefined;
    this.#farEnd.sockets.abort(client.socket);
    client.socket = NONE;
    if (client.isEstablished) this.#established--;
    else this.#started++;
    if (client.isWaiting || !client.isEstablished) this.failed++;
    client.isEstablished = false;
    client.isWaiting = false;
    if (this.#started < this.#options.requests) this.#connect(client);
  }
}

function mustBeWithin(name: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  throw new RangeError(`a load of ${value} ${name}: use a whole number from 1 to ${most}`);
}
