/**
 * The other end of the sockets contract, without a network, as strict as the contract allows: `ready` comes only once
 * for each WOULD_BLOCK, and a socket's number dies with its second close.
 */
import { type BufferRef, type ClientPort, right } from '@bulkhead/abi';
import {
  ACCEPTABLE,
  BAD_BUFFER,
  CONNECTION_RESET,
  ENDED,
  NO_SUCH_SOCKET,
  PORT_IN_USE,
  READABLE,
  type sockets,
  WOULD_BLOCK,
  WRITABLE,
  WRONG_STATE,
} from '@bulkhead/net-stack-api';
import { type Context, FlatMemory, Window } from '@bulkhead/runtime';
import { type KvServerConfig, kvServer } from '../src/index.ts';

const LISTENER = 7;
const SHARED_PAGES = 16;

export class Peer {
  readonly socket: number;
  /** What the server has not read yet, a segment each. */
  readonly incoming: Uint8Array[] = [];
  readonly outgoing: Uint8Array[] = [];
  /** How many more bytes the stack takes for it. */
  window: number;
  peerClosed = false;
  serverClosed = false;
  wasReset = false;
  aborted = false;
  wantsReadable = false;
  wantsWritable = false;

  constructor(socket: number, window: number) {
    this.socket = socket;
    this.window = window;
  }
  /** @returns what came since it was asked last. */
  take(): string {
    return Buffer.concat(this.outgoing.splice(0)).toString('latin1');
  }
  get text(): string {
    return Buffer.concat(this.outgoing).toString('latin1');
  }
  get isGone(): boolean {
    return this.aborted || (this.peerClosed && this.serverClosed);
  }
}

export class Host {
  readonly spent: Record<string, number> = { accept: 0, request: 0, response: 0, key: 0, scan: 0 };
  readonly heap: Window;
  readonly memory: FlatMemory = new FlatMemory(kvServer.heapPages + SHARED_PAGES);
  listenedPort = 0;
  sends = 0;
  receives = 0;
  /** The most that one `send` takes. */
  maxSend = Number.POSITIVE_INFINITY;
  /** Called before each `send`: what happens meanwhile. */
  meanwhile: () => void = () => {};
  readonly #isPortTaken: boolean;
  readonly #peers = new Map<number, Peer>();
  readonly #backlog: Peer[] = [];
  readonly #events: [number, number][] = [];
  readonly #shared: Window;
  readonly #ready: (socket: number, what: number) => void;
  #wantsAcceptable = false;
  #nextSocket = 100;

