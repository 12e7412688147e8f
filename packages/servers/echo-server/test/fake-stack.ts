/**
 * The datagram half of the sockets contract, without a network, as strict as the contract allows: `ready` comes only
 * when a socket that had nothing unread gets something.
 */
import { type BufferRef, type ClientPort, right } from '@bulkhead/abi';
import {
  BAD_BUFFER,
  NO_SUCH_SOCKET,
  PORT_IN_USE,
  READABLE,
  type sockets,
  WOULD_BLOCK,
  WRONG_STATE,
} from '@bulkhead/net-stack-api';
import { type Context, FlatMemory, Window } from '@bulkhead/runtime';
import { type EchoServerConfig, echoServer } from '../src/index.ts';

const SOCKET = 5;
const SHARED_PAGES = 16;

export interface Datagram {
  readonly address: number;
  readonly port: number;
  readonly bytes: Uint8Array;
}

export interface HostOptions {
  readonly config?: Partial<EchoServerConfig>;
  readonly isPortTaken?: boolean;
}

export class Host {
  readonly sent: Datagram[] = [];
  readonly calls = { receiveFrom: 0, sendTo: 0 };
  boundPort = 0;
  spent = 0;
  /** How many more datagrams the stack has buffers for. */
  room = Number.POSITIVE_INFINITY;
  readonly heap: Window;
  readonly #unread: Datagram[] = [];
  readonly #shared: Window;
  readonly #answer: Int32Array = new Int32Array(8);
  readonly #isPortTaken: boolean;
  readonly #ready: (socket: number, what: number) => void;

  constructor({ config = {}, isPortTaken = false }: HostOptions = {}) {
    const memory = new FlatMemory(echoServer.heapPages + SHARED_PAGES);
    this.#isPortTaken = isPortTaken;
    this.heap = new Window(memory, 0, 0, echoServer.heapPages * 4096);
    this.#shared = new Window(memory, echoServer.heapPages, 0, SHARED_PAGES * 4096);
    const region = { window: this.#shared, frame: right(0), frameCount: SHARED_PAGES, frameSizeBits: 12 };
    const context: Context<EchoServerConfig> = {
      self: 1,
      memory,
      heap: this.heap,
      work: { id: (name) => echoServer.work.indexOf(name), spend: () => this.spent++, spendMany: () => {} },
      answer: this.#answer,
      config: { ...echoServer.config, ...config },
      right: () => right(0),
      region: () => region,
      shared: () => region,
      nowUs: () => 0,
    };
    const instance = echoServer.create(context, { net: this.#port() });
    this.#ready = instance.handlers.net.ready;
    instance.start?.();
  }
  /** Datagrams arrive together; the server hears of them once. */
  arrive(...datagrams: Datagram[]): void {
    const wasEmpty = this.#unread.length === 0;
    this.#unread.push(...datagrams);
    if (wasEmpty && datagrams.length > 0) this.#ready(SOCKET, READABLE);
  }
  event(socket: number): void {
    this.#ready(socket, READABLE);
  }

  #port(): ClientPort<typeof sockets> {
    const refused = (): number => WRONG_STATE;
    return {
      listen: refused,
      accept: refused,
      connect: refused,
      receive: refused,
      send: refused,
      close: refused,
      abort: refused,
      bind: (port) => {
        if (this.#isPortTaken) return PORT_IN_USE;
        this.boundPort = port;
        return SOCKET;
      },
      sendTo: (socket, buffer, lenBytes, address, port) => this.#sendTo(socket, buffer, lenBytes, address, port),
      receiveFrom: (socket, buffer, maxBytes) => this.#receiveFrom(socket, buffer, maxBytes),
    };
  }
  #sendTo(socket: number, buffer: BufferRef, lenBytes: number, address: number, port: number): number {
    this.calls.sendTo++;
    if (socket !== SOCKET) return NO_SUCH_SOCKET;
    if (port < 1 || port > 0xffff) return WRONG_STATE;
    if (buffer < 0 || lenBytes < 0 || buffer + lenBytes > SHARED_PAGES * 4096) return BAD_BUFFER;
    if (this.room === 0) return WOULD_BLOCK;
    this.room -= 1;
    const bytes = new Uint8Array(lenBytes);
    this.#shared.loadBytes(buffer, bytes, 0, lenBytes);
    this.sent.push({ address, port, bytes });
    return lenBytes;
  }
  #receiveFrom(socket: number, buffer: BufferRef, maxBytes: number): number {
    this.calls.receiveFrom++;
    if (socket !== SOCKET) return NO_SUCH_SOCKET;
    if (buffer < 0 || buffer + maxBytes > SHARED_PAGES * 4096) return BAD_BUFFER;
    const datagram = this.#unread.shift();
    if (datagram === undefined) return WOULD_BLOCK;
    this.#shared.storeBytes(buffer, datagram.bytes, 0, Math.min(maxBytes, datagram.bytes.length));
    this.#answer[1] = datagram.address;
    this.#answer[2] = datagram.port;
    return datagram.bytes.length;
  }
}
