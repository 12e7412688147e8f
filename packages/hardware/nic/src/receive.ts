/**
 * The receiver: filters, packet buffer, and the two receive queues. Intel 82574 Datasheet revision 3.4 §7.1
 * "Receive Functionality".
 *
 * A frame that passes the filters stands in the packet buffer until its DMA time is over and its ring has room. A
 * frame without descriptors waits there (RNBC) and holds back those behind it; one that finds the buffer full is
 * missed (MPC, RXO).
 *
 * Invariants: the alarm is armed exactly while the oldest frame can go; nothing in memory makes it throw.
 *
 * CHOICE: a frame that needs more descriptors than its ring can ever hold is missed. CHOICE: after a DMA fault a queue
 * drops its frames until the device is reset. Bad frames do not exist here (SBP has no effect).
 */
import { get, has } from '@bulkhead/bits';
import type { AlarmId } from '@bulkhead/clock';
import * as reg from '@bulkhead/intel-82574-datasheet';
import { BURST_BYTES, type DeviceParts, LONGEST_FRAME_BYTES } from './device.ts';
import { filter, PASSED, PASSED_INEXACTLY, REJECTED } from './filter.ts';
import { CONSUMED, type FlowControl, FOR_HOST } from './flow-control.ts';
import { INEXACT, KEEPS_FCS, PacketBuffer, STRIPPED } from './packet-buffer.ts';
import { ReceiveQueue } from './receive-queue.ts';
import { ReceiveReport } from './receive-report.ts';
import { countReceived, destinationKind } from './statistics.ts';
import { isTagged } from './vlan.ts';

const HEADER_BYTES = 14;
const FCS_BYTES = reg.FRAME_CHECK_SEQUENCE_BYTES;
const QUEUE_CAUSE: readonly number[] = [reg.ICR_RXQ0.mask, reg.ICR_RXQ1.mask];

export class Receiver {
  readonly #parts: DeviceParts;
  readonly #flow: FlowControl;
  readonly #alarm: AlarmId;
  readonly #buffer: PacketBuffer;
  readonly #report: ReceiveReport;
  readonly #queues: readonly ReceiveQueue[];
  /** The oldest frame has been looked at; it has been counted in RNBC. */
  #isExamined = false;
  #isStarved = false;
  #causes = 0;

  constructor(parts: DeviceParts, flow: FlowControl) {
    this.#parts = parts;
    this.#flow = flow;
    this.#buffer = new PacketBuffer(parts.registers);
    this.#report = new ReceiveReport(parts.registers, this.#buffer);
    this.#queues = [0, 1].map((queue) => new ReceiveQueue(parts, queue, this.#buffer, this.#report));
    this.#alarm = parts.clock.createAlarm(() => this.#run());
  }

  /** A frame arrives. */
  arrive(frame: Uint8Array, lenBytes: number): void {
    const { registers } = this.#parts;
    const rctl = registers.get(reg.RCTL);
    if (!has(rctl, reg.RCTL_EN) || lenBytes < HEADER_BYTES) return;
    const control = this.#flow.receive(frame, lenBytes);
    if (control === CONSUMED) return;
    const verdict = control === FOR_HOST ? PASSED : filter(registers, frame, lenBytes);
    if (verdict === REJECTED) return;
    const longest = has(rctl, reg.RCTL_LPE) ? LONGEST_FRAME_BYTES : reg.FRAME_MAX_BYTES;
    if (lenBytes > longest) registers.count(reg.ROC);
    else this.#store(frame, lenBytes, verdict, rctl);
  }

