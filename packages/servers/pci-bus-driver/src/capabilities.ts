/**
 * What a function says that it can do: the capability list, §7.5.1.1.11 "Capabilities Pointer" of PCIe Base 5.0. The
 * first of a kind counts. It is walked once; nothing is asked again later that was believed here.
 */
import { get, has } from '@bulkhead/bits';
import { STATE_BROKEN } from '@bulkhead/pci-bus-driver-api';
import * as pci from '@bulkhead/pci-datasheet';
import type { ConfigSpace } from './config-space.ts';
import type { DeviceTable } from './device-table.ts';
import * as record from './device-table.ts';
import type { FoundBar } from './topology.ts';

const PAGE_SIZE_BYTES = 4096;
/** Capabilities are dwords above the header: a list with more entries than these runs in a circle. */
const CAPABILITIES_MAX: number = (0x100 - pci.CAPABILITIES_START) / 4;

/** Fills in the record of a device whose BARs are known. */
export function describeCapabilities(
  config: ConfigSpace,
  table: DeviceTable,
  at: number,
  bars: readonly FoundBar[],
): void {
  const device = table.get(at, record.DEVICE);
  table.put(at, record.MSIX_BAR, -1);
  if (!has(config.read16(device, pci.STATUS), pci.STATUS_CAPABILITIES_LIST)) return;
  let pointer = config.read8(device, pci.CAPABILITIES_POINTER) & pci.CAPABILITY_POINTER_MASK;
  for (let seen = 0; pointer >= pci.CAPABILITIES_START && seen < CAPABILITIES_MAX; seen++) {
    note(table, at, config.read8(device, pointer + pci.CAPABILITY_ID), pointer);
    pointer = config.read8(device, pointer + pci.CAPABILITY_NEXT) & pci.CAPABILITY_POINTER_MASK;
  }
  if (table.get(at, record.MSIX) !== 0) describeMsix(config, table, at, bars);
  else if (table.get(at, record.MSI) !== 0) table.put(at, record.VECTOR_COUNT, 1);
}
function note(table: DeviceTable, at: number, id: number, pointer: number): void {
  const field = FIELD_OF.get(id);
  if (field !== undefined && table.get(at, field) === 0) table.put(at, field, pointer);
}
const FIELD_OF: ReadonlyMap<number, number> = new Map([
  [pci.CAPABILITY_PCI_EXPRESS, record.EXPRESS],
  [pci.CAPABILITY_MSIX, record.MSIX],
  [pci.CAPABILITY_MSI, record.MSI],
  [pci.CAPABILITY_POWER_MANAGEMENT, record.POWER],
]);

/**
 * §7.7.2 "MSI-X Capability and Table Structure". Where the table is decides which BAR nobody may have: who says that it is
 * in no memory BAR, or beyond its end, is not believed anything.
 */
function describeMsix(config: ConfigSpace, table: DeviceTable, at: number, bars: readonly FoundBar[]): void {
  const device = table.get(at, record.DEVICE);
  const capability = table.get(at, record.MSIX);
  const count = get(config.read16(device, capability + pci.MSIX_MESSAGE_CONTROL), pci.MSIX_CONTROL_TABLE_SIZE) + 1;
  const where = config.read32(device, capability + pci.MSIX_TABLE);
  const offset = (where & pci.MSIX_OFFSET_MASK) >>> 0;
  table.put(at, record.VECTOR_COUNT, count);
  table.put(at, record.MSIX_BAR, get(where, pci.MSIX_BIR));
  table.put(at, record.TABLE_OFFSET, offset | 0);
  const bar = bars.find(({ index, isIo }) => index === get(where, pci.MSIX_BIR) && !isIo);
  const sizePages = Math.ceil((offset + count * pci.MSIX_ENTRY_SIZE_BYTES) / PAGE_SIZE_BYTES);
  if (bar === undefined || sizePages > bar.sizePages) table.mark(at, STATE_BROKEN);
}
