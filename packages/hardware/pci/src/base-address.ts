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
  /** Memory whose reads have no side effects. @defaultValue false */
  readonly prefetchable?: boolean;
  /** A power of two: at least 16 for memory, 4 for I/O; to 2^31 for `mem32`, 2^52 for `mem64`, 2^31 for `io`. */
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
/** CHOICE: 52 bits, so that every address is a whole number that JavaScript holds exactly. */
const MAX_SIZE_BYTES: Readonly<Record<BarKind, number>> = { mem32: 2 ** 31, mem64: 2 ** 52, io: 2 ** 31 };
const HIGH = 0x1_0000_0000;

/** Something that claims a range of addresses which software can move. */
export interface Claim {
  readonly isIo: boolean;
  readonly sizeBytes: number;
  readonly device: RegisterDevice;
  /** False while this range alone is switched off. */
  readonly enabled: boolean;
  readonly address: number;
}

export class BaseAddress implements Claim {
  /** 0 … 5: which register; a 64-bit one also takes the next. */
  readonly index: number;
  readonly isIo: boolean;
  readonly isWide: boolean;
  readonly prefetchable: boolean;
  readonly sizeBytes: number;
  readonly device: RegisterDevice;
  readonly enabled: boolean = true;
  readonly #space: ConfigurationSpace;
  readonly #offset: number;

  constructor(space: ConfigurationSpace, options: BarOptions, barCount: number = pci.BAR_COUNT) {
    const { index, kind, sizeBytes, device, prefetchable = false } = options;
    const last = kind === 'mem64' ? barCount - 2 : barCount - 1;
    invariant(index >= 0 && index <= last, `BAR ${index} of kind ${kind} does not fit the header`);
    invariant(isSize(sizeBytes, kind), `BAR ${index} has a size no BAR can have`);
    invariant(!prefetchable || kind !== 'io', `BAR ${index} is of I/O space, which is never prefetchable`);
    this.index = index;
    this.isIo = kind === 'io';
    this.isWide = kind === 'mem64';
    this.prefetchable = prefetchable;
    this.sizeBytes = sizeBytes;
    this.device = device;
    this.#space = space;
    this.#offset = pci.BAR0 + index * 4;
    const base = this.isIo ? pci.BAR_IO_BASE.mask : pci.BAR_MEMORY_BASE.mask;
    const type = TYPE_BITS[kind] | (prefetchable ? pci.BAR_MEMORY_PREFETCHABLE.mask : 0);
    space.define(this.#offset, 4, type, readWrite(lowMask(sizeBytes) & base));
    if (this.isWide) space.define(this.#offset + 4, 4, 0, readWrite(highMask(sizeBytes)));
  }

  /** @returns the address that software programmed, whether or not decoding is on. */
  get address(): number {
    const low = this.#space.read(this.#offset, 4);
    const base = (low & (this.isIo ? pci.BAR_IO_BASE.mask : pci.BAR_MEMORY_BASE.mask)) >>> 0;
    return this.isWide ? this.#space.read(this.#offset + 4, 4) * HIGH + base : base;
  }
}

export interface ExpansionRomOptions {
  /** A power of two from 2 KiB to 16 MiB. §7.5.1.2.4. */
  readonly sizeBytes: number;
  /** Writes never reach it. */
  readonly device: RegisterDevice;
}

const ROM_MIN_BYTES = 0x800;
const ROM_MAX_BYTES = 0x100_0000;

/**
 * §7.5.1.2.4 "Expansion ROM Base Address Register": decoded while its own enable bit and Memory Space Enable are set.
 * CHOICE: the ROM and the BARs decode independently of each other.
 */
export class ExpansionRom implements Claim {
  readonly isIo: boolean = false;
  readonly sizeBytes: number;
  readonly device: RegisterDevice;
  readonly #space: ConfigurationSpace;
  readonly #offset: number;

  constructor(space: ConfigurationSpace, offset: number, { sizeBytes, device }: ExpansionRomOptions) {
    const fits = isPowerOfTwo(sizeBytes) && sizeBytes >= ROM_MIN_BYTES && sizeBytes <= ROM_MAX_BYTES;
    invariant(fits, 'an expansion ROM has a power of two from 2 KiB to 16 MiB');
    this.sizeBytes = sizeBytes;
    this.device = { read: (at, widthBytes) => device.read(at, widthBytes), write: () => {} };
    this.#space = space;
    this.#offset = offset;
    const base = -sizeBytes & pci.EXPANSION_ROM_BASE.mask;
    space.define(offset, 4, 0, readWrite(base | pci.EXPANSION_ROM_ENABLE.mask));
  }
  get enabled(): boolean {
    return (this.#space.read(this.#offset, 4) & pci.EXPANSION_ROM_ENABLE.mask) !== 0;
  }
  get address(): number {
    return (this.#space.read(this.#offset, 4) & pci.EXPANSION_ROM_BASE.mask) >>> 0;
  }
}

/** Sizes go beyond the 32 bits of `isPowerOfTwo`; division by two is exact. */
function isSize(sizeBytes: number, kind: BarKind): boolean {
  if (sizeBytes < MIN_SIZE_BYTES[kind] || sizeBytes > MAX_SIZE_BYTES[kind]) return false;
  const units = sizeBytes >= HIGH ? sizeBytes / HIGH : sizeBytes;
  return Number.isInteger(units) && isPowerOfTwo(units);
}
const lowMask = (sizeBytes: number): number => (sizeBytes >= HIGH ? 0 : -sizeBytes);
const highMask = (sizeBytes: number): number => (sizeBytes > HIGH ? -(sizeBytes / HIGH) : -1);
