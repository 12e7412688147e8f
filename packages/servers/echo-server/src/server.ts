/**
 * The UDP-based echo service of RFC 862: "an echo server simply sends back to the originating source any data it
 * receives."
 *
 * A datagram is turned round where it lies: the stack copies it into the shared region and takes it from there again.
 *
 * Invariant: outside a handler all that is known stands in the heap.
 */
import type { BufferRef, ClientHandlers, ClientPort } from '@bulkhead/abi';
import type { sockets } from '@bulkhead/net-stack-api';
import type { Context, Window } from '@bulkhead/runtime';

export interface EchoServerConfig {
  readonly port: number;
}

/** More than any link here carries. */
const DATAGRAM_BYTES = 2048;
const DATAGRAM = 0 as BufferRef;
/**
 * CHOICE: RFC 862 answers everybody. A datagram that comes from a port below this is dropped: who answers there is a
 * service too, and two that echo each other never stop (CERT advisory CA-1996-01, "UDP Port Denial-of-Service Attack").
 */
const FIRST_CLIENT_PORT = 1024;

/** Words of the heap, by byte offset. The first holds the socket's number + 1; 0 is none. */
const SOCKET = 0;
const ECHOED = 4;
const DROPPED = 8;

/** Where `receiveFrom` answers who sent the datagram. */
const SENDER_ADDRESS = 1;
const SENDER_PORT = 2;

export class EchoServer {
  readonly #context: Context<EchoServerConfig>;
  readonly #net: ClientPort<typeof sockets>;
  readonly #heap: Window;
  readonly #datagramWork: number;

  constructor(context: Context<EchoServerConfig>, net: ClientPort<typeof sockets>) {
    this.#context = context;
    this.#net = net;
    this.#heap = context.heap;
    this.#datagramWork = context.work.id('datagram');
  }

  start(): void {
    const socket = this.#net.bind(this.#context.config.port);
    if (socket >= 0) this.#heap.store32(SOCKET, socket + 1);
  }

  readonly handlers: ClientHandlers<typeof sockets> = {
    ready: (socket: number): void => {
      if (socket === this.#heap.load32(SOCKET) - 1) this.#echoAll(socket);
    },
  };

  /** Until the stack has no more: its event comes once. */
  #echoAll(socket: number): void {
    for (;;) {
      const lenBytes = this.#net.receiveFrom(socket, DATAGRAM, DATAGRAM_BYTES);
      if (lenBytes < 0) return;
      this.#context.work.spend(this.#datagramWork);
      this.#count(this.#echo(socket, lenBytes) ? ECHOED : DROPPED);
    }
  }
  /** What the stack has no room for is lost, as datagrams may be. @returns false when it was not sent. */
  #echo(socket: number, lenBytes: number): boolean {
    const address = this.#context.answer[SENDER_ADDRESS]!;
    const port = this.#context.answer[SENDER_PORT]!;
    if (port < FIRST_CLIENT_PORT || lenBytes > DATAGRAM_BYTES) return false;
    return this.#net.sendTo(socket, DATAGRAM, lenBytes, address, port) >= 0;
  }
  #count(word: number): void {
    this.#heap.store32(word, (this.#heap.load32(word) + 1) | 0);
  }
}
