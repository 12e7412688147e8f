/**
 * One transmit queue. Intel 82574 Datasheet revision 3.4 §7.2 "Transmit Functionality".
 *
 * A doorbell starts a cycle of two steps: fetch descriptors and plan a burst; when the time of its DMA is over, read
 * the payload, hand the frames to the wire, write back, and plan the next. The wire's own pace bounds how far the
 * queue runs ahead: as far as the transmit half of the packet buffer. What the bytes become is the assembly's affair.
 *
 * Invariants: an alarm is armed exactly while a doorbell or a burst is under way; a queue whose DMA faulted does
 * nothing until the device is reset; nothing in memory makes it throw; one event moves at most 16 descriptors, and of a
 * segmentation at most BURST_BYTES a descriptor.
 *
 * CHOICE: descriptors are fetched up to 16 at a time as soon as there are any; PTHRESH and HTHRESH of TXDCTL, which
 * only say when to prefetch, have no effect. CHOICE: an LWTHRESH of 0 raises no TXD_LOW. CHOICE: RPS is ignored.
 */
import { get, has } from '@bulkhead/bits';
import type { AlarmId } from '@bulkhead/clock';
import * as reg from '@bulkhead/intel-82574-datasheet';
import { WIRE_OVERHEAD_BYTES } from '@bulkhead/link';
import { BURST_BYTES, type DeviceParts } from './device.ts';
import type { Egress } from './egress.ts';
import { FrameAssembly, isSegmenting } from './frame-assembly.ts';
import { HeldWriteBack } from './held-write-back.ts';
import { Ring } from './ring.ts';

const FETCH_ENTRIES = 16;
const DESCRIPTOR_WORDS = reg.TDESC_SIZE_BYTES / 4;
const LOWER_WORD = reg.TDESC_LOWER / 4;
const UPPER_WORD = reg.TDESC_UPPER / 4;
const LOW_THRESHOLD_UNIT_ENTRIES = 8;
const QUEUE_CAUSE: readonly number[] = [reg.ICR_TXQ0.mask, reg.ICR_TXQ1.mask];
const NONE = -1;

export class TransmitQueue {
  readonly #parts: DeviceParts;
  readonly #index: number;
  readonly #ring: Ring;
  readonly #alarm: AlarmId;
  readonly #egress: Egress;
  readonly #assembly: FrameAssembly;
  readonly #held: HeldWriteBack;
  readonly #descriptors: Int32Array = new Int32Array(FETCH_ENTRIES * DESCRIPTOR_WORDS);
  readonly #descriptorBytes: Uint8Array = new Uint8Array(this.#descriptors.buffer);
  /** Descriptors fetched, the next of them to process, and how many are planned for the next alarm. */
  #fetched = 0;
  #next = 0;
  #planned = 0;
  /** Bytes of the next descriptor that have been taken. */
  #taken = 0;
  #faulted = false;
  #isPaused = false;
  /** What the burst has written back: something with RS, and something with RS whose interrupt may not wait. */
  #reported = false;
  #urgent = false;

  constructor(parts: DeviceParts, index: number, egress: Egress) {
    this.#parts = parts;
    this.#index = index;
    this.#egress = egress;
    this.#assembly = new FrameAssembly(parts, egress);
    const registers = index * reg.QUEUE_STRIDE_BYTES;
    this.#ring = new Ring(parts.registers, reg.TDBAL + registers);
    this.#held = new HeldWriteBack(parts.registers, this.#ring, reg.TXDCTL + registers);
    this.#alarm = parts.clock.createAlarm(() => this.#run());
  }

