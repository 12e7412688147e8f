/**
 * The service's calls, as net-stack-api says them: each checks everything first, in the order of its refusals.
 *
 * CHOICE: a length of 0 is BAD_BUFFER for `send` and `receive`, where 0 as a result would mean something else.
 */
import {
  BAD_BUFFER,
  CONNECTION_RESET,
  NO_SOCKETS_LEFT,
  NO_SUCH_SOCKET,
  PORT_IN_USE,
  READABLE,
  TOO_LONG,
  WOULD_BLOCK,
  WRONG_STATE,
} from '@bulkhead/net-stack-api';
import type { Window, Work } from '@bulkhead/runtime';
import type { Clients } from './clients.ts';
import type { Core } from './core.ts';
import { NO_RECORD } from './fifo.ts';
import type { Readiness } from './readiness.ts';
import { CONNECTION, DATAGRAM_SOCKET, LISTENER } from './socket-record.ts';
import type { SocketTable } from './socket-table.ts';
import { CLOSED, ESTABLISHED, LISTEN } from './tcp/state.ts';
import { ACCEPTED, DETACHED, EOF_TOLD, FIN_QUEUED, FIN_RECEIVED, Tcb, WANT_WRITE } from './tcp/tcb.ts';
import type { Tcp } from './tcp/tcp.ts';
import { MAX_DATAGRAM_BYTES, type Udp } from './udp.ts';

const MAX_BACKLOG = 128;
const DONE = 0;

export interface SocketsOptions {
  readonly core: Core;
  readonly clients: Clients;
  readonly table: SocketTable;
  readonly readiness: Readiness;
  readonly tcp: Tcp;
  readonly udp: Udp;
}

export class Sockets {
  readonly #clients: Clients;
  readonly #answer: Int32Array;
  readonly #table: SocketTable;
  readonly #readiness: Readiness;
  readonly #tcp: Tcp;
  readonly #udp: Udp;
  readonly #work: Work;
  readonly #callWork: number;
  readonly #socket: Tcb;
  readonly #child: Tcb;

  constructor({ core, clients, table, readiness, tcp, udp }: SocketsOptions) {
    this.#clients = clients;
    this.#answer = core.answer;
    this.#table = table;
    this.#readiness = readiness;
    this.#tcp = tcp;
    this.#udp = udp;
    this.#work = core.work;
    this.#callWork = core.work.id('socket-call');
    this.#socket = new Tcb(table.records);
    this.#child = new Tcb(table.records);
  }

