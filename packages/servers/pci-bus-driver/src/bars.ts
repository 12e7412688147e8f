/** Base Address Registers: how large, where. PCIe Base 5.0 §7.5.1.2.1 "Base Address Registers". Decoding is off. */
import { get, has } from '@bulkhead/bits';
import * as pci from '@bulkhead/pci-datasheet';
import type { ConfigSpace } from './config-space.ts';
import { PAGES_BELOW_4_GIB } from './pack.ts';
import type { FoundBar } from './topology.ts';

const PAGE_SHIFT = 12;
const PAGE_SIZE_BYTES = 4096;
/** Of I/O space, which has 16 bits of address on this machine, a BAR may leave out the upper half. */
const UPPER_HALF = 0xffff_0000;

/** Sizes `count` registers from BAR 0 on. They hold 0 afterwards. */
export function findBars(config: ConfigSpace, device: number, count: number): FoundBar[] {
  const bars: FoundBar[] = [];
  for (let index = 0; index < count; index++) {
    const bar = sizeBar(config, device, index, index + 1 < count);
    if (bar === null) continue;
    if (bar.sizePages > 0) bars.push(bar);
    if (bar.isWide) index++;
  }
  return bars;
}

/** The sizing steps of §7.5.1.2.1. @returns null when there is no BAR; size 0 for one of 64 bits that decodes nothing. */
function sizeBar(config: ConfigSpace, device: number, index: number, hasNext: boolean): FoundBar | null {
  const register = pci.BAR0 + index * 4;
  config.write32(device, register, pci.BAR_SIZING);
  const low = config.read32(device, register);
  config.write32(device, register, 0);
  const isIo = get(low, pci.BAR_SPACE_INDICATOR) === pci.BAR_SPACE_IO;
  const isWide = !isIo && hasNext && get(low, pci.BAR_MEMORY_TYPE) === pci.BAR_MEMORY_TYPE_64;
  const high = isWide ? sizingOf(config, device, register + 4) : -1;
  const mask = isIo ? (low & pci.BAR_IO_BASE.mask) | UPPER_HALF : low & pci.BAR_MEMORY_BASE.mask;
  const isNone = isIo ? (low & pci.BAR_IO_BASE.mask) === 0 : mask === 0 && !isWide;
  if (isNone) return null;
  return {
    index,
    sizePages: isWide && mask === 0 && high === 0 ? 0 : pagesOf(mask, high),
    isIo,
    isWide,
    isPrefetchable: !isIo && has(low, pci.BAR_MEMORY_PREFETCHABLE),
    isOff: false,
    page: -1,
  };
}
function sizingOf(config: ConfigSpace, device: number, register: number): number {
  config.write32(device, register, pci.BAR_SIZING);
  const word = config.read32(device, register);
  config.write32(device, register, 0);
  return word;
}
/** The lowest bit that could be written is the size. */
const pagesOf = (low: number, high: number): number => {
  const sizeBytes = low !== 0 ? lowestBit(low) : lowestBit(high) * 2 ** 32;
  return Math.max(sizeBytes / PAGE_SIZE_BYTES, 1);
};
const lowestBit = (word: number): number => (word & -word) >>> 0;

/** Puts a BAR at a page. @returns whether it says so too. */
export function writeBar(config: ConfigSpace, device: number, index: number, page: number, isWide: boolean): boolean {
  const register = pci.BAR0 + index * 4;
  const low = page << PAGE_SHIFT;
  const high = Math.floor(page / PAGES_BELOW_4_GIB) | 0;
  config.write32(device, register, low);
  if (isWide) config.write32(device, register + 4, high);
  const holdsLow = (config.read32(device, register) & pci.BAR_MEMORY_BASE.mask) === low;
  return holdsLow && (!isWide || config.read32(device, register + 4) === high);
}