  /** The tail moved, or what held the queue back is gone. */
  poke(): void {
    const { clock, timing } = this.#parts;
    if (clock.isArmed(this.#alarm) || !this.#mayRun() || this.#ring.ownedEntries === 0) return;
    clock.setAfter(this.#alarm, timing.doorbellCycles);
  }
  /** A pause has ended early. */
  resume(): void {
    const { clock } = this.#parts;
    if (this.#isPaused) clock.setAfter(this.#alarm, 0);
  }

  /** Transmission was disabled: a frame that had not ended is forgotten. */
  disable(): void {
    this.#stop();
    this.#assembly.abandon();
  }
  reset(): void {
    this.#stop();
    this.#assembly.reset();
    this.#held.forget();
    this.#faulted = false;
  }

  /** What was fetched and not processed will be fetched again. */
  #stop(): void {
    this.#parts.clock.cancel(this.#alarm);
    this.#isPaused = false;
    this.#fetched = 0;
    this.#next = 0;
    this.#planned = 0;
    if (this.#taken > 0) this.#assembly.abandon();
    this.#taken = 0;
  }

  #mayRun(): boolean {
    const { registers, mayMaster, isLinkUp } = this.#parts;
    if (this.#faulted || !has(registers.get(reg.TCTL), reg.TCTL_EN)) return false;
    const arbitration = registers.get(reg.TARC + this.#index * reg.QUEUE_STRIDE_BYTES);
    return has(arbitration, reg.TARC_ENABLE) && isLinkUp() && mayMaster();
  }

  #run(): void {
    if (!this.#mayRun()) {
      this.#stop();
      return;
    }
    const { clock } = this.#parts;
    const pauseCycles = this.#egress.pausedUntil - clock.now;
    this.#isPaused = pauseCycles > 0;
    if (this.#isPaused) {
      clock.setAfter(this.#alarm, pauseCycles);
      return;
    }
    if (this.#planned > 0) this.#process();
    if (!this.#faulted) this.#plan();
  }

  /** Chooses the next burst and waits for its DMA, and for room in the packet buffer. */
  #plan(): void {
    const { clock, timing } = this.#parts;
    const mustFetch = this.#next === this.#fetched;
    if (mustFetch && !this.#fetch()) return;
    let lenBytes = 0;
    let count = 0;
    while (this.#next + count < this.#fetched && lenBytes < BURST_BYTES) {
      const lower = this.#lower(this.#next + count);
      const payloadBytes = payloadOf(lower) - (count === 0 ? this.#taken : 0);
      lenBytes += isSegmenting(lower) ? Math.min(payloadBytes, BURST_BYTES) : payloadBytes;
      count += 1;
    }
    this.#planned = count;
    const latency = (mustFetch ? 2 * timing.dmaReadCycles : 0) + lenBytes * timing.busCyclesPerByte;
    const spareBytes = Math.max(0, this.#bufferBytes() - lenBytes - count * WIRE_OVERHEAD_BYTES);
    const roomAt = this.#egress.freeAt - spareBytes * timing.wireCyclesPerByte;
    const { now } = clock; // the end is a whole cycle, and what is passed a delay: a time would be boxed
    clock.setAfter(this.#alarm, Math.ceil(Math.max(now + latency, roomAt)) - now);
  }

  /** @returns false when there is nothing to fetch, or the fetch faulted. */
  #fetch(): boolean {
    const owned = this.#ring.ownedEntries;
    if (owned === 0) return false;
    const head = this.#ring.head;
    const count = Math.min(owned, this.#ring.lengthEntries - head, FETCH_ENTRIES);
    const lenBytes = count * reg.TDESC_SIZE_BYTES;
    this.#next = 0;
    this.#fetched = 0;
    if (this.#ring.read(this.#parts.dma, head, this.#descriptorBytes, 0, lenBytes) < 0) {
      this.#fault();
      return false;
    }
    this.#fetched = count;
    return true;
  }

  #process(): void {
    const first = this.#next;
    const head = this.#ring.head;
    const ownedBefore = this.#ring.ownedEntries;
    let reportFrom = NONE;
    let done = 0;
    this.#reported = false;
    this.#urgent = false;
    for (; done < this.#planned; done++) {
      const entry = first + done;
      const lower = this.#lower(entry);
      if (!this.#accept(entry, lower)) break;
      if (this.#reportsNow(head + done, lower)) {
        this.#descriptors[entry * DESCRIPTOR_WORDS + UPPER_WORD]! |= reg.TDESC_STA_DD.mask;
        if (reportFrom === NONE) reportFrom = entry;
      } else if (reportFrom !== NONE) {
        this.#writeBack(head + reportFrom - first, reportFrom, entry);
        reportFrom = NONE;
      }
    }
    if (reportFrom !== NONE) this.#writeBack(head + reportFrom - first, reportFrom, first + done);
    this.#ring.advance(done);
    if (this.#faulted) return;
    this.#next = first + done;
    this.#planned = 0;
    this.#raise(ownedBefore);
  }

  /** Takes one descriptor, or as much of it as one event may move. @returns false when it is not done. */
  #accept(entry: number, lower: number): boolean {
    const assembly = this.#assembly;
    if (isContext(lower)) {
      assembly.load(this.#descriptors, entry * DESCRIPTOR_WORDS);
      return true;
    }
    const upper = this.#descriptors[entry * DESCRIPTOR_WORDS + UPPER_WORD]!;
    if (this.#taken === 0) assembly.begin(lower, upper);
    const left = payloadOf(lower) - this.#taken;
    const count = assembly.isSegmented ? Math.min(left, BURST_BYTES) : left;
    if (!this.#read(entry, count)) return false;
    if (count < left) {
      this.#taken += count;
      return false;
    }
    this.#taken = 0;
    if (has(lower, reg.TDESC_CMD_EOP)) assembly.end(lower, upper);
    return true;
  }

  /** Reads the next bytes of a descriptor's buffer to where the assembly wants them. */
  #read(entry: number, lenBytes: number): boolean {
    const assembly = this.#assembly;
    const low = this.#descriptors[entry * DESCRIPTOR_WORDS]!;
    const page = (this.#descriptors[entry * DESCRIPTOR_WORDS + 1]! >>> 0) * 0x10_0000 + (low >>> 12);
    let offset = (low & 0xfff) + this.#taken;
    for (let left = lenBytes; left > 0; ) {
      const count = assembly.room(left);
      if (count === 0) return true; // nobody wants the rest
      if (this.#parts.dma.read(page + (offset >>> 12), offset & 0xfff, assembly.frame, assembly.position, count) < 0) {
        this.#fault();
        return false;
      }
      assembly.filled(count);
      offset += count;
      left -= count;
    }
    return true;
  }

  /** §7.2.4.2 "Transmit Descriptor Write Back". @returns true when the descriptor is written back in this burst. */
  #reportsNow(index: number, lower: number): boolean {
    const reports = has(lower, reg.TDESC_CMD_RS);
    const isUrgent = reports && !this.#mayDelay(lower);
    if (reports) this.#reported = true;
    if (isUrgent) this.#urgent = true;
    if (this.#held.isEmpty && !(reports && !isUrgent && this.#held.thresholdEntries > 0)) return reports;
    this.#held.hold(index);
    if (isUrgent || this.#held.count >= this.#held.thresholdEntries) this.flush();
    return false;
  }
  #mayDelay(lower: number): boolean {
    const { registers, usesMsix } = this.#parts;
    return has(lower, reg.TDESC_CMD_IDE) && get(registers.get(reg.TIDV), reg.DELAY_VALUE) !== 0 && !usesMsix();
  }
  /** Writes back what was held for a burst of them. */
  flush(): void {
    if (!this.#held.isEmpty && this.#held.flush(this.#parts.dma) < 0) this.#fault();
  }

  /** Writes back the descriptors `from … to - 1` of those fetched, `index` being the first one's place in the ring. */
  #writeBack(index: number, from: number, to: number): void {
    if (this.#faulted) return;
    const at = from * reg.TDESC_SIZE_BYTES;
    const lenBytes = (to - from) * reg.TDESC_SIZE_BYTES;
    if (this.#ring.write(this.#parts.dma, index, 0, this.#descriptorBytes, at, lenBytes) < 0) this.#fault();
  }

  #raise(ownedBefore: number): void {
    const { registers, interrupts, usesMsix } = this.#parts;
    const owned = this.#ring.ownedEntries;
    let causes = owned === 0 && ownedBefore > 0 ? reg.ICR_TXQE.mask : 0;
    const low =
      get(registers.get(reg.TXDCTL + this.#index * reg.QUEUE_STRIDE_BYTES), reg.TXDCTL_LWTHRESH) *
      LOW_THRESHOLD_UNIT_ENTRIES;
    if (ownedBefore > low && owned <= low && low > 0) causes |= reg.ICR_TXD_LOW.mask;
    const cause = usesMsix() ? QUEUE_CAUSE[this.#index]! : reg.ICR_TXDW.mask;
    const isEvery = has(registers.get(reg.IVAR), reg.IVAR_INT_ON_ALL_WRITE_BACKS);
    if (this.#urgent || isEvery) causes |= cause;
    else if (this.#reported && !interrupts.delayed.delayTransmit(cause)) causes |= cause;
    if (causes !== 0) interrupts.raise(causes);
  }

  #fault(): void {
    this.#stop();
    this.#faulted = true;
    this.#parts.statistics.dmaFaults += 1;
  }

  #lower(entry: number): number {
    return this.#descriptors[entry * DESCRIPTOR_WORDS + LOWER_WORD]!;
  }
  /** The transmit half of the packet buffer: what PBA leaves of 40 KiB. */
  #bufferBytes(): number {
    return get(this.#parts.registers.get(reg.PBA), reg.PBA_TXA) * 1024;
  }
}

const isContext = (lower: number): boolean =>
  has(lower, reg.TDESC_CMD_DEXT) && get(lower, reg.TDESC_LOWER_DTYP) === reg.TDESC_DTYP_CONTEXT;

/** CHOICE: a descriptor of a type that does not exist is a data descriptor. */
function payloadOf(lower: number): number {
  if (!has(lower, reg.TDESC_CMD_DEXT)) return get(lower, reg.TDESC_LOWER_LENGTH);
  return isContext(lower) ? 0 : get(lower, reg.TDESC_LOWER_DTALEN);
}
