/**
 * Clients inside simulated time, each with a TCP connection of its own and at most one request outstanding on it.
 * What they do costs no cycles: they stand outside the machine, at the far end of its link.
 *
 * The first client connects, then all others; requests begin when everybody is connected, so that the first figures are
 * not those of handshakes.
 */
import { Digest } from '@bulkhead/clock';
import { createFarEnd, type FarEnd } from '@bulkhead/far-end';
import { ENDED, READABLE, WOULD_BLOCK, WRITABLE } from '@bulkhead/net-stack-api';
import { Deadlines } from './deadlines.ts';
import { type Dialogue, MAX_REQUEST_BYTES, MORE, REFUSED, WRONG } from './dialogue.ts';
import type { Load, LoadOptions } from './load.ts';
import { type Failure, NO_CONNECTION, Requests, WRONG_ANSWER } from './requests.ts';
import { StreamDigest } from './stream-digest.ts';

export interface TcpLoadOptions extends LoadOptions {
  readonly dialogue: Dialogue;
}

const CHUNK_BYTES = 16_384;
const REQUEST_OFFSET = 0;
const RECEIVE_OFFSET: number = MAX_REQUEST_BYTES;
const NONE = -1;
/** CHOICE: so long a client waits before it connects again: a component that was restarted is there again by then. */
const RECONNECT_NS = 100_000_000;

class Client {
  readonly number: number;
  socket = NONE;
  isEstablished = false;
  /** True from the request to the end of its answer. */
  isWaiting = false;
  sentBytes = 0;
  receivedBytes = 0;
  readonly digest: StreamDigest = new StreamDigest();

  constructor(number: number) {
    this.number = number;
  }
}

export class TcpLoad implements Load {
  readonly requests: Requests;
  readonly #options: TcpLoadOptions;
  readonly #dialogue: Dialogue;
  readonly #farEnd: FarEnd;
  readonly #clients: readonly Client[];
  readonly #bySocket: (Client | undefined)[] = [];
  readonly #reconnects: Deadlines;
  readonly #request: Uint8Array = new Uint8Array(MAX_REQUEST_BYTES);
  readonly #chunk: Uint8Array = new Uint8Array(CHUNK_BYTES);
  #isConnecting = false;
  /** True when everybody was connected at once: from then on, whoever is connected asks. */
  #isOpen = false;

  constructor(options: TcpLoadOptions) {
    const { system, clients, config, dialogue } = options;
    const { clock, wire } = system;
    this.#options = options;
    this.#dialogue = dialogue;
    this.#clients = Array.from({ length: clients }, (_, number) => new Client(number));
    this.#reconnects = new Deadlines(clock, clients, RECONNECT_NS, (client) => this.#reconnect(client));
    this.requests = new Requests({
      ...options,
      clock,
      seed: config.seed,
      onArrival: (client) => this.#arrive(this.#clients[client]!),
    });
    this.#farEnd = createFarEnd({ clock, wire, config, onReady: (socket, what) => this.#onReady(socket, what) });
  }

