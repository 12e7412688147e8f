/**
 * A TCP port of the host, forwarded into the simulated network: each connection that the host accepts is carried on by
 * the far end's own stack to a port of the machine. Bytes are kept in order and never dropped: a side that does not
 * read stops the other. An end, and a reset, of one side becomes that of the other.
 */
import { createServer, type Server, type Socket } from 'node:net';
import type { System } from '@bulkhead/assembler';
import { createFarEnd, type FarEnd } from '@bulkhead/far-end';
import type { LinkEnd } from '@bulkhead/link';
import type { NetStackConfig } from '@bulkhead/net-stack';
import { ENDED, READABLE, WOULD_BLOCK, WRITABLE } from '@bulkhead/net-stack-api';
import { Live } from './live.ts';
import { NO_SOCKET, Relay } from './relay.ts';

export interface GatewayOptions {
  readonly system: System;
  /** The host's clock, which never goes back: `performance.now`. */
  readonly nowMs: () => number;
  /** The stack at the far end. */
  readonly config: NetStackConfig;
  /** The machine's IPv4 address, and the port to which connections go. */
  readonly address: number;
  readonly port: number;
  /** Where frames go in; the system's wire unless somebody listens in between. */
  readonly wire?: LinkEnd;
  /** The system panicked: every connection was reset, and so will be all that come. */
  readonly onPanic?: () => void;
}

const LOOPBACK = '127.0.0.1';
const CHUNK_BYTES = 16_384;
const SEND_OFFSET = 0;
const RECEIVE_OFFSET = 32_768;
/** A host that sends faster than the machine takes is paused at this much. */
const MOST_QUEUED_BYTES = 65_536;

export class Gateway {
  readonly #system: System;
  readonly #address: number;
  readonly #port: number;
  readonly #onPanic: () => void;
  readonly #farEnd: FarEnd;
  readonly #live: Live;
  readonly #server: Server;
  readonly #relays: Set<Relay> = new Set();
  readonly #bySocket: (Relay | undefined)[] = [];
  readonly #chunk: Uint8Array = new Uint8Array(CHUNK_BYTES);
  #accepted = 0;

