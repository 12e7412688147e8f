/** The acknowledgment field: RFC 9293 §3.10.7.4, fifth. RTT by Karn's rule: RFC 6298 §3, §4, §5. */
import { FIN } from '@bulkhead/internet-datasheet';
import { WRITABLE } from '@bulkhead/net-stack-api';
import { type Buffers, NO_BUFFER } from '../buffers.ts';
import type { Settings } from '../config.ts';
import type { Core } from '../core.ts';
import { COUNT, type Counters } from '../counters.ts';
import type { Readiness } from '../readiness.ts';
import type { TcpSegment } from '../wire/tcp.ts';
import { acknowledged, duplicate, measured, RTO_AFTER_LOST_SYN_US, rtoOf } from './congestion.ts';
import type { Connections } from './connections.ts';
import type { TcpOutput } from './output.ts';
import { CLOSED, FIN_WAIT_1, RCV_ACK_OF_FIN, TIME_WAIT } from './state.ts';
import { FIN_QUEUED, isAfter, RETRANSMIT, RTT_TIMED, SYN_RETRANSMITTED, type Tcb, WANT_WRITE } from './tcb.ts';
import type { TcpTimers } from './timers.ts';

export interface AckProcessingOptions {
  readonly core: Core;
  readonly connections: Connections;
  readonly output: TcpOutput;
  readonly timers: TcpTimers;
  readonly readiness: Readiness;
}

export class AckProcessing {
  readonly #buffers: Buffers;
  readonly #counters: Counters;
  readonly #settings: Settings;
  readonly #connections: Connections;
  readonly #output: TcpOutput;
  readonly #timers: TcpTimers;
  readonly #readiness: Readiness;
  readonly #nowUs: () => number;

  constructor({ core, connections, output, timers, readiness }: AckProcessingOptions) {
    this.#buffers = core.buffers;
    this.#counters = core.counters;
    this.#settings = core.settings;
    this.#connections = connections;
    this.#output = output;
    this.#timers = timers;
    this.#readiness = readiness;
    this.#nowUs = () => core.nowUs();
  }

  /** Our SYN is acknowledged: SND.UNA moves over it, and its round trip was the first. */
  synAcknowledged(tcb: Tcb, segment: TcpSegment): void {
    tcb.sndUna = (tcb.iss + 1) | 0;
    tcb.sndNxt = tcb.sndUna;
    tcb.sndMax = tcb.sndUna;
    tcb.retries = 0;
    this.#measure(tcb);
    this.#timers.stop(tcb);
    if (tcb.has(SYN_RETRANSMITTED)) tcb.rtoUs = RTO_AFTER_LOST_SYN_US; // RFC 6298 §5 (5.7)
    this.#setWindow(tcb, segment, segment.window);
  }

