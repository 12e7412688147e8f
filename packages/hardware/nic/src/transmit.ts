/**
 * One transmit queue. Intel 82574 Datasheet revision 3.4 §7.2 "Transmit Functionality".
 *
 * A doorbell starts a cycle of two steps: fetch descriptors and plan a burst; when the time of its DMA is over, read
 * the payload, hand the frames to the wire, write back, and plan the next. The wire's own pace bounds how far the
 * queue runs ahead: as far as the transmit half of the packet buffer.
 *
 * Invariants: an alarm is armed exactly while a doorbell or a burst is under way; a queue whose DMA faulted does
 * nothing until the device is reset; nothing in memory makes it throw.
 *
 * DEVIATION: IFCS is ignored, for frames carry no FCS here. CHOICE: a frame longer than 16380 bytes is dropped whole.
 * UNIMPLEMENTED: checksum insertion (IC, IXSM, TXSM), TCP segmentation (TSE), VLAN insertion (VLE), interrupt delay
 * (IDE): such descriptors transmit their bytes as they are. Thresholds of TXDCTL.
 */
import { get, has } from '@bulkhead/bits';
import type { AlarmId } from '@bulkhead/clock';
import * as reg from '@bulkhead/intel-82574-datasheet';
import { BURST_BYTES, type DeviceParts, LONGEST_FRAME_BYTES } from './device.ts';
import { Ring } from './ring.ts';
import { countTransmitted, destinationKind } from './statistics.ts';

const FETCH_ENTRIES = 16;
const DESCRIPTOR_WORDS = reg.TDESC_SIZE_BYTES / 4;
const LOWER_WORD = reg.TDESC_LOWER / 4;
const UPPER_WORD = reg.TDESC_UPPER / 4;
/** IEEE 802.3-2018: preamble 8, FCS 4, gap 12. */
const WIRE_OVERHEAD_BYTES = 24;
const ADDRESSES_BYTES = 12;
const QUEUE_CAUSE: readonly number[] = [reg.ICR_TXQ0.mask, reg.ICR_TXQ1.mask];
const NONE = -1;

export class TransmitQueue {
  readonly #parts: DeviceParts;
  readonly #index: number;
  readonly #ring: Ring;
  readonly #alarm: AlarmId;
  /** When the wire is free, in cycles; shared with the other queue. */
  readonly #wireFreeAt: Float64Array;
  readonly #descriptors: Int32Array = new Int32Array(FETCH_ENTRIES * DESCRIPTOR_WORDS);
  readonly #descriptorBytes: Uint8Array = new Uint8Array(this.#descriptors.buffer);
  readonly #frame: Uint8Array = new Uint8Array(LONGEST_FRAME_BYTES + 4);
  #frameLenBytes = 0;
  #frameTooLong = false;
  /** Descriptors fetched, the next of them to process, and how many are planned for the next alarm. */
  #fetched = 0;
  #next = 0;
  #planned = 0;
  #faulted = false;

  constructor(parts: DeviceParts, index: number, wireFreeAt: Float64Array) {
    this.#parts = parts;
    this.#index = index;
    this.#wireFreeAt = wireFreeAt;
    this.#ring = new Ring(parts.registers, reg.TDBAL + index * reg.QUEUE_STRIDE_BYTES);
    this.#alarm = parts.clock.createAlarm(() => this.#run());
  }