  /** Descriptors were added, or what held the queue back is gone. */
  poke(): void {
    const { clock, timing } = this.#parts;
    if (this.#buffer.isEmpty || clock.isArmed(this.#alarm)) return;
    const latency = timing.dmaWriteCycles + this.#buffer.lenBytes * timing.busCyclesPerByte;
    const { now } = clock;
    clock.setAfter(this.#alarm, Math.ceil(now + latency) - now);
  }

  reset(): void {
    this.#parts.clock.cancel(this.#alarm);
    this.#buffer.clear();
    for (const queue of this.#queues) queue.reset();
    this.#isExamined = false;
    this.#isStarved = false;
    this.#causes = 0;
  }

  #store(frame: Uint8Array, lenBytes: number, verdict: number, rctl: number): void {
    const { registers } = this.#parts;
    const padded = Math.max(lenBytes, reg.FRAME_MIN_BYTES);
    const strips = has(registers.get(reg.CTRL), reg.CTRL_VME) && isTagged(registers, frame, lenBytes);
    const flags =
      (verdict === PASSED_INEXACTLY ? INEXACT : 0) |
      (strips ? STRIPPED : 0) |
      (has(rctl, reg.RCTL_SECRC) ? 0 : KEEPS_FCS);
    if (!this.#buffer.push(frame, lenBytes, padded, flags)) {
      this.#miss();
      return;
    }
    if (lenBytes < padded) registers.count(reg.RUC);
    countReceived(registers, destinationKind(frame), padded + FCS_BYTES);
    this.#flow.level(this.#buffer.usedBytes);
    if (!this.#isStarved) this.poke();
  }

  #miss(): void {
    this.#parts.registers.count(reg.MPC);
    this.#parts.statistics.framesMissed += 1;
    this.#parts.interrupts.raise(reg.ICR_RXO.mask);
  }

  /** Moves a burst to memory, then raises what it caused. */
  #run(): void {
    const { clock, timing, mayMaster } = this.#parts;
    let moved = 0;
    let goesOn = mayMaster();
    while (goesOn && !this.#buffer.isEmpty && moved < BURST_BYTES) {
      moved += this.#buffer.lenBytes;
      goesOn = this.#deliver();
    }
    for (const queue of this.#queues) queue.finish();
    if (goesOn && !this.#buffer.isEmpty) {
      const { now } = clock;
      clock.setAfter(this.#alarm, Math.ceil(now + this.#buffer.lenBytes * timing.busCyclesPerByte) - now);
    }
    this.#raise();
  }

  /** §7.1.9 "Receive Interrupts": RXT0 alone waits for its timers, ACK for its own. */
  #raise(): void {
    const { interrupts } = this.#parts;
    const delayed = interrupts.delayed;
    let causes = this.#causes;
    this.#causes = 0;
    if ((causes & reg.ICR_ACK.mask) !== 0 && delayed.delayAck(reg.ICR_ACK.mask)) causes &= ~reg.ICR_ACK.mask;
    if (causes === reg.ICR_RXT0.mask && delayed.delayReceive(causes)) return;
    if (causes !== 0) interrupts.raise(causes);
  }

  /** Delivers or drops the oldest frame. @returns false when it must wait. */
  #deliver(): boolean {
    if (!this.#isExamined) this.#report.examine();
    this.#isExamined = true;
    const queue = this.#queues[this.#report.queue]!;
    const { ring } = queue;
    const needed = queue.neededEntries;
    const { lengthEntries } = ring;
    if (queue.isFaulted || (lengthEntries > 0 && needed >= lengthEntries)) return this.#drop();
    const owned = ring.ownedEntries;
    if (owned < needed) {
      if (!this.#isStarved) this.#parts.registers.count(reg.RNBC);
      this.#isStarved = true;
      return false;
    }
    if (!queue.store()) return this.#drop();
    this.#parts.statistics.framesReceived += 1;
    this.#noteCauses(owned, ring.ownedEntries, lengthEntries);
    this.#shift();
    return true;
  }

  #noteCauses(ownedBefore: number, owned: number, lengthEntries: number): void {
    const { registers, usesMsix } = this.#parts;
    this.#causes |= usesMsix() ? QUEUE_CAUSE[this.#report.queue]! : reg.ICR_RXT0.mask;
    const threshold = lengthEntries >>> (1 + get(registers.get(reg.RCTL), reg.RCTL_RDMTS));
    if (ownedBefore > threshold && owned <= threshold) this.#causes |= reg.ICR_RXDMT0.mask;
    const withFcsBytes = this.#buffer.lenBytes + (this.#buffer.keepsFcs ? 0 : FCS_BYTES);
    if (withFcsBytes <= get(registers.get(reg.RSRPD), reg.RSRPD_SIZE)) this.#causes |= reg.ICR_SRPD.mask;
    if (this.#report.isAck) this.#causes |= reg.ICR_ACK.mask;
  }

  #drop(): boolean {
    this.#shift();
    this.#miss();
    return true;
  }
  #shift(): void {
    this.#buffer.shift();
    this.#isExamined = false;
    this.#isStarved = false;
    this.#flow.level(this.#buffer.usedBytes);
  }
}