  /**
   * A segment that is acceptable in a synchronized state.
   * @returns false when it acknowledges what was never sent, or is far too old: RFC 5961 §5.2.
   */
  process(tcb: Tcb, segment: TcpSegment): boolean {
    const { ack } = segment;
    const una = tcb.sndUna;
    if (isAfter(ack, tcb.sndMax) || ((una - ack) | 0) > Math.max(tcb.maxSndWnd, 0xffff)) return false;
    const window = segment.window << tcb.sndShift;
    const wasClosed = tcb.sndWnd === 0;
    if (tcb.state !== TIME_WAIT) tcb.retries = wasClosed || isAfter(ack, una) ? 0 : tcb.retries; // §3.8.6.1: SHLD-30
    if (isAfter(ack, una)) this.#advance(tcb, ack);
    else if (this.#isDuplicate(tcb, segment, window) && duplicate(tcb)) this.#fastRetransmit(tcb);
    this.#updateWindow(tcb, segment, window);
    if (wasClosed && tcb.sndWnd > 0 && tcb.flightBytes === 1) this.#output.rewind(tcb); // the probe was not taken: again
    this.#finAcknowledged(tcb);
    return true;
  }

  /** RFC 5681 §2 "DUPLICATE ACKNOWLEDGMENT", (a) to (e). */
  #isDuplicate(tcb: Tcb, segment: TcpSegment, window: number): boolean {
    return (
      tcb.flightBytes > 0 &&
      segment.textLenBytes === 0 &&
      (segment.control & FIN) === 0 &&
      segment.ack === tcb.sndUna &&
      window === tcb.sndWnd
    );
  }
  #fastRetransmit(tcb: Tcb): void {
    this.#counters.count(COUNT.fastRetransmit);
    this.#output.resendFirst(tcb);
  }

  /** SND.UNA moves: buffers go, the clock is read, the window grows. */
  #advance(tcb: Tcb, ack: number): void {
    const ackedBytes = (ack - tcb.sndUna) | 0;
    const wasLimited = tcb.flightBytes + tcb.mss > tcb.cwnd;
    if (tcb.has(RTT_TIMED) && isAfter(ack, tcb.rttSeq)) this.#measure(tcb);
    // DEVIATION: RFC 6298 §5 keeps a backed-off RTO until the next measurement; progress alone ends it here.
    else if (tcb.srtt8 !== 0) tcb.rtoUs = rtoOf(tcb, this.#settings.minRtoUs);
    tcb.sndUna = ack;
    this.#releaseAcknowledged(tcb);
    if (isAfter(ack, tcb.sndNxt)) tcb.sndNxt = ack;
    const isPartial = acknowledged(tcb, ackedBytes, wasLimited);
    if (tcb.flightBytes === 0)
      this.#timers.stop(tcb); // RFC 6298 §5 (5.2)
    else this.#timers.start(tcb, RETRANSMIT, tcb.rtoUs); // (5.3)
    if (isPartial) this.#output.resendFirst(tcb);
    if (tcb.has(WANT_WRITE)) this.#offerRoom(tcb);
  }
  #measure(tcb: Tcb): void {
    if (!tcb.has(RTT_TIMED)) return;
    tcb.clear(RTT_TIMED);
    measured(tcb, Math.min(60_000_000, Math.max(0, (this.#nowUs() - tcb.rttStart) | 0)), this.#settings.minRtoUs);
  }
  #releaseAcknowledged(tcb: Tcb): void {
    const buffers = this.#buffers;
    const { table, sendQueue, sndUna } = tcb;
    for (;;) {
      const head = buffers.head(table, sendQueue);
      if (head === NO_BUFFER || isAfter((buffers.seq(head) + buffers.length(head)) | 0, sndUna)) return;
      if (tcb.sendNext === head + 1) tcb.sendNext = buffers.next(head) + 1;
      buffers.shift(table, sendQueue);
      buffers.release(head);
    }
  }
  #offerRoom(tcb: Tcb): void {
    if (tcb.queuedBytes > this.#settings.sendBufferBytes >> 1) return;
    tcb.clear(WANT_WRITE);
    this.#readiness.notify(tcb, WRITABLE);
  }

  /** RFC 9293 §3.10.7.4: SND.WL1 and SND.WL2 keep old segments from setting the window. */
  #updateWindow(tcb: Tcb, segment: TcpSegment, window: number): void {
    const isNewer =
      isAfter(segment.seq, tcb.sndWl1) || (segment.seq === tcb.sndWl1 && !isAfter(tcb.sndWl2, segment.ack));
    if (isNewer && !isAfter(tcb.sndUna, segment.ack)) this.#setWindow(tcb, segment, window);
  }
  #setWindow(tcb: Tcb, segment: TcpSegment, window: number): void {
    tcb.sndWnd = window;
    if (window > tcb.maxSndWnd) tcb.maxSndWnd = window;
    tcb.sndWl1 = segment.seq;
    tcb.sndWl2 = segment.ack;
  }

  #finAcknowledged(tcb: Tcb): void {
    if (!tcb.has(FIN_QUEUED) || tcb.sndUna !== ((tcb.sndEnd + 1) | 0) || tcb.state < FIN_WAIT_1) return;
    const before = tcb.state;
    if (before === TIME_WAIT) return;
    this.#connections.transitions.transition(tcb, RCV_ACK_OF_FIN);
    if (tcb.state === before) return;
    if (tcb.state === TIME_WAIT) this.#connections.timeWait(tcb);
    if (tcb.state === CLOSED) this.#connections.closed(tcb);
  }
}
