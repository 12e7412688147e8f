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
import { swap16 } from '@bulkhead/bits';
import type { Charge } from '@bulkhead/ledger';
import type { Life } from '@bulkhead/microkernel';
import type { PhysicalMemoryPort, WidthBytes } from '@bulkhead/ports';
import type { MemoryPort } from '@bulkhead/runtime';

const FETCH = 0;
const LOAD = 1;
const STORE = 2;
const PAGE_SIZE_BYTES = 4096;
const LINE_BYTES = 64;
/** Below this a loop over bytes is as fast, and needs no view of the component's array. */
const SHORT_BYTES = 16;
const VIEWS_KEPT = 4;
/** Cells of `copies`. */
export const COPY_COUNT = 0;
export const COPY_BYTES = 1;

/** What the memory port needs of the MMU. */
export interface Translator {
  /** @returns the physical page, or a negative fault. */
  translate(vpn: number, access: number): number;
  /** The same without a walk. @returns -1 when it takes more than a look at the last answers. */
  recall(vpn: number, access: number): number;
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
  /** Counts the copies of the whole system: how many, and their bytes. */
  readonly copies: Float64Array;
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
  readonly #copies: Float64Array;
  readonly #fault: (page: number, offset: number, store: boolean) => never;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #basePage: number;
  readonly #pageCount: number;
  /** The arrays that were copied to or from last, and their views: a component has a few that it uses for all copies. */
  readonly #arrays: Uint8Array[] = Array<Uint8Array>(VIEWS_KEPT).fill(new Uint8Array(0));
  readonly #views: DataView[] = Array<DataView>(VIEWS_KEPT).fill(new DataView(new ArrayBuffer(0)));
  #nextView = 0;