  listen(from: number, port: number, backlog: number): number {
    this.#work.spend(this.#callWork);
    if (!isPort(port)) return WRONG_STATE;
    if (this.#table.findPort(LISTENER, port) !== NO_RECORD) return PORT_IN_USE;
    const index = this.#table.allocate(LISTENER, from);
    if (index === NO_RECORD) return NO_SOCKETS_LEFT;
    const listener = this.#socket;
    listener.moveTo(index);
    listener.state = LISTEN;
    listener.localPort = port;
    listener.backlog = Math.min(MAX_BACKLOG, Math.max(1, backlog));
    this.#table.chain(index);
    return index;
  }
  accept(from: number, socket: number): number {
    const kind = this.#find(from, socket);
    if (kind < 0) return kind;
    if (kind !== LISTENER) return WRONG_STATE;
    const child = this.#child;
    const index = this.#tcp.connections.accept(this.#socket, child);
    if (index === NO_RECORD) return WOULD_BLOCK;
    if (child.receiveBytes > 0 || child.has(FIN_RECEIVED)) this.#readiness.notify(child, READABLE);
    this.#answer[1] = child.remoteAddress;
    this.#answer[2] = child.remotePort;
    return index;
  }
  connect(from: number, address: number, port: number): number {
    this.#work.spend(this.#callWork);
    if (!isPort(port)) return WRONG_STATE;
    const index = this.#tcp.open(this.#socket, from, address | 0, port);
    return index === NO_RECORD ? NO_SOCKETS_LEFT : index;
  }

  receive(from: number, socket: number, buffer: number, maxBytes: number): number {
    const kind = this.#find(from, socket);
    if (kind < 0) return kind;
    if (kind !== CONNECTION) return WRONG_STATE;
    const window = this.#clients.window(from);
    if (maxBytes < 1 || !isWithin(window, buffer, maxBytes)) return BAD_BUFFER;
    const tcb = this.#socket;
    if (tcb.receiveBytes > 0) return this.#take(tcb, window, buffer, maxBytes);
    if (tcb.error !== 0) return this.#tellError(tcb);
    if (!tcb.has(FIN_RECEIVED)) return tcb.state === CLOSED ? this.#tellEnd(tcb) : WOULD_BLOCK;
    return this.#tellEnd(tcb);
  }
  #take(tcb: Tcb, window: Window, buffer: number, maxBytes: number): number {
    const taken = this.#tcp.receive(tcb, window, buffer, maxBytes);
    // An owner who takes less than he asked for as "no more now" would miss an end that is here already.
    if (tcb.receiveBytes === 0 && tcb.has(FIN_RECEIVED)) this.#readiness.notify(tcb, READABLE);
    return taken;
  }
  #tellEnd(tcb: Tcb): number {
    tcb.raise(EOF_TOLD);
    if (tcb.has(FIN_QUEUED)) this.#tcp.connections.detach(tcb);
    return 0;
  }
  #tellError(tcb: Tcb): number {
    const { error } = tcb;
    this.#tcp.connections.detach(tcb);
    return error;
  }

  send(from: number, socket: number, buffer: number, lenBytes: number): number {
    const kind = this.#find(from, socket);
    if (kind < 0) return kind;
    const tcb = this.#socket;
    if (kind !== CONNECTION || tcb.has(FIN_QUEUED)) return WRONG_STATE;
    const window = this.#clients.window(from);
    if (lenBytes < 1 || !isWithin(window, buffer, lenBytes)) return BAD_BUFFER;
    if (tcb.error !== 0) return this.#tellError(tcb);
    if (tcb.state === CLOSED) return CONNECTION_RESET;
    if (tcb.state < ESTABLISHED) {
      tcb.raise(WANT_WRITE);
      return WOULD_BLOCK;
    }
    const taken = this.#tcp.send(tcb, window, buffer, lenBytes);
    return taken > 0 ? taken : WOULD_BLOCK;
  }

  close(from: number, socket: number): number {
    const kind = this.#find(from, socket);
    if (kind < 0) return kind;
    const tcb = this.#socket;
    if (kind === LISTENER) this.#closeListener(tcb);
    else if (kind === DATAGRAM_SOCKET) this.#udp.close(tcb);
    else this.#closeConnection(tcb);
    return DONE;
  }
  #closeConnection(tcb: Tcb): void {
    const isTold = tcb.error !== 0 || tcb.has(EOF_TOLD) || (tcb.has(FIN_QUEUED) && tcb.has(FIN_RECEIVED));
    const isOver = tcb.state === CLOSED;
    if (!isOver && !tcb.has(FIN_QUEUED)) this.#tcp.close(tcb);
    if (isTold || isOver || tcb.state === CLOSED) this.#tcp.connections.detach(tcb);
  }
  #closeListener(listener: Tcb): void {
    const { index } = listener;
    this.#tcp.abortAll(listener.owner, index);
    listener.moveTo(index);
    listener.events = 0;
    this.#table.release(index);
  }
  abort(from: number, socket: number): number {
    const kind = this.#find(from, socket);
    if (kind < 0) return kind;
    const tcb = this.#socket;
    if (kind === LISTENER) this.#closeListener(tcb);
    else if (kind === DATAGRAM_SOCKET) this.#udp.close(tcb);
    else this.#tcp.abort(tcb);
    return DONE;
  }

  bind(from: number, port: number): number {
    this.#work.spend(this.#callWork);
    if (port !== 0 && !isPort(port)) return WRONG_STATE;
    if (port !== 0 && this.#table.findPort(DATAGRAM_SOCKET, port) !== NO_RECORD) return PORT_IN_USE;
    const chosen = this.#udp.choosePort(port);
    const index = chosen === 0 ? NO_RECORD : this.#table.allocate(DATAGRAM_SOCKET, from);
    if (index === NO_RECORD) return NO_SOCKETS_LEFT;
    this.#socket.moveTo(index);
    this.#socket.localPort = chosen;
    this.#table.chain(index);
    return index;
  }
  sendTo(from: number, socket: number, buffer: number, lenBytes: number, address: number, port: number): number {
    const kind = this.#find(from, socket);
    if (kind < 0) return kind;
    if (kind !== DATAGRAM_SOCKET || !isPort(port)) return WRONG_STATE;
    const window = this.#clients.window(from);
    if (!isWithin(window, buffer, lenBytes)) return BAD_BUFFER;
    if (lenBytes > MAX_DATAGRAM_BYTES) return TOO_LONG;
    return this.#udp.send(this.#socket, window, buffer, lenBytes, address | 0, port) ? lenBytes : WOULD_BLOCK;
  }
  receiveFrom(from: number, socket: number, buffer: number, maxBytes: number): number {
    const kind = this.#find(from, socket);
    if (kind < 0) return kind;
    if (kind !== DATAGRAM_SOCKET) return WRONG_STATE;
    const window = this.#clients.window(from);
    if (!isWithin(window, buffer, maxBytes)) return BAD_BUFFER;
    const lenBytes = this.#udp.receive(this.#socket, window, buffer, maxBytes, this.#answer);
    return lenBytes < 0 ? WOULD_BLOCK : lenBytes;
  }

  /** A client is dead: nothing of his stays. */
  forget(client: number): void {
    this.#tcp.abortAll(client, NO_RECORD);
    const socket = this.#socket;
    for (let index = 0; index < this.#table.count; index++) {
      socket.moveTo(index);
      if (socket.owner !== client) continue;
      if (socket.kind === LISTENER) this.#closeListener(socket);
      else if (socket.kind === DATAGRAM_SOCKET) this.#udp.close(socket);
    }
  }

  /** Moves the cursor to a socket of the caller's. @returns its kind, or NO_SUCH_SOCKET. */
  #find(from: number, index: number): number {
    this.#work.spend(this.#callWork);
    if (!this.#table.holds(index)) return NO_SUCH_SOCKET;
    const socket = this.#socket;
    socket.moveTo(index);
    const { kind } = socket;
    if (kind !== LISTENER && kind !== CONNECTION && kind !== DATAGRAM_SOCKET) return NO_SUCH_SOCKET;
    if (socket.owner !== from || socket.has(DETACHED)) return NO_SUCH_SOCKET;
    return kind === CONNECTION && !socket.has(ACCEPTED) ? NO_SUCH_SOCKET : kind;
  }
}

const isPort = (port: number): boolean => Number.isInteger(port) && port >= 1 && port <= 0xffff;
/** Both as they come from a client: any 32-bit words. */
const isWithin = (window: Window, offset: number, lenBytes: number): boolean =>
  Number.isInteger(offset) &&
  Number.isInteger(lenBytes) &&
  offset >= 0 &&
  lenBytes >= 0 &&
  offset + lenBytes <= window.lenBytes;
