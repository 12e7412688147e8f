/**
 * One requester's way to memory: each page of a transfer is translated by itself, then read or written in RAM, or, where
 * RAM does not answer, on the bus, in the largest naturally aligned pieces. That is how an MSI reaches an interrupt file,
 * and one device another.
 *
 * Allocates nothing per transfer. A transfer ends at the first fault; what came before it was done.
 */
import { ByteCopier } from '@bulkhead/memory';
import type { DmaPort, MessagePort, PhysicalMemoryPort, WidthBytes } from '@bulkhead/ports';
import { TO_MRIF } from './msi-table.ts';
import { DMA_READ, DMA_WRITE } from './request.ts';

const PAGE_SIZE_BYTES = 4096;

/** The memory bus beyond RAM. Values are unsigned; negative is a fault. */
export interface DmaTarget {
  load(page: number, offset: number, widthBytes: WidthBytes): number;
  store(page: number, offset: number, widthBytes: WidthBytes, value: number): number;
}
/** What stands between one requester's addresses and physical ones. */
export interface DmaTranslation {
  /** @returns a physical page, TO_MRIF, or a negative fault. */
  translate(ioPage: number, access: number): number;
  /** Writes an aligned word to the page that was just answered TO_MRIF. @returns 0, or a negative fault. */
  writeMessage(offset: number, data: number): number;
  /** Refuses what was just answered TO_MRIF and is no message. @returns a negative fault. */
  refuse(): number;
}

export class DmaGate implements DmaPort, MessagePort {
  readonly #iommu: DmaTranslation;
  readonly #memory: PhysicalMemoryPort;
  readonly #target: DmaTarget;
  readonly #word: Uint8Array = new Uint8Array(4);
  readonly #copier: ByteCopier = new ByteCopier();

  constructor(iommu: DmaTranslation, memory: PhysicalMemoryPort, target: DmaTarget) {
    this.#iommu = iommu;
    this.#memory = memory;
    this.#target = target;
  }

  read(page: number, offset: number, into: Uint8Array, at: number, lenBytes: number): number {
    return this.#transfer(page, offset, into, at, lenBytes, DMA_READ);
  }
  write(page: number, offset: number, from: Uint8Array, at: number, lenBytes: number): number {
    return this.#transfer(page, offset, from, at, lenBytes, DMA_WRITE);
  }
  send(page: number, offset: number, data: number): number {
    const word = this.#word;
    word[0] = data;
    word[1] = data >>> 8;
    word[2] = data >>> 16;
    word[3] = data >>> 24;
    return this.#transfer(page, offset, word, 0, 4, DMA_WRITE);
  }

  #transfer(page: number, offset: number, bytes: Uint8Array, at: number, lenBytes: number, access: number): number {
    let ioPage = unsignedPage(page + Math.floor(offset / PAGE_SIZE_BYTES));
    let start = offset & (PAGE_SIZE_BYTES - 1);
    let done = 0;
    while (done < lenBytes) {
      const lengthBytes = Math.min(lenBytes - done, PAGE_SIZE_BYTES - start);
      const physical = this.#iommu.translate(ioPage, access);
      if (physical === TO_MRIF) return this.#message(start, bytes, at, lenBytes, access);
      if (physical < 0) return physical;
      const result = this.#memory.holdsPage(physical)
        ? this.#transferRam(physical, start, bytes, at + done, lengthBytes, access)
        : this.#transferBus(physical, start, bytes, at + done, lengthBytes, access);
      if (result < 0) return result;
      done += lengthBytes;
      ioPage++;
      start = 0;
    }
    return 0;
  }
  /** AIA 1.0, chapter 8, "MSI PTE, MRIF mode": 32 bits, aligned, and nothing else. */
  #message(start: number, bytes: Uint8Array, at: number, lenBytes: number, access: number): number {
    if (lenBytes !== 4 || (start & 3) !== 0) return this.#iommu.refuse();
    if (access === DMA_READ) return unpack(0, bytes, at, 4);
    return this.#iommu.writeMessage(start, pack(bytes, at, 4) | 0);
  }
  #transferRam(page: number, start: number, bytes: Uint8Array, at: number, lenBytes: number, access: number): number {
    const ram = this.#memory.bytes;
    const base = (page - this.#memory.basePage) * PAGE_SIZE_BYTES + start;
    if (access === DMA_READ) this.#copier.copy(bytes, at, ram, base, lenBytes);
    else this.#copier.copy(ram, base, bytes, at, lenBytes);
    return 0;
  }
  #transferBus(page: number, start: number, bytes: Uint8Array, at: number, lenBytes: number, access: number): number {
    let done = 0;
    while (done < lenBytes) {
      const offset = start + done;
      const widthBytes = widthAt(offset, lenBytes - done);
      const result =
        access === DMA_READ
          ? unpack(this.#target.load(page, offset, widthBytes), bytes, at + done, widthBytes)
          : this.#target.store(page, offset, widthBytes, pack(bytes, at + done, widthBytes));
      if (result < 0) return result;
      done += widthBytes;
    }
    return 0;
  }
}

/** A device issues 64 bits: a page below 0 is one of the upper half. */
const unsignedPage = (page: number): number => (page < 0 ? page + 2 ** 52 : page);

const widthAt = (offset: number, lenBytes: number): WidthBytes => {
  if ((offset & 3) === 0 && lenBytes >= 4) return 4;
  return (offset & 1) === 0 && lenBytes >= 2 ? 2 : 1;
};
/** @returns the little-endian value of `widthBytes` bytes, unsigned. */
const pack = (bytes: Uint8Array, at: number, widthBytes: WidthBytes): number => {
  let value = 0;
  for (let i = widthBytes - 1; i >= 0; i--) value = (value << 8) | bytes[at + i]!;
  return value >>> 0;
};
/** Puts a loaded value in place. @returns 0, or the fault that came instead of a value. */
const unpack = (value: number, bytes: Uint8Array, at: number, widthBytes: WidthBytes): number => {
  if (value < 0) return value;
  for (let i = 0; i < widthBytes; i++) bytes[at + i] = value >>> (8 * i);
  return 0;
};
