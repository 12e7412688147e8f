/**
 * The device as its bus sees it: identity, BARs, capabilities. Intel 82574 Datasheet revision 3.4 §9 "PCIe Programming
 * Interface", §10.1 "I/O-Mapped Access to Internal Registers".
 *
 * DEVIATION: the PCI Express capability offers function level reset, so that a function can be taken from a driver.
 * UNIMPLEMENTED: flash; its BAR reads as erased.
 */
import * as reg from '@bulkhead/intel-82574-datasheet';
import { PciFunction } from '@bulkhead/pci';
import type { RegisterDevice } from '@bulkhead/ports';

const ERASED = 0xffffffff;
const ALL_ONES: readonly number[] = [0, 0xff, 0xffff, 0, ERASED];
const CAPABILITY_OFFSETS = {
  powerManagement: reg.CAPABILITY_POWER_MANAGEMENT_OFFSET,
  msi: reg.CAPABILITY_MSI_OFFSET,
  express: reg.CAPABILITY_PCI_EXPRESS_OFFSET,
  msix: reg.CAPABILITY_MSIX_OFFSET,
  advancedErrors: reg.CAPABILITY_ADVANCED_ERRORS_OFFSET,
  serialNumber: reg.CAPABILITY_SERIAL_NUMBER_OFFSET,
};
const MSIX = {
  vectors: reg.MSIX_VECTOR_COUNT,
  tableBar: reg.BAR_MSIX,
  tableOffset: reg.MSIX_TABLE_OFFSET,
  pbaOffset: reg.MSIX_PBA_OFFSET,
};

export interface BusInterfaceOptions {
  readonly registers: RegisterDevice;
  readonly macAddress: Uint8Array;
  readonly onReset: () => void;
  readonly onBusMasterEnable: () => void;
}

export function createFunction({
  registers,
  macAddress,
  onReset,
  onBusMasterEnable,
}: BusInterfaceOptions): PciFunction {
  const idle: RegisterDevice = { read: () => 0, write: () => {} };
  const flash: RegisterDevice = { read: (_offset, widthBytes) => ALL_ONES[widthBytes] ?? ERASED, write: () => {} };
  return new PciFunction({
    vendorId: reg.VENDOR_ID,
    deviceId: reg.DEVICE_ID,
    classCode: reg.CLASS_CODE,
    revision: reg.REVISION_ID,
    subsystem: { vendorId: reg.VENDOR_ID, id: 0 },
    interruptPin: reg.INTERRUPT_PIN,
    bars: [
      { index: reg.BAR_MEMORY, kind: 'mem32', sizeBytes: reg.BAR_MEMORY_SIZE_BYTES, device: registers },
      { index: reg.BAR_FLASH, kind: 'mem32', sizeBytes: reg.BAR_FLASH_SIZE_BYTES, device: flash },
      { index: reg.BAR_IO, kind: 'io', sizeBytes: reg.BAR_IO_SIZE_BYTES, device: createIoDevice(registers) },
      { index: reg.BAR_MSIX, kind: 'mem32', sizeBytes: reg.BAR_MSIX_SIZE_BYTES, device: idle },
    ],
    msi: {},
    msix: MSIX,
    advancedErrors: true,
    serialNumber: serialNumberOf(macAddress),
    capabilityOffsets: CAPABILITY_OFFSETS,
    onReset,
    onBusMasterEnable,
  });
}

/** PCIe Base 5.0 §7.9.3 asks for an EUI-64: the address with FFFF between its halves. */
function serialNumberOf(mac: Uint8Array): { readonly high: number; readonly low: number } {
  const high = (mac[0]! << 24) | (mac[1]! << 16) | (mac[2]! << 8) | 0xff;
  return { high: high >>> 0, low: ((0xff << 24) | (mac[3]! << 16) | (mac[4]! << 8) | mac[5]!) >>> 0 };
}

/** §10.1: an address and a data register. */
function createIoDevice(memory: RegisterDevice): RegisterDevice {
  let address = 0;
  const isInside = (): boolean => address < reg.BAR_MEMORY_SIZE_BYTES;
  return {
    read: (offset, widthBytes) => {
      if (offset === reg.IOADDR) return (address & ALL_ONES[widthBytes]!) >>> 0;
      return offset === reg.IODATA && isInside() ? memory.read(address & ~3, widthBytes) : 0;
    },
    write: (offset, widthBytes, value) => {
      if (offset === reg.IOADDR && widthBytes === 4) address = value;
      else if (offset === reg.IODATA && isInside()) memory.write(address & ~3, widthBytes, value);
    },
  };
}
