/**
 * The receive half of the packet buffer: frames that wait for their DMA, each with what was learned when it arrived.
 * Intel 82574 Datasheet revision 3.4 §7.1 "Receive Packet Storage", §10.2.2 "Packet Buffer Allocation - PBA".
 *
 * Invariant: the slot of the n-th oldest frame is `#first + n`, modulo their number, as in the FIFO.
 */
import { get } from '@bulkhead/bits';
import * as reg from '@bulkhead/intel-82574-datasheet';
import { FrameFifo } from '@bulkhead/link';
import { appendFcs } from './crc.ts';
import type { RegisterFile } from './register-file.ts';
import { stripTag, TAG_BYTES, tagOf } from './vlan.ts';

const FRAMES = 1024;
/** How a frame is stored: it passed by hash alone, its tag is taken out, its FCS is kept. */
export const INEXACT = 1;
export const STRIPPED = 2;
export const KEEPS_FCS = 4;

export class PacketBuffer {
  readonly #registers: RegisterFile;
  /** Twice the buffer, so that the gap at its end costs no room. */
  readonly #fifo: FrameFifo = new FrameFifo(2 * reg.PACKET_BUFFER_KIB * 1024, FRAMES);
  readonly #flags: Uint8Array = new Uint8Array(FRAMES);
  readonly #tags: Uint16Array = new Uint16Array(FRAMES);
  #first = 0;
  #usedBytes = 0;

  constructor(registers: RegisterFile) {
    this.#registers = registers;
  }
  /** Where the frames stand. */
  get bytes(): Uint8Array {
    return this.#fifo.bytes;
  }
  get isEmpty(): boolean {
    return this.#fifo.count === 0;
  }
  get count(): number {
    return this.#fifo.count;
  }
  get usedBytes(): number {
    return this.#usedBytes;
  }
  get sizeBytes(): number {
    return get(this.#registers.get(reg.PBA), reg.PBA_RXA) * 1024;
  }
  /** Of the oldest frame: where it starts, how long it is with an FCS that was not stripped, and its tag. */
  get at(): number {
    return this.#fifo.frontAt + this.#strippedBytes;
  }
  get lenBytes(): number {
    return this.#fifo.frontLenBytes - this.#strippedBytes;
  }
  get isInexact(): boolean {
    return (this.#flags[this.#first]! & INEXACT) !== 0;
  }
  get isStripped(): boolean {
    return (this.#flags[this.#first]! & STRIPPED) !== 0;
  }
  get keepsFcs(): boolean {
    return (this.#flags[this.#first]! & KEEPS_FCS) !== 0;
  }
  get tag(): number {
    return this.#tags[this.#first]!;
  }

  /** Stores a frame, padded with zeros to `paddedBytes`. @returns false when there is no room. */
  push(frame: Uint8Array, lenBytes: number, paddedBytes: number, flags: number): boolean {
    const hasFcs = (flags & KEEPS_FCS) !== 0;
    const total = paddedBytes + (hasFcs ? reg.FRAME_CHECK_SEQUENCE_BYTES : 0);
    const at = this.#usedBytes + total > this.sizeBytes ? -1 : this.#fifo.push(frame, lenBytes, total);
    if (at < 0) return false;
    const bytes = this.#fifo.bytes;
    const slot = (this.#first + this.#fifo.count - 1) % FRAMES;
    if (hasFcs) appendFcs(bytes, at, paddedBytes);
    this.#flags[slot] = flags;
    this.#tags[slot] = (flags & STRIPPED) === 0 ? 0 : tagOf(frame);
    if ((flags & STRIPPED) !== 0) stripTag(bytes, at);
    this.#usedBytes += total;
    return true;
  }
  /** Drops the oldest frame. */
  shift(): void {
    this.#usedBytes -= this.#fifo.frontLenBytes;
    this.#fifo.shift();
    this.#first = (this.#first + 1) % FRAMES;
  }
  clear(): void {
    this.#fifo.clear();
    this.#first = 0;
    this.#usedBytes = 0;
  }

  get #strippedBytes(): number {
    return this.isStripped ? TAG_BYTES : 0;
  }
}