  start(): void {
    this.#connect(this.#clients[0]!);
    this.#farEnd.settle();
  }
  digest(): string {
    const digest = new Digest();
    for (const client of this.#clients) client.digest.mixInto(digest);
    return digest.toString();
  }

  #connect(client: Client): void {
    const socket = this.#farEnd.sockets.connect(this.#options.address, this.#options.port);
    if (socket < 0) {
      this.#fail(client, NO_CONNECTION);
      this.#reconnects.set(client.number);
      return;
    }
    client.socket = socket;
    this.#bySocket[socket] = client;
  }
  #reconnect(client: number): void {
    if (this.requests.isExhausted(client)) return;
    this.#connect(this.#clients[client]!);
    this.#farEnd.settle();
  }
  #connectOthers(): void {
    if (this.#isConnecting) return;
    this.#isConnecting = true;
    this.requests.expect(this.#clients.length);
    for (const client of this.#clients) if (client.number > 0) this.#connect(client);
  }
  #onReady(socket: number, what: number): void {
    const client = this.#bySocket[socket];
    if (client === undefined) return;
    if ((what & WRITABLE) !== 0 && (what & ENDED) === 0) this.#connected(client);
    if ((what & READABLE) !== 0 && client.isEstablished) this.#receive(client);
    if ((what & ENDED) !== 0 && client.socket === socket) this.#ended(client, NO_CONNECTION);
  }
  #connected(client: Client): void {
    if (client.isEstablished) return;
    client.isEstablished = true;
    this.#dialogue.connected(client.number);
    if (this.#isOpen) this.#ask(client);
    else this.#openWhenReady();
    this.#connectOthers();
  }
  /**
   * Those who failed so often that they have nothing to ask any more are not waited for. A stream waits for nobody: it
   * comes as soon as its client is connected, and what nobody takes would fill the clients' own stack.
   */
  #openWhenReady(): void {
    const isAwaited = (client: Client): boolean => !client.isEstablished && !this.requests.isExhausted(client.number);
    if (!this.#dialogue.isStream && this.#clients.some(isAwaited)) return;
    this.#isOpen = true;
    this.requests.open();
    for (const client of this.#clients) if (client.isEstablished) this.#ask(client);
  }

  #arrive(client: Client): void {
    if (!client.isEstablished || client.isWaiting) return;
    this.#ask(client);
    this.#farEnd.settle();
  }
  #ask(client: Client): void {
    if (this.requests.isExhausted(client.number)) this.#leave(client);
    if (!this.requests.hasNext(client.number)) return;
    const index = this.requests.begin(client.number);
    const lenBytes = this.#dialogue.ask(client.number, index, this.#request);
    client.isWaiting = true;
    client.sentBytes = lenBytes;
    client.receivedBytes = 0;
    if (lenBytes === 0) return;
    const { sockets } = this.#farEnd;
    sockets.write(REQUEST_OFFSET, this.#request, 0, lenBytes);
    // A request is smaller than an empty send buffer, so it is taken whole.
    sockets.send(client.socket, REQUEST_OFFSET, lenBytes);
  }
  /** A stream's server would never stop. */
  #leave(client: Client): void {
    if (this.#dialogue.isStream) this.#farEnd.sockets.abort(client.socket);
    else this.#farEnd.sockets.close(client.socket);
  }

  /** All that is there; of a stream, only what somebody waits for. */
  #receive(client: Client): void {
    const { sockets } = this.#farEnd;
    const { socket } = client;
    while (client.socket === socket && (client.isWaiting || !this.#dialogue.isStream)) {
      const count = sockets.receive(socket, RECEIVE_OFFSET, CHUNK_BYTES);
      if (count === WOULD_BLOCK) return;
      if (count <= 0) {
        this.#ended(client, NO_CONNECTION);
        return;
      }
      sockets.read(RECEIVE_OFFSET, this.#chunk, 0, count);
      if (!this.#read(client, count)) this.#ended(client, WRONG_ANSWER);
    }
  }
  /** @returns false when what came is no answer, or more than the answer to the one request. */
  #read(client: Client, count: number): boolean {
    const dialogue = this.#dialogue;
    for (let at = 0; at < count; ) {
      if (!client.isWaiting) return dialogue.isStream;
      const taken = dialogue.feed(client.number, this.#chunk, at, count);
      const { outcome } = dialogue;
      client.digest.add(this.#chunk, at, at + taken);
      client.receivedBytes += taken;
      at += taken;
      if (outcome === WRONG || (at < count && !dialogue.isStream)) return false;
      if (outcome !== MORE) this.#complete(client, outcome === REFUSED);
    }
    return true;
  }
  #complete(client: Client, isRefused: boolean): void {
    if (isRefused) this.#fail(client, WRONG_ANSWER);
    else {
      client.isWaiting = false;
      this.requests.succeed(client.number, client.sentBytes, client.receivedBytes);
    }
    this.#ask(client);
  }
  #fail(client: Client, why: Failure): void {
    if (client.isWaiting) {
      client.isWaiting = false;
      this.#dialogue.failed(client.number);
      this.requests.fail(why);
    } else if (!client.isEstablished) this.requests.failUnasked(client.number, why);
  }
  /** The connection is over, or not to be trusted: what was asked on it, or was to be asked, has failed. */
  #ended(client: Client, why: Failure): void {
    this.#bySocket[client.socket] = undefined;
    this.#farEnd.sockets.abort(client.socket);
    client.socket = NONE;
    this.#fail(client, why);
    client.isEstablished = false;
    this.#connectOthers();
    if (!this.requests.isExhausted(client.number)) this.#reconnects.set(client.number);
    else if (!this.#isOpen) this.#openWhenReady();
  }
}
