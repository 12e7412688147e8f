/**
 * The receiver: filters, packet buffer, and the two receive queues. Intel 82574 Datasheet revision 3.4 §7.1
 * "Receive Functionality".
 *
 * A frame that passes the filters stands in the packet buffer until its DMA time is over and its ring has room. A
 * frame without descriptors waits there (RNBC) and holds back those behind it; one that finds the buffer full is
 * missed (MPC, RXO).
 *
 * Invariants: the alarm is armed exactly while the oldest frame can go; payload is written before the descriptor that
 * announces it; nothing in memory makes it throw.
 *
 * CHOICE: a frame that needs more descriptors than its ring can ever hold is missed. CHOICE: after a DMA fault a queue
 * drops its frames until the device is reset.
 * UNIMPLEMENTED: checksum verification (IXSM is set) and packet checksum (0), VLAN stripping, packet split (PSRCTL),
 * small-packet and ACK detection, pause frames, thresholds of RXDCTL. Bad frames do not exist here (SBP has no effect).
 */
import { get, has } from '@bulkhead/bits';
import type { AlarmId } from '@bulkhead/clock';
import * as reg from '@bulkhead/intel-82574-datasheet';
import { FrameFifo } from '@bulkhead/link';
import { appendFcs } from './crc.ts';
import { BURST_BYTES, type DeviceParts, LONGEST_FRAME_BYTES } from './device.ts';
import { filter, PASSED_INEXACTLY, REJECTED } from './filter.ts';
import { Ring } from './ring.ts';
import { Rss } from './rss.ts';
import { countReceived, destinationKind } from './statistics.ts';

const PACKET_BUFFER_BYTES = reg.PACKET_BUFFER_KIB * 1024;
const PACKET_BUFFER_FRAMES = 1024;
const HEADER_BYTES = 14;
const QUEUE_CAUSE: readonly number[] = [reg.ICR_RXQ0.mask, reg.ICR_RXQ1.mask];
const STATUS_EVERY = reg.RDESC_STATUS_DD.mask;
const STATUS_LAST = reg.RDESC_STATUS_DD.mask | reg.RDESC_STATUS_EOP.mask | reg.RDESC_STATUS_IXSM.mask;
const LEGACY_WRITE_BACK_BYTES = reg.RDESC_SIZE_BYTES - reg.RDESC_LENGTH;

export class Receiver {
  readonly #parts: DeviceParts;
  readonly #alarm: AlarmId;
  readonly #rings: readonly Ring[];
  readonly #rss: Rss;
  /** Twice the buffer, so that the gap at its end costs no room. */
  readonly #fifo: FrameFifo = new FrameFifo(2 * PACKET_BUFFER_BYTES, PACKET_BUFFER_FRAMES);
  readonly #inexact: Uint8Array = new Uint8Array(PACKET_BUFFER_FRAMES);
  readonly #descriptor: Int32Array = new Int32Array(reg.RDESC_SIZE_BYTES / 4);
  readonly #descriptorBytes: Uint8Array = new Uint8Array(this.#descriptor.buffer);
  readonly #faulted: Uint8Array = new Uint8Array(reg.QUEUE_COUNT);
  #usedBytes = 0;
  #firstSlot = 0;
  /** The oldest frame has been counted in RNBC. */
  #isStarved = false;
  #causes = 0;

  constructor(parts: DeviceParts) {
    this.#parts = parts;
    this.#rss = new Rss(parts.registers);
    this.#rings = [0, 1].map((queue) => new Ring(parts.registers, reg.RDBAL + queue * reg.QUEUE_STRIDE_BYTES));
    this.#alarm = parts.clock.createAlarm(() => this.#run());
  }

  /** A frame arrives. */
  arrive(frame: Uint8Array, lenBytes: number): void {
    const { registers } = this.#parts;
    const rctl = registers.get(reg.RCTL);
    if (!has(rctl, reg.RCTL_EN) || lenBytes < HEADER_BYTES) return;
    const verdict = filter(registers, frame, lenBytes);
    if (verdict === REJECTED) return;
    const longest = has(rctl, reg.RCTL_LPE) ? LONGEST_FRAME_BYTES : reg.FRAME_MAX_BYTES;
    if (lenBytes > longest) registers.count(reg.ROC);
    else this.#store(frame, lenBytes, verdict, has(rctl, reg.RCTL_SECRC));
  }