  constructor({ port = kvServer.config.port, isPortTaken = false } = {}) {
    const { memory } = this;
    this.#isPortTaken = isPortTaken;
    this.heap = new Window(memory, 0, 0, kvServer.heapPages * 4096);
    this.#shared = new Window(memory, kvServer.heapPages, 0, SHARED_PAGES * 4096);
    const region = { window: this.#shared, frame: right(0), frameCount: SHARED_PAGES, frameSizeBits: 12 };
    const context: Context<KvServerConfig> = {
      self: 1,
      memory,
      heap: this.heap,
      work: {
        id: (name) => kvServer.work.indexOf(name),
        spend: (id) => {
          this.spent[kvServer.work[id]!]!++;
        },
        spendMany: (id, count) => {
          this.spent[kvServer.work[id]!]! += count;
        },
      },
      answer: new Int32Array(8),
      config: { port },
      right: () => right(0),
      region: () => region,
      shared: () => region,
      nowUs: () => 0,
    };
    const instance = kvServer.create(context, { net: this.#port() });
    this.#ready = instance.handlers.net.ready;
    instance.start?.();
  }

  /** A client comes; nobody has heard of him before `run`. */
  arrive(window: number): Peer {
    const peer = new Peer(this.#nextSocket++, window);
    this.#backlog.push(peer);
    if (this.#wantsAcceptable) this.#events.push([LISTENER, ACCEPTABLE]);
    this.#wantsAcceptable = false;
    return peer;
  }
  connect(window = Number.POSITIVE_INFINITY): Peer {
    const peer = this.arrive(window);
    this.run();
    return peer;
  }
  write(peer: Peer, data: string | Uint8Array): void {
    peer.incoming.push(typeof data === 'string' ? Buffer.from(data, 'latin1') : data);
    this.#readable(peer);
    this.run();
  }
  end(peer: Peer): void {
    peer.peerClosed = true;
    this.#readable(peer);
    if (peer.isGone) this.#events.push([peer.socket, ENDED]);
    this.run();
  }
  reset(peer: Peer): void {
    peer.wasReset = true;
    this.#events.push([peer.socket, READABLE | WRITABLE | ENDED]);
    this.run();
  }
  open(peer: Peer, lenBytes: number): void {
    peer.window += lenBytes;
    if (peer.wantsWritable) this.#events.push([peer.socket, WRITABLE]);
    peer.wantsWritable = false;
    this.run();
  }
  /** One connection, pieces of text, and everything that comes back. */
  ask(...pieces: string[]): string {
    const peer = this.connect();
    for (const piece of pieces) this.write(peer, piece);
    const { text } = peer;
    this.end(peer);
    return text;
  }
  run(): void {
    for (let event = this.#events.shift(); event !== undefined; event = this.#events.shift()) this.#ready(...event);
  }
  isOpen(peer: Peer): boolean {
    return this.#peers.has(peer.socket);
  }
  #readable(peer: Peer): void {
    if (peer.wantsReadable) this.#events.push([peer.socket, READABLE]);
    peer.wantsReadable = false;
  }

  #port(): ClientPort<typeof sockets> {
    const refused = (): number => WRONG_STATE;
    return {
      listen: (port) => {
        if (this.#isPortTaken) return PORT_IN_USE;
        this.listenedPort = port;
        this.#wantsAcceptable = true;
        return LISTENER;
      },
      accept: () => this.#accept(),
      receive: (socket, buffer, maxBytes) => this.#receive(socket, buffer, maxBytes),
      send: (socket, buffer, lenBytes) => this.#send(socket, buffer, lenBytes),
      close: (socket) => this.#close(socket),
      abort: (socket) => {
        const peer = this.#peers.get(socket);
        if (peer === undefined) return NO_SUCH_SOCKET;
        peer.aborted = true;
        this.#peers.delete(socket);
        return 0;
      },
      connect: refused,
      bind: refused,
      sendTo: refused,
      receiveFrom: refused,
    };
  }
  #accept(): number {
    const peer = this.#backlog.shift();
    this.#wantsAcceptable = peer === undefined;
    if (peer === undefined) return WOULD_BLOCK;
    this.#peers.set(peer.socket, peer);
    return peer.socket;
  }
  #receive(socket: number, buffer: BufferRef, maxBytes: number): number {
    const peer = this.#peers.get(socket);
    if (peer === undefined) return NO_SUCH_SOCKET;
    this.receives++;
    if (peer.wasReset) return this.#tellReset(peer);
    if (buffer < 0 || maxBytes < 1 || buffer + maxBytes > SHARED_PAGES * 4096) return BAD_BUFFER;
    const segment = peer.incoming.shift();
    if (segment === undefined) return this.#nothing(peer);
    if (segment.length > maxBytes) peer.incoming.unshift(segment.subarray(maxBytes));
    const lenBytes = Math.min(segment.length, maxBytes);
    this.#shared.storeBytes(buffer, segment, 0, lenBytes);
    return lenBytes;
  }
  #nothing(peer: Peer): number {
    if (!peer.peerClosed) peer.wantsReadable = true;
    if (peer.isGone) this.#peers.delete(peer.socket);
    return peer.peerClosed ? 0 : WOULD_BLOCK;
  }
  #send(socket: number, buffer: BufferRef, lenBytes: number): number {
    this.sends++;
    this.meanwhile();
    const peer = this.#peers.get(socket);
    if (peer === undefined) return NO_SUCH_SOCKET;
    if (peer.serverClosed) return WRONG_STATE;
    if (buffer < 0 || lenBytes < 1 || buffer + lenBytes > SHARED_PAGES * 4096) return BAD_BUFFER;
    if (peer.wasReset) return this.#tellReset(peer);
    const taken = Math.min(lenBytes, peer.window, this.maxSend);
    if (taken === 0) peer.wantsWritable = true;
    if (taken === 0) return WOULD_BLOCK;
    const copy = new Uint8Array(taken);
    this.#shared.loadBytes(buffer, copy, 0, taken);
    peer.outgoing.push(copy);
    peer.window -= taken;
    return taken;
  }
  /** The call that tells of the end is the last that knows the socket. */
  #tellReset(peer: Peer): number {
    this.#peers.delete(peer.socket);
    return CONNECTION_RESET;
  }
  #close(socket: number): number {
    const peer = this.#peers.get(socket);
    if (peer === undefined) return NO_SUCH_SOCKET;
    peer.serverClosed = true;
    if (peer.isGone) this.#peers.delete(socket);
    return 0;
  }
}
