/**
 * SEGMENT ARRIVES. RFC 9293 §3.10.7, in its order; each step of §3.10.7.4 is a method that says whether to go on.
 *
 * Blind attacks: RFC 5961 §3, §4, §5 by challenge acknowledgments. TIME-WAIT ignores RST: RFC 1337 §3 (F1).
 */
import { ACK, DEFAULT_SEND_MSS_BYTES, FIN, RST, SYN } from '@bulkhead/internet-datasheet';
import { CONNECTION_REFUSED, READABLE } from '@bulkhead/net-stack-api';
import type { Work } from '@bulkhead/runtime';
import type { Buffers } from '../buffers.ts';
import type { Core } from '../core.ts';
import { COUNT, type Counters } from '../counters.ts';
import { NO_RECORD } from '../fifo.ts';
import { RateLimit } from '../rate-limit.ts';
import type { Readiness } from '../readiness.ts';
import { LISTENER } from '../socket-record.ts';
import type { SocketTable } from '../socket-table.ts';
import { NO_OPTION, type TcpSegment } from '../wire/tcp.ts';
import { AckProcessing } from './acknowledgment.ts';
import type { Connections } from './connections.ts';
import type { TcpOutput } from './output.ts';
import { Reassembly } from './reassembly.ts';
import {
  CLOSED,
  ESTABLISHED,
  FIN_WAIT_1,
  FIN_WAIT_2,
  PASSIVE_OPEN,
  RCV_ACK_OF_SYN,
  RCV_FIN,
  RCV_RST,
  RCV_SYN,
  RCV_SYN_ACK,
  SYN_RECEIVED,
  SYN_SENT,
  TIME_WAIT,
} from './state.ts';
import { ACK_NOW, FIN_KNOWN, FIN_RECEIVED, isAfter, Tcb } from './tcb.ts';
import type { TcpTimers } from './timers.ts';

/** RFC 5961 §7 "ACK Throttling". */
const CHALLENGES_PER_SECOND = 100;

export interface InputOptions {
  readonly core: Core;
  readonly table: SocketTable;
  readonly connections: Connections;
  readonly output: TcpOutput;
  readonly timers: TcpTimers;
  readonly readiness: Readiness;
}

export class TcpInput {
  readonly #buffers: Buffers;
  readonly #counters: Counters;
  readonly #mss: number;
  readonly #acksAtOnce: boolean;
  readonly #table: SocketTable;
  readonly #connections: Connections;
  readonly #output: TcpOutput;
  readonly #timers: TcpTimers;
  readonly #readiness: Readiness;
  readonly #reassembly: Reassembly;
  readonly #acks: AckProcessing;
  readonly #challenges: RateLimit;
  readonly #work: Work;
  readonly #inWork: number;
  readonly #tcb: Tcb;
  readonly #listener: Tcb;

  constructor({ core, table, connections, output, timers, readiness }: InputOptions) {
    this.#buffers = core.buffers;
    this.#counters = core.counters;
    this.#mss = core.settings.mss;
    this.#acksAtOnce = core.settings.delayedAckUs === 0;
    this.#table = table;
    this.#connections = connections;
    this.#output = output;
    this.#timers = timers;
    this.#readiness = readiness;
    this.#reassembly = new Reassembly(core);
    this.#acks = new AckProcessing({ core, connections, output, timers, readiness });
    this.#challenges = new RateLimit(core, CHALLENGES_PER_SECOND);
    this.#work = core.work;
    this.#inWork = core.work.id('tcp-in');
    this.#tcb = new Tcb(table.records);
    this.#listener = new Tcb(table.records);
  }

