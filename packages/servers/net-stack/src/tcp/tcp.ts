/**
 * TCP, put together: the user's calls on connections (RFC 9293 §3.10.1 to §3.10.6), the timeouts (§3.10.8), and the one
 * place where output is done. What the calls mean at the port is sockets.ts's business.
 */
import { FIRST_DYNAMIC_PORT, LAST_DYNAMIC_PORT } from '@bulkhead/internet-datasheet';
import { CONNECTION_REFUSED, CONNECTION_RESET } from '@bulkhead/net-stack-api';
import type { Window, Work } from '@bulkhead/runtime';
import { type Buffers, NO_BUFFER, NOT_OUT, SEND_QUEUE } from '../buffers.ts';
import type { Settings } from '../config.ts';
import type { Core } from '../core.ts';
import { COUNT, type Counters } from '../counters.ts';
import { NO_RECORD } from '../fifo.ts';
import type { Ip } from '../ip.ts';
import type { Link } from '../link.ts';
import type { Readiness } from '../readiness.ts';
import { CONNECTION } from '../socket-record.ts';
import type { SocketTable } from '../socket-table.ts';
import type { TcpSegment } from '../wire/tcp.ts';
import { backOff, restart, rtoOf, timedOut } from './congestion.ts';
import { Connections } from './connections.ts';
import { TcpInput } from './input.ts';
import { keyedHash } from './isn.ts';
import { TcpOutput, TEXT_OFFSET } from './output.ts';
import {
  ABORT,
  ACTIVE_OPEN,
  CLOSE,
  CLOSED,
  SYN_RECEIVED,
  SYN_SENT,
  TIME_WAIT,
  TIMEOUT_2MSL,
  USER_TIMEOUT,
} from './state.ts';
import {
  ACCEPTED,
  ACK_NOW,
  FIN_QUEUED,
  LINGER,
  PERSIST,
  RETRANSMIT,
  RTT_TIMED,
  SYN_RETRANSMITTED,
  Tcb,
  WANT_WRITE,
} from './tcb.ts';
import { TcpTimers } from './timers.ts';

/** RFC 9293 §3.8.3, R2: for data at least 100 seconds, with the back-off; for a SYN CHOICE: 63 seconds, as deployed. */
const MAX_RETRIES = 10;
const MAX_SYN_RETRIES = 5;
/** RFC 9293 §3.8.3, R1: at least 3 retransmissions, then the way there is doubted. */
const DOUBTFUL_RETRIES = 3;

export interface TcpOptions {
  readonly core: Core;
  readonly link: Link;
  readonly ip: Ip;
  readonly table: SocketTable;
  readonly readiness: Readiness;
}

export class Tcp {
  readonly connections: Connections;
  readonly #buffers: Buffers;
  readonly #counters: Counters;
  readonly #settings: Settings;
  readonly #link: Link;
  readonly #ip: Ip;
  readonly #table: SocketTable;
  readonly #timers: TcpTimers;
  readonly #output: TcpOutput;
  readonly #input: TcpInput;
  readonly #work: Work;
  readonly #timerWork: number;
  readonly #tcb: Tcb;

  constructor({ core, link, ip, table, readiness }: TcpOptions) {
    this.#buffers = core.buffers;
    this.#counters = core.counters;
    this.#settings = core.settings;
    this.#link = link;
    this.#ip = ip;
    this.#table = table;
    this.#timers = new TcpTimers(core);
    const timers = this.#timers;
    this.connections = new Connections({ core, table, readiness, timers });
    const { connections } = this;
    this.#output = new TcpOutput({ core, link, ip, timers });
    this.#input = new TcpInput({ core, table, connections, output: this.#output, timers, readiness });
    this.#work = core.work;
    this.#timerWork = core.work.id('timer');
    this.#tcb = new Tcb(table.records);
  }

  arrive(segment: TcpSegment, source: number, buffer: number, at: number): void {
    this.#input.arrive(segment, source, buffer, at);
  }

  /** OPEN, active. §3.10.1. @returns the connection's number, or NO_RECORD when there is no record or no port left. */
  open(tcb: Tcb, owner: number, remoteAddress: number, remotePort: number): number {
    const localPort = this.#choosePort(remoteAddress, remotePort);
    if (localPort === 0) return NO_RECORD;
    const index = this.connections.create(tcb, owner, localPort, remoteAddress, remotePort);
    if (index === NO_RECORD) return NO_RECORD;
    tcb.raise(ACCEPTED);
    this.connections.transitions.transition(tcb, ACTIVE_OPEN);
    this.#table.output.push(index);
    return index;
  }
  /** RFC 6056 §3.3.3 "Simple Hash-Based Port Selection Algorithm": starts where the key says, takes the next that is free. */
  #choosePort(remoteAddress: number, remotePort: number): number {
    const range = LAST_DYNAMIC_PORT - FIRST_DYNAMIC_PORT + 1;
    const { seed, address } = this.#settings;
    const start = keyedHash(seed, address, 0, remoteAddress, remotePort) >>> 0;
    const next = this.#counters.next(COUNT.portChosen);
    for (let i = 0; i < range; i++) {
      const port = FIRST_DYNAMIC_PORT + ((start + next + i) % range);
      if (this.#table.findConnection(remoteAddress, remotePort, port) === NO_RECORD) return port;
    }
    return 0;
  }