  constructor({ system, nowMs, config, address, port, wire = system.wire, onPanic = () => {} }: GatewayOptions) {
    this.#system = system;
    this.#address = address;
    this.#port = port;
    this.#onPanic = onPanic;
    this.#live = new Live({ system, nowMs, onPanic: () => this.#panic() });
    this.#farEnd = createFarEnd({
      clock: system.clock,
      wire,
      config,
      onReady: (socket, what) => this.#onReady(socket, what),
    });
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (host) => this.#accept(host));
  }

  /** Connections of the host's so far, and those that are there now. */
  get accepted(): number {
    return this.#accepted;
  }
  get connections(): number {
    return this.#relays.size;
  }

  /** Listens on the host's loopback and starts time. @returns the port. @throws the host's error, such as EADDRINUSE. */
  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, LOOPBACK, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    this.#live.start();
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : port;
  }
  /** Ends every connection and stops time. Nothing of it runs afterwards, and nothing comes in. */
  async close(): Promise<void> {
    this.#live.stop();
    const closed: Promise<void>[] = [];
    if (this.#server.listening) closed.push(new Promise((resolve) => this.#server.close(() => resolve())));
    for (const { host } of this.#relays) {
      // The server's own event may come before the last of these.
      closed.push(new Promise((resolve) => host.once('close', () => resolve())));
      host.destroy();
    }
    await Promise.all(closed);
  }

  #panic(): void {
    for (const relay of this.#relays) relay.host.resetAndDestroy();
    this.#onPanic();
  }
  #accept(host: Socket): void {
    if (this.#system.panic !== null) {
      host.resetAndDestroy();
      return;
    }
    const relay = new Relay(host);
    this.#accepted++;
    this.#relays.add(relay);
    host.on('data', (data) => this.#input(() => this.#fromHost(relay, data)));
    host.on('end', () => this.#input(() => this.#hostEnd(relay)));
    host.on('drain', () => this.#input(() => this.#receive(relay)));
    host.on('error', () => host.destroy());
    host.on('close', () => {
      this.#relays.delete(relay);
      this.#input(() => this.#hostGone(relay));
    });
    this.#input(() => this.#connect(relay));
  }
  /** Something came from the host: between two slices of simulated time. A system that panicked hears nothing more. */
  #input(act: () => void): void {
    if (this.#system.panic !== null) return;
    act();
    this.#farEnd.settle();
    this.#live.wake();
  }

  #connect(relay: Relay): void {
    const socket = this.#farEnd.sockets.connect(this.#address, this.#port);
    if (socket < 0) {
      relay.host.resetAndDestroy();
      return;
    }
    relay.stackSocket = socket;
    this.#bySocket[socket] = relay;
  }
  #fromHost(relay: Relay, data: Buffer): void {
    relay.push(data);
    if (relay.queuedBytes > MOST_QUEUED_BYTES) relay.host.pause();
    this.#send(relay);
  }
  #hostEnd(relay: Relay): void {
    relay.hostEnded = true;
    this.#send(relay);
  }
  #hostGone(relay: Relay): void {
    if (!this.#isLinked(relay)) return;
    this.#bySocket[relay.stackSocket] = undefined;
    if (!relay.stackEnded || !relay.stackClosed) this.#farEnd.sockets.abort(relay.stackSocket);
  }

  /** Hands the stack what it takes; the rest waits until it is writable again. */
  #send(relay: Relay): void {
    if (!relay.isEstablished || relay.stackClosed || !this.#isLinked(relay)) return;
    for (let data = relay.front; data !== undefined; data = relay.front) {
      const taken = this.#sendSome(relay, data);
      if (taken === WOULD_BLOCK) return;
      if (taken <= 0) {
        this.#break(relay);
        return;
      }
      relay.take(taken);
      if (relay.queuedBytes <= MOST_QUEUED_BYTES) relay.host.resume();
    }
    if (!relay.hostEnded) return;
    relay.stackClosed = true;
    this.#farEnd.sockets.close(relay.stackSocket);
  }
  #sendSome({ stackSocket }: Relay, data: Buffer): number {
    const { sockets } = this.#farEnd;
    const lenBytes = Math.min(data.length, CHUNK_BYTES);
    sockets.write(SEND_OFFSET, data, 0, lenBytes);
    return sockets.send(stackSocket, SEND_OFFSET, lenBytes);
  }

  #onReady(socket: number, what: number): void {
    const relay = this.#bySocket[socket];
    if (relay === undefined) return;
    if ((what & WRITABLE) !== 0) {
      relay.isEstablished = true;
      this.#send(relay);
    }
    if ((what & (READABLE | ENDED)) !== 0) this.#receive(relay);
  }
  /** Hands the host what it takes; the rest waits in the stack, whose window closes. */
  #receive(relay: Relay): void {
    while (!relay.stackEnded && !relay.host.writableNeedDrain && this.#isLinked(relay)) {
      const count = this.#farEnd.sockets.receive(relay.stackSocket, RECEIVE_OFFSET, CHUNK_BYTES);
      if (count === WOULD_BLOCK) return;
      if (count > 0) this.#deliver(relay, count);
      else if (count === 0) this.#end(relay);
      else this.#break(relay);
    }
  }
  #deliver(relay: Relay, lenBytes: number): void {
    this.#farEnd.sockets.read(RECEIVE_OFFSET, this.#chunk, 0, lenBytes);
    relay.host.write(Buffer.from(this.#chunk.subarray(0, lenBytes)));
  }
  #end(relay: Relay): void {
    relay.stackEnded = true;
    relay.host.end();
  }
  /** The machine reset the connection, or it timed out. */
  #break(relay: Relay): void {
    relay.stackEnded = true;
    relay.stackClosed = true;
    this.#bySocket[relay.stackSocket] = undefined;
    this.#farEnd.sockets.abort(relay.stackSocket);
    relay.host.resetAndDestroy();
  }
  /** False once the socket's number may be another connection's. */
  #isLinked(relay: Relay): boolean {
    return relay.stackSocket !== NO_SOCKET && this.#bySocket[relay.stackSocket] === relay;
  }
}
