/**
 * A driver's address space on QEMU's machine: its memory at pages that are not the machine's, so that an address that
 * was not translated misses; and a device's BARs.
 */
import type { MemoryPort } from '@bulkhead/runtime';
import type { QemuMachine } from './machine.ts';

export const PAGE_SIZE_BYTES = 4096;
/** Page 0 of the driver's memory stands at this page of the machine's. */
export const FIRST_PAGE = 0x1000;
/** From here on pages are BARs. */
export const REGISTERS_PAGE = 0x8_0000;

export class DriverMemory implements MemoryPort {
  readonly #machine: QemuMachine;
  readonly #bytes: Uint8Array = new Uint8Array(0x1_0000);

  constructor(machine: QemuMachine) {
    this.#machine = machine;
  }
  load8(page: number, offset: number): number {
    if (page >= REGISTERS_PAGE) return this.#machine.read(device(page, offset), 'b');
    this.loadBytes(page, offset, this.#bytes, 0, 1);
    return this.#bytes[0]!;
  }
  load16(page: number, offset: number): number {
    if (page >= REGISTERS_PAGE) return this.#machine.read(device(page, offset), 'w');
    this.loadBytes(page, offset, this.#bytes, 0, 2);
    return this.#bytes[0]! | (this.#bytes[1]! << 8);
  }
  load32(page: number, offset: number): number {
    if (page >= REGISTERS_PAGE) return this.#machine.read(device(page, offset), 'l') | 0;
    this.#machine.qtest.settle();
    return this.#machine.ram.load32(memory(page, offset));
  }
  store8(page: number, offset: number, value: number): void {
    if (page >= REGISTERS_PAGE) this.#machine.write(device(page, offset), 'b', value & 0xff);
    else this.storeBytes(page, offset, Uint8Array.of(value), 0, 1);
  }
  store16(page: number, offset: number, value: number): void {
    if (page >= REGISTERS_PAGE) this.#machine.write(device(page, offset), 'w', value & 0xffff);
    else this.storeBytes(page, offset, Uint8Array.of(value, value >> 8), 0, 2);
  }
  store32(page: number, offset: number, value: number): void {
    if (page >= REGISTERS_PAGE) {
      this.#machine.write(device(page, offset), 'l', value);
      return;
    }
    this.#machine.qtest.settle();
    this.#machine.ram.store32(memory(page, offset), value);
  }
  copy(toPage: number, toOffset: number, fromPage: number, fromOffset: number, lenBytes: number): void {
    this.loadBytes(fromPage, fromOffset, this.#bytes, 0, lenBytes);
    this.storeBytes(toPage, toOffset, this.#bytes, 0, lenBytes);
  }
  fill(page: number, offset: number, byte: number, lenBytes: number): void {
    this.storeBytes(page, offset, new Uint8Array(lenBytes).fill(byte), 0, lenBytes);
  }
  sum16(): number {
    throw new Error('a driver sums nothing');
  }
  loadBytes(page: number, offset: number, into: Uint8Array, at: number, lenBytes: number): void {
    this.#machine.qtest.settle();
    this.#machine.ram.read(memory(page, offset), into, at, lenBytes);
  }
  storeBytes(page: number, offset: number, from: Uint8Array, at: number, lenBytes: number): void {
    this.#machine.qtest.settle();
    this.#machine.ram.write(memory(page, offset), from, at, lenBytes);
  }
}

const memory = (page: number, offset: number): number => (page + FIRST_PAGE) * PAGE_SIZE_BYTES + offset;
/** A BAR stands at its own page: all of them are above REGISTERS_PAGE. */
const device = (page: number, offset: number): number => page * PAGE_SIZE_BYTES + offset;
