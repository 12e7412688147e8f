/**
 * Finds the functions of bus 0, and what each has: memory BARs and their sizes, PCI Express and MSI-X capabilities.
 * Leaves every function with decoding and bus mastering off and its BARs at 0.
 *
 * UNIMPLEMENTED: bridges. A function with a type 1 header is passed over, and so is everything behind it.
 */
import { get, has } from '@bulkhead/bits';
import { NOBODY } from '@bulkhead/pci-bus-driver-api';
import * as pci from '@bulkhead/pci-datasheet';
import type { ConfigSpace } from './config-space.ts';
import type { DeviceTable } from './device-table.ts';
import * as record from './device-table.ts';

const PAGE_SHIFT = 12;
/** Capabilities are dwords above the header: a list with more entries than these runs in a circle. */
const CAPABILITIES_MAX: number = (0x100 - pci.CAPABILITIES_START) / 4;
const DECODE_AND_MASTER: number =
  pci.COMMAND_IO_SPACE_ENABLE.mask | pci.COMMAND_MEMORY_SPACE_ENABLE.mask | pci.COMMAND_BUS_MASTER_ENABLE.mask;

/** @param found runs for each function, before it is touched. */
export function enumerate(config: ConfigSpace, table: DeviceTable, found: () => void): void {
  for (let number = 0; number < pci.DEVICES_PER_BUS; number++) {
    const first = number * pci.FUNCTIONS_PER_DEVICE;
    if (isAbsent(config, first)) continue;
    const isMulti = has(config.read8(first, pci.HEADER_TYPE), pci.HEADER_TYPE_MULTI_FUNCTION);
    const functionCount = isMulti ? pci.FUNCTIONS_PER_DEVICE : 1;
    for (let device = first; device < first + functionCount; device++) {
      if (isAbsent(config, device) || !isEndpoint(config, device)) continue;
      found();
      describe(config, table, device);
    }
  }
}

const isAbsent = (config: ConfigSpace, device: number): boolean =>
  config.read16(device, pci.VENDOR_ID) === pci.VENDOR_ID_ABSENT;
const isEndpoint = (config: ConfigSpace, device: number): boolean =>
  get(config.read8(device, pci.HEADER_TYPE), pci.HEADER_TYPE_LAYOUT) === pci.HEADER_TYPE_0;

function describe(config: ConfigSpace, table: DeviceTable, device: number): void {
  config.command(device, pci.COMMAND_INTERRUPT_DISABLE.mask, DECODE_AND_MASTER);
  const at = table.add();
  if (at < 0) return;
  table.put(at, record.DEVICE, device);
  table.put(at, record.VENDOR_DEVICE, config.read32(device, pci.VENDOR_ID));
  table.put(at, record.HOLDER, NOBODY);
  describeBars(config, table, at);
  describeCapabilities(config, table, at);
}

function describeBars(config: ConfigSpace, table: DeviceTable, at: number): void {
  const device = table.get(at, record.DEVICE);
  let index = 0;
  while (index < pci.BAR_COUNT) {
    const register = pci.BAR0 + index * 4;
    table.putBar(at, record.BAR_SIZE_BITS, index, sizeBits(config, device, register));
    index += isWide(config, device, register) ? 2 : 1;
  }
}

/** @returns true when the BAR at `register` has an upper half in the next one. */
export function isWide(config: ConfigSpace, device: number, register: number): boolean {
  const bar = config.read32(device, register);
  return (
    get(bar, pci.BAR_SPACE_INDICATOR) === pci.BAR_SPACE_MEMORY &&
    get(bar, pci.BAR_MEMORY_TYPE) === pci.BAR_MEMORY_TYPE_64 &&
    register < pci.BAR5
  );
}

/** Writes a page number into a memory BAR. PCIe Base 5.0 §7.5.1.2.1 "Base Address Registers". */
export function writeBar(config: ConfigSpace, device: number, register: number, page: number): void {
  const wide = isWide(config, device, register);
  config.write32(device, register, page << PAGE_SHIFT);
  if (wide) config.write32(device, register + 4, page >>> (32 - PAGE_SHIFT));
}

/**
 * §7.5.1.2.1, the sizing steps. Decoding is off. The BAR is 0 afterwards.
 * @returns log2 of the memory BAR's size, at least a page; 0 when it is an I/O BAR or none.
 */
function sizeBits(config: ConfigSpace, device: number, register: number): number {
  const wide = isWide(config, device, register);
  config.write32(device, register, pci.BAR_SIZING);
  const low = config.read32(device, register);
  config.write32(device, register, 0);
  let high = 0;
  if (wide) {
    config.write32(device, register + 4, pci.BAR_SIZING);
    high = config.read32(device, register + 4);
    config.write32(device, register + 4, 0);
  }
  if (get(low, pci.BAR_SPACE_INDICATOR) !== pci.BAR_SPACE_MEMORY) return 0;
  const base = low & pci.BAR_MEMORY_BASE.mask;
  if (base !== 0) return Math.max(lowestBit(base), PAGE_SHIFT);
  return high === 0 ? 0 : 32 + lowestBit(high);
}

const lowestBit = (word: number): number => 31 - Math.clz32(word & -word);

/** §7.5.1.1.11 "Capabilities Pointer". */
function describeCapabilities(config: ConfigSpace, table: DeviceTable, at: number): void {
  const device = table.get(at, record.DEVICE);
  table.put(at, record.MSIX_BAR, -1);
  if (!has(config.read16(device, pci.STATUS), pci.STATUS_CAPABILITIES_LIST)) return;
  let pointer = config.read8(device, pci.CAPABILITIES_POINTER) & pci.CAPABILITY_POINTER_MASK;
  for (let seen = 0; pointer >= pci.CAPABILITIES_START && seen < CAPABILITIES_MAX; seen++) {
    const id = config.read8(device, pointer + pci.CAPABILITY_ID);
    if (id === pci.CAPABILITY_PCI_EXPRESS) table.put(at, record.EXPRESS, pointer);
    if (id === pci.CAPABILITY_MSIX) describeMsix(config, table, at, pointer);
    pointer = config.read8(device, pointer + pci.CAPABILITY_NEXT) & pci.CAPABILITY_POINTER_MASK;
  }
}

/** §7.7.2 "MSI-X Capability and Table Structure". */
function describeMsix(config: ConfigSpace, table: DeviceTable, at: number, capability: number): void {
  const device = table.get(at, record.DEVICE);
  const control = config.read16(device, capability + pci.MSIX_MESSAGE_CONTROL);
  const where = config.read32(device, capability + pci.MSIX_TABLE);
  table.put(at, record.MSIX, capability);
  table.put(at, record.VECTOR_COUNT, get(control, pci.MSIX_CONTROL_TABLE_SIZE) + 1);
  table.put(at, record.MSIX_BAR, get(where, pci.MSIX_BIR));
  table.put(at, record.TABLE_OFFSET, where & pci.MSIX_OFFSET_MASK);
}