  /**
   * @param at where the TCP header starts in the pool. The segment's buffer stays in the caller's hand unless a queue
   * took it.
   */
  arrive(segment: TcpSegment, source: number, buffer: number, at: number): void {
    this.#work.spend(this.#inWork);
    const index = this.#table.findConnection(source, segment.sourcePort, segment.destinationPort);
    if (index === NO_RECORD) {
      this.#noConnection(segment, source);
      return;
    }
    const tcb = this.#tcb;
    tcb.moveTo(index);
    if (tcb.state === CLOSED) this.#noConnection(segment, source);
    else if (tcb.state === SYN_SENT) this.#synSent(tcb, segment, buffer, at);
    else if (!this.#reopens(tcb, segment, source)) this.#otherStates(tcb, segment, buffer, at);
    if (tcb.state !== CLOSED) this.#table.output.push(index);
  }

  /** §3.10.7.1 "CLOSED State". */
  #closedState(segment: TcpSegment, source: number): void {
    if ((segment.control & RST) === 0) this.#output.refuse(segment, source);
  }
  /** §3.10.7.2 "LISTEN State", and CLOSED where nobody listens. */
  #noConnection(segment: TcpSegment, source: number): void {
    const index = this.#table.findPort(LISTENER, segment.destinationPort);
    if (index === NO_RECORD) {
      this.#counters.count(COUNT.noSocket);
      this.#closedState(segment, source);
      return;
    }
    if ((segment.control & RST) !== 0) return; // first
    if ((segment.control & ACK) !== 0) {
      this.#output.refuse(segment, source); // second
      return;
    }
    if ((segment.control & SYN) !== 0) this.#listen(segment, source, index); // third
  }
  #listen(segment: TcpSegment, source: number, index: number): void {
    const listener = this.#listener;
    listener.moveTo(index);
    const tcb = this.#tcb;
    const isFull = listener.pendingCount >= listener.backlog;
    const owner = listener.owner;
    const port = segment.destinationPort;
    if (isFull || this.#connections.create(tcb, owner, port, source, segment.sourcePort) === NO_RECORD) {
      this.#counters.count(COUNT.synDropped); // UNIMPLEMENTED: SYN cookies (RFC 4987 §3.6)
      return;
    }
    listener.pendingCount = listener.pendingCount + 1;
    tcb.parent = index + 1;
    this.#connections.transitions.transition(tcb, PASSIVE_OPEN);
    this.#agree(tcb, segment);
    this.#connections.transitions.transition(tcb, RCV_SYN);
    this.#table.output.push(tcb.index);
  }
  #agree(tcb: Tcb, segment: TcpSegment): void {
    const offered = segment.mss === NO_OPTION ? DEFAULT_SEND_MSS_BYTES : Math.max(MIN_MSS_BYTES, segment.mss);
    this.#connections.agree(tcb, segment.seq, offered, segment.windowShift);
    tcb.sndWnd = segment.window; // in a SYN it is never scaled: RFC 7323 §2.2
    tcb.maxSndWnd = segment.window;
    tcb.sndWl1 = segment.seq;
    tcb.sndWl2 = tcb.sndUna;
  }
  /** §3.10.7.4, TIME-WAIT and SYN: MAY-2, a later SYN opens a new incarnation where somebody listens. §3.6.1. */
  #reopens(tcb: Tcb, segment: TcpSegment, source: number): boolean {
    const isSyn = (segment.control & (SYN | ACK | RST)) === SYN;
    if (tcb.state !== TIME_WAIT || !isSyn || !isAfter(segment.seq, tcb.rcvNxt)) return false;
    if (this.#table.findPort(LISTENER, segment.destinationPort) === NO_RECORD) return false;
    this.#connections.free(tcb);
    this.#noConnection(segment, source);
    return true;
  }

  /** §3.10.7.3 "SYN-SENT State". */
  #synSent(tcb: Tcb, segment: TcpSegment, buffer: number, at: number): void {
    const { control, ack } = segment;
    const hasAck = (control & ACK) !== 0;
    if (hasAck && (!isAfter(ack, tcb.iss) || isAfter(ack, tcb.sndMax))) {
      if ((control & RST) === 0) this.#output.refuse(segment, tcb.remoteAddress); // first
      return;
    }
    if ((control & RST) !== 0) {
      if (hasAck) this.#connections.resetArrived(tcb, RCV_RST, CONNECTION_REFUSED); // second
      return;
    }
    if ((control & SYN) === 0) return; // fifth
    this.#agree(tcb, segment); // fourth
    if (!hasAck) {
      this.#connections.transitions.transition(tcb, RCV_SYN); // simultaneous open: §3.5, Figure 7
      this.#output.rewindSyn(tcb);
      return;
    }
    this.#acks.synAcknowledged(tcb, segment);
    this.#connections.transitions.transition(tcb, RCV_SYN_ACK);
    this.#connections.established(tcb);
    tcb.raise(ACK_NOW);
    if (segment.textLenBytes > 0 || (control & FIN) !== 0) this.#textAndFin(tcb, segment, buffer, at);
  }

  /** §3.10.7.4 "Other States". */
  #otherStates(tcb: Tcb, segment: TcpSegment, buffer: number, at: number): void {
    if (!this.#checkSequence(tcb, segment)) return; // first
    if ((segment.control & RST) !== 0) {
      this.#reset(tcb, segment); // second
      return;
    }
    if ((segment.control & SYN) !== 0) {
      this.#challenge(tcb); // fourth: RFC 5961 §4.2
      return;
    }
    if ((segment.control & ACK) === 0) return; // fifth
    if (tcb.state === SYN_RECEIVED && !this.#synReceived(tcb, segment)) return;
    if (!this.#acks.process(tcb, segment)) {
      if (tcb.state !== CLOSED) this.#challenge(tcb);
      return;
    }
    if (tcb.state !== CLOSED) this.#textAndFin(tcb, segment, buffer, at); // sixth: urgent data is data
  }

  /** First: RFC 9293 §3.10.7.4, Table 6. @returns false when the segment is not acceptable. */
  #checkSequence(tcb: Tcb, segment: TcpSegment): boolean {
    const { seq, length } = segment;
    const { rcvNxt, rcvWnd } = tcb;
    const offset = (seq - rcvNxt) | 0;
    const isAcceptable =
      length === 0 || rcvWnd === 0
        ? offset === 0 || (offset > 0 && offset < rcvWnd) // at a closed window: ACK and RST, not the text
        : offset < rcvWnd && offset + length > 0;
    if (isAcceptable) return true;
    this.#counters.count(COUNT.outOfWindow);
    if ((segment.control & RST) !== 0) return false;
    const isRepeatedSyn = (segment.control & (SYN | ACK)) === SYN && seq === tcb.irs;
    if (isRepeatedSyn && tcb.state === SYN_RECEIVED) this.#output.rewindSyn(tcb);
    else tcb.raise(ACK_NOW);
    if (tcb.state === TIME_WAIT && (segment.control & FIN) !== 0) this.#connections.timeWait(tcb);
    return false;
  }
  /** Second: RFC 9293 §3.10.7.4, RFC 5961 §3.2. */
  #reset(tcb: Tcb, segment: TcpSegment): void {
    if (tcb.state === TIME_WAIT) return;
    if (segment.seq === tcb.rcvNxt) this.#connections.resetArrived(tcb, RCV_RST);
    else this.#challenge(tcb);
  }
  #challenge(tcb: Tcb): void {
    if (!this.#challenges.take()) return;
    this.#counters.count(COUNT.challengeAck);
    tcb.raise(ACK_NOW);
  }
  /** Fifth, SYN-RECEIVED. @returns false when the acknowledgment was for something else. */
  #synReceived(tcb: Tcb, segment: TcpSegment): boolean {
    if (!isAfter(segment.ack, tcb.sndUna) || isAfter(segment.ack, tcb.sndMax)) {
      this.#output.refuse(segment, tcb.remoteAddress);
      return false;
    }
    this.#acks.synAcknowledged(tcb, segment);
    this.#connections.transitions.transition(tcb, RCV_ACK_OF_SYN);
    this.#connections.established(tcb);
    return true;
  }

  /** Seventh and eighth. */
  #textAndFin(tcb: Tcb, segment: TcpSegment, buffer: number, at: number): void {
    const { state } = tcb;
    if (state === TIME_WAIT && (segment.control & FIN) !== 0) tcb.raise(ACK_NOW);
    if (state !== ESTABLISHED && state !== FIN_WAIT_1 && state !== FIN_WAIT_2) return;
    const end = (segment.seq + segment.textLenBytes) | 0;
    if ((segment.control & FIN) !== 0 && !tcb.has(FIN_KNOWN) && ((end - tcb.rcvAdv) | 0) <= 0) {
      tcb.raise(FIN_KNOWN);
      tcb.finSeq = end;
    }
    if (segment.textLenBytes > 0) this.#text(tcb, segment, buffer, at);
    if (tcb.has(FIN_KNOWN) && tcb.finSeq === tcb.rcvNxt) this.#fin(tcb);
    else if ((segment.control & FIN) !== 0) tcb.raise(ACK_NOW);
  }
  /** Seventh: trims the text to the window and queues it; acknowledges at once or soon. */
  #text(tcb: Tcb, segment: TcpSegment, buffer: number, at: number): void {
    const before = Math.max(0, (tcb.rcvNxt - segment.seq) | 0);
    const limit = (tcb.rcvAdv - segment.seq) | 0;
    const lenBytes = Math.min(segment.textLenBytes, limit) - before;
    if (lenBytes <= 0) {
      tcb.raise(ACK_NOW);
      return;
    }
    const wasUnread = tcb.receiveBytes;
    const { rcvNxt } = tcb;
    const hadGap = tcb.outOfOrderCount > 0;
    const offset = at - this.#buffers.at(buffer) + segment.dataOffset + before;
    this.#buffers.describe(buffer, offset, lenBytes, (segment.seq + before) | 0);
    this.#reassembly.accept(tcb, buffer);
    if (wasUnread === 0 && tcb.receiveBytes > 0) this.#readiness.notify(tcb, READABLE);
    // RFC 5681 §4.2: at once out of order and when a gap fills; else at least every second full segment.
    const isOdd = tcb.rcvNxt === rcvNxt || hadGap || lenBytes < segment.textLenBytes;
    if (isOdd || this.#acksAtOnce || ((tcb.rcvNxt - tcb.lastAckSent) | 0) >= 2 * this.#mss) tcb.raise(ACK_NOW);
    else this.#timers.delayAck(tcb);
  }
  /** Eighth: the FIN is in order. */
  #fin(tcb: Tcb): void {
    if (tcb.has(FIN_RECEIVED)) return;
    tcb.raise(FIN_RECEIVED | ACK_NOW);
    tcb.rcvNxt = (tcb.rcvNxt + 1) | 0;
    this.#connections.transitions.transition(tcb, RCV_FIN);
    if (tcb.state === TIME_WAIT) this.#connections.timeWait(tcb);
    this.#readiness.notify(tcb, READABLE);
    this.#connections.checkEnded(tcb);
  }
}

/** What a peer can make us send at the least in one segment: a tiny MSS only multiplies packets. */
const MIN_MSS_BYTES = 64;
