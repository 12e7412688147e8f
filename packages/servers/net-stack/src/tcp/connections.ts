/**
 * How connections begin and end: their records, their listeners, and what their owners are told of it.
 *
 * A record outlives what its owner knows of it (TIME-WAIT), and its owner's interest may outlive the connection (an end
 * that he has not heard of). It goes when both are over, or when the time for it is.
 */
import { ACCEPTABLE, CONNECTION_RESET, ENDED, READABLE, WRITABLE } from '@bulkhead/net-stack-api';
import type { Buffers } from '../buffers.ts';
import type { Settings } from '../config.ts';
import type { Core } from '../core.ts';
import { COUNT, type Counters } from '../counters.ts';
import { NO_RECORD } from '../fifo.ts';
import type { Readiness } from '../readiness.ts';
import { CONNECTION } from '../socket-record.ts';
import type { SocketTable } from '../socket-table.ts';
import { INITIAL_RTO_US, initialWindow } from './congestion.ts';
import { initialSequence, keyedHash } from './isn.ts';
import { NO_SHIFT } from './output.ts';
import { CLOSED, TIME_WAIT, TRANSITIONS_BYTES, Transitions } from './state.ts';
import { ACCEPTED, DETACHED, ENDED_TOLD, FIN_QUEUED, FIN_RECEIVED, LINGER, NO_TIMER, Tcb } from './tcb.ts';
import type { TcpTimers } from './timers.ts';

const MAX_WINDOW = 0xffff;
const MAX_SSTHRESH = 0x7fffffff;

export interface ConnectionsOptions {
  readonly core: Core;
  readonly table: SocketTable;
  readonly readiness: Readiness;
  readonly timers: TcpTimers;
}

export class Connections {
  readonly transitions: Transitions;
  readonly #buffers: Buffers;
  readonly #settings: Settings;
  readonly #counters: Counters;
  readonly #table: SocketTable;
  readonly #readiness: Readiness;
  readonly #timers: TcpTimers;
  readonly #nowUs: () => number;
  readonly #other: Tcb;
  readonly #rcvShift: number;

  constructor({ core, table, readiness, timers }: ConnectionsOptions) {
    this.transitions = new Transitions(core.arena.take(TRANSITIONS_BYTES));
    this.#buffers = core.buffers;
    this.#settings = core.settings;
    this.#counters = core.counters;
    this.#table = table;
    this.#readiness = readiness;
    this.#timers = timers;
    this.#nowUs = () => core.nowUs();
    this.#other = new Tcb(table.records);
    this.#rcvShift = shiftFor(core.settings.receiveBufferBytes);
  }

