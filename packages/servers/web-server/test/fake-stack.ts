/**
 * The other end of the sockets contract, without a network. It is as strict as the contract allows: `ready` comes only
 * once for each WOULD_BLOCK, segments are handed over one a `receive`, and a socket's number dies with its second close.
 */
import { type BufferRef, type ClientPort, right } from '@bulkhead/abi';
import {
  ACCEPTABLE,
  BAD_BUFFER,
  CONNECTION_RESET,
  ENDED,
  NO_SUCH_SOCKET,
  READABLE,
  type sockets,
  WOULD_BLOCK,
  WRITABLE,
  WRONG_STATE,
} from '@bulkhead/net-stack-api';
import { type Context, FlatMemory, Window } from '@bulkhead/runtime';
import { type WebServerConfig, webServer } from '../src/index.ts';

const LISTENER = 7;
const SHARED_PAGES = 16;

export class Peer {
  readonly socket: number;
  readonly incoming: Uint8Array[] = [];
  readonly outgoing: Uint8Array[] = [];
  /** How many more bytes the peer's window takes. */
  window = Number.POSITIVE_INFINITY;
  peerClosed = false;
  serverClosed = false;
  wasReset = false;
  aborted = false;
  wantsReadable = false;
  wantsWritable = false;

  constructor(socket: number) {
    this.socket = socket;
  }
  get text(): string {
    return Buffer.concat(this.outgoing).toString('latin1');
  }
  get bytes(): Buffer {
    return Buffer.concat(this.outgoing);
  }
  get isGone(): boolean {
    return this.aborted || (this.peerClosed && this.serverClosed);
  }
}

/** Counts what is written where responses are composed: behind the place for received bytes. */
class CountingMemory extends FlatMemory {
  composedBytes = 0;

  override storeBytes(page: number, offset: number, from: Uint8Array, at: number, lenBytes: number): void {
    if (page === webServer.heapPages && offset >= 2048) this.composedBytes += lenBytes;
    super.storeBytes(page, offset, from, at, lenBytes);
  }
}

export interface HostOptions {
  readonly config?: Partial<WebServerConfig>;
  /** The most that one `send` takes. */
  readonly maxSend?: number;
}

export class Host {
  readonly spent: Record<string, number> = { accept: 0, request: 0, response: 0 };
  readonly memory: CountingMemory = new CountingMemory(webServer.heapPages + SHARED_PAGES);
  readonly calls = { send: 0, receive: 0, accept: 0 };
  nowUs = 0;
  readonly #peers = new Map<number, Peer>();
  readonly #backlog: Peer[] = [];
  readonly #events: [number, number][] = [];
  readonly #shared: Window;
  readonly #maxSend: number;
  readonly #ready: (socket: number, what: number) => void;
  #wantsAcceptable = false;
  #nextSocket = 100;

  constructor({ config = {}, maxSend = Number.POSITIVE_INFINITY }: HostOptions = {}) {
    this.#maxSend = maxSend;
    const { memory } = this;
    const heap = new Window(memory, 0, 0, webServer.heapPages * 4096);
    this.#shared = new Window(memory, webServer.heapPages, 0, SHARED_PAGES * 4096);
    const region = { window: this.#shared, frame: right(0), frameCount: SHARED_PAGES, frameSizeBits: 12 };
    const context: Context<WebServerConfig> = {
      self: 1,
      memory,
      heap,
      work: {
        id: (name) => webServer.work.indexOf(name),
        spend: (id) => {
          this.spent[webServer.work[id]!]!++;
        },
        spendMany: () => {},
      },
      answer: new Int32Array(8),
      config: { ...webServer.config, ...config },
      right: () => right(0),
      region: () => region,
      shared: () => region,
      nowUs: () => this.nowUs,
    };
    const instance = webServer.create(context, { net: this.#port() });
    this.#ready = instance.handlers.net.ready;
    instance.start?.();
  }

  connect(): Peer {
    const peer = new Peer(this.#nextSocket);
    this.#nextSocket += 1;
    this.#backlog.push(peer);
    if (this.#wantsAcceptable) this.#events.push([LISTENER, ACCEPTABLE]);
    this.#wantsAcceptable = false;
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
    this.#events.push([peer.socket, ENDED]);
    this.run();
  }
  open(peer: Peer, lenBytes: number): void {
    peer.window += lenBytes;
    if (peer.wantsWritable) this.#events.push([peer.socket, WRITABLE]);
    peer.wantsWritable = false;
    this.run();
  }
  /** One connection, one piece of text, and everything that comes back. */
  ask(...pieces: string[]): Peer {
    const peer = this.connect();
    for (const piece of pieces) this.write(peer, piece);
    return peer;
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
      listen: () => {
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
    if (peer.wasReset) return CONNECTION_RESET;
    if (buffer < 0 || buffer + maxBytes > SHARED_PAGES * 4096) return BAD_BUFFER;
    const segment = peer.incoming.shift();
    if (segment === undefined && peer.peerClosed) return this.#endOfStream(peer);
    if (segment === undefined) peer.wantsReadable = true;
    if (segment === undefined) return WOULD_BLOCK;
    if (segment.length > maxBytes) peer.incoming.unshift(segment.subarray(maxBytes));
    const lenBytes = Math.min(segment.length, maxBytes);
    this.#shared.storeBytes(buffer, segment, 0, lenBytes);
    return lenBytes;
  }
  #endOfStream(peer: Peer): number {
    if (peer.isGone) this.#peers.delete(peer.socket);
    return 0;
  }
  #send(socket: number, buffer: BufferRef, lenBytes: number): number {
    this.calls.send++;
    const peer = this.#peers.get(socket);
    if (peer === undefined) return NO_SUCH_SOCKET;
    if (peer.serverClosed) return WRONG_STATE;
    if (buffer < 0 || lenBytes < 1 || buffer + lenBytes > SHARED_PAGES * 4096) return BAD_BUFFER;
    if (peer.wasReset) return CONNECTION_RESET;
    const taken = Math.min(lenBytes, peer.window, this.#maxSend);
    if (taken === 0) peer.wantsWritable = true;
    if (taken === 0) return WOULD_BLOCK;
    const copy = new Uint8Array(taken);
    this.#shared.loadBytes(buffer, copy, 0, taken);
    peer.outgoing.push(copy);
    peer.window -= taken;
    return taken;
  }
  #close(socket: number): number {
    const peer = this.#peers.get(socket);
    if (peer === undefined) return NO_SUCH_SOCKET;
    peer.serverClosed = true;
    if (peer.isGone) this.#peers.delete(socket);
    return 0;
  }
}

export interface Response {
  readonly status: number;
  readonly fields: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Reads responses off a stream. @param heads for each response, whether it answers HEAD. */
export function responsesIn(stream: Buffer, heads: readonly boolean[] = []): Response[] {
  const responses: Response[] = [];
  let at = 0;
  while (at < stream.length) {
    const end = stream.indexOf('\r\n\r\n', at);
    if (end < 0) throw new Error(`a head without an end: ${stream.toString('latin1', at)}`);
    const [line, ...lines] = stream.toString('latin1', at, end).split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3}) .+$/.exec(line!)![1]);
    const fields = Object.fromEntries(lines.map((text) => /^([^:]+): (.*)$/.exec(text)!.slice(1, 3)));
    const bodyLen = heads[responses.length] === true ? 0 : Number(fields['Content-Length']);
    if (end + 4 + bodyLen > stream.length) throw new Error('a body that was cut short');
    responses.push({ status, fields, body: stream.subarray(end + 4, end + 4 + bodyLen) });
    at = end + 4 + bodyLen;
  }
  return responses;
}
