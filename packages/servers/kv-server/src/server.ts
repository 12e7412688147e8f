/**
 * The server: one loop a connection, run in turns whenever its socket is ready, until the stack has or takes nothing
 * more.
 *
 * Every request that has come is answered before more is received, and the answers leave together: so a client that
 * pipelines costs few calls. While answers wait for room nothing is read: a slow reader holds one block.
 *
 * Invariant: outside a handler all that is known of a connection stands in its record and its blocks.
 */
import type { BufferRef, ClientHandlers, ClientPort } from '@bulkhead/abi';
import { Turns } from '@bulkhead/connections';
import { CONNECTION_RESET, ENDED, type sockets, WOULD_BLOCK } from '@bulkhead/net-stack-api';
import type { Context, Window } from '@bulkhead/runtime';
import { Arena, NO_BLOCK } from './arena.ts';
import { Commands, ERROR_BYTES, LEAVE } from './commands.ts';
import * as c from './connections.ts';
import { RECORDS, WAITING } from './layout.ts';
import { BLOCKED, GONE, Outbound, SENT } from './outbound.ts';
import { Replies } from './replies.ts';
import { COMPLETE, MALFORMED, MAX_BULK_BYTES, MAX_REQUEST_BYTES, RequestParser } from './request.ts';
import { Store } from './store.ts';
import { ascii } from './text.ts';

export interface KvServerConfig {
  readonly port: number;
}

/** The shared region: what is received, then replies. */
const RECEIVE_BYTES = 16_384;
const RECEIVED = 0 as BufferRef;
/** The longest request, less a byte, and what comes with its last. */
const INPUT_BYTES: number = MAX_REQUEST_BYTES + 64 + RECEIVE_BYTES;
/**
 * So much is composed before it is sent, though more requests may have come: what nobody takes must be kept. What is
 * left of the place for replies has room for any single value.
 */
const BATCH_BYTES = 8192;
/** The most pieces that a connection has received in one turn. */
const PIECES_A_TURN = 16;
/** How much of what came after our last word is thrown away before we reset. */
const MAX_DISCARDED_BYTES = 65_536;

const NO_ROOM: Uint8Array = ascii('-OOM no memory for a request of this size\r\n');

/** Phases of a connection. A fresh record is serving. */
const SERVING = 0;
/** Its last reply is on its way. */
const CLOSING = 1;
const LINGERING = 2;

export class KvServer {
  readonly #context: Context<KvServerConfig>;
  readonly #net: ClientPort<typeof sockets>;
  readonly #heap: Window;
  readonly #shared: Window;
  readonly #connections: c.Connections;
  readonly #turns: Turns;
  readonly #records: Arena;
  /** Of what waits: its own, so that a store that is full can still be read, and emptied. */
  readonly #waiting: Arena;
  readonly #request: RequestParser = new RequestParser();
  readonly #replies: Replies;
  readonly #commands: Commands;
  readonly #outbound: Outbound;
  readonly #requestWork: number;
  readonly #responseWork: number;
  /** What was received and not yet executed: bytes `#at…#end`. Empty between two steps. */
  readonly #input: Uint8Array = new Uint8Array(INPUT_BYTES);
  #at = 0;
  #end = 0;

