/**
 * Base address registers. PCIe Base 5.0 §7.5.1.2.1 "Base Address Registers": the size is in the write mask alone,
 * so that sizing (write all ones, read back) needs no code.
 */
import { isPowerOfTwo } from '@bulkhead/bits';
import * as pci from '@bulkhead/pci-datasheet';
import type { RegisterDevice } from '@bulkhead/ports';
import { invariant } from '@bulkhead/result';
import { type ConfigurationSpace, readWrite } from './configuration-space.ts';

export type BarKind = 'mem32' | 'mem64' | 'io';

export interface BarOptions {
  /** 0 … 5; a `mem64` register also takes the next. */
  readonly index: number;
  readonly kind: BarKind;
  /** A power of two: at least 16 for memory, 4 for I/O. */
  readonly sizeBytes: number;
  /** What stands behind it; offsets are from the start of the BAR. */
  readonly device: RegisterDevice;
}

const TYPE_BITS: Readonly<Record<BarKind, number>> = {
  mem32: pci.BAR_MEMORY_TYPE_32 << 1,
  mem64: pci.BAR_MEMORY_TYPE_64 << 1,
  io: pci.BAR_SPACE_IO,
};
const MIN_SIZE_BYTES: Readonly<Record<BarKind, number>> = { mem32: 16, mem64: 16, io: 4 };

export class BaseAddress {
  readonly isIo: boolean;
  readonly sizeBytes: number;
  readonly device: RegisterDevice;
  readonly #space: ConfigurationSpace;
  readonly #offset: number;
  readonly #isWide: boolean;

  constructor(space: ConfigurationSpace, { index, kind, sizeBytes, device }: BarOptions) {
    const last = kind === 'mem64' ? pci.BAR_COUNT - 2 : pci.BAR_COUNT - 1;
    invariant(index >= 0 && index <= last, `BAR ${index} of kind ${kind} does not fit the header`);
    invariant(isPowerOfTwo(sizeBytes) && sizeBytes >= MIN_SIZE_BYTES[kind], `BAR ${index} has a size no BAR can have`);
    this.isIo = kind === 'io';
    this.sizeBytes = sizeBytes;
    this.device = device;
    this.#space = space;
    this.#offset = pci.BAR0 + index * 4;
    this.#isWide = kind === 'mem64';
    const base = this.isIo ? pci.BAR_IO_BASE.mask : pci.BAR_MEMORY_BASE.mask;
    space.define(this.#offset, 4, TYPE_BITS[kind], readWrite(-sizeBytes & base));
    if (this.#isWide) space.define(this.#offset + 4, 4, 0, readWrite(-1));
  }

  /** @returns the address that software programmed, whether or not decoding is on. */
  get address(): number {
    const low = this.#space.read(this.#offset, 4);
    const base = (low & (this.isIo ? pci.BAR_IO_BASE.mask : pci.BAR_MEMORY_BASE.mask)) >>> 0;
    return this.#isWide ? this.#space.read(this.#offset + 4, 4) * 0x1_0000_0000 + base : base;
  }
}
