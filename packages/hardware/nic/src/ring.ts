/**
 * A descriptor ring in memory, seen through its registers. Intel 82574 Datasheet revision 3.4 §7.1 "Receive
 * Descriptor Queue Structure", §7.2 "Transmit Descriptor Ring Structure". Both kinds lay their registers out alike.
 *
 * The hardware owns the descriptors from head up to, not including, tail. CHOICE: a ring whose head or tail lies beyond
 * its length is empty until software mends it.
 */
import * as reg from '@bulkhead/intel-82574-datasheet';
import type { DmaPort } from '@bulkhead/ports';
import type { RegisterFile } from './register-file.ts';

const BASE_HIGH = (reg.TDBAH - reg.TDBAL) / 4;
const LENGTH = (reg.TDLEN - reg.TDBAL) / 4;
const HEAD = (reg.TDH - reg.TDBAL) / 4;
const TAIL = (reg.TDT - reg.TDBAL) / 4;
const DESCRIPTOR_SHIFT = 4; // 16 bytes

export class Ring {
  readonly #words: Int32Array;
  readonly #base: number;

  /** @param baseOffset of RDBAL or TDBAL of the queue. */
  constructor(registers: RegisterFile, baseOffset: number) {
    this.#words = registers.words;
    this.#base = baseOffset >>> 2;
  }

  get lengthEntries(): number {
    return this.#words[this.#base + LENGTH]! >>> DESCRIPTOR_SHIFT;
  }
  get head(): number {
    return this.#words[this.#base + HEAD]!;
  }
  /** @returns how many descriptors the hardware owns. */
  get ownedEntries(): number {
    const length = this.lengthEntries;
    const head = this.head;
    const tail = this.#words[this.#base + TAIL]!;
    if (head >= length || tail >= length) return 0;
    return tail >= head ? tail - head : tail - head + length;
  }

  /** Moves the head over `count` descriptors, at most the ring's length. A ring that was taken away meanwhile stays. */
  advance(count: number): void {
    const length = this.lengthEntries;
    if (length === 0) return;
    const head = this.head + count;
    this.#words[this.#base + HEAD] = head >= length ? head - length : head;
  }

  /** Reads part of descriptors in memory. @returns 0, or a negative fault. */
  read(dma: DmaPort, index: number, into: Uint8Array, at: number, lenBytes: number): number {
    const offset = this.#offsetOf(index, 0);
    return dma.read(this.#page + (offset >>> 12), offset & 0xfff, into, at, lenBytes);
  }
  /** Writes back part of descriptors, from byte `skipBytes` of the first. @returns 0, or a negative fault. */
  write(dma: DmaPort, index: number, skipBytes: number, from: Uint8Array, at: number, lenBytes: number): number {
    const offset = this.#offsetOf(index, skipBytes);
    return dma.write(this.#page + (offset >>> 12), offset & 0xfff, from, at, lenBytes);
  }

  get #page(): number {
    return (this.#words[this.#base + BASE_HIGH]! >>> 0) * 0x10_0000 + (this.#words[this.#base]! >>> 12);
  }
  #offsetOf(index: number, skipBytes: number): number {
    return (this.#words[this.#base]! & 0xff0) + (index << DESCRIPTOR_SHIFT) + skipBytes;
  }
}