  constructor(context: Context<KvServerConfig>, net: ClientPort<typeof sockets>) {
    const { heap, work } = context;
    const { window, frameCount, frameSizeBits } = context.shared('net');
    this.#context = context;
    this.#net = net;
    this.#heap = heap;
    this.#shared = window;
    this.#records = new Arena(heap, RECORDS);
    this.#waiting = new Arena(heap, WAITING);
    this.#connections = new c.Connections(heap, this.#waiting);
    this.#turns = new Turns({
      net,
      table: this.#connections,
      work,
      turn: (connection, what) => this.#turn(connection, what),
    });
    this.#replies = new Replies(window, RECEIVE_BYTES, frameCount * 2 ** frameSizeBits - RECEIVE_BYTES, ERROR_BYTES);
    this.#commands = new Commands({
      heap,
      work,
      store: new Store(heap, this.#records, MAX_BULK_BYTES),
      request: this.#request,
      replies: this.#replies,
    });
    this.#outbound = new Outbound({
      net,
      heap,
      shared: window,
      waiting: this.#waiting,
      connections: this.#connections,
      replies: this.#replies,
    });
    this.#requestWork = work.id('request');
    this.#responseWork = work.id('response');
  }

  start(): void {
    this.#records.format();
    this.#waiting.format();
    this.#turns.start(this.#context.config.port);
  }
  get handlers(): ClientHandlers<typeof sockets> {
    return this.#turns.handlers;
  }

  /** @returns true when it could go on beyond its turn. */
  #turn(connection: number, what: number): boolean {
    const isOver = (what & ENDED) !== 0 && this.#connections.get(connection, c.PHASE) === LINGERING;
    if (isOver) this.#free(connection);
    if (isOver) return false;
    for (let pieces = 0; pieces < PIECES_A_TURN; pieces++) if (!this.#step(connection)) return false;
    return true;
  }

  /** @returns false when there is nothing more to do for now, or at all; as in all that follow. */
  #step(connection: number): boolean {
    if (this.#connections.get(connection, c.OUT_BLOCK) !== NO_BLOCK) {
      const outcome = this.#outbound.sendKept(connection);
      if (outcome !== SENT) return outcome === GONE ? this.#drop(connection) : false;
    }
    switch (this.#connections.get(connection, c.PHASE)) {
      case SERVING:
        return this.#serve(connection);
      case CLOSING:
        this.#net.close(this.#connections.socketOf(connection));
        this.#connections.set(connection, c.PHASE, LINGERING);
        return true;
      case LINGERING:
        return this.#discard(connection);
      default: // a record that somebody's wild store has hit
        return this.#drop(connection);
    }
  }

  #serve(connection: number): boolean {
    const table = this.#connections;
    const kept = table.get(connection, c.IN_LEN);
    if (kept < 0 || kept > INPUT_BYTES) return this.#drop(connection); // hit by a wild store
    if (kept > 0 && kept >= table.get(connection, c.NEED)) return this.#takeUp(connection, kept);
    const lenBytes = this.#net.receive(table.socketOf(connection), RECEIVED, RECEIVE_BYTES);
    if (lenBytes < 0) return this.#refused(connection, lenBytes);
    if (lenBytes === 0) return this.#farewell(connection);
    if (kept > 0) return this.#keepMore(connection, kept, lenBytes);
    this.#shared.loadBytes(RECEIVED, this.#input, 0, lenBytes);
    this.#at = 0;
    this.#end = lenBytes;
    return this.#answer(connection);
  }
  /** Answers all that is complete. Then the input is empty: the rest is kept, or nobody's. */
  #answer(connection: number): boolean {
    while (this.#at < this.#end) {
      if (this.#replies.lenBytes >= BATCH_BYTES) {
        const outcome = this.#outbound.send(connection);
        const isKept = outcome === BLOCKED && this.#keepRest(connection, 0);
        if (outcome !== SENT) return isKept ? false : this.#drop(connection);
      }
      const found = this.#request.parse(this.#input, this.#at, this.#end);
      if (found === COMPLETE) this.#execute(connection);
      else if (found === MALFORMED) this.#last(connection, this.#request.error);
      else if (!this.#keepRest(connection, this.#request.need)) this.#last(connection, NO_ROOM);
    }
    return this.#flush(connection);
  }
  #execute(connection: number): void {
    this.#at = this.#request.end;
    if (this.#request.count === 0) return;
    this.#context.work.spend(this.#requestWork);
    const client = this.#connections.get(connection, c.CLIENT);
    const outcome = this.#commands.execute(this.#input, client);
    this.#context.work.spend(this.#responseWork);
    if (outcome === LEAVE) this.#leave(connection);
  }
  /** Says why, and nothing more is understood. */
  #last(connection: number, error: Uint8Array): void {
    this.#replies.raw(error);
    this.#leave(connection);
  }
  #leave(connection: number): void {
    this.#at = this.#end;
    this.#connections.set(connection, c.PHASE, CLOSING);
  }

  /** Keeps what was not executed until `need` bytes of it are there. @returns false when there is no memory for it. */
  #keepRest(connection: number, need: number): boolean {
    const table = this.#connections;
    const lenBytes = this.#end - this.#at;
    const block = this.#waiting.take(Math.max(lenBytes, need));
    if (block === NO_BLOCK) return false;
    this.#heap.storeBytes(block, this.#input, this.#at, lenBytes);
    table.set(connection, c.IN_BLOCK, block);
    table.set(connection, c.IN_LEN, lenBytes);
    table.set(connection, c.NEED, need);
    this.#at = this.#end;
    return true;
  }
  /** Adds what was received to what is kept: it is not looked at before there is enough of it. */
  #keepMore(connection: number, kept: number, lenBytes: number): boolean {
    const table = this.#connections;
    const block = table.get(connection, c.IN_BLOCK);
    const grown = kept + lenBytes > this.#waiting.capacity(block) ? this.#waiting.take(kept + lenBytes) : block;
    if (grown === NO_BLOCK) {
      this.#connections.forgetInput(connection);
      this.#last(connection, NO_ROOM);
      return this.#flush(connection);
    }
    if (grown !== block) {
      this.#heap.copyFrom(grown, this.#heap, block, kept);
      this.#waiting.give(block);
      table.set(connection, c.IN_BLOCK, grown);
    }
    this.#heap.copyFrom(grown + kept, this.#shared, RECEIVED, lenBytes);
    table.set(connection, c.IN_LEN, kept + lenBytes);
    return true;
  }
  #takeUp(connection: number, kept: number): boolean {
    this.#heap.loadBytes(this.#connections.get(connection, c.IN_BLOCK), this.#input, 0, kept);
    this.#connections.forgetInput(connection);
    this.#at = 0;
    this.#end = kept;
    return this.#answer(connection);
  }
  /** Sends what was composed. */
  #flush(connection: number): boolean {
    const outcome = this.#outbound.send(connection);
    if (outcome === GONE) return this.#drop(connection);
    return outcome === SENT;
  }
  #discard(connection: number): boolean {
    const lenBytes = this.#net.receive(this.#connections.socketOf(connection), RECEIVED, RECEIVE_BYTES);
    if (lenBytes < 0) return this.#refused(connection, lenBytes);
    const discarded = this.#connections.get(connection, c.DISCARDED) + lenBytes;
    this.#connections.set(connection, c.DISCARDED, discarded);
    if (discarded > MAX_DISCARDED_BYTES) return this.#drop(connection);
    if (lenBytes === 0) this.#free(connection); // both directions are closed: the number is free
    return lenBytes > 0;
  }
  /** The peer will ask nothing more, and has had all its answers. A request cut short is no request. */
  #farewell(connection: number): false {
    this.#net.close(this.#connections.socketOf(connection));
    this.#free(connection);
    return false;
  }
  #refused(connection: number, refusal: number): false {
    if (refusal === WOULD_BLOCK) return false;
    if (refusal === CONNECTION_RESET) return this.#drop(connection);
    this.#free(connection);
    return false;
  }
  #drop(connection: number): false {
    this.#net.abort(this.#connections.socketOf(connection));
    this.#free(connection);
    return false;
  }
  #free(connection: number): void {
    this.#connections.free(connection);
    this.#at = this.#end;
    this.#replies.clear();
  }
}
