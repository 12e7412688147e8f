/**
 * A TCP port of the host, forwarded into the simulated network: each connection that the host accepts is carried on by
 * the far end's own stack to a port of the machine. Bytes are kept in order and never dropped: a side that does not
 * read stops the other.
 */
import { createServer, type Server, type Socket } from 'node:net';
import type { System } from '@bulkhead/assembler';
import { createFarEnd, type FarEnd } from '@bulkhead/far-end';
import type { LinkEnd } from '@bulkhead/link';
import type { NetStackConfig } from '@bulkhead/net-stack';
import { ENDED, READABLE, WOULD_BLOCK, WRITABLE } from '@bulkhead/net-stack-api';
import { Live } from './live.ts';

export interface GatewayOptions {
  readonly system: System;
  /** The stack at the far end. */
  readonly config: NetStackConfig;
  /** The machine's IPv4 address, and the port to which connections go. */
  readonly address: number;
  readonly port: number;
  /** Where frames go in; the system's wire unless somebody listens in between. */
  readonly wire?: LinkEnd;
  readonly onPanic?: () => void;
}

const CHUNK_BYTES = 16_384;
const SEND_OFFSET = 0;
const RECEIVE_OFFSET = 32_768;
/** A host that sends faster than the machine takes is paused at this much. */
const MOST_QUEUED_BYTES = 65_536;

/** One connection of the host's and its continuation. */
class Relay {
  readonly host: Socket;
  stack = -1;
  readonly queue: Buffer[] = [];
  queuedBytes = 0;
  isEstablished = false;
  hostEnded = false;
  stackEnded = false;
  closed = false;
  constructor(host: Socket) {
    this.host = host;
  }
}

export class Gateway {
  readonly #options: GatewayOptions;
  readonly #farEnd: FarEnd;
  readonly #live: Live;
  readonly #server: Server;
  readonly #relays: Set<Relay> = new Set();
  readonly #bySocket: (Relay | undefined)[] = [];
  readonly #chunk: Uint8Array = new Uint8Array(CHUNK_BYTES);
  /** Connections of the host's so far. */
  accepted = 0;

  constructor(options: GatewayOptions) {
    const { system } = options;
    this.#options = options;
    this.#live = new Live({ system, onPanic: () => this.#panic() });
    this.#farEnd = createFarEnd({
      clock: system.clock,
      wire: options.wire ?? system.wire,
      config: options.config,
      onReady: (socket, what) => this.#onReady(socket, what),
    });
    this.#server = createServer({ allowHalfOpen: true }, (host) => this.#accept(host));
  }

  /** Listens on the host's loopback and starts time. @returns the port. @throws the host's error, such as EADDRINUSE. */
  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => resolve());
    });
    this.#live.start();
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : port;
  }
  /** Ends every connection and stops time. */
  async close(): Promise<void> {
    this.#live.stop();
    for (const relay of this.#relays) relay.host.destroy();
    if (this.#server.listening) await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #panic(): void {
    for (const relay of this.#relays) relay.host.resetAndDestroy();
    this.#options.onPanic?.();
  }
  #accept(host: Socket): void {
    const relay = new Relay(host);
    if (this.#options.system.panic !== null) {
      host.resetAndDestroy();
      return;
    }
    this.accepted++;
    this.#relays.add(relay);
    host.setNoDelay(true);
    host.on('data', (data) => this.#input(() => this.#fromHost(relay, data)));
    host.on('end', () => this.#input(() => this.#hostEnd(relay)));
    host.on('drain', () => this.#input(() => this.#receive(relay)));
    host.on('error', () => host.destroy());
    host.on('close', () => this.#input(() => this.#hostGone(relay)));
    this.#input(() => {
      relay.stack = this.#farEnd.sockets.connect(this.#options.address, this.#options.port);
      if (relay.stack < 0) host.resetAndDestroy();
      else this.#bySocket[relay.stack] = relay;
    });
  }
  /** Something came from the host: between two slices of simulated time. */
  #input(act: () => void): void {
    if (this.#options.system.panic !== null) return;
    act();
    this.#farEnd.settle();
    this.#live.wake();
  }

  #fromHost(relay: Relay, data: Buffer): void {
    relay.queue.push(data);
    relay.queuedBytes += data.length;
    if (relay.queuedBytes > MOST_QUEUED_BYTES) relay.host.pause();
    this.#send(relay);
  }
  #send(relay: Relay): void {
    const { sockets } = this.#farEnd;
    while (relay.isEstablished && !relay.closed && relay.queue.length > 0) {
      const data = relay.queue[0]!;
      const lenBytes = Math.min(data.length, CHUNK_BYTES);
      sockets.write(SEND_OFFSET, data, 0, lenBytes);
      const taken = sockets.send(relay.stack, SEND_OFFSET, lenBytes);
      if (taken <= 0) {
        if (taken !== WOULD_BLOCK) this.#broken(relay);
        return;
      }
      if (taken === data.length) relay.queue.shift();
      else relay.queue[0] = data.subarray(taken);
      relay.queuedBytes -= taken;
      if (relay.queuedBytes <= MOST_QUEUED_BYTES) relay.host.resume();
    }
    if (relay.isEstablished && relay.hostEnded && relay.queue.length === 0 && !relay.closed) this.#closeStack(relay);
  }
  #hostEnd(relay: Relay): void {
    relay.hostEnded = true;
    this.#send(relay);
  }
  #closeStack(relay: Relay): void {
    relay.closed = true;
    this.#farEnd.sockets.close(relay.stack);
  }
  #hostGone(relay: Relay): void {
    this.#relays.delete(relay);
    if (relay.stack < 0 || this.#bySocket[relay.stack] !== relay) return;
    this.#bySocket[relay.stack] = undefined;
    if (!relay.stackEnded || !relay.closed) this.#farEnd.sockets.abort(relay.stack);
  }
  #broken(relay: Relay): void {
    relay.stackEnded = true;
    relay.closed = true;
    this.#bySocket[relay.stack] = undefined;
    this.#farEnd.sockets.abort(relay.stack);
    relay.host.resetAndDestroy();
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
  #receive(relay: Relay): void {
    const { sockets } = this.#farEnd;
    while (!relay.stackEnded && !relay.host.writableNeedDrain && this.#bySocket[relay.stack] === relay) {
      const count = sockets.receive(relay.stack, RECEIVE_OFFSET, CHUNK_BYTES);
      if (count === WOULD_BLOCK) return;
      if (count < 0) {
        this.#broken(relay);
        return;
      }
      if (count === 0) {
        relay.stackEnded = true;
        relay.host.end();
        return;
      }
      sockets.read(RECEIVE_OFFSET, this.#chunk, 0, count);
      relay.host.write(Buffer.from(this.#chunk.subarray(0, count)));
    }
  }
}
