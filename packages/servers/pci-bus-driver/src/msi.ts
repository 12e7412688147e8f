/** The one message of a function that has MSI and no MSI-X. PCIe Base 5.0 §7.7.1 "MSI Capability Structures". */
import { has } from '@bulkhead/bits';
import * as pci from '@bulkhead/pci-datasheet';
import type { ConfigSpace } from './config-space.ts';
import { PAGES_BELOW_4_GIB } from './pack.ts';

const PAGE_SHIFT = 12;

/**
 * From now on the function sends `identity` to the page. CHOICE: one vector is enabled, whatever the function can do.
 * @returns false when it cannot write there.
 */
export function routeMsi(
  config: ConfigSpace,
  device: number,
  capability: number,
  page: number,
  identity: number,
): boolean {
  const isWide = has(config.read16(device, capability + pci.MSI_MESSAGE_CONTROL), pci.MSI_CONTROL_64_BIT_CAPABLE);
  if (!isWide && page >= PAGES_BELOW_4_GIB) return false;
  silenceMsi(config, device, capability);
  config.write32(device, capability + pci.MSI_MESSAGE_ADDRESS, page << PAGE_SHIFT);
  if (isWide) config.write32(device, capability + pci.MSI_MESSAGE_UPPER_ADDRESS, page >>> (32 - PAGE_SHIFT));
  config.write16(device, capability + (isWide ? pci.MSI_MESSAGE_DATA_64 : pci.MSI_MESSAGE_DATA_32), identity);
  config.write16(device, capability + pci.MSI_MESSAGE_CONTROL, pci.MSI_CONTROL_ENABLE.mask);
  return true;
}
export function silenceMsi(config: ConfigSpace, device: number, capability: number): void {
  config.write16(device, capability + pci.MSI_MESSAGE_CONTROL, 0);
}
