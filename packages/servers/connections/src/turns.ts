/**
 * Serves the connections of one listening socket in turns.
 *
 * The contract's `ready` is edge-triggered and follows a WOULD_BLOCK; so a connection is served until that comes. But
 * none is served for longer than a turn while others wait: when one could go on beyond its turn, all are gone round,
 * those in the backlog too, until each would block.
 */
import type { ClientHandlers, ClientPort } from '@bulkhead/abi';
import { READABLE, type sockets, WRITABLE } from '@bulkhead/net-stack-api';
import type { Work } from '@bulkhead/runtime';
import { type ConnectionTable, NO_CONNECTION } from './table.ts';

const BACKLOG = 128;
const BOTH: number = READABLE | WRITABLE;

export interface TurnsOptions {
  readonly net: ClientPort<typeof sockets>;
  readonly table: ConnectionTable;
  /** Has a piece `accept`. */
  readonly work: Work;
  /**
   * Serves a connection, for no longer than its turn.
   * @param what bits of `ready`: those of its event, or both directions
   * @returns true when it could go on
   */
  readonly turn: (connection: number, what: number) => boolean;
}

export class Turns {
  readonly #net: ClientPort<typeof sockets>;
  readonly #table: ConnectionTable;
  readonly #work: Work;
  readonly #acceptWork: number;
  readonly #turn: (connection: number, what: number) => boolean;

  constructor({ net, table, work, turn }: TurnsOptions) {
    this.#net = net;
    this.#table = table;
    this.#work = work;
    this.#acceptWork = work.id('accept');
    this.#turn = turn;
  }

  /** Listens, and serves who waits already. A port that cannot be had is one on which nobody comes. */
  start(port: number): void {
    const listener = this.#net.listen(port, BACKLOG);
    if (listener < 0) return;
    this.#table.listener = listener;
    this.#finish(this.#acceptAll());
  }

  readonly handlers: ClientHandlers<typeof sockets> = {
    ready: (socket: number, what: number): void => {
      const wasFull = this.#table.isFull;
      const isListener = socket === this.#table.listener;
      const goesOn = isListener ? this.#acceptAll() : this.#attend(socket, what);
      // The backlog's own event comes but once: so it is looked at again when a full table gets room.
      const isNewWaiting = wasFull && this.#acceptAll();
      this.#finish(goesOn || isNewWaiting);
    },
  };

  /** @returns true when somebody could go on beyond his turn, as in all that follow. */
  #acceptAll(): boolean {
    let goesOn = false;
    while (!this.#table.isFull) {
      const socket = this.#net.accept(this.#table.listener);
      if (socket < 0) break;
      this.#work.spend(this.#acceptWork);
      const connection = this.#table.open(socket);
      if (connection !== NO_CONNECTION && this.#turn(connection, BOTH)) goesOn = true;
    }
    return goesOn;
  }
  #attend(socket: number, what: number): boolean {
    const connection = this.#table.find(socket);
    return connection !== NO_CONNECTION && this.#turn(connection, what);
  }
  #finish(someGoOn: boolean): void {
    let goesOn = someGoOn;
    while (goesOn) goesOn = this.#round();
  }
  #round(): boolean {
    let goesOn = this.#acceptAll();
    for (let index = 0; index < this.#table.size; index++) {
      const connection = this.#table.at(index);
      if (connection !== NO_CONNECTION && this.#turn(connection, BOTH)) goesOn = true;
    }
    return goesOn;
  }
}