  /** Makes a connection in CLOSED, with its ISS chosen, and moves `tcb` to it. @returns its number, or NO_RECORD. */
  create(tcb: Tcb, owner: number, localPort: number, remoteAddress: number, remotePort: number): number {
    const index = this.#allocate(owner);
    if (index === NO_RECORD) return NO_RECORD;
    tcb.moveTo(index);
    tcb.localPort = localPort;
    tcb.remoteAddress = remoteAddress;
    tcb.remotePort = remotePort;
    this.#table.chain(index);
    const { address, seed, clockedSequence } = this.#settings;
    const hash = keyedHash(seed, address, localPort, remoteAddress, remotePort);
    this.#startSequence(tcb, initialSequence(hash, clockedSequence ? this.#nowUs() : 0));
    tcb.rcvShift = this.#rcvShift;
    tcb.rtoUs = INITIAL_RTO_US;
    tcb.ssthresh = MAX_SSTHRESH; // RFC 5681 §3.1: arbitrarily high
    return index;
  }
  #startSequence(tcb: Tcb, iss: number): void {
    tcb.iss = iss;
    tcb.sndUna = iss;
    tcb.sndNxt = iss;
    tcb.sndMax = iss;
    tcb.sndEnd = (iss + 1) | 0;
    tcb.recover = iss;
  }
  /** The peer's SYN told its sequence number and options: RFC 9293 §3.10.7.2, RFC 7323 §2.3. */
  agree(tcb: Tcb, irs: number, mss: number, windowShift: number): void {
    tcb.irs = irs;
    tcb.rcvNxt = (irs + 1) | 0;
    tcb.lastAckSent = tcb.rcvNxt;
    tcb.rcvAdv = (tcb.rcvNxt + Math.min(MAX_WINDOW, this.#settings.receiveBufferBytes)) | 0;
    tcb.mss = Math.min(mss, this.#settings.mss);
    tcb.cwnd = initialWindow(tcb.mss);
    if (windowShift >= 0) tcb.sndShift = windowShift;
    else tcb.rcvShift = NO_SHIFT;
  }

  /** A record; at need that of the connection that is nearest to the end of its lingering. */
  #allocate(owner: number): number {
    const index = this.#table.allocate(CONNECTION, owner);
    if (index !== NO_RECORD) return index;
    const tcb = this.#other;
    let victim = NO_RECORD;
    let soonest = 0;
    for (let candidate = 0; candidate < this.#table.count; candidate++) {
      tcb.moveTo(candidate);
      if (tcb.kind !== CONNECTION || tcb.timer !== LINGER || (tcb.state === CLOSED && !tcb.has(DETACHED))) continue;
      if (victim !== NO_RECORD && ((tcb.timerDue - soonest) | 0) >= 0) continue;
      victim = candidate;
      soonest = tcb.timerDue;
    }
    if (victim === NO_RECORD) return NO_RECORD;
    tcb.moveTo(victim);
    this.free(tcb);
    return this.#table.allocate(CONNECTION, owner);
  }

  /** ESTABLISHED was reached: whoever waits for it hears. */
  established(tcb: Tcb): void {
    if (tcb.parent === 0) {
      this.#readiness.notify(tcb, WRITABLE);
      return;
    }
    const listener = this.#other;
    listener.moveTo(tcb.parent - 1);
    if (listener.acceptTail === 0) listener.acceptHead = tcb.index + 1;
    else {
      listener.moveTo(listener.acceptTail - 1);
      listener.acceptNext = tcb.index + 1;
      listener.moveTo(tcb.parent - 1);
    }
    listener.acceptTail = tcb.index + 1;
    this.#readiness.notify(listener, ACCEPTABLE);
  }
  /** Takes the oldest connection that `listener` has not handed over, and moves `tcb` to it. */
  accept(listener: Tcb, tcb: Tcb): number {
    const index = listener.acceptHead - 1;
    if (index === NO_RECORD) return NO_RECORD;
    tcb.moveTo(index);
    this.#leaveListener(tcb);
    tcb.raise(ACCEPTED);
    return index;
  }
  /** Takes a connection out of its listener's care. */
  #leaveListener(tcb: Tcb): void {
    if (tcb.parent === 0) return;
    const other = this.#other;
    other.moveTo(tcb.parent - 1);
    other.pendingCount = other.pendingCount - 1;
    let previous = 0;
    let at = other.acceptHead;
    while (at !== 0 && at !== tcb.index + 1) {
      previous = at;
      other.moveTo(at - 1);
      at = other.acceptNext;
    }
    if (at !== 0) this.#unlink(tcb, previous);
    tcb.parent = 0;
    tcb.acceptNext = 0;
  }
  #unlink(tcb: Tcb, previous: number): void {
    const other = this.#other;
    if (previous !== 0) {
      other.moveTo(previous - 1);
      other.acceptNext = tcb.acceptNext;
    }
    other.moveTo(tcb.parent - 1);
    if (previous === 0) other.acceptHead = tcb.acceptNext;
    if (other.acceptTail === tcb.index + 1) other.acceptTail = previous;
  }

  /** Both FINs are on their way or here: the owner may know that nothing else will come. */
  checkEnded(tcb: Tcb): void {
    if (!tcb.has(FIN_QUEUED) || !tcb.has(FIN_RECEIVED) || tcb.has(ENDED_TOLD)) return;
    tcb.raise(ENDED_TOLD);
    this.#readiness.notify(tcb, ENDED);
  }
  /** 2MSL begins, or begins again. RFC 9293 §3.10.7.4. */
  timeWait(tcb: Tcb): void {
    this.#timers.start(tcb, LINGER, this.#settings.timeWaitUs);
  }

  /** The connection is over before its time: all queues are flushed, and the owner, if he knows it, will be told. */
  fail(tcb: Tcb, event: number, error: number): void {
    this.transitions.transition(tcb, event);
    if (tcb.state !== CLOSED) return;
    this.#flushQueues(tcb);
    tcb.error = error;
    if (tcb.has(ACCEPTED) && !tcb.has(DETACHED)) this.#readiness.notify(tcb, READABLE | WRITABLE | ENDED);
    this.closed(tcb);
  }
  /** CLOSED was reached. */
  closed(tcb: Tcb): void {
    this.#timers.stop(tcb);
    this.#timers.stopAck(tcb);
    if (tcb.has(DETACHED) || !tcb.has(ACCEPTED)) this.free(tcb);
    else this.#timers.start(tcb, LINGER, this.#settings.timeWaitUs);
  }
  /** The owner has no further use for it. */
  detach(tcb: Tcb): void {
    tcb.raise(DETACHED);
    this.#releaseReceived(tcb);
    if (tcb.state === CLOSED) this.free(tcb);
  }
  /** Nothing is left to remember. */
  free(tcb: Tcb): void {
    if (tcb.state === TIME_WAIT || tcb.timer !== NO_TIMER) this.#timers.stop(tcb);
    this.#timers.stopAck(tcb);
    const { parent } = tcb;
    if (parent !== 0) this.#leaveListener(tcb);
    this.#flushQueues(tcb);
    this.#table.release(tcb.index);
  }
  /** A segment that fits nothing any more: counted where it is refused. */
  resetArrived(tcb: Tcb, event: number, error: number = CONNECTION_RESET): void {
    this.#counters.count(COUNT.resetReceived);
    this.fail(tcb, event, error);
  }

  #flushQueues(tcb: Tcb): void {
    this.#buffers.releaseAll(tcb.table, tcb.sendQueue);
    tcb.sendNext = 0;
    this.#releaseReceived(tcb);
  }
  #releaseReceived(tcb: Tcb): void {
    this.#buffers.releaseAll(tcb.table, tcb.receiveQueue);
    this.#buffers.releaseAll(tcb.table, tcb.outOfOrderQueue);
    tcb.outOfOrderCount = 0;
    tcb.receiveBytes = 0;
  }
}

/** The least shift with which a window of so many bytes fits 16 bits. RFC 7323 §2.2. */
function shiftFor(lenBytes: number): number {
  let shift = 0;
  while (lenBytes >>> shift > MAX_WINDOW) shift++;
  return shift;
}
