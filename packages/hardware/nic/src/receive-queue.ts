/**
 * One receive queue: a frame into the buffers of descriptors, and back what became of it. Intel 82574 Datasheet revision
 * 3.4 §7.1.3 "Legacy Receive Descriptor Format", §7.1.4 "Extended Rx Descriptor", §7.1.5 "Packet Split Receive
 * Descriptor", §7.1.8 "Receive Descriptor Queue Structure". Head and tail count 16 bytes in every format.
 *
 * Invariants: payload is written before the descriptor that announces it; after a DMA fault the queue stores nothing
 * until the device is reset; between bursts it holds no descriptor, so software may move the ring.
 *
 * CHOICE: legacy and extended descriptors are fetched and written back as many at a time as a burst has frames, and at
 * most as many as the device has room for (§7.1.6 "Receive Descriptor Fetching", §7.1.7 "Receive Descriptor Write Back");
 * those of packet split one by one. The thresholds of RXDCTL have no effect. A write-back that faults loses frames that
 * were counted.
 *
 * A descriptor whose buffer addresses are all null gets no data: it is written back done and passed over. CHOICE: a frame
 * that for this runs out of descriptors is lost. CHOICE: packet split without RFCTL.EXTEN is the legacy format. CHOICE:
 * what packet split does not split starts in buffer 0; of what it splits, buffer 0 holds the headers alone, of which the
 * frame's first descriptor tells.
 */
import { get, has } from '@bulkhead/bits';
import * as reg from '@bulkhead/intel-82574-datasheet';
import type { DeviceParts } from './device.ts';
import type { PacketBuffer } from './packet-buffer.ts';
import { bufferSizeBytes, type ReceiveReport } from './receive-report.ts';
import { Ring } from './ring.ts';

const LEGACY = 0;
const EXTENDED = 1;
const SPLIT = 2;
const SPLIT_ENTRIES = reg.RDESC_SPLIT_SIZE_BYTES / reg.RDESC_SIZE_BYTES;
const SPLIT_SIZES = [reg.PSRCTL_BSIZE0, reg.PSRCTL_BSIZE1, reg.PSRCTL_BSIZE2, reg.PSRCTL_BSIZE3] as const;
const DESCRIPTOR_WORDS = reg.RDESC_SIZE_BYTES / 4;
/** Of the on-chip descriptor buffer (its size was not checked against the document). */
const FETCH_ENTRIES = 64;
const DONE = reg.RDESC_STATUS_DD.mask;

export class ReceiveQueue {
  readonly ring: Ring;
  isFaulted = false;
  readonly #parts: DeviceParts;
  readonly #buffer: PacketBuffer;
  readonly #report: ReceiveReport;
  readonly #words: Int32Array = new Int32Array(FETCH_ENTRIES * DESCRIPTOR_WORDS);
  readonly #bytes: Uint8Array = new Uint8Array(this.#words.buffer);
  readonly #lengths: Int32Array = new Int32Array(reg.RDESC_SPLIT_BUFFER_COUNT);
  /** Of the frame that is being stored: bytes done, and whether packet split put its headers apart. */
  #done = 0;
  #headerBytes = 0;
  /** Descriptors fetched, the next of them to fill, where the first stands in the ring, and in which format it is. */
  #fetched = 0;
  #next = 0;
  #first = 0;
  #fetchedFormat: number = LEGACY;

  constructor(parts: DeviceParts, index: number, buffer: PacketBuffer, report: ReceiveReport) {
    this.#parts = parts;
    this.#buffer = buffer;
    this.#report = report;
    this.ring = new Ring(parts.registers, reg.RDBAL + index * reg.QUEUE_STRIDE_BYTES);
  }