  /** Descriptors were added, or what held the queue back is gone. */
  poke(): void {
    const { clock, timing } = this.#parts;
    if (this.#fifo.count === 0 || clock.isArmed(this.#alarm)) return;
    const latency = timing.dmaWriteCycles + this.#fifo.frontLenBytes * timing.busCyclesPerByte;
    clock.set(this.#alarm, Math.ceil(clock.now + latency));
  }

  reset(): void {
    this.#parts.clock.cancel(this.#alarm);
    this.#fifo.clear();
    this.#faulted.fill(0);
    this.#usedBytes = 0;
    this.#firstSlot = 0;
    this.#isStarved = false;
  }

  #store(frame: Uint8Array, lenBytes: number, verdict: number, strips: boolean): void {
    const { registers } = this.#parts;
    const padded = Math.max(lenBytes, reg.FRAME_MIN_BYTES);
    const total = padded + (strips ? 0 : reg.FRAME_CHECK_SEQUENCE_BYTES);
    const at = this.#usedBytes + total > this.#bufferBytes() ? -1 : this.#fifo.push(frame, lenBytes, total);
    if (at < 0) {
      this.#miss();
      return;
    }
    if (!strips) appendFcs(this.#fifo.bytes, at, padded);
    if (lenBytes < padded) registers.count(reg.RUC);
    this.#usedBytes += total;
    this.#inexact[(this.#firstSlot + this.#fifo.count - 1) % PACKET_BUFFER_FRAMES] =
      verdict === PASSED_INEXACTLY ? 1 : 0;
    countReceived(registers, destinationKind(frame), padded + reg.FRAME_CHECK_SEQUENCE_BYTES);
    if (!this.#isStarved) this.poke();
  }

  #miss(): void {
    this.#parts.registers.count(reg.MPC);
    this.#parts.statistics.framesMissed += 1;
    this.#parts.interrupts.raise(reg.ICR_RXO.mask);
  }

  /** Moves a burst to memory, then raises what it caused. */
  #run(): void {
    const { clock, timing, interrupts, mayMaster } = this.#parts;
    let moved = 0;
    let goesOn = mayMaster();
    while (goesOn && this.#fifo.count > 0 && moved < BURST_BYTES) {
      moved += this.#fifo.frontLenBytes;
      goesOn = this.#deliver();
    }
    const causes = this.#causes;
    this.#causes = 0;
    if (goesOn && this.#fifo.count > 0) {
      clock.set(this.#alarm, Math.ceil(clock.now + this.#fifo.frontLenBytes * timing.busCyclesPerByte));
    }
    if (causes !== 0) interrupts.raise(causes);
  }

  /** Delivers or drops the oldest frame. @returns false when it must wait. */
  #deliver(): boolean {
    const { registers } = this.#parts;
    const { frontAt, frontLenBytes } = this.#fifo;
    const queue = this.#rss.classify(this.#fifo.bytes, frontAt, frontLenBytes);
    const ring = this.#rings[queue]!;
    const needed = Math.ceil(frontLenBytes / this.#bufferSizeBytes());
    if (this.#faulted[queue] !== 0) return this.#drop();
    if (ring.lengthEntries > 0 && needed >= ring.lengthEntries) return this.#drop();
    const owned = ring.ownedEntries;
    if (owned < needed) {
      if (!this.#isStarved) registers.count(reg.RNBC);
      this.#isStarved = true;
      return false;
    }
    if (!this.#scatter(queue, ring, needed)) return this.#drop();
    this.#parts.statistics.framesReceived += 1;
    this.#causes |= this.#parts.usesMsix() ? QUEUE_CAUSE[queue]! : reg.ICR_RXT0.mask;
    const threshold = ring.lengthEntries >>> (1 + get(registers.get(reg.RCTL), reg.RCTL_RDMTS));
    if (owned > threshold && owned - needed <= threshold) this.#causes |= reg.ICR_RXDMT0.mask;
    this.#shift();
    return true;
  }

  #drop(): boolean {
    this.#shift();
    this.#miss();
    return true;
  }
  #shift(): void {
    this.#usedBytes -= this.#fifo.frontLenBytes;
    this.#fifo.shift();
    this.#firstSlot = (this.#firstSlot + 1) % PACKET_BUFFER_FRAMES;
    this.#isStarved = false;
  }

  /** Writes the oldest frame into as many buffers as it needs. @returns false when DMA faulted. */
  #scatter(queue: number, ring: Ring, needed: number): boolean {
    const size = this.#bufferSizeBytes();
    const { frontAt, frontLenBytes } = this.#fifo;
    for (let i = 0; i < needed; i++) {
      const lenBytes = Math.min(size, frontLenBytes - i * size);
      if (!this.#fill(queue, ring, frontAt + i * size, lenBytes, i === needed - 1)) {
        this.#faulted[queue] = 1;
        this.#parts.statistics.dmaFaults += 1;
        return false;
      }
      ring.advance(1);
    }
    return true;
  }

  /** One descriptor: read it, write its buffer, write it back. */
  #fill(queue: number, ring: Ring, at: number, lenBytes: number, isLast: boolean): boolean {
    const { dma, registers } = this.#parts;
    const index = ring.head;
    if (ring.read(dma, index, this.#descriptorBytes, 0, reg.RDESC_SIZE_BYTES) < 0) return false;
    const low = this.#descriptor[0]!;
    const page = (this.#descriptor[1]! >>> 0) * 0x10_0000 + (low >>> 12);
    if (dma.write(page, low & 0xfff, this.#fifo.bytes, at, lenBytes) < 0) return false;
    const inexact = isLast && this.#inexact[this.#firstSlot] !== 0 ? reg.RDESC_STATUS_PIF.mask : 0;
    const status = (isLast ? STATUS_LAST : STATUS_EVERY) | inexact;
    if (has(registers.get(reg.RFCTL), reg.RFCTL_EXTEN)) return this.#reportExtended(queue, ring, lenBytes, status);
    this.#descriptor[reg.RDESC_LENGTH / 4] = lenBytes; // the packet checksum above it is 0
    this.#descriptor[reg.RDESC_STATUS / 4] = status;
    return (
      ring.write(dma, index, reg.RDESC_LENGTH, this.#descriptorBytes, reg.RDESC_LENGTH, LEGACY_WRITE_BACK_BYTES) >= 0
    );
  }

  #reportExtended(queue: number, ring: Ring, lenBytes: number, status: number): boolean {
    const { dma } = this.#parts;
    this.#descriptor[reg.RDESC_EXT_MRQ / 4] = (queue << reg.RDESC_MRQ_QUEUE.shift) | this.#rss.type;
    this.#descriptor[reg.RDESC_EXT_RSS_HASH / 4] = this.#rss.hash;
    this.#descriptor[reg.RDESC_EXT_STATUS_ERROR / 4] = status;
    this.#descriptor[reg.RDESC_EXT_LENGTH / 4] = lenBytes;
    return ring.write(dma, ring.head, 0, this.#descriptorBytes, 0, reg.RDESC_SIZE_BYTES) >= 0;
  }

  /** RCTL.BSIZE, BSEX and FLXBUF. */
  #bufferSizeBytes(): number {
    const rctl = this.#parts.registers.get(reg.RCTL);
    const flexible = get(rctl, reg.RCTL_FLXBUF);
    if (flexible !== 0) return flexible * 1024;
    return (2048 >>> get(rctl, reg.RCTL_BSIZE)) * (has(rctl, reg.RCTL_BSEX) ? 16 : 1);
  }
  /** The receive half of the packet buffer. */
  #bufferBytes(): number {
    return get(this.#parts.registers.get(reg.PBA), reg.PBA_RXA) * 1024;
  }
}
