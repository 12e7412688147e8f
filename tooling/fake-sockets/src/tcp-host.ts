/**
 * The stream half of the sockets contract, without a network, and a server over it. It is as strict as the contract
 * allows: `ready` comes only once for each WOULD_BLOCK, segments are handed over one a `receive`, and a socket's number
 * dies with its second close, or with the call that tells of a reset.
 */
import type { BufferRef, ClientPort } from '@bulkhead/abi';
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
import type { ComponentDefinition, FlatMemory, Window } from '@bulkhead/runtime';
import { FakeContext, type FakeContextOptions, SHARED_BYTES } from './fake-context.ts';
import type { Peer } from './peer.ts';
import { REFUSING } from './refusing.ts';

const LISTENER = 7;
const FIRST_SOCKET = 100;

type Server<Config> = ComponentDefinition<{ readonly net: typeof sockets }, Record<never, never>, Config>;

export interface TcpHostOptions<Config> extends FakeContextOptions<Config> {
  readonly isPortTaken?: boolean;
}

export class TcpHost<Config extends object, P extends Peer> {
  readonly context: FakeContext<Config>;
  readonly calls: { accept: number; receive: number; send: number } = { accept: 0, receive: 0, send: 0 };
  listenedPort = 0;
  /** The most that one `send` takes. */
  maxSend: number = Number.POSITIVE_INFINITY;
  /** Called before each `send`: what happens meanwhile. */
  meanwhile: () => void = () => {};
  readonly #peerOf: (socket: number, window: number) => P;
  readonly #isPortTaken: boolean;
  readonly #peers: Map<number, P> = new Map();
  readonly #backlog: P[] = [];
  readonly #events: [number, number][] = [];
  readonly #ready: (socket: number, what: number) => void;
  #wantsAcceptable = false;
  #nextSocket = FIRST_SOCKET;

  constructor(
    server: Server<Config>,
    peerOf: (socket: number, window: number) => P,
    { isPortTaken = false, ...options }: TcpHostOptions<Config> = {},
  ) {
    this.#peerOf = peerOf;
    this.#isPortTaken = isPortTaken;
    this.context = new FakeContext(server, options);
    const instance = server.create(this.context, { net: this.#port() });
    this.#ready = instance.handlers.net.ready;
    instance.start?.();
  }
  get heap(): Window {
    return this.context.heap;
  }
  get memory(): FlatMemory {
    return this.context.memory;
  }
  get spent(): Readonly<Record<string, number>> {
    return this.context.spent;
  }

  /** A client comes; nobody has heard of him before `run`. */
  arrive(window: number = Number.POSITIVE_INFINITY): P {
    const peer = this.#peerOf(this.#nextSocket++, window);
    this.#backlog.push(peer);
    if (this.#wantsAcceptable) this.#events.push([LISTENER, ACCEPTABLE]);
    this.#wantsAcceptable = false;
    return peer;
  }
  connect(window: number = Number.POSITIVE_INFINITY): P {
    const peer = this.arrive(window);
    this.run();
    return peer;
  }
  write(peer: P, data: string | Uint8Array): void {
    peer.incoming.push(typeof data === 'string' ? Buffer.from(data, 'latin1') : data);
    this.#readable(peer);
    this.run();
  }
  end(peer: P): void {
    peer.peerClosed = true;
    this.#readable(peer);
    if (peer.isGone) this.#events.push([peer.socket, ENDED]);
    this.run();
  }
  reset(peer: P): void {
    peer.wasReset = true;
    this.#events.push([peer.socket, READABLE | WRITABLE | ENDED]);
    this.run();
  }
  open(peer: P, lenBytes: number): void {
    peer.window += lenBytes;
    if (peer.wantsWritable) this.#events.push([peer.socket, WRITABLE]);
    peer.wantsWritable = false;
    this.run();
  }
  run(): void {
    for (let event = this.#events.shift(); event !== undefined; event = this.#events.shift()) this.#ready(...event);
  }
  isOpen(peer: P): boolean {
    return this.#peers.has(peer.socket);
  }
  #readable(peer: P): void {
    if (peer.wantsReadable) this.#events.push([peer.socket, READABLE]);
    peer.wantsReadable = false;
  }

  #port(): ClientPort<typeof sockets> {
    return {
      ...REFUSING,
      listen: (port) => this.#listen(port),
      accept: () => this.#accept(),
      receive: (socket, buffer, maxBytes) => this.#receive(socket, buffer, maxBytes),
      send: (socket, buffer, lenBytes) => this.#send(socket, buffer, lenBytes),
      close: (socket) => this.#close(socket),
      abort: (socket) => this.#abort(socket),
    };
  }
  #listen(port: number): number {
    if (this.#isPortTaken) return PORT_IN_USE;
    this.listenedPort = port;
    this.#wantsAcceptable = true;
    return LISTENER;
  }
  #accept(): number {
    this.calls.accept++;
    const peer = this.#backlog.shift();
    this.#wantsAcceptable = peer === undefined;
    if (peer === undefined) return WOULD_BLOCK;
    this.#peers.set(peer.socket, peer);
    return peer.socket;
  }
  #receive(socket: number, buffer: BufferRef, maxBytes: number): number {
    this.calls.receive++;
    const peer = this.#peers.get(socket);
    if (peer === undefined) return NO_SUCH_SOCKET;
    if (buffer < 0 || maxBytes < 1 || buffer + maxBytes > SHARED_BYTES) return BAD_BUFFER;
    if (peer.wasReset) return this.#tellReset(peer);
    const segment = peer.incoming.shift();
    if (segment === undefined) return this.#nothing(peer);
    if (segment.length > maxBytes) peer.incoming.unshift(segment.subarray(maxBytes));
    const lenBytes = Math.min(segment.length, maxBytes);
    this.context.sharedWindow.storeBytes(buffer, segment, 0, lenBytes);
    return lenBytes;
  }
  #nothing(peer: P): number {
    if (!peer.peerClosed) peer.wantsReadable = true;
    if (peer.isGone) this.#peers.delete(peer.socket);
    return peer.peerClosed ? 0 : WOULD_BLOCK;
  }
  #send(socket: number, buffer: BufferRef, lenBytes: number): number {
    this.calls.send++;
    this.meanwhile();
    const peer = this.#peers.get(socket);
    if (peer === undefined) return NO_SUCH_SOCKET;
    if (peer.serverClosed) return WRONG_STATE;
    if (buffer < 0 || lenBytes < 1 || buffer + lenBytes > SHARED_BYTES) return BAD_BUFFER;
    if (peer.wasReset) return this.#tellReset(peer);
    const taken = Math.min(lenBytes, peer.window, this.maxSend);
    if (taken === 0) peer.wantsWritable = true;
    if (taken === 0) return WOULD_BLOCK;
    const copy = new Uint8Array(taken);
    this.context.sharedWindow.loadBytes(buffer, copy, 0, taken);
    peer.window -= taken;
    peer.accept(copy);
    return taken;
  }
  /** The call that tells of the end is the last that knows the socket. */
  #tellReset(peer: P): number {
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
  #abort(socket: number): number {
    const peer = this.#peers.get(socket);
    if (peer === undefined) return NO_SUCH_SOCKET;
    peer.aborted = true;
    this.#peers.delete(socket);
    return 0;
  }
}