  /** The tail moved, or what held the queue back is gone. */
  poke(): void {
    const { clock, timing } = this.#parts;
    if (clock.isArmed(this.#alarm) || !this.#mayRun() || this.#ring.ownedEntries === 0) return;
    clock.set(this.#alarm, clock.now + timing.doorbellCycles);
  }

  /** Transmission was disabled: a frame that had not ended is forgotten. */
  disable(): void {
    this.#stop();
    this.#frameLenBytes = 0;
    this.#frameTooLong = false;
  }
  reset(): void {
    this.disable();
    this.#faulted = false;
  }

  /** What was fetched and not processed will be fetched again. */
  #stop(): void {
    this.#parts.clock.cancel(this.#alarm);
    this.#fetched = 0;
    this.#next = 0;
    this.#planned = 0;
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
      lenBytes += this.#payloadBytes(this.#lower(this.#next + count));
      count += 1;
    }
    this.#planned = count;
    const latency = (mustFetch ? 2 * timing.dmaReadCycles : 0) + lenBytes * timing.busCyclesPerByte;
    const spareBytes = Math.max(0, this.#bufferBytes() - lenBytes - count * WIRE_OVERHEAD_BYTES);
    const roomAt = this.#wireFreeAt[0]! - spareBytes * timing.wireCyclesPerByte;
    clock.set(this.#alarm, Math.ceil(Math.max(clock.now + latency, roomAt)));
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
    let reportFrom = NONE;
    let reported = false;
    let done = 0;
    for (; done < this.#planned; done++) {
      const entry = first + done;
      const lower = this.#lower(entry);
      if (!this.#accept(entry, lower)) break;
      if (has(lower, reg.TDESC_CMD_RS)) {
        this.#descriptors[entry * DESCRIPTOR_WORDS + UPPER_WORD]! |= reg.TDESC_STA_DD.mask;
        if (reportFrom === NONE) reportFrom = entry;
        reported = true;
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
    this.#raise(reported);
  }

  /** Takes one descriptor. @returns false when its DMA faulted. */
  #accept(entry: number, lower: number): boolean {
    const isExtended = has(lower, reg.TDESC_CMD_DEXT);
    if (isExtended && get(lower, reg.TDESC_LOWER_DTYP) === reg.TDESC_DTYP_CONTEXT) return true;
    const lenBytes = this.#payloadBytes(lower);
    if (this.#frameLenBytes + lenBytes > LONGEST_FRAME_BYTES) this.#frameTooLong = true;
    else if (lenBytes > 0 && !this.#readPayload(entry, lenBytes)) return false;
    if (has(lower, reg.TDESC_CMD_EOP)) this.#endFrame();
    return true;
  }

  #readPayload(entry: number, lenBytes: number): boolean {
    const low = this.#descriptors[entry * DESCRIPTOR_WORDS]!;
    const page = (this.#descriptors[entry * DESCRIPTOR_WORDS + 1]! >>> 0) * 0x10_0000 + (low >>> 12);
    if (this.#parts.dma.read(page, low & 0xfff, this.#frame, this.#frameLenBytes, lenBytes) < 0) {
      this.#fault();
      return false;
    }
    this.#frameLenBytes += lenBytes;
    return true;
  }

  #endFrame(): void {
    const { registers, timing, clock } = this.#parts;
    let lenBytes = this.#frameLenBytes;
    const isSendable = !this.#frameTooLong && lenBytes >= ADDRESSES_BYTES;
    this.#frameLenBytes = 0;
    this.#frameTooLong = false;
    if (!isSendable) return;
    if (lenBytes < reg.FRAME_MIN_BYTES && has(registers.get(reg.TCTL), reg.TCTL_PSP)) {
      this.#frame.fill(0, lenBytes, reg.FRAME_MIN_BYTES);
      lenBytes = reg.FRAME_MIN_BYTES;
    }
    countTransmitted(registers, destinationKind(this.#frame), lenBytes + reg.FRAME_CHECK_SEQUENCE_BYTES);
    this.#parts.statistics.framesTransmitted += 1;
    const start = Math.max(clock.now, this.#wireFreeAt[0]!);
    this.#wireFreeAt[0] = start + (lenBytes + WIRE_OVERHEAD_BYTES) * timing.wireCyclesPerByte;
    this.#parts.send(this.#frame, lenBytes);
  }

  /** Writes back the descriptors `from … to - 1` of those fetched, `index` being the first one's place in the ring. */
  #writeBack(index: number, from: number, to: number): void {
    if (this.#faulted) return;
    const at = from * reg.TDESC_SIZE_BYTES;
    const lenBytes = (to - from) * reg.TDESC_SIZE_BYTES;
    if (this.#ring.write(this.#parts.dma, index, 0, this.#descriptorBytes, at, lenBytes) < 0) this.#fault();
  }

  #raise(reported: boolean): void {
    const { registers, interrupts, usesMsix } = this.#parts;
    let causes = this.#ring.ownedEntries === 0 ? reg.ICR_TXQE.mask : 0;
    if (reported || has(registers.get(reg.IVAR), reg.IVAR_INT_ON_ALL_WRITE_BACKS)) {
      causes |= usesMsix() ? QUEUE_CAUSE[this.#index]! : reg.ICR_TXDW.mask;
    }
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
  #payloadBytes(lower: number): number {
    if (!has(lower, reg.TDESC_CMD_DEXT)) return get(lower, reg.TDESC_LOWER_LENGTH);
    return get(lower, reg.TDESC_LOWER_DTYP) === reg.TDESC_DTYP_CONTEXT ? 0 : get(lower, reg.TDESC_LOWER_DTALEN);
  }
  /** The transmit half of the packet buffer: what PBA leaves of 40 KiB. */
  #bufferBytes(): number {
    return get(this.#parts.registers.get(reg.PBA), reg.PBA_TXA) * 1024;
  }
}
