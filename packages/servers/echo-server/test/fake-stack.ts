/**
 * The datagram half of the sockets contract, without a network, as strict as the contract allows: `ready` comes only
 * when a socket that had nothing unread gets something.
 */
import type { BufferRef, ClientPort } from '@bulkhead/abi';
import { FakeContext, type FakeContextOptions, REFUSING, SHARED_BYTES } from '@bulkhead/fake-sockets';
import {
  BAD_BUFFER,
  NO_SUCH_SOCKET,
  PORT_IN_USE,
  READABLE,
  type sockets,
  WOULD_BLOCK,
  WRONG_STATE,
} from '@bulkhead/net-stack-api';
import type { Window } from '@bulkhead/runtime';
import { type EchoServerConfig, echoServer } from '../src/index.ts';

const SOCKET = 5;

export interface Datagram {
  readonly address: number;
  readonly port: number;
  readonly bytes: Uint8Array;
}

export interface HostOptions extends FakeContextOptions<EchoServerConfig> {
  readonly isPortTaken?: boolean;
}

export class Host {
  readonly sent: Datagram[] = [];
  readonly calls = { receiveFrom: 0, sendTo: 0 };
  boundPort = 0;
  /** How many more datagrams the stack has buffers for. */
  room = Number.POSITIVE_INFINITY;
  readonly #context: FakeContext<EchoServerConfig>;
  readonly #unread: Datagram[] = [];
  readonly #isPortTaken: boolean;
  readonly #ready: (socket: number, what: number) => void;

  constructor({ isPortTaken = false, ...options }: HostOptions = {}) {
    this.#isPortTaken = isPortTaken;
    this.#context = new FakeContext(echoServer, options);
    const instance = echoServer.create(this.#context, { net: this.#port() });
    this.#ready = instance.handlers.net.ready;
    instance.start?.();
  }
  get heap(): Window {
    return this.#context.heap;
  }
  get spent(): Readonly<Record<string, number>> {
    return this.#context.spent;
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
    return {
      ...REFUSING,
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
    if (buffer < 0 || lenBytes < 0 || buffer + lenBytes > SHARED_BYTES) return BAD_BUFFER;
    if (this.room === 0) return WOULD_BLOCK;
    this.room -= 1;
    const bytes = new Uint8Array(lenBytes);
    this.#context.sharedWindow.loadBytes(buffer, bytes, 0, lenBytes);
    this.sent.push({ address, port, bytes });
    return lenBytes;
  }
  #receiveFrom(socket: number, buffer: BufferRef, maxBytes: number): number {
    this.calls.receiveFrom++;
    if (socket !== SOCKET) return NO_SUCH_SOCKET;
    if (buffer < 0 || buffer + maxBytes > SHARED_BYTES) return BAD_BUFFER;
    const datagram = this.#unread.shift();
    if (datagram === undefined) return WOULD_BLOCK;
    const { sharedWindow, answer } = this.#context;
    sharedWindow.storeBytes(buffer, datagram.bytes, 0, Math.min(maxBytes, datagram.bytes.length));
    answer[1] = datagram.address;
    answer[2] = datagram.port;
    return datagram.bytes.length;
  }
}
