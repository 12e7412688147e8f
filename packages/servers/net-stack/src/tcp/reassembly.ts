/**
 * The receiving side's queues: what is in order, and what came too early. RFC 9293 §3.10.7.4, seventh.
 *
 * A segment's text stays in the buffer in which it arrived. A short one is copied behind the last unread one when it fits
 * there, so that a stream of single bytes cannot hold a buffer each: two neighbours in the queue always hold more than
 * one buffer's worth. Out of order, both the starts and the ends of the buffers in the queue rise strictly, so that none
 * is covered by another; their number is bounded. Where they overlap, the one that starts earlier is delivered.
 * CHOICE: when no buffer can be spared the text is dropped, although it was within our offer; the peer sends it again.
 */
import { BUFFER_SIZE_BYTES } from '@bulkhead/nic-driver-api';
import { type Buffers, NO_BUFFER, OUT_OF_ORDER_QUEUE, RECEIVE_QUEUE } from '../buffers.ts';
import type { Core } from '../core.ts';
import { COUNT, type Counters } from '../counters.ts';
import { isAfter, type Tcb } from './tcb.ts';

/** Bound of one connection's out-of-order queue. */
const MAX_OUT_OF_ORDER = 64;
/** Text up to this length is copied rather than kept, when there is room. */
const SHORT_BYTES = 512;

export class Reassembly {
  readonly #buffers: Buffers;
  readonly #counters: Counters;

  constructor(core: Core) {
    this.#buffers = core.buffers;
    this.#counters = core.counters;
  }

  /**
   * Takes the text that `buffer` describes, already trimmed to the window. RCV.NXT moves over all that is in order then.
   * The buffer stays in the caller's hand unless a queue has it.
   */
  accept(tcb: Tcb, buffer: number): void {
    if (isAfter(this.#buffers.seq(buffer), tcb.rcvNxt)) {
      this.#counters.count(COUNT.outOfOrder);
      this.#keepEarly(tcb, buffer);
      return;
    }
    this.#append(tcb, buffer);
    if (tcb.outOfOrderCount !== 0) this.#drain(tcb);
  }

  /** @returns true when all the text was taken. */
  #append(tcb: Tcb, buffer: number): boolean {
    const lenBytes = this.#buffers.length(buffer);
    if (!this.#copyBehindLast(tcb, buffer, lenBytes)) {
      if (this.#buffers.spareForPayload <= 0) {
        this.#counters.count(COUNT.noBuffer);
        return false;
      }
      this.#buffers.push(tcb.table, tcb.receiveQueue, buffer, RECEIVE_QUEUE);
    }
    tcb.rcvNxt = (tcb.rcvNxt + lenBytes) | 0;
    tcb.receiveBytes = tcb.receiveBytes + lenBytes;
    return true;
  }
  #copyBehindLast(tcb: Tcb, buffer: number, lenBytes: number): boolean {
    const buffers = this.#buffers;
    const last = buffers.tail(tcb.table, tcb.receiveQueue);
    if (last === NO_BUFFER || (lenBytes > SHORT_BYTES && buffers.spareForPayload > 0)) return false;
    const end = buffers.offset(last) + buffers.length(last);
    if (end + lenBytes > BUFFER_SIZE_BYTES) return false;
    const from = buffers.at(buffer) + buffers.offset(buffer);
    buffers.pool.copyFrom(buffers.at(last) + end, buffers.pool, from, lenBytes);
    buffers.setLength(last, buffers.length(last) + lenBytes);
    return true;
  }

  /** Moves over what had come early and is in order now. */
  #drain(tcb: Tcb): void {
    const { table, outOfOrderQueue } = tcb;
    for (;;) {
      const buffer = this.#buffers.head(table, outOfOrderQueue);
      if (buffer === NO_BUFFER || isAfter(this.#buffers.seq(buffer), tcb.rcvNxt)) return;
      this.#buffers.shift(table, outOfOrderQueue);
      tcb.outOfOrderCount = tcb.outOfOrderCount - 1;
      this.#trimTo(buffer, tcb.rcvNxt);
      const isTaken = this.#buffers.length(buffer) > 0 && this.#append(tcb, buffer);
      if (!isTaken || this.#buffers.place(buffer) !== RECEIVE_QUEUE) this.#buffers.release(buffer);
    }
  }
  #trimTo(buffer: number, seq: number): void {
    const before = (seq - this.#buffers.seq(buffer)) | 0;
    if (before > 0) this.#buffers.trimFront(buffer, Math.min(before, this.#buffers.length(buffer)));
  }

  /** Files the text among what came early, unless it is there already; what it covers goes. */
  #keepEarly(tcb: Tcb, buffer: number): void {
    const buffers = this.#buffers;
    if (tcb.outOfOrderCount >= MAX_OUT_OF_ORDER || buffers.spareForPayload <= 0) {
      this.#counters.count(COUNT.noBuffer);
      return;
    }
    let previous = NO_BUFFER;
    let following = buffers.head(tcb.table, tcb.outOfOrderQueue);
    while (following !== NO_BUFFER && !isAfter(buffers.seq(following), buffers.seq(buffer))) {
      previous = following;
      following = buffers.next(following);
    }
    if (previous !== NO_BUFFER && !isAfter(this.#end(buffer), this.#end(previous))) return;
    buffers.insert(tcb.table, tcb.outOfOrderQueue, previous, buffer, OUT_OF_ORDER_QUEUE);
    tcb.outOfOrderCount = tcb.outOfOrderCount + 1;
    this.#dropCovered(tcb, buffer);
  }
  /** Drops what stands behind `buffer` and ends no later. */
  #dropCovered(tcb: Tcb, buffer: number): void {
    for (;;) {
      const following = this.#buffers.next(buffer);
      if (following === NO_BUFFER || isAfter(this.#end(following), this.#end(buffer))) return;
      this.#buffers.release(this.#buffers.removeAfter(tcb.table, tcb.outOfOrderQueue, buffer));
      tcb.outOfOrderCount = tcb.outOfOrderCount - 1;
    }
  }
  #end(buffer: number): number {
    return (this.#buffers.seq(buffer) + this.#buffers.length(buffer)) | 0;
  }
}