  constructor({ mmu, ram, bus, life, charge, refillCharge, primitives, copies, fault }: HartMemoryOptions) {
    this.#mmu = mmu;
    this.#bus = bus;
    this.#life = life;
    this.#charge = charge;
    this.#refillCharge = refillCharge;
    this.#primitives = primitives;
    this.#copies = copies;
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
    this.#chargeCopy(lenBytes);
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
    let total = sum >>> 0;
    let at = offset;
    let odd = 0;
    for (let left = lenBytes; left > 0; ) {
      const run = Math.min(left, pageLeft(at));
      const part = sumLittleEndian(this.#view, this.#bulkAt(page, at, LOAD), run);
      // A run that begins at an odd byte of the whole has its bytes in the other halves.
      total += odd === 1 ? part : swap16(part);
      odd = (odd + run) & 1;
      at += run;
      left -= run;
    }
    while (total > 0xffff) total = (total & 0xffff) + Math.floor(total / 0x10000);
    return total;
  }
  loadBytes(page: number, offset: number, into: Uint8Array, at: number, lenBytes: number): void {
    this.#chargeCopy(lenBytes);
    for (let done = 0; done < lenBytes; ) {
      const run = Math.min(lenBytes - done, pageLeft(offset + done));
      const source = this.#bulkAt(page, offset + done, LOAD);
      if (run < SHORT_BYTES) copyBytes(into, at + done, this.#bytes, source, run);
      else copyWords(this.#viewOf(into), at + done, this.#view, source, run);
      done += run;
    }
  }
  storeBytes(page: number, offset: number, from: Uint8Array, at: number, lenBytes: number): void {
    this.#chargeCopy(lenBytes);
    const start = (offset + this.skewBytes) | 0;
    for (let done = 0; done < lenBytes; ) {
      const run = Math.min(lenBytes - done, pageLeft(start + done));
      const target = this.#bulkAt(page, start + done, STORE);
      if (run < SHORT_BYTES) copyBytes(this.#bytes, target, from, at + done, run);
      else copyWords(this.#view, target, this.#viewOf(from), at + done, run);
      done += run;
    }
  }

  /** Touches code and data pages, as a handler that begins would. */
  touch(codePage: number, codePages: number, dataPage: number, dataPages: number): void {
    for (let page = 0; page < codePages; page++) this.#touch(codePage + page, FETCH);
    for (let page = 0; page < dataPages; page++) this.#touch(dataPage + page, LOAD);
  }
  #touch(page: number, access: number): void {
    if (this.#life.over) throw this.#life.ended;
    if (this.#mmu.recall(page, access) < 0) this.#find(page, 0, access, 1);
  }

  #translate(page: number, offset: number, access: number, widthBytes: number): number {
    if (this.#life.over) throw this.#life.ended;
    const ppn = this.#mmu.recall(page + (offset >> 12), access);
    return ppn >= 0 && pageLeft(offset) >= widthBytes ? ppn : this.#find(page, offset, access, widthBytes);
  }
  /** Where a walk may be needed, or the access faults. */
  #find(page: number, offset: number, access: number, widthBytes: number): number {
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
  #viewOf(array: Uint8Array): DataView {
    for (let i = 0; i < VIEWS_KEPT; i++) if (this.#arrays[i] === array) return this.#views[i]!;
    const slot = this.#nextView;
    this.#nextView = (slot + 1) % VIEWS_KEPT;
    this.#arrays[slot] = array;
    this.#views[slot] = new DataView(array.buffer, array.byteOffset, array.length);
    return this.#views[slot]!;
  }
  #chargeCopy(lenBytes: number): void {
    this.#copies[COPY_COUNT] = this.#copies[COPY_COUNT]! + 1;
    this.#copies[COPY_BYTES] = this.#copies[COPY_BYTES]! + lenBytes;
    this.#chargeLines(this.#primitives.copyLine, lenBytes);
  }
  #chargeLines(primitive: number, lenBytes: number): void {
    if (lenBytes > 0) this.#charge.spendMany(primitive, (lenBytes + LINE_BYTES - 1) >>> 6);
  }
}

const pageLeft = (offset: number): number => PAGE_SIZE_BYTES - (offset & 0xfff);

function copyBytes(to: Uint8Array, toAt: number, from: Uint8Array, fromAt: number, lenBytes: number): void {
  for (let i = 0; i < lenBytes; i++) to[toAt + i] = from[fromAt + i]!;
}
/** At any alignment, sixteen bytes a step: a fifth of the time of a loop over bytes. */
function copyWords(to: DataView, toAt: number, from: DataView, fromAt: number, lenBytes: number): void {
  let i = 0;
  for (; i + 16 <= lenBytes; i += 16) {
    to.setInt32(toAt + i, from.getInt32(fromAt + i, true), true);
    to.setInt32(toAt + i + 4, from.getInt32(fromAt + i + 4, true), true);
    to.setInt32(toAt + i + 8, from.getInt32(fromAt + i + 8, true), true);
    to.setInt32(toAt + i + 12, from.getInt32(fromAt + i + 12, true), true);
  }
  for (; i + 4 <= lenBytes; i += 4) to.setInt32(toAt + i, from.getInt32(fromAt + i, true), true);
  for (; i < lenBytes; i++) to.setUint8(toAt + i, from.getUint8(fromAt + i));
}

/**
 * The ones' complement sum of at most a page, as if its 16-bit words were little-endian: RFC 1071 §2 (B) "Byte Order
 * Independence". Two words a step; 1024 steps of less than 2^17 stay within 31 bits.
 */
function sumLittleEndian(view: DataView, from: number, lenBytes: number): number {
  const end = from + lenBytes;
  let sum = 0;
  let at = from;
  for (; at + 4 <= end; at += 4) {
    const words = view.getInt32(at, true);
    sum = (sum + (words & 0xffff) + (words >>> 16)) | 0;
  }
  if (at + 2 <= end) {
    sum += view.getUint16(at, true);
    at += 2;
  }
  if (at < end) sum += view.getUint8(at);
  sum = (sum & 0xffff) + (sum >>> 16);
  return (sum & 0xffff) + (sum >>> 16);
}
