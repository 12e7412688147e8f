/**
 * The memory bus: a physical page is RAM, or a device's, or nobody's.
 *
 * It is asked by page and offset, so that no address above 2^31 is made on the way. What it cannot do is answered
 * with a negative number and never thrown: the access fault is raised by whoever issued the access.
 *
 * Invariant: ranges do not overlap, neither each other nor RAM; `#last` is the index of some range, or -1 for none.
 */
import { PAGE_SIZE_BYTES } from '@bulkhead/address';
import type { PhysicalMemoryPort, RegisterDevice, WidthBytes } from '@bulkhead/ports';
import { invariant } from '@bulkhead/result';

/**
 * In place of a value: nobody answered, or not in that way. Unprivileged ISA 20191213 §1.4 "Memory": an access to a
 * vacant place raises an access fault. What an accepted access reads is unsigned, so one comparison finds it.
 */
export const BUS_ACCESS_FAULT = -1;

export interface BusOptions {
  readonly memory: PhysicalMemoryPort;
}

interface Range {
  readonly basePage: number;
  readonly pageCount: number;
  readonly device: RegisterDevice;
}

export class Bus {
  readonly memory: PhysicalMemoryPort;
  /** Accesses that reached a device since construction; RAM is not counted. */
  accessCount = 0;
  readonly #ranges: Range[] = [];
  /** CHOICE: a linear search with the last hit first. A board has a dozen ranges and a driver stays in one of them. */
  #last = -1;

  constructor({ memory }: BusOptions) {
    this.memory = memory;
  }

  /** Puts a device behind `pageCount` pages. @throws InvariantError when they are not free: a wrong board, not a guest. */
  attach(basePage: number, pageCount: number, device: RegisterDevice): void {
    invariant(Number.isSafeInteger(basePage) && basePage >= 0, 'a device begins at a page');
    invariant(Number.isSafeInteger(pageCount) && pageCount > 0, 'a device has at least one page');
    const end = basePage + pageCount;
    const free = (base: number, count: number): boolean => end <= base || base + count <= basePage;
    invariant(free(this.memory.basePage, this.memory.pageCount), 'a device may not stand in RAM');
    invariant(
      this.#ranges.every((range) => free(range.basePage, range.pageCount)),
      'two devices may not share a page',
    );
    this.#ranges.push({ basePage, pageCount, device });
  }

  /** @returns true when RAM or a device answers at this page. */
  holds(page: number): boolean {
    return this.memory.holdsPage(page) || this.#find(page);
  }