  /**
   * SEND. §3.10.2: queues what there is room for.
   * @returns how many bytes were taken; 0 when none could be.
   */
  send(tcb: Tcb, source: Window, offset: number, lenBytes: number): number {
    const room = this.#settings.sendBufferBytes - tcb.queuedBytes;
    const wanted = Math.min(lenBytes, room);
    let taken = 0;
    while (taken < wanted) {
      const step = this.#queue(tcb, source, offset + taken, wanted - taken);
      if (step === 0) break;
      taken += step;
    }
    if (taken < lenBytes) tcb.raise(WANT_WRITE);
    if (taken < wanted) this.#table.writers.push(tcb.index);
    if (taken > 0) this.#table.output.push(tcb.index);
    return taken;
  }
  /** Copies into the last segment while it has room and was never sent, else into a fresh one. */
  #queue(tcb: Tcb, source: Window, offset: number, lenBytes: number): number {
    const buffers = this.#buffers;
    const last = buffers.tail(tcb.table, tcb.sendQueue);
    const isOpen =
      last !== NO_BUFFER &&
      ((buffers.seq(last) - tcb.sndMax) | 0) >= 0 &&
      buffers.out(last) === NOT_OUT &&
      buffers.length(last) < tcb.mss;
    const buffer = isOpen ? last : this.#fresh(tcb);
    if (buffer === NO_BUFFER) return 0;
    const filled = buffers.length(buffer);
    const step = Math.min(lenBytes, tcb.mss - filled);
    buffers.pool.copyFrom(buffers.at(buffer) + TEXT_OFFSET + filled, source, offset, step);
    buffers.setLength(buffer, filled + step);
    tcb.sndEnd = (tcb.sndEnd + step) | 0;
    return step;
  }
  #fresh(tcb: Tcb): number {
    const buffer = this.#buffers.allocateForPayload();
    if (buffer === NO_BUFFER) return NO_BUFFER;
    this.#buffers.describe(buffer, TEXT_OFFSET, 0, tcb.sndEnd);
    this.#buffers.push(tcb.table, tcb.sendQueue, buffer, SEND_QUEUE);
    if (tcb.sendNext === 0) tcb.sendNext = buffer + 1;
    return buffer;
  }

  /** RECEIVE. §3.10.3: copies what is unread. @returns how many bytes. */
  receive(tcb: Tcb, destination: Window, offset: number, maxBytes: number): number {
    const buffers = this.#buffers;
    let copied = 0;
    while (copied < maxBytes) {
      const head = buffers.head(tcb.table, tcb.receiveQueue);
      if (head === NO_BUFFER) break;
      const lenBytes = buffers.length(head);
      const step = Math.min(lenBytes, maxBytes - copied);
      destination.copyFrom(offset + copied, buffers.pool, buffers.at(head) + buffers.offset(head), step);
      copied += step;
      if (step < lenBytes) buffers.trimFront(head, step);
      else buffers.release(buffers.shift(tcb.table, tcb.receiveQueue));
    }
    tcb.receiveBytes = tcb.receiveBytes - copied;
    this.#considerUpdate(tcb);
    return copied;
  }
  /** A segment of its own for the window only when half of the buffer has become free. §3.8.6.2.2. */
  #considerUpdate(tcb: Tcb): void {
    if (tcb.timer === LINGER) this.connections.timeWait(tcb); // the owner still reads
    const half = this.#settings.receiveBufferBytes >> 1;
    const edge = (tcb.rcvNxt + this.#settings.receiveBufferBytes - tcb.receiveBytes) | 0;
    if (tcb.state === CLOSED || tcb.state === TIME_WAIT || ((edge - tcb.rcvAdv) | 0) < half) return;
    tcb.raise(ACK_NOW);
    this.#table.output.push(tcb.index);
  }

  /** CLOSE. §3.10.4: the FIN follows what is queued; in SYN-SENT there is nothing to follow. */
  close(tcb: Tcb): void {
    tcb.raise(FIN_QUEUED);
    this.connections.transitions.transition(tcb, CLOSE);
    this.connections.checkEnded(tcb);
    if (tcb.state === CLOSED) this.connections.closed(tcb);
    else this.#table.output.push(tcb.index);
  }
  /** ABORT. §3.10.5: RST where the peer knows of the connection, and nothing is left of it. */
  abort(tcb: Tcb): void {
    if (tcb.state >= SYN_RECEIVED && tcb.state !== TIME_WAIT) this.#output.sendReset(tcb);
    if (tcb.state !== CLOSED) this.connections.transitions.transition(tcb, ABORT);
    tcb.events = 0;
    this.connections.free(tcb);
  }

  /** Sends for every connection that has something to send, until the device can take no more. */
  run(): void {
    const { output } = this.#table;
    const tcb = this.#tcb;
    while (this.#link.canTransmit) {
      const index = output.shift();
      if (index === NO_RECORD) return;
      tcb.moveTo(index);
      if (tcb.kind === CONNECTION && !this.#output.run(tcb)) output.push(index);
    }
  }

  /** §3.10.8: whatever is due. */
  tick(): void {
    const tcb = this.#tcb;
    for (let index = 0; index < this.#table.count; index++) {
      tcb.moveTo(index);
      if (tcb.kind !== CONNECTION) continue;
      if (this.#timers.isAckOver(tcb)) {
        this.#work.spend(this.#timerWork);
        this.#timers.stopAck(tcb);
        tcb.raise(ACK_NOW);
        this.#table.output.push(index);
      }
      if (this.#timers.isOver(tcb)) this.#over(tcb);
    }
  }
  #over(tcb: Tcb): void {
    this.#work.spend(this.#timerWork);
    const { timer } = tcb;
    this.#timers.stop(tcb);
    if (timer === RETRANSMIT) this.#retransmit(tcb);
    else if (timer === PERSIST) this.#probe(tcb);
    else if (timer === LINGER) {
      if (tcb.state === TIME_WAIT) this.connections.transitions.transition(tcb, TIMEOUT_2MSL);
      this.connections.free(tcb);
    }
  }
  /** RFC 6298 §5 (5.4) to (5.6). While the window is closed, a retransmission is a probe: no congestion, no end. */
  #retransmit(tcb: Tcb): void {
    const isOpening = tcb.state === SYN_SENT || tcb.state === SYN_RECEIVED;
    if (tcb.retries >= (isOpening ? MAX_SYN_RETRIES : MAX_RETRIES)) {
      this.connections.fail(tcb, USER_TIMEOUT, tcb.state === SYN_SENT ? CONNECTION_REFUSED : CONNECTION_RESET);
      return;
    }
    this.#counters.count(COUNT.timeout);
    const isFirst = tcb.retries === 0;
    tcb.retries = tcb.retries + 1;
    if (tcb.retries === DOUBTFUL_RETRIES) this.#ip.doubt(tcb.remoteAddress);
    backOff(tcb);
    if (isOpening) {
      tcb.raise(SYN_RETRANSMITTED);
      tcb.clear(RTT_TIMED);
      this.#output.rewindSyn(tcb);
    } else {
      if (tcb.sndWnd > 0) timedOut(tcb, isFirst);
      this.#output.rewind(tcb);
    }
    this.#timers.start(tcb, RETRANSMIT, tcb.rtoUs);
    this.#table.output.push(tcb.index);
  }
  #probe(tcb: Tcb): void {
    backOff(tcb);
    this.#output.probe(tcb);
    if (tcb.timer !== RETRANSMIT) this.#timers.start(tcb, PERSIST, tcb.rtoUs);
  }

  /**
   * A new driver: what the old one held is lost, and that says nothing about the network. Everything unacknowledged goes
   * again at once, with the timers as if fresh; and the peers hear what we have, for our last word may be lost too.
   */
  resume(): void {
    const tcb = this.#tcb;
    for (let index = 0; index < this.#table.count; index++) {
      tcb.moveTo(index);
      if (tcb.kind !== CONNECTION || tcb.state === CLOSED) continue;
      if (tcb.state === SYN_SENT || tcb.state === SYN_RECEIVED) this.#output.rewindSyn(tcb);
      else {
        if (tcb.flightBytes > 0) this.#restart(tcb);
        tcb.raise(ACK_NOW);
      }
      this.#table.output.push(index);
    }
  }
  #restart(tcb: Tcb): void {
    tcb.retries = 0;
    tcb.rtoUs = rtoOf(tcb, this.#settings.minRtoUs);
    restart(tcb);
    this.#output.rewind(tcb);
    this.#timers.start(tcb, RETRANSMIT, tcb.rtoUs);
  }

  /** Every connection of a client that is dead, or that a listener has not handed over. */
  abortAll(owner: number, parent: number): void {
    const tcb = this.#tcb;
    for (let index = 0; index < this.#table.count; index++) {
      tcb.moveTo(index);
      const isMeant = parent === NO_RECORD ? tcb.owner === owner : tcb.parent === parent + 1;
      if (tcb.kind === CONNECTION && isMeant) this.abort(tcb);
    }
  }
}
