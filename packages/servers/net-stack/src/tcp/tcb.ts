/**
 * The Transmission Control Block. RFC 9293 §3.3.1 "Key Connection State Variables", in its names where it has one.
 * A cursor over the socket's record; sequence numbers are signed and compared by `(a - b) | 0`.
 */
import { SocketRecord } from '../socket-record.ts';

/** FLAGS. */
/** CLOSE was called: a FIN follows the last byte. */
export const FIN_QUEUED = 0x001;
/** FIN_SEQ holds where the peer's FIN stands. */
export const FIN_KNOWN = 0x002;
/** The peer's FIN was reached in order: nothing follows. */
export const FIN_RECEIVED = 0x004;
/** The owner was told so, by a `receive` of 0. */
export const EOF_TOLD = 0x008;
/** The owner has no use for it any more: its number names nothing. */
export const DETACHED = 0x010;
/** An acknowledgment must go with the next output. */
export const ACK_NOW = 0x020;
/** The owner waits for room to send. */
export const WANT_WRITE = 0x040;
export const RTT_TIMED = 0x080;
/** Fast recovery, RFC 6582. */
export const IN_RECOVERY = 0x100;
/** The owner knows its number. */
export const ACCEPTED = 0x200;
/** The SYN or SYN,ACK was retransmitted: RFC 6298 §5 (5.7). */
export const SYN_RETRANSMITTED = 0x400;
/** Both directions are over, and the owner was told. */
export const ENDED_TOLD = 0x800;

/** TIMER: at most one of these runs. */
export const NO_TIMER = 0;
export const RETRANSMIT = 1;
export const PERSIST = 2;
/** TIME-WAIT, or the time that an owner has to hear of the end. */
export const LINGER = 3;

const SEND_QUEUE_AT = 56; // 2 × i32: head and tail of a queue of buffers
const SEND_NEXT = 64; // i32: buffer + 1 that SND.NXT stands at
const SND_UNA = 68; // i32: SND.UNA
const SND_NXT = 72; // i32: SND.NXT; goes back to SND.UNA after a timeout
const SND_MAX = 76; // i32: the highest SND.NXT ever
const SND_END = 80; // i32: behind the last byte queued: the FIN's sequence number
const SND_WND = 84; // i32: SND.WND
const SND_WL1 = 88; // i32: SND.WL1
const SND_WL2 = 92; // i32: SND.WL2
const MAX_SND_WND = 96; // i32: largest window the peer ever offered
const ISS = 100; // i32: ISS
const IRS = 104; // i32: IRS
const RCV_NXT = 108; // i32: RCV.NXT
const RCV_ADV = 112; // i32: right edge of what we offered: never goes back
const LAST_ACK_SENT = 116; // i32: RCV.NXT as last told
const FIN_SEQ = 120; // i32: where the peer's FIN stands, when FIN_KNOWN
const MSS = 124; // u16: Eff.snd.MSS
const SND_SHIFT = 126; // u8: Snd.Wind.Shift
const RCV_SHIFT = 127; // u8: Rcv.Wind.Shift
const CWND = 128; // i32
const SSTHRESH = 132; // i32
const RECOVER = 136; // i32
const DUP_ACKS = 140; // u8
const RETRIES = 141; // u8
const TIMER = 142; // u8: which of the exclusive timers runs
const ACK_TIMER = 143; // u8
const OUT_OF_ORDER_QUEUE_AT = 144; // 2 × i32: head and tail of a queue of buffers
const OUT_OF_ORDER_COUNT = 152; // i32
const SRTT8 = 156; // i32: SRTT, in eighths of a microsecond
const RTTVAR4 = 160; // i32: RTTVAR, in quarters
const RTO_US = 164; // i32
const RTT_SEQ = 168; // i32: the timed segment's first byte, when RTT_TIMED
const RTT_START = 172; // i32
const TIMER_DUE = 176; // i32
const ACK_DUE = 180; // i32
const LAST_SENT_AT = 184; // i32
const PARENT = 188; // i32: index + 1 of its listener, until it is accepted
const ACCEPT_NEXT = 192; // i32: index + 1
const ACCEPT_HEAD = 196; // i32: listener: index + 1
const ACCEPT_TAIL = 200; // i32: listener: index + 1
const BACKLOG = 204; // i32: listener
const PENDING_COUNT = 208; // i32: listener: connections not yet accepted

