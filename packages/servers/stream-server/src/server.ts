/**
 * The TCP-based character generator of RFC 864: who connects is sent the pattern until he closes; what he sends is
 * thrown away.
 *
 * The pattern stands once in the shared region, a period and a block long, so that a block can begin at any place of
 * it: a block is offered where it stands, and nothing is composed.
 *
 * A stream never ends: so each connection has its turn, and no more while others wait.
 *
 * Invariant: outside a handler all that is known of a connection stands in its record.
 */
import type { BufferRef, ClientHandlers, ClientPort } from '@bulkhead/abi';
import { Turns } from '@bulkhead/connections';
import { ENDED, READABLE, type sockets, WOULD_BLOCK, WRITABLE } from '@bulkhead/net-stack-api';
import type { Context, Window } from '@bulkhead/runtime';
import { Connections, PLACE } from './connections.ts';
import { PATTERN_PERIOD_BYTES, patternByte } from './pattern.ts';

export interface StreamServerConfig {
  readonly port: number;
}

/** The end of the shared region, where what is received is thrown. */
const DISCARD_BYTES = 2048;
/** The most blocks that a connection is offered in one turn. */
const BLOCKS_A_TURN = 16;

/** What came of one try in one direction. */
const BLOCKED = 0;
const MORE = 1;
const GONE = 2;

export class StreamServer {
  readonly #context: Context<StreamServerConfig>;
  readonly #net: ClientPort<typeof sockets>;
  readonly #shared: Window;
  readonly #connections: Connections;
  readonly #turns: Turns;
  readonly #discardAt: BufferRef;
  readonly #blockBytes: number;
  readonly #blockWork: number;

  constructor(context: Context<StreamServerConfig>, net: ClientPort<typeof sockets>) {
    const region = context.shared('net');
    const discardAt = region.frameCount * 2 ** region.frameSizeBits - DISCARD_BYTES;
    this.#context = context;
    this.#net = net;
    this.#shared = region.window;
    this.#connections = new Connections(context.heap);
    this.#turns = new Turns({
      net,
      table: this.#connections,
      work: context.work,
      turn: (connection, what) => this.#turn(connection, what),
    });
    this.#discardAt = discardAt as BufferRef;
    this.#blockBytes = discardAt - PATTERN_PERIOD_BYTES;
    this.#blockWork = context.work.id('block');
  }

  start(): void {
    const pattern = Uint8Array.from({ length: this.#discardAt }, (_, offset) => patternByte(offset));
    this.#shared.storeBytes(0, pattern, 0, pattern.length);
    this.#turns.start(this.#context.config.port);
  }
  get handlers(): ClientHandlers<typeof sockets> {
    return this.#turns.handlers;
  }

  /** @returns true when it could go on beyond its turn. */
  #turn(connection: number, what: number): boolean {
    let reads = (what & (READABLE | ENDED)) !== 0;
    let writes = (what & WRITABLE) !== 0;
    for (let blocks = 0; blocks < BLOCKS_A_TURN && (reads || writes); blocks++) {
      const read = reads ? this.#discard(connection) : BLOCKED;
      if (read === GONE) return false;
      const written = writes ? this.#send(connection) : BLOCKED;
      if (written === GONE) return false;
      reads = read === MORE;
      writes = written === MORE;
    }
    return reads || writes;
  }

  #discard(connection: number): number {
    const socket = this.#connections.socketOf(connection);
    const lenBytes = this.#net.receive(socket, this.#discardAt, DISCARD_BYTES);
    if (lenBytes > 0) return MORE;
    if (lenBytes === WOULD_BLOCK) return BLOCKED;
    this.#net.close(socket); // the client has ended the stream: what the stack holds of it still goes out
    this.#connections.free(connection);
    return GONE;
  }
  #send(connection: number): number {
    this.#context.work.spend(this.#blockWork);
    const socket = this.#connections.socketOf(connection);
    const place = this.#connections.get(connection, PLACE);
    const taken = this.#net.send(socket, place as BufferRef, this.#blockBytes);
    if (taken === WOULD_BLOCK) return BLOCKED;
    if (taken > 0) {
      this.#connections.set(connection, PLACE, (place + taken) % PATTERN_PERIOD_BYTES);
      return MORE;
    }
    this.#net.abort(socket); // reset, or a record that somebody's wild store has hit
    this.#connections.free(connection);
    return GONE;
  }
}
