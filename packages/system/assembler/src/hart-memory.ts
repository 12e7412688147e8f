/**
 * A component's address space, as the hart sees it: every access goes through the MMU, under whatever address space and
 * mode the hart is in, and from there to RAM or to a device on the bus.
 *
 * Only the MMU judges. An access that it refuses ends the component: `fault` does not return. Refills of the TLB are
 * charged as the walks that really happened; a device access is charged before the device is touched.
 *
 * `skewBytes` is the injected fault: a number that is added to the address of every store while it is not 0, as a
 * component with a broken pointer would.
 */
import type { Charge } from '@bulkhead/ledger';
import type { Life } from '@bulkhead/microkernel';
import type { PhysicalMemoryPort, WidthBytes } from '@bulkhead/ports';
import type { MemoryPort } from '@bulkhead/runtime';

const FETCH = 0;
const LOAD = 1;
const STORE = 2;
const PAGE_SIZE_BYTES = 4096;
const LINE_BYTES = 64;

/** What the memory port needs of the MMU. */
export interface Translator {
  /** @returns the physical page, or a negative fault. */
  translate(vpn: number, access: number): number;
  readonly missCount: number;
}
export interface DeviceBus {
  load(page: number, offset: number, widthBytes: WidthBytes): number;
  store(page: number, offset: number, widthBytes: WidthBytes, value: number): number;
}

export interface HartMemoryOptions {
  readonly mmu: Translator;
  readonly ram: PhysicalMemoryPort;
  readonly bus: DeviceBus;
  readonly life: Life;
  /** The component's work: it may be interrupted here. */
  readonly charge: Charge;
  /** TLB refills: never interrupted, for a translation is in the making. */
  readonly refillCharge: Charge;
  readonly primitives: HartMemoryPrimitives;
  /** Ends the component for an access to `page` and `offset`; throws. */
  readonly fault: (page: number, offset: number, store: boolean) => never;
}
export interface HartMemoryPrimitives {
  readonly tlbRefill: number;
  readonly copyLine: number;
  readonly checksumLine: number;
  readonly mmioRead: number;
  readonly mmioWrite: number;
}

export class HartMemory implements MemoryPort {
  /** Added to the address of every store. 0 in a healthy component. */
  skewBytes = 0;
  readonly #mmu: Translator;
  readonly #bus: DeviceBus;
  readonly #life: Life;
  readonly #charge: Charge;
  readonly #refillCharge: Charge;
  readonly #primitives: HartMemoryPrimitives;
  readonly #fault: (page: number, offset: number, store: boolean) => never;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #basePage: number;
  readonly #pageCount: number;

  constructor({ mmu, ram, bus, life, charge, refillCharge, primitives, fault }: HartMemoryOptions) {
    this.#mmu = mmu;
    this.#bus = bus;
    this.#life = life;
    this.#charge = charge;
    this.#refillCharge = refillCharge;
    this.#primitives = primitives;
    this.#fault = fault;
    this.#bytes = ram.bytes;
    this.#view = new DataView(ram.bytes.buffer, ram.bytes.byteOffset, ram.bytes.byteLength);
    this.#basePage = ram.basePage;
    this.#pageCount = ram.pageCount;
  }

  load8(page: number, offset: number): number {
    const ppn = this.#translate(page, offset, LOAD, 1);
    const at = this.#ramAt(ppn, offset);
    return at >= 0 ? this.#bytes[at]! : this.#loadDevice(page, offset, 1);
  }
  load16(page: number, offset: number): number {
    const ppn = this.#translate(page, offset, LOAD, 2);
    const at = this.#ramAt(ppn, offset);
    return at >= 0 ? this.#view.getUint16(at, true) : this.#loadDevice(page, offset, 2);
  }
  load32(page: number, offset: number): number {
    const ppn = this.#translate(page, offset, LOAD, 4);
    const at = this.#ramAt(ppn, offset);
    return at >= 0 ? this.#view.getInt32(at, true) : this.#loadDevice(page, offset, 4) | 0;
  }
  store8(page: number, offset: number, value: number): void {
    const skewed = (offset + this.skewBytes) | 0;
    const ppn = this.#translate(page, skewed, STORE, 1);
    const at = this.#ramAt(ppn, skewed);
    if (at >= 0) this.#bytes[at] = value;
    else this.#storeDevice(page, skewed, 1, value);
  }
  store16(page: number, offset: number, value: number): void {
    const skewed = (offset + this.skewBytes) | 0;
    const ppn = this.#translate(page, skewed, STORE, 2);
    const at = this.#ramAt(ppn, skewed);
    if (at >= 0) this.#view.setUint16(at, value, true);
    else this.#storeDevice(page, skewed, 2, value);
  }
  store32(page: number, offset: number, value: number): void {
    const skewed = (offset + this.skewBytes) | 0;
    const ppn = this.#translate(page, skewed, STORE, 4);
    const at = this.#ramAt(ppn, skewed);
    if (at >= 0) this.#view.setInt32(at, value, true);
    else this.#storeDevice(page, skewed, 4, value);
  }

