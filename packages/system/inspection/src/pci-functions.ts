/** The PCI functions on the board, and where their interrupts go. Read without an access on the bus, which would count. */
import type { System } from '@bulkhead/assembler';
import { get, has } from '@bulkhead/bits';
import { PCI_IO_PAGE, PCI_IO_PAGES } from '@bulkhead/board';
import type { PciFunction } from '@bulkhead/pci';
import * as pci from '@bulkhead/pci-datasheet';
import type { PageRange } from './page-ranges.ts';

export interface Bar {
  /** 0 … 5: which register. */
  readonly index: number;
  readonly isIo: boolean;
  /** What software programmed; 0 while it has not. */
  readonly address: number;
  readonly sizeBytes: number;
}
export interface MsixVector {
  readonly vector: number;
  readonly masked: boolean;
  /** Where the message goes, and what it says: for an interrupt file, the identity. */
  readonly address: number;
  readonly data: number;
}
export interface DeviceFunction {
  /** Bus, device and function, as `00:01.0`. */
  readonly name: string;
  readonly requesterId: number;
  readonly vendorId: number;
  readonly deviceId: number;
  readonly classCode: number;
  /** Command register: whether it answers in memory space, and may do DMA. */
  readonly memorySpace: boolean;
  readonly busMaster: boolean;
  readonly bars: readonly Bar[];
  readonly msix: { readonly enabled: boolean; readonly vectors: readonly MsixVector[] } | null;
}

const PAGE_BYTES = 4096;
/** No more capabilities fit between header and the end of the first 256 bytes. */
const LIST_LIMIT = 48;

/** @returns the functions, by rising requester ID. */
export const functionsOf = ({ board }: System): DeviceFunction[] =>
  board.nics.map((nic) => readFunction(nic.function)).toSorted((a, b) => a.requesterId - b.requesterId);

/** @returns the physical pages of a function's BARs that have an address; I/O space has a window of memory. */
export const barPagesOf = ({ bars }: DeviceFunction): (PageRange & { readonly index: number })[] =>
  bars
    .filter(({ isIo, address }) => address !== 0 && (!isIo || address < PCI_IO_PAGES * PAGE_BYTES))
    .map(({ index, isIo, address, sizeBytes }) => ({
      index,
      page: (isIo ? PCI_IO_PAGE : 0) + Math.floor(address / PAGE_BYTES),
      count: Math.ceil(((address % PAGE_BYTES) + sizeBytes) / PAGE_BYTES),
    }));

export function deviceName(requesterId: number): string {
  const two = (value: number): string => value.toString(16).padStart(2, '0');
  return `${two(requesterId >>> 8)}:${two((requesterId >>> 3) & 31)}.${requesterId & 7}`;
}

function readFunction(found: PciFunction): DeviceFunction {
  const command = found.readConfig(pci.COMMAND, 2);
  return {
    name: deviceName(found.requesterId),
    requesterId: found.requesterId,
    vendorId: found.readConfig(pci.VENDOR_ID, 2),
    deviceId: found.readConfig(pci.DEVICE_ID, 2),
    classCode: found.readConfig(pci.REVISION_ID, 4) >>> 8,
    memorySpace: has(command, pci.COMMAND_MEMORY_SPACE_ENABLE),
    busMaster: found.busMasterEnabled,
    bars: barsOf(found),
    msix: msixOf(found),
  };
}
const barsOf = (found: PciFunction): Bar[] =>
  found.bars.map(({ index, isIo, address, sizeBytes }) => ({ index, isIo, address, sizeBytes }));

/** The table is read from the device behind its BAR, whether or not software has given that an address. */
function msixOf(found: PciFunction): DeviceFunction['msix'] {
  const at = capabilityAt(found, pci.CAPABILITY_MSIX);
  if (at === 0) return null;
  const control = found.readConfig(at + pci.MSIX_MESSAGE_CONTROL, 2);
  const table = found.readConfig(at + pci.MSIX_TABLE, 4);
  const place = barsOf(found).findIndex(({ index }) => index === get(table, pci.MSIX_BIR));
  const behind = found.bars[place]?.device;
  const count = behind === undefined ? 0 : get(control, pci.MSIX_CONTROL_TABLE_SIZE) + 1;
  const first = (table & pci.MSIX_OFFSET_MASK) >>> 0;
  const vectors = Array.from({ length: count }, (_, vector) => {
    const entry = first + vector * pci.MSIX_ENTRY_SIZE_BYTES;
    const word = (offset: number): number => behind!.read(entry + offset, 4);
    return {
      vector,
      masked: has(word(pci.MSIX_ENTRY_VECTOR_CONTROL), pci.MSIX_VECTOR_CONTROL_MASK),
      address: word(pci.MSIX_ENTRY_MESSAGE_UPPER_ADDRESS) * 0x1_0000_0000 + word(pci.MSIX_ENTRY_MESSAGE_ADDRESS),
      data: word(pci.MSIX_ENTRY_MESSAGE_DATA),
    };
  });
  return { enabled: has(control, pci.MSIX_CONTROL_ENABLE), vectors };
}
/** @returns where in configuration space a capability stands, or 0. */
function capabilityAt(found: PciFunction, id: number): number {
  let at = found.readConfig(pci.CAPABILITIES_POINTER, 1);
  for (let left = LIST_LIMIT; at !== 0 && left > 0; left--) {
    if (found.readConfig(at + pci.CAPABILITY_ID, 1) === id) return at;
    at = found.readConfig(at + pci.CAPABILITY_NEXT, 1);
  }
  return 0;
}
