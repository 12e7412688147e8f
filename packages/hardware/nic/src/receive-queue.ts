/**
 * One receive queue: a frame into the buffers of descriptors, and back what became of it. Intel 82574 Datasheet revision
 * 3.4 §7.1.3 "Legacy Receive Descriptor Format", §7.1.4 "Extended Rx Descriptor", §7.1.5 "Packet Split Receive
 * Descriptor", §7.1.8 "Receive Descriptor Queue Structure". Head and tail count 16 bytes in every format.
 *
 * Invariants: payload is written before the descriptor that announces it; after a DMA fault the queue stores nothing
 * until the device is reset.
 *
 * A descriptor whose buffer addresses are all null gets no data: it is written back done and passed over. CHOICE: a frame
 * that for this runs out of descriptors is lost. CHOICE: packet split without RFCTL.EXTEN is the legacy format. CHOICE:
 * what packet split does not split starts in buffer 0; of what it splits, buffer 0 holds the headers alone.
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
const LEGACY_WRITE_BACK_BYTES = reg.RDESC_SIZE_BYTES - reg.RDESC_LENGTH;
const DONE = reg.RDESC_STATUS_DD.mask;

export class ReceiveQueue {
  readonly ring: Ring;
  isFaulted = false;
  readonly #parts: DeviceParts;
  readonly #buffer: PacketBuffer;
  readonly #report: ReceiveReport;
  readonly #words: Int32Array = new Int32Array(reg.RDESC_SPLIT_SIZE_BYTES / 4);
  readonly #bytes: Uint8Array = new Uint8Array(this.#words.buffer);
  readonly #lengths: Int32Array = new Int32Array(reg.RDESC_SPLIT_BUFFER_COUNT);
  /** Of the frame that is being stored: bytes done, and whether packet split put its headers apart. */
  #done = 0;
  #headerBytes = 0;

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
        this.isFaulted = true;
        this.#parts.statistics.dmaFaults += 1;
        return false;
      }
      this.ring.advance(stepEntries);
    }
    return true;
  }

  /** One legacy or extended descriptor: read it, write its buffer, write it back. @returns false on a fault. */
  #storePlain(format: number): boolean {
    const { dma, registers } = this.#parts;
    const words = this.#words;
    if (this.ring.read(dma, this.ring.head, this.#bytes, 0, reg.RDESC_SIZE_BYTES) < 0) return false;
    const isNull = words[0] === 0 && words[1] === 0;
    const size = isNull ? 0 : bufferSizeBytes(registers.get(reg.RCTL));
    const isFirst = this.#done === 0;
    const stored = this.#write(words[0]!, words[1]!, size);
    if (stored < 0) return false;
    const isLast = this.#done === this.#buffer.lenBytes;
    return format === LEGACY
      ? this.#reportLegacy(stored, isFirst, isLast)
      : this.#reportExtended(stored, isFirst, isLast);
  }
  #reportLegacy(lenBytes: number, isFirst: boolean, isLast: boolean): boolean {
    const { status, checksum, tag } = this.#report;
    const words = this.#words;
    const errors = isLast ? status >>> reg.RDESC_ERRORS_SHIFT : 0;
    words[2] = lenBytes | (isFirst || isLast ? checksum << 16 : 0);
    words[3] = (isLast ? (status & 0xff) | (tag << 16) : DONE) | (errors << 8);
    const at = reg.RDESC_LENGTH;
    return this.ring.write(this.#parts.dma, this.ring.head, at, this.#bytes, at, LEGACY_WRITE_BACK_BYTES) >= 0;
  }
  #reportExtended(lenBytes: number, isFirst: boolean, isLast: boolean): boolean {
    this.#putExtended(lenBytes, isFirst, isLast);
    return this.ring.write(this.#parts.dma, this.ring.head, 0, this.#bytes, 0, reg.RDESC_SIZE_BYTES) >= 0;
  }
  /** The four words that extended and split descriptors have in common. */
  #putExtended(lenBytes: number, isFirst: boolean, isLast: boolean): void {
    const { status, mrq, hashOrIdentification, checksum, tag } = this.#report;
    const words = this.#words;
    words[0] = isLast ? mrq : 0;
    words[1] = isLast ? hashOrIdentification : isFirst ? checksum << 16 : 0;
    words[2] = isLast ? status : DONE;
    words[3] = lenBytes | (isLast ? tag << 16 : 0);
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
    this.#putExtended(this.#lengths[0]!, isFirst, this.#done === this.#buffer.lenBytes);
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
