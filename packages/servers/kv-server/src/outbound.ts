/** Sends replies. What the stack has no room for is kept in a block until it has. */
import type { BufferRef, ClientPort } from '@bulkhead/abi';
import { type sockets, WOULD_BLOCK } from '@bulkhead/net-stack-api';
import type { Window } from '@bulkhead/runtime';
import { type Arena, NO_BLOCK } from './arena.ts';
import { type Connections, OUT_BLOCK, OUT_LEN, OUT_SENT } from './connections.ts';
import type { Replies } from './replies.ts';

/** What came of sending. */
export const SENT = 0;
/** The rest is kept. */
export const BLOCKED = 1;
/** The connection was reset, or there is no memory to keep the rest: it must be ended. */
export const GONE = 2;

export interface OutboundOptions {
  readonly net: ClientPort<typeof sockets>;
  readonly heap: Window;
  readonly shared: Window;
  readonly waiting: Arena;
  readonly connections: Connections;
  readonly replies: Replies;
}

export class Outbound {
  readonly #net: ClientPort<typeof sockets>;
  readonly #heap: Window;
  readonly #shared: Window;
  readonly #waiting: Arena;
  readonly #connections: Connections;
  readonly #replies: Replies;

  constructor({ net, heap, shared, waiting, connections, replies }: OutboundOptions) {
    this.#net = net;
    this.#heap = heap;
    this.#shared = shared;
    this.#waiting = waiting;
    this.#connections = connections;
    this.#replies = replies;
  }

  /** Sends what was composed, of a connection of which nothing is kept. */
  send(connection: number): number {
    const { start, lenBytes } = this.#replies;
    if (lenBytes === 0) return SENT;
    this.#replies.clear();
    const taken = this.#offer(connection, start, lenBytes);
    if (taken === lenBytes) return SENT;
    return taken < 0 ? GONE : this.#keep(connection, start + taken, lenBytes - taken);
  }
  #keep(connection: number, at: number, lenBytes: number): number {
    const block = this.#waiting.take(lenBytes);
    if (block === NO_BLOCK) return GONE;
    this.#heap.copyFrom(block, this.#shared, at, lenBytes);
    this.#connections.set(connection, OUT_BLOCK, block);
    this.#connections.set(connection, OUT_LEN, lenBytes);
    this.#connections.set(connection, OUT_SENT, 0);
    return BLOCKED;
  }
  /** Sends what is kept, while nothing is composed. */
  sendKept(connection: number): number {
    const table = this.#connections;
    const { start, roomBytes } = this.#replies;
    const block = table.get(connection, OUT_BLOCK);
    const sent = table.get(connection, OUT_SENT);
    const rest = table.get(connection, OUT_LEN) - sent;
    if (sent < 0 || rest < 1 || rest > roomBytes) return GONE; // hit by a wild store
    this.#shared.copyFrom(start, this.#heap, block + sent, rest);
    const taken = this.#offer(connection, start, rest);
    if (taken < 0) return GONE;
    table.set(connection, OUT_SENT, sent + taken);
    if (taken < rest) return BLOCKED;
    this.#waiting.give(block);
    table.set(connection, OUT_BLOCK, NO_BLOCK);
    return SENT;
  }
  /** @returns how much the stack took before it would block, or -1 when it refused. */
  #offer(connection: number, at: number, lenBytes: number): number {
    const socket = this.#connections.socketOf(connection);
    let sent = 0;
    while (sent < lenBytes) {
      const taken = this.#net.send(socket, (at + sent) as BufferRef, lenBytes - sent);
      if (taken === WOULD_BLOCK) return sent;
      if (taken <= 0 || taken > lenBytes - sent) return -1;
      sent += taken;
    }
    return sent;
  }
}