  /** @returns how many entries of the ring the oldest frame takes, or infinitely many when its buffers hold nothing. */
  get neededEntries(): number {
    const { lenBytes } = this.#buffer;
    if (this.#format !== SPLIT) return Math.ceil(lenBytes / bufferSizeBytes(this.#parts.registers.get(reg.RCTL)));
    const headerBytes = this.#report.headerBytes(this.#sizeOf(0));
    let room = headerBytes === 0 ? this.#sizeOf(0) : 0;
    for (let n = 1; n < SPLIT_SIZES.length; n++) room += this.#sizeOf(n);
    return Math.max(1, Math.ceil((lenBytes - headerBytes) / room)) * SPLIT_ENTRIES;
  }

  /** Writes the oldest frame into as many buffers as it needs. @returns false when it could not. */
  store(): boolean {
    const format = this.#format;
    const stepEntries = format === SPLIT ? SPLIT_ENTRIES : 1;
    const { lenBytes } = this.#buffer;
    this.#done = 0;
    this.#headerBytes = format === SPLIT ? this.#report.headerBytes(this.#sizeOf(0)) : 0;
    while (this.#done < lenBytes) {
      if (this.ring.ownedEntries < stepEntries) return false;
      if (!(format === SPLIT ? this.#storeSplit() : this.#storePlain(format))) {
        this.#fault();
        return false;
      }
      this.ring.advance(stepEntries);
    }
    return true;
  }

  /** The burst is over: what it filled is written back, what it did not will be fetched again. */
  finish(): void {
    if (!this.#writeBack() && !this.isFaulted) this.#fault();
    this.#fetched = 0;
  }
  reset(): void {
    this.isFaulted = false;
    this.#fetched = 0;
    this.#next = 0;
  }

  #fault(): void {
    this.isFaulted = true;
    this.#parts.statistics.dmaFaults += 1;
  }

  /** @returns false on a fault. */
  #fetch(format: number): boolean {
    const { ring } = this;
    if (!this.#writeBack()) return false;
    const { head } = ring;
    const count = Math.min(
      Math.max(1, this.#buffer.count),
      ring.ownedEntries,
      ring.lengthEntries - head,
      FETCH_ENTRIES,
    );
    this.#first = head;
    this.#fetchedFormat = format;
    this.#fetched = ring.read(this.#parts.dma, head, this.#bytes, 0, count * reg.RDESC_SIZE_BYTES) < 0 ? 0 : count;
    return this.#fetched > 0;
  }
  /** Writes back what is filled; of a legacy descriptor not the address, where it comes first. @returns false on a fault. */
  #writeBack(): boolean {
    const count = this.#next;
    this.#next = 0;
    if (count === 0) return true;
    const skip = this.#fetchedFormat === LEGACY ? reg.RDESC_LENGTH : 0;
    const lenBytes = count * reg.RDESC_SIZE_BYTES - skip;
    return this.ring.write(this.#parts.dma, this.#first, skip, this.#bytes, skip, lenBytes) >= 0;
  }

  /** One legacy or extended descriptor: fill its buffer, and note what became of it. @returns false on a fault. */
  #storePlain(format: number): boolean {
    if (this.#next >= this.#fetched && !this.#fetch(format)) return false;
    const words = this.#words;
    const at = this.#next * DESCRIPTOR_WORDS;
    const isNull = words[at] === 0 && words[at + 1] === 0;
    const size = isNull ? 0 : bufferSizeBytes(this.#parts.registers.get(reg.RCTL));
    const isFirst = this.#done === 0;
    const stored = this.#write(words[at]!, words[at + 1]!, size);
    if (stored < 0) return false;
    const isLast = this.#done === this.#buffer.lenBytes;
    if (format === LEGACY) this.#putLegacy(at, stored, isFirst, isLast);
    else this.#putExtended(at, stored, isFirst, isLast);
    this.#next++;
    return true;
  }
  #putLegacy(at: number, lenBytes: number, isFirst: boolean, isLast: boolean): void {
    const { status, checksum, tag } = this.#report;
    const words = this.#words;
    const errors = isLast ? status >>> reg.RDESC_ERRORS_SHIFT : 0;
    words[at + 2] = lenBytes | (isFirst || isLast ? checksum << 16 : 0);
    words[at + 3] = (isLast ? (status & 0xff) | (tag << 16) : DONE) | (errors << 8);
  }
  /** The four words that extended and split descriptors have in common. */
  #putExtended(at: number, lenBytes: number, isFirst: boolean, isLast: boolean): void {
    const { status, mrq, hashOrIdentification, checksum, tag } = this.#report;
    const words = this.#words;
    words[at] = isLast ? mrq : 0;
    words[at + 1] = isLast ? hashOrIdentification : isFirst ? checksum << 16 : 0;
    words[at + 2] = isLast ? status : DONE;
    words[at + 3] = lenBytes | (isLast ? tag << 16 : 0);
  }

  /** One descriptor of packet split. @returns false on a fault. */
  #storeSplit(): boolean {
    const { dma } = this.#parts;
    if (this.ring.read(dma, this.ring.head, this.#bytes, 0, reg.RDESC_SPLIT_SIZE_BYTES) < 0) return false;
    const isFirst = this.#done === 0;
    const isSplit = this.#headerBytes !== 0;
    this.#lengths.fill(0);
    for (let n = 0; n < SPLIT_SIZES.length; n++) {
      const limit = n > 0 || !isSplit ? this.#sizeOf(n) : isFirst ? this.#headerBytes : 0;
      const stored = this.#write(this.#words[2 * n]!, this.#words[2 * n + 1]!, limit);
      if (stored < 0) return false;
      this.#lengths[n] = stored;
    }
    this.#putExtended(0, this.#lengths[0]!, isFirst, this.#done === this.#buffer.lenBytes);
    const header = isSplit && isFirst ? this.#headerBytes | reg.RDESC_SPLIT_HDRSP.mask : 0;
    this.#words[4] = header | (this.#lengths[1]! << 16);
    this.#words[5] = this.#lengths[2]! | (this.#lengths[3]! << 16);
    this.#words[6] = 0;
    this.#words[7] = 0;
    return this.ring.write(dma, this.ring.head, 0, this.#bytes, 0, reg.RDESC_SPLIT_SIZE_BYTES) >= 0;
  }

  /** Writes what comes next, at most `limitBytes` of it, to a buffer. @returns how much, or a negative fault. */
  #write(low: number, high: number, limitBytes: number): number {
    if (low === 0 && high === 0) return 0;
    const { at, bytes, lenBytes } = this.#buffer;
    const count = Math.min(limitBytes, lenBytes - this.#done);
    if (count === 0) return 0;
    const page = (high >>> 0) * 0x10_0000 + (low >>> 12);
    const fault = this.#parts.dma.write(page, low & 0xfff, bytes, at + this.#done, count);
    if (fault < 0) return fault;
    this.#done += count;
    return count;
  }

  get #format(): number {
    const { registers } = this.#parts;
    if (!has(registers.get(reg.RFCTL), reg.RFCTL_EXTEN)) return LEGACY;
    return get(registers.get(reg.RCTL), reg.RCTL_DTYP) === reg.RCTL_DTYP_PACKET_SPLIT ? SPLIT : EXTENDED;
  }
  /** PSRCTL: the size of buffer n. */
  #sizeOf(n: number): number {
    const unitBytes = n === 0 ? reg.PSRCTL_BSIZE0_UNIT_BYTES : reg.PSRCTL_BSIZE_UNIT_BYTES;
    return get(this.#parts.registers.get(reg.PSRCTL), SPLIT_SIZES[n]!) * unitBytes;
  }
}