  /** @returns the little-endian value, unsigned, or BUS_ACCESS_FAULT. */
  load(page: number, offset: number, widthBytes: WidthBytes): number {
    if (this.memory.holdsPage(page)) return this.#loadRam(page, offset, widthBytes);
    if (!isAligned(offset, widthBytes) || !this.#find(page)) return BUS_ACCESS_FAULT;
    const range = this.#ranges[this.#last]!;
    this.accessCount++;
    return range.device.read((page - range.basePage) * PAGE_SIZE_BYTES + offset, widthBytes) >>> 0;
  }

  /** Stores the low bytes of `value`. @returns 0, or BUS_ACCESS_FAULT. */
  store(page: number, offset: number, widthBytes: WidthBytes, value: number): number {
    if (this.memory.holdsPage(page)) return this.#storeRam(page, offset, widthBytes, value);
    if (!isAligned(offset, widthBytes) || !this.#find(page)) return BUS_ACCESS_FAULT;
    const range = this.#ranges[this.#last]!;
    this.accessCount++;
    const mask = widthBytes === 4 ? 0xffffffff : (1 << (8 * widthBytes)) - 1;
    range.device.write((page - range.basePage) * PAGE_SIZE_BYTES + offset, widthBytes, (value & mask) >>> 0);
    return 0;
  }

  /** Eight bytes: the low word into `into[0]`, the high one into `into[1]`. @returns 0, or BUS_ACCESS_FAULT. */
  loadDoubleword(page: number, offset: number, into: Int32Array): number {
    if (this.memory.holdsPage(page)) return this.#loadRamDoubleword(page, offset, into);
    if (!isAligned(offset, 8) || !this.#find(page)) return BUS_ACCESS_FAULT;
    const { device, basePage } = this.#ranges[this.#last]!;
    const at = (page - basePage) * PAGE_SIZE_BYTES + offset;
    this.accessCount++;
    if (device.readDoubleword !== undefined) {
      device.readDoubleword(at, into);
      return 0;
    }
    into[0] = device.read(at, 4);
    into[1] = device.read(at + 4, 4);
    return 0;
  }

  /** Stores eight bytes. @returns 0, or BUS_ACCESS_FAULT. */
  storeDoubleword(page: number, offset: number, lo: number, hi: number): number {
    if (this.memory.holdsPage(page)) return this.#storeRamDoubleword(page, offset, lo, hi);
    if (!isAligned(offset, 8) || !this.#find(page)) return BUS_ACCESS_FAULT;
    const { device, basePage } = this.#ranges[this.#last]!;
    const at = (page - basePage) * PAGE_SIZE_BYTES + offset;
    this.accessCount++;
    if (device.writeDoubleword !== undefined) {
      device.writeDoubleword(at, lo, hi);
      return 0;
    }
    device.write(at, 4, lo >>> 0);
    device.write(at + 4, 4, hi >>> 0);
    return 0;
  }

  /** Makes `#last` the range of `page`. @returns false when no device has it. */
  #find(page: number): boolean {
    const ranges = this.#ranges;
    if (this.#last >= 0 && isIn(ranges[this.#last]!, page)) return true;
    for (let i = 0; i < ranges.length; i++) {
      if (isIn(ranges[i]!, page)) {
        this.#last = i;
        return true;
      }
    }
    return false;
  }

  #loadRam(page: number, offset: number, widthBytes: WidthBytes): number {
    if (!isInPage(offset, widthBytes)) return BUS_ACCESS_FAULT;
    const at = (page - this.memory.basePage) * PAGE_SIZE_BYTES + offset;
    if (widthBytes === 4 && (offset & 3) === 0) return this.memory.words[at / 4]! >>> 0;
    let value = 0;
    for (let i = widthBytes - 1; i >= 0; i--) value = value * 0x100 + this.memory.bytes[at + i]!;
    return value;
  }

  #storeRam(page: number, offset: number, widthBytes: WidthBytes, value: number): number {
    if (!isInPage(offset, widthBytes)) return BUS_ACCESS_FAULT;
    const at = (page - this.memory.basePage) * PAGE_SIZE_BYTES + offset;
    if (widthBytes === 4 && (offset & 3) === 0) this.memory.words[at / 4] = value;
    else for (let i = 0; i < widthBytes; i++) this.memory.bytes[at + i] = value >>> (8 * i);
    return 0;
  }
  #loadRamDoubleword(page: number, offset: number, into: Int32Array): number {
    if (!isInPage(offset, 8)) return BUS_ACCESS_FAULT;
    into[0] = this.#loadRam(page, offset, 4);
    into[1] = this.#loadRam(page, offset + 4, 4);
    return 0;
  }
  #storeRamDoubleword(page: number, offset: number, lo: number, hi: number): number {
    if (!isInPage(offset, 8)) return BUS_ACCESS_FAULT;
    this.#storeRam(page, offset, 4, lo);
    return this.#storeRam(page, offset + 4, 4, hi);
  }
}

const isIn = (range: Range, page: number): boolean => {
  const index = page - range.basePage;
  return index >= 0 && index < range.pageCount;
};

/** CHOICE: no device range takes misaligned accesses. Privileged ISA 20211203 §3.6.2 "Supported Access Type PMAs". */
const isAligned = (offset: number, widthBytes: number): boolean =>
  (offset & (widthBytes - 1)) === 0 && isInPage(offset, widthBytes);

/** An access that crosses a page is two translations, so its issuer splits it. */
const isInPage = (offset: number, widthBytes: number): boolean => offset >= 0 && offset + widthBytes <= PAGE_SIZE_BYTES;