  copy(toPage: number, toOffset: number, fromPage: number, fromOffset: number, lenBytes: number): void {
    this.#chargeLines(this.#primitives.copyLine, lenBytes);
    let to = (toOffset + this.skewBytes) | 0;
    let from = fromOffset;
    for (let left = lenBytes; left > 0; ) {
      const run = Math.min(left, pageLeft(to), pageLeft(from));
      const source = this.#bulkAt(fromPage, from, LOAD);
      const target = this.#bulkAt(toPage, to, STORE);
      this.#bytes.copyWithin(target, source, source + run);
      to += run;
      from += run;
      left -= run;
    }
  }
  fill(page: number, offset: number, byte: number, lenBytes: number): void {
    this.#chargeLines(this.#primitives.copyLine, lenBytes);
    let to = (offset + this.skewBytes) | 0;
    for (let left = lenBytes; left > 0; ) {
      const run = Math.min(left, pageLeft(to));
      const target = this.#bulkAt(page, to, STORE);
      this.#bytes.fill(byte, target, target + run);
      to += run;
      left -= run;
    }
  }
  sum16(page: number, offset: number, lenBytes: number, sum: number): number {
    this.#chargeLines(this.#primitives.checksumLine, lenBytes);
    const bytes = this.#bytes;
    let total = sum;
    let at = offset;
    let odd = 0;
    for (let left = lenBytes; left > 0; ) {
      const run = Math.min(left, pageLeft(at));
      let byte = this.#bulkAt(page, at, LOAD);
      const end = byte + run;
      if (odd === 1) total += bytes[byte++]!;
      for (; byte + 1 < end; byte += 2) total += (bytes[byte]! << 8) | bytes[byte + 1]!;
      if (byte < end) total += bytes[byte]! << 8;
      odd = (odd + run) & 1;
      at += run;
      left -= run;
    }
    // At most 2^15 words of 16 bits are summed between folds of one packet; the double holds far more.
    while (total > 0xffff) total = (total & 0xffff) + Math.floor(total / 0x10000);
    return total;
  }
  loadBytes(page: number, offset: number, into: Uint8Array, at: number, lenBytes: number): void {
    this.#chargeLines(this.#primitives.copyLine, lenBytes);
    for (let done = 0; done < lenBytes; ) {
      const run = Math.min(lenBytes - done, pageLeft(offset + done));
      const source = this.#bulkAt(page, offset + done, LOAD);
      for (let i = 0; i < run; i++) into[at + done + i] = this.#bytes[source + i]!;
      done += run;
    }
  }
  storeBytes(page: number, offset: number, from: Uint8Array, at: number, lenBytes: number): void {
    this.#chargeLines(this.#primitives.copyLine, lenBytes);
    const start = (offset + this.skewBytes) | 0;
    for (let done = 0; done < lenBytes; ) {
      const run = Math.min(lenBytes - done, pageLeft(start + done));
      const target = this.#bulkAt(page, start + done, STORE);
      for (let i = 0; i < run; i++) this.#bytes[target + i] = from[at + done + i]!;
      done += run;
    }
  }

  /** Touches code and data pages, as a handler that begins would. */
  touch(codePage: number, codePages: number, dataPage: number, dataPages: number): void {
    for (let page = 0; page < codePages; page++) this.#translate(codePage + page, 0, FETCH, 1);
    for (let page = 0; page < dataPages; page++) this.#translate(dataPage + page, 0, LOAD, 1);
  }

  #translate(page: number, offset: number, access: number, widthBytes: number): number {
    if (this.#life.over) throw this.#life.ended;
    const misses = this.#mmu.missCount;
    const ppn = this.#mmu.translate(page + (offset >> 12), access);
    const walks = this.#mmu.missCount - misses;
    if (walks !== 0) this.#refillCharge.spendMany(this.#primitives.tlbRefill, walks);
    if (ppn < 0 || pageLeft(offset) < widthBytes) this.#fault(page, offset, access === STORE);
    return ppn;
  }
  /** @returns the index in RAM, or -1 when the page is no RAM. */
  #ramAt(ppn: number, offset: number): number {
    const index = ppn - this.#basePage;
    return index >= 0 && index < this.#pageCount ? index * PAGE_SIZE_BYTES + (offset & 0xfff) : -1;
  }
  /** Bulk operations reach RAM only: a device is not copied to or from. */
  #bulkAt(page: number, offset: number, access: number): number {
    const at = this.#ramAt(this.#translate(page, offset, access, 1), offset);
    if (at < 0) this.#fault(page, offset, access === STORE);
    return at;
  }
  #loadDevice(page: number, offset: number, widthBytes: WidthBytes): number {
    this.#charge.spend(this.#primitives.mmioRead);
    // Translated again: what ran inside the charge may have taken the mapping away.
    const value = this.#bus.load(this.#translate(page, offset, LOAD, widthBytes), offset & 0xfff, widthBytes);
    if (value < 0) this.#fault(page, offset, false);
    return value;
  }
  #storeDevice(page: number, offset: number, widthBytes: WidthBytes, value: number): void {
    this.#charge.spend(this.#primitives.mmioWrite);
    const mask = widthBytes === 4 ? 0xffffffff : widthBytes === 2 ? 0xffff : 0xff;
    const ppn = this.#translate(page, offset, STORE, widthBytes);
    if (this.#bus.store(ppn, offset & 0xfff, widthBytes, (value & mask) >>> 0) < 0) this.#fault(page, offset, true);
  }
  #chargeLines(primitive: number, lenBytes: number): void {
    if (lenBytes > 0) this.#charge.spendMany(primitive, (lenBytes + LINE_BYTES - 1) >>> 6);
  }
}

const pageLeft = (offset: number): number => PAGE_SIZE_BYTES - (offset & 0xfff);
