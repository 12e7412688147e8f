/**
 * What a connection sends, and when. RFC 9293 §3.7, §3.8; RFC 1122 §4.2.3.4 (Nagle, sender's silly window).
 *
 * One buffer of the send queue is one segment: its text starts at TEXT_OFFSET, and each transmission writes fresh headers
 * in front of it. A buffer that the driver still has is never touched: its retransmission waits for the timer.
 */
import { ACK, FIN, PROTOCOL_TCP, PSH, RST, SYN, TCP_HEADER_BYTES } from '@bulkhead/internet-datasheet';
import type { Work } from '@bulkhead/runtime';
import { type Buffers, NO_BUFFER, NOT_OUT, SEND_QUEUE } from '../buffers.ts';
import type { Settings } from '../config.ts';
import type { Core } from '../core.ts';
import { COUNT, type Counters } from '../counters.ts';
import { IP_DATA_OFFSET, type Ip } from '../ip.ts';
import type { Link } from '../link.ts';
import { NO_OPTION, TcpSegment } from '../wire/tcp.ts';
import { restart } from './congestion.ts';
import { CLOSED, LISTEN, SYN_RECEIVED, SYN_SENT } from './state.ts';
import {
  ACK_NOW,
  FIN_QUEUED,
  IN_RECOVERY,
  isAfter,
  NO_TIMER,
  PERSIST,
  RETRANSMIT,
  RTT_TIMED,
  type Tcb,
} from './tcb.ts';
import type { TcpTimers } from './timers.ts';

/** Where the text of a segment that we send starts in its buffer: no options but on SYN. */
export const TEXT_OFFSET: number = IP_DATA_OFFSET + TCP_HEADER_BYTES;
/** Bytes of receive window that we dare to promise for each buffer that is free. */
const PROMISED_BYTES_PER_BUFFER = 1024;
const MAX_WINDOW = 0xffff;

export interface OutputOptions {
  readonly core: Core;
  readonly link: Link;
  readonly ip: Ip;
  readonly timers: TcpTimers;
}

export class TcpOutput {
  readonly #buffers: Buffers;
  readonly #counters: Counters;
  readonly #settings: Settings;
  readonly #link: Link;
  readonly #ip: Ip;
  readonly #timers: TcpTimers;
  readonly #work: Work;
  readonly #outWork: number;
  readonly #nowUs: () => number;
  readonly #segment: TcpSegment = new TcpSegment();

  constructor({ core, link, ip, timers }: OutputOptions) {
    this.#buffers = core.buffers;
    this.#counters = core.counters;
    this.#settings = core.settings;
    this.#link = link;
    this.#ip = ip;
    this.#timers = timers;
    this.#work = core.work;
    this.#outWork = core.work.id('tcp-out');
    this.#nowUs = () => core.nowUs();
  }