/** @returns true when sequence number `a` comes after `b`. RFC 9293 §3.4 "Sequence Numbers". */
export const isAfter = (a: number, b: number): boolean => ((a - b) | 0) > 0;

export class Tcb extends SocketRecord {
  /** Bytes from SND.UNA to the highest sent: RFC 5681 §2 "FlightSize". */
  get flightBytes(): number {
    return (this.sndMax - this.sndUna) | 0;
  }
  /** RCV.WND: what is left of our offer. */
  get rcvWnd(): number {
    return Math.max(0, (this.rcvAdv - this.rcvNxt) | 0);
  }
  /** Bytes queued that are not acknowledged; a SYN or FIN counts for nothing. */
  get queuedBytes(): number {
    return Math.max(0, (this.sndEnd - this.sndUna) | 0);
  }

  get sendQueue(): number {
    return this.base + SEND_QUEUE_AT;
  }
  get sendNext(): number {
    return this.table.load32(this.base + SEND_NEXT);
  }
  set sendNext(value: number) {
    this.table.store32(this.base + SEND_NEXT, value);
  }
  get sndUna(): number {
    return this.table.load32(this.base + SND_UNA);
  }
  set sndUna(value: number) {
    this.table.store32(this.base + SND_UNA, value);
  }
  get sndNxt(): number {
    return this.table.load32(this.base + SND_NXT);
  }
  set sndNxt(value: number) {
    this.table.store32(this.base + SND_NXT, value);
  }
  get sndMax(): number {
    return this.table.load32(this.base + SND_MAX);
  }
  set sndMax(value: number) {
    this.table.store32(this.base + SND_MAX, value);
  }
  get sndEnd(): number {
    return this.table.load32(this.base + SND_END);
  }
  set sndEnd(value: number) {
    this.table.store32(this.base + SND_END, value);
  }
  get sndWnd(): number {
    return this.table.load32(this.base + SND_WND);
  }
  set sndWnd(value: number) {
    this.table.store32(this.base + SND_WND, value);
  }
  get sndWl1(): number {
    return this.table.load32(this.base + SND_WL1);
  }
  set sndWl1(value: number) {
    this.table.store32(this.base + SND_WL1, value);
  }
  get sndWl2(): number {
    return this.table.load32(this.base + SND_WL2);
  }
  set sndWl2(value: number) {
    this.table.store32(this.base + SND_WL2, value);
  }
  get maxSndWnd(): number {
    return this.table.load32(this.base + MAX_SND_WND);
  }
  set maxSndWnd(value: number) {
    this.table.store32(this.base + MAX_SND_WND, value);
  }
  get iss(): number {
    return this.table.load32(this.base + ISS);
  }
  set iss(value: number) {
    this.table.store32(this.base + ISS, value);
  }
  get irs(): number {
    return this.table.load32(this.base + IRS);
  }
  set irs(value: number) {
    this.table.store32(this.base + IRS, value);
  }
  get rcvNxt(): number {
    return this.table.load32(this.base + RCV_NXT);
  }
  set rcvNxt(value: number) {
    this.table.store32(this.base + RCV_NXT, value);
  }
  get rcvAdv(): number {
    return this.table.load32(this.base + RCV_ADV);
  }
  set rcvAdv(value: number) {
    this.table.store32(this.base + RCV_ADV, value);
  }
  get lastAckSent(): number {
    return this.table.load32(this.base + LAST_ACK_SENT);
  }
  set lastAckSent(value: number) {
    this.table.store32(this.base + LAST_ACK_SENT, value);
  }
  get finSeq(): number {
    return this.table.load32(this.base + FIN_SEQ);
  }
  set finSeq(value: number) {
    this.table.store32(this.base + FIN_SEQ, value);
  }
  get mss(): number {
    return this.table.load16(this.base + MSS);
  }
  set mss(value: number) {
    this.table.store16(this.base + MSS, value);
  }
  get sndShift(): number {
    return this.table.load8(this.base + SND_SHIFT);
  }
  set sndShift(value: number) {
    this.table.store8(this.base + SND_SHIFT, value);
  }
  get rcvShift(): number {
    return this.table.load8(this.base + RCV_SHIFT);
  }
  set rcvShift(value: number) {
    this.table.store8(this.base + RCV_SHIFT, value);
  }
  get cwnd(): number {
    return this.table.load32(this.base + CWND);
  }
  set cwnd(value: number) {
    this.table.store32(this.base + CWND, value);
  }
  get ssthresh(): number {
    return this.table.load32(this.base + SSTHRESH);
  }
  set ssthresh(value: number) {
    this.table.store32(this.base + SSTHRESH, value);
  }
  get recover(): number {
    return this.table.load32(this.base + RECOVER);
  }
  set recover(value: number) {
    this.table.store32(this.base + RECOVER, value);
  }
  get dupAcks(): number {
    return this.table.load8(this.base + DUP_ACKS);
  }
  set dupAcks(value: number) {
    this.table.store8(this.base + DUP_ACKS, value);
  }
  get retries(): number {
    return this.table.load8(this.base + RETRIES);
  }
  set retries(value: number) {
    this.table.store8(this.base + RETRIES, value);
  }
  get timer(): number {
    return this.table.load8(this.base + TIMER);
  }
  set timer(value: number) {
    this.table.store8(this.base + TIMER, value);
  }
  get ackTimer(): number {
    return this.table.load8(this.base + ACK_TIMER);
  }
  set ackTimer(value: number) {
    this.table.store8(this.base + ACK_TIMER, value);
  }
  get outOfOrderQueue(): number {
    return this.base + OUT_OF_ORDER_QUEUE_AT;
  }
  get outOfOrderCount(): number {
    return this.table.load32(this.base + OUT_OF_ORDER_COUNT);
  }
  set outOfOrderCount(value: number) {
    this.table.store32(this.base + OUT_OF_ORDER_COUNT, value);
  }
  get srtt8(): number {
    return this.table.load32(this.base + SRTT8);
  }
  set srtt8(value: number) {
    this.table.store32(this.base + SRTT8, value);
  }
  get rttvar4(): number {
    return this.table.load32(this.base + RTTVAR4);
  }
  set rttvar4(value: number) {
    this.table.store32(this.base + RTTVAR4, value);
  }
  get rtoUs(): number {
    return this.table.load32(this.base + RTO_US);
  }
  set rtoUs(value: number) {
    this.table.store32(this.base + RTO_US, value);
  }
  get rttSeq(): number {
    return this.table.load32(this.base + RTT_SEQ);
  }
  set rttSeq(value: number) {
    this.table.store32(this.base + RTT_SEQ, value);
  }
  get rttStart(): number {
    return this.table.load32(this.base + RTT_START);
  }
  set rttStart(value: number) {
    this.table.store32(this.base + RTT_START, value);
  }
  get timerDue(): number {
    return this.table.load32(this.base + TIMER_DUE);
  }
  set timerDue(value: number) {
    this.table.store32(this.base + TIMER_DUE, value);
  }
  get ackDue(): number {
    return this.table.load32(this.base + ACK_DUE);
  }
  set ackDue(value: number) {
    this.table.store32(this.base + ACK_DUE, value);
  }
  get lastSentAt(): number {
    return this.table.load32(this.base + LAST_SENT_AT);
  }
  set lastSentAt(value: number) {
    this.table.store32(this.base + LAST_SENT_AT, value);
  }
  get parent(): number {
    return this.table.load32(this.base + PARENT);
  }
  set parent(value: number) {
    this.table.store32(this.base + PARENT, value);
  }
  get acceptNext(): number {
    return this.table.load32(this.base + ACCEPT_NEXT);
  }
  set acceptNext(value: number) {
    this.table.store32(this.base + ACCEPT_NEXT, value);
  }
  get acceptHead(): number {
    return this.table.load32(this.base + ACCEPT_HEAD);
  }
  set acceptHead(value: number) {
    this.table.store32(this.base + ACCEPT_HEAD, value);
  }
  get acceptTail(): number {
    return this.table.load32(this.base + ACCEPT_TAIL);
  }
  set acceptTail(value: number) {
    this.table.store32(this.base + ACCEPT_TAIL, value);
  }
  get backlog(): number {
    return this.table.load32(this.base + BACKLOG);
  }
  set backlog(value: number) {
    this.table.store32(this.base + BACKLOG, value);
  }
  get pendingCount(): number {
    return this.table.load32(this.base + PENDING_COUNT);
  }
  set pendingCount(value: number) {
    this.table.store32(this.base + PENDING_COUNT, value);
  }
}
