/**
 * An address space without a machine: one array, page 0 first. For a component that is used alone.
 * An access beyond it is a bug of the component and throws RangeError.
 */
import type { MemoryPort } from './memory-port.ts';

const PAGE_SIZE_BYTES = 4096;

export class FlatMemory implements MemoryPort {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(pageCount: number) {
    this.#bytes = new Uint8Array(pageCount * PAGE_SIZE_BYTES);
    this.#view = new DataView(this.#bytes.buffer);
  }
  load8(page: number, offset: number): number {
    return this.#view.getUint8(page * PAGE_SIZE_BYTES + offset);
  }
  load16(page: number, offset: number): number {
    return this.#view.getUint16(page * PAGE_SIZE_BYTES + offset, true);
  }
  load32(page: number, offset: number): number {
    return this.#view.getInt32(page * PAGE_SIZE_BYTES + offset, true);
  }
  store8(page: number, offset: number, value: number): void {
    this.#view.setUint8(page * PAGE_SIZE_BYTES + offset, value);
  }
  store16(page: number, offset: number, value: number): void {
    this.#view.setUint16(page * PAGE_SIZE_BYTES + offset, value, true);
  }
  store32(page: number, offset: number, value: number): void {
    this.#view.setInt32(page * PAGE_SIZE_BYTES + offset, value, true);
  }
  copy(toPage: number, toOffset: number, fromPage: number, fromOffset: number, lenBytes: number): void {
    const from = this.#at(fromPage, fromOffset, lenBytes);
    this.#bytes.copyWithin(this.#at(toPage, toOffset, lenBytes), from, from + lenBytes);
  }
  fill(page: number, offset: number, byte: number, lenBytes: number): void {
    const at = this.#at(page, offset, lenBytes);
    this.#bytes.fill(byte, at, at + lenBytes);
  }
  sum16(page: number, offset: number, lenBytes: number, sum: number): number {
    const bytes = this.#bytes;
    const start = this.#at(page, offset, lenBytes);
    const end = start + lenBytes;
    let total = sum >>> 0;
    let at = start;
    for (; at + 1 < end; at += 2) total += (bytes[at]! << 8) | bytes[at + 1]!;
    if (at < end) total += bytes[at]! << 8;
    while (total > 0xffff) total = (total & 0xffff) + Math.floor(total / 0x10000);
    return total;
  }
  loadBytes(page: number, offset: number, into: Uint8Array, at: number, lenBytes: number): void {
    const start = this.#at(page, offset, lenBytes);
    for (let i = 0; i < lenBytes; i++) into[at + i] = this.#bytes[start + i]!;
  }
  storeBytes(page: number, offset: number, from: Uint8Array, at: number, lenBytes: number): void {
    const start = this.#at(page, offset, lenBytes);
    for (let i = 0; i < lenBytes; i++) this.#bytes[start + i] = from[at + i]!;
  }
  #at(page: number, offset: number, lenBytes: number): number {
    const start = page * PAGE_SIZE_BYTES + offset;
    if (start < 0 || start + lenBytes > this.#bytes.length) throw new RangeError(`no memory at ${start}`);
    return start;
  }
}
