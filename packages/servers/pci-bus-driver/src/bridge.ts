/** A bridge's registers. PCIe Base 5.0 §7.5.1.3 "Type 1 Configuration Space Header". */
import * as pci from '@bulkhead/pci-datasheet';
import type { ConfigSpace } from './config-space.ts';
import { PAGES_BELOW_4_GIB } from './pack.ts';
import type { FoundBridge, FoundWindow } from './topology.ts';

/** Addresses 31:20 of base and limit stand in bits 15:4; bit 0 says that there is an upper half. */
const WINDOW_BASE = 0xfff0;
const UPPER_HALF = 0x1;
const BUS_NUMBERS = 0xff_ffff;
/** The highest number that a bus can have. */
const LAST_BUS = 0xff;
/** §7.5.1.3.6: addresses 15:12 stand in bits 7:4. */
const IO_WINDOW_BASE = 0xf0;
/** A base above its limit. */
const CLOSED: number = WINDOW_BASE;
const IO_CLOSED: number = IO_WINDOW_BASE;

/** Leads nowhere: no bus behind it, nothing forwarded. @returns what its windows can be. */
export function close(
  config: ConfigSpace,
  bridge: number,
): { hasPrefetchable: boolean; isWide: boolean; hasIo: boolean } {
  config.write32(bridge, pci.PRIMARY_BUS_NUMBER, 0);
  config.write32(bridge, pci.MEMORY_BASE, CLOSED);
  config.write32(bridge, pci.PREFETCHABLE_BASE_UPPER, 0);
  config.write32(bridge, pci.PREFETCHABLE_LIMIT_UPPER, 0);
  config.write32(bridge, pci.PREFETCHABLE_MEMORY_BASE, CLOSED);
  config.write32(bridge, pci.IO_BASE_UPPER, 0);
  config.write16(bridge, pci.IO_BASE, IO_CLOSED);
  config.write32(bridge, pci.BRIDGE_EXPANSION_ROM_BASE_ADDRESS, 0);
  config.write16(bridge, pci.BRIDGE_CONTROL, 0);
  // §7.5.1.3.9: a window that is not there reads 0.
  const prefetchable = config.read16(bridge, pci.PREFETCHABLE_MEMORY_BASE);
  return {
    hasPrefetchable: (prefetchable & WINDOW_BASE) === CLOSED,
    isWide: (prefetchable & UPPER_HALF) !== 0,
    hasIo: (config.read16(bridge, pci.IO_BASE) & IO_WINDOW_BASE) === IO_CLOSED,
  };
}

/** Everything up to the last bus that there could be is behind it, while that is found out. @returns whether it says so. */
export function descend(config: ConfigSpace, bridge: number, primary: number, secondary: number): boolean {
  return number(config, bridge, primary, secondary, LAST_BUS);
}
/** @returns whether the bridge took the numbers. */
export function number(
  config: ConfigSpace,
  bridge: number,
  primary: number,
  secondary: number,
  subordinate: number,
): boolean {
  const numbers = primary | (secondary << 8) | (subordinate << 16);
  config.write32(bridge, pci.PRIMARY_BUS_NUMBER, numbers);
  return (config.read32(bridge, pci.PRIMARY_BUS_NUMBER) & BUS_NUMBERS) === numbers;
}

/** Writes the windows. @returns whether it holds them. */
export function open(
  config: ConfigSpace,
  { device, memory, prefetchable, io, hasPrefetchable, hasIo }: FoundBridge,
): boolean {
  const holdsMemory = openMemory(config, device, pci.MEMORY_BASE, memory);
  const holdsPrefetchable = !hasPrefetchable || openMemory(config, device, pci.PREFETCHABLE_MEMORY_BASE, prefetchable);
  if (prefetchable.sizePages > 0) {
    config.write32(device, pci.PREFETCHABLE_BASE_UPPER, upper(prefetchable.page));
    config.write32(device, pci.PREFETCHABLE_LIMIT_UPPER, upper(lastOf(prefetchable)));
  }
  return holdsMemory && holdsPrefetchable && (!hasIo || openIo(config, device, io));
}
function openMemory(config: ConfigSpace, bridge: number, register: number, window: FoundWindow): boolean {
  const word = window.sizePages === 0 ? CLOSED : granule(window.page) | (granule(lastOf(window)) << 16);
  config.write32(bridge, register, word);
  return ((config.read32(bridge, register) ^ word) & (WINDOW_BASE | (WINDOW_BASE << 16))) === 0;
}
function openIo(config: ConfigSpace, bridge: number, window: FoundWindow): boolean {
  const half = window.sizePages === 0 ? IO_CLOSED : ioGranule(window.page) | (ioGranule(lastOf(window)) << 8);
  config.write16(bridge, pci.IO_BASE, half);
  return ((config.read16(bridge, pci.IO_BASE) ^ half) & (IO_WINDOW_BASE | (IO_WINDOW_BASE << 8))) === 0;
}
const lastOf = ({ page, sizePages }: FoundWindow): number => page + sizePages - 1;
const granule = (page: number): number => (page >>> 4) & WINDOW_BASE;
const ioGranule = (page: number): number => (page << 4) & IO_WINDOW_BASE;
const upper = (page: number): number => Math.floor(page / PAGES_BELOW_4_GIB) | 0;

/** §7.5.1.3.13 "Bridge Control Register": resets everything behind the bridge. */
export function resetBehind(config: ConfigSpace, bridge: number): void {
  const control = config.read16(bridge, pci.BRIDGE_CONTROL);
  config.write16(bridge, pci.BRIDGE_CONTROL, control | pci.BRIDGE_CONTROL_SECONDARY_BUS_RESET.mask);
  config.write16(bridge, pci.BRIDGE_CONTROL, control & ~pci.BRIDGE_CONTROL_SECONDARY_BUS_RESET.mask);
}