  /**
   * Sends everything that may go now.
   * @returns false when the device could take no more, and this must be asked again.
   */
  run(tcb: Tcb): boolean {
    const { state } = tcb;
    if (state === CLOSED || state === LISTEN) return true;
    if (!this.#link.canTransmit) return false;
    if (state === SYN_SENT || state === SYN_RECEIVED) {
      if (tcb.sndNxt === tcb.iss) this.#sendSyn(tcb);
    } else {
      this.#restartIdle(tcb);
      while (this.#sendNext(tcb)) if (!this.#link.canTransmit) return false;
      this.#persist(tcb);
    }
    if (tcb.has(ACK_NOW)) this.#sendControl(tcb, tcb.sndMax, ACK);
    return true;
  }

  /** Goes back to the first unacknowledged byte: everything from there is sent again as the windows allow. */
  rewind(tcb: Tcb): void {
    const head = this.#buffers.head(tcb.table, tcb.sendQueue);
    tcb.sendNext = head + 1;
    tcb.sndNxt = head === NO_BUFFER ? tcb.sndUna : this.#buffers.seq(head);
  }
  /** The SYN, or what answers it, goes again. */
  rewindSyn(tcb: Tcb): void {
    tcb.sndNxt = tcb.iss;
  }
  /** Sends the first unacknowledged segment again, and nothing else. */
  resendFirst(tcb: Tcb): void {
    if (!this.#link.canTransmit) return;
    const head = this.#buffers.head(tcb.table, tcb.sendQueue);
    if (head !== NO_BUFFER) {
      if (this.#buffers.out(head) !== NOT_OUT) return;
      this.#sendBuffer(tcb, head);
    } else if (isAfter(tcb.sndMax, tcb.sndEnd)) {
      this.#sendControl(tcb, tcb.sndEnd, FIN | ACK);
    }
    this.#counters.count(COUNT.retransmission);
  }
  /** A probe of the peer's window: what fits into it, one byte at least. RFC 9293 §3.8.6.1, §3.8.6.2.1 (4). */
  probe(tcb: Tcb): void {
    const buffer = tcb.sendNext - 1;
    if (buffer === NO_BUFFER || !this.#link.canTransmit || this.#buffers.out(buffer) !== NOT_OUT) return;
    if (!this.#split(tcb, buffer, Math.max(1, tcb.sndWnd - ((tcb.sndNxt - tcb.sndUna) | 0)))) return;
    this.#counters.count(COUNT.zeroWindowProbe);
    this.#sendBuffer(tcb, buffer);
    this.#advance(tcb, buffer);
  }
  /** RST for a connection that is aborted. RFC 9293 §3.10.5: <SEQ=SND.NXT><CTL=RST>. */
  sendReset(tcb: Tcb): void {
    this.#counters.count(COUNT.resetSent);
    this.#sendControl(tcb, tcb.sndMax, RST | ACK);
  }
  /** RST for a segment that belongs to no connection, or to none that it fits. RFC 9293 §3.10.7.1. */
  refuse(arrived: TcpSegment, remoteAddress: number): void {
    const buffer = this.#link.canTransmit ? this.#buffers.allocate() : NO_BUFFER;
    if (buffer === NO_BUFFER) return;
    this.#counters.count(COUNT.resetSent);
    this.#work.spend(this.#outWork);
    const hasAck = (arrived.control & ACK) !== 0;
    const segment = this.#segment;
    segment.sourcePort = arrived.destinationPort;
    segment.destinationPort = arrived.sourcePort;
    segment.seq = hasAck ? arrived.ack : 0;
    segment.ack = hasAck ? 0 : (arrived.seq + arrived.length) | 0;
    segment.control = hasAck ? RST : RST | ACK;
    segment.window = 0;
    this.#emit(buffer, remoteAddress, 0);
  }

  /** RFC 9293 §3.8.6.2.2: the offer moves only by a good step, and never back. @returns SEG.WND, unscaled. */
  #offer(tcb: Tcb): number {
    const { receiveBufferBytes } = this.#settings;
    const promised = Math.max(0, this.#buffers.spareForPayload) * PROMISED_BYTES_PER_BUFFER;
    const room = Math.min(Math.max(0, receiveBufferBytes - tcb.receiveBytes), promised);
    const edge = (tcb.rcvNxt + room) | 0;
    if (((edge - tcb.rcvAdv) | 0) >= Math.min(receiveBufferBytes >> 1, this.#settings.mss)) tcb.rcvAdv = edge;
    return tcb.rcvWnd;
  }

  /** @returns true when a segment went and another may follow. */
  #sendNext(tcb: Tcb): boolean {
    const buffer = tcb.sendNext - 1;
    if (buffer === NO_BUFFER) return this.#sendFin(tcb);
    if (this.#buffers.out(buffer) !== NOT_OUT || !this.#mayGo(tcb, buffer)) return false;
    const again = !isAfter((this.#buffers.seq(buffer) + this.#buffers.length(buffer)) | 0, tcb.sndMax);
    if (!this.#sendBuffer(tcb, buffer)) return false;
    if (again) this.#counters.count(COUNT.retransmission);
    this.#advance(tcb, buffer);
    return true;
  }
  /** Congestion window, offered window, silly window, Nagle. May split the segment so that its front fits. */
  #mayGo(tcb: Tcb, buffer: number): boolean {
    const seq = this.#buffers.seq(buffer);
    const lenBytes = this.#buffers.length(buffer);
    const before = (seq - tcb.sndUna) | 0;
    if (lenBytes > congestionWindow(tcb) - before && before > 0) return false;
    const isNew = ((seq - tcb.sndMax) | 0) >= 0;
    const usable = tcb.sndWnd - before;
    if (lenBytes <= usable) return !isNew || !this.#nagle(tcb, buffer, lenBytes);
    if (!isNew) return before <= 0 || usable > 0; // the peer shrank its window: RFC 9293 §3.8.6 SHLD-15
    if (usable < Math.min(tcb.mss, tcb.maxSndWnd >> 1) || usable <= 0) return false; // §3.8.6.2.1 (1), (3)
    return this.#split(tcb, buffer, usable);
  }
  /** RFC 9293 §3.7.4: holds a short last segment back while anything is in flight. */
  #nagle(tcb: Tcb, buffer: number, lenBytes: number): boolean {
    const isLast = this.#buffers.next(buffer) === NO_BUFFER;
    return lenBytes < tcb.mss && isLast && tcb.flightBytes > 0 && !tcb.has(FIN_QUEUED);
  }
  /** Cuts a segment that was never sent in two; the rear is copied to a buffer of its own. */
  #split(tcb: Tcb, buffer: number, lenBytes: number): boolean {
    const buffers = this.#buffers;
    const rest = buffers.length(buffer) - lenBytes;
    if (rest <= 0) return true;
    const rear = buffers.allocate();
    if (rear === NO_BUFFER) return false;
    const from = buffers.at(buffer) + TEXT_OFFSET + lenBytes;
    buffers.pool.copyFrom(buffers.at(rear) + TEXT_OFFSET, buffers.pool, from, rest);
    buffers.describe(rear, TEXT_OFFSET, rest, (buffers.seq(buffer) + lenBytes) | 0);
    buffers.setLength(buffer, lenBytes);
    buffers.insert(tcb.table, tcb.sendQueue, buffer, rear, SEND_QUEUE);
    return true;
  }

  /** Moves SND.NXT behind a segment that went. */
  #advance(tcb: Tcb, buffer: number): void {
    const isLast = this.#buffers.next(buffer) === NO_BUFFER;
    const end = (this.#buffers.seq(buffer) + this.#buffers.length(buffer)) | 0;
    tcb.sendNext = this.#buffers.next(buffer) + 1;
    this.#sent(tcb, this.#buffers.seq(buffer), isLast && tcb.has(FIN_QUEUED) ? (end + 1) | 0 : end);
  }
  #sent(tcb: Tcb, seq: number, end: number): void {
    const now = this.#nowUs();
    tcb.sndNxt = end;
    tcb.lastSentAt = now;
    if (isAfter(end, tcb.sndMax)) {
      if (!tcb.has(RTT_TIMED) && ((seq - tcb.sndMax) | 0) >= 0) {
        tcb.raise(RTT_TIMED);
        tcb.rttSeq = seq;
        tcb.rttStart = now;
      }
      tcb.sndMax = end;
    }
    if (tcb.timer !== RETRANSMIT) this.#timers.start(tcb, RETRANSMIT, tcb.rtoUs); // RFC 6298 §5 (5.1)
  }

  #sendBuffer(tcb: Tcb, buffer: number): boolean {
    const lenBytes = this.#buffers.length(buffer);
    const isLast = this.#buffers.next(buffer) === NO_BUFFER;
    const control = isLast ? (tcb.has(FIN_QUEUED) ? ACK | PSH | FIN : ACK | PSH) : ACK; // PSH: §3.9.1.2 MAY-27
    this.#fill(tcb, this.#buffers.seq(buffer), control);
    return this.#emit(buffer, tcb.remoteAddress, lenBytes);
  }
  #sendFin(tcb: Tcb): boolean {
    if (!tcb.has(FIN_QUEUED) || tcb.sndNxt !== tcb.sndEnd) return false;
    if (!this.#sendControl(tcb, tcb.sndEnd, FIN | ACK)) return false;
    this.#sent(tcb, tcb.sndEnd, (tcb.sndEnd + 1) | 0);
    return false;
  }
  /** RFC 9293 §3.10.1, §3.10.7.2: SYN, or SYN,ACK, with our options. Until it is acknowledged nothing else goes. */
  #sendSyn(tcb: Tcb): void {
    const buffer = this.#buffers.allocate();
    if (buffer === NO_BUFFER) {
      this.#timers.start(tcb, RETRANSMIT, tcb.rtoUs);
      return;
    }
    const isAnswer = tcb.state === SYN_RECEIVED;
    this.#fill(tcb, tcb.iss, isAnswer ? SYN | ACK : SYN);
    if (!isAnswer) this.#segment.ack = 0;
    this.#segment.window = Math.min(MAX_WINDOW, isAnswer ? tcb.rcvWnd : this.#settings.receiveBufferBytes); // never scaled: RFC 7323 §2.2
    this.#segment.mss = this.#settings.mss;
    this.#segment.windowShift = tcb.rcvShift === NO_SHIFT ? NO_OPTION : tcb.rcvShift;
    this.#emit(buffer, tcb.remoteAddress, 0);
    this.#segment.mss = NO_OPTION;
    this.#segment.windowShift = NO_OPTION;
    this.#sent(tcb, tcb.iss, (tcb.iss + 1) | 0);
  }
  /** A segment without text. */
  #sendControl(tcb: Tcb, seq: number, control: number): boolean {
    const buffer = this.#link.canTransmit ? this.#buffers.allocate() : NO_BUFFER;
    if (buffer === NO_BUFFER) {
      this.#counters.count(COUNT.noBuffer);
      this.#timers.delayAck(tcb); // an acknowledgment that could not go is due again soon
      return false;
    }
    this.#fill(tcb, seq, control);
    return this.#emit(buffer, tcb.remoteAddress, 0);
  }

  #fill(tcb: Tcb, seq: number, control: number): void {
    this.#work.spend(this.#outWork);
    const segment = this.#segment;
    segment.sourcePort = tcb.localPort;
    segment.destinationPort = tcb.remotePort;
    segment.seq = seq;
    segment.ack = tcb.rcvNxt;
    segment.control = control;
    segment.window = Math.min(MAX_WINDOW, this.#offer(tcb) >>> (tcb.rcvShift & SHIFT_MASK));
    tcb.lastAckSent = tcb.rcvNxt;
    tcb.clear(ACK_NOW);
    this.#timers.stopAck(tcb);
  }
  #emit(buffer: number, remoteAddress: number, textLenBytes: number): boolean {
    const segment = this.#segment;
    segment.textLenBytes = textLenBytes;
    segment.emit(this.#buffers.pool, this.#buffers.at(buffer) + IP_DATA_OFFSET, this.#ip.ownAddress, remoteAddress);
    return this.#ip.send(buffer, PROTOCOL_TCP, remoteAddress, segment.headerLenBytes + textLenBytes);
  }

  /** RFC 5681 §4.1: the window of a connection that sent nothing for a retransmission timeout says nothing any more. */
  #restartIdle(tcb: Tcb): void {
    if (tcb.flightBytes === 0 && tcb.sendNext !== 0 && ((this.#nowUs() - tcb.lastSentAt) | 0) > tcb.rtoUs) restart(tcb);
  }
  /** Nothing is in flight and something waits: only a probe can learn that the window has opened. §3.8.6.1. */
  #persist(tcb: Tcb): void {
    const waits = tcb.sendNext !== 0 && tcb.flightBytes === 0;
    if (waits && tcb.timer === NO_TIMER) this.#timers.start(tcb, PERSIST, tcb.rtoUs);
  }
}

/** In RCV_SHIFT: we do not scale. */
export const NO_SHIFT = 0x10;
const SHIFT_MASK = 0xf;

/** cwnd, and two segments more on the first two duplicates: RFC 3042 §2 "Limited Transmit". */
function congestionWindow(tcb: Tcb): number {
  if (tcb.dupAcks === 0 || tcb.has(IN_RECOVERY)) return tcb.cwnd;
  return tcb.cwnd + Math.min(2, tcb.dupAcks) * tcb.mss;
}
