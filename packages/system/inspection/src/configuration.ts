/**
 * Configuration space of every PCI function, found as software finds them: through ECAM, bus by bus. Looking leaves no
 * trace, not even the status bits that probing an absent function sets.
 */
import type { System } from '@bulkhead/assembler';
import { get, has } from '@bulkhead/bits';
import type { RootComplex } from '@bulkhead/pci';
import * as pci from '@bulkhead/pci-datasheet';
import { deviceName } from './pci-functions.ts';

export interface FunctionConfiguration {
  /** Bus, device and function, as `00:01.0`. */
  readonly name: string;
  readonly vendorId: number;
  readonly deviceId: number;
  readonly classCode: number;
  /** Two hexadecimal digits a byte: 4,096 bytes of a PCI Express function, 256 of another. */
  readonly bytes: string;
}
export interface ConfigurationSnapshot {
  readonly system: string;
  readonly atCycles: number;
  readonly functions: readonly FunctionConfiguration[];
}

const CONVENTIONAL_BYTES = 256;
/** No more capabilities fit between header and the end of the first 256 bytes. */
const LIST_LIMIT = 48;

export const configurationOf = (system: System): ConfigurationSnapshot => ({
  system: system.description.name,
  atCycles: system.clock.now,
  functions: configurationsOf(system.board.pci),
});

/** @returns the functions by rising bus, device and function number. */
export function configurationsOf(root: RootComplex): FunctionConfiguration[] {
  const found = new Map<number, FunctionConfiguration>();
  scan(root, 0, found);
  return [...found].toSorted(([a], [b]) => a - b).map(([, configuration]) => configuration);
}

/** Every bus is entered once, for a bridge may be numbered to lead back. */
function scan(root: RootComplex, bus: number, found: Map<number, FunctionConfiguration>): void {
  for (let device = 0; device < pci.DEVICES_PER_BUS; device++) {
    for (const requesterId of functionsOf(root, (bus << 8) | (device << 3))) {
      found.set(requesterId, configurationAt(root, requesterId));
      const secondary = root.peek(at(requesterId, pci.SECONDARY_BUS_NUMBER), 1);
      if (isBridge(root, requesterId) && secondary > bus) scan(root, secondary, found);
    }
  }
}
const at = (requesterId: number, register: number): number =>
  requesterId * pci.CONFIGURATION_SPACE_SIZE_BYTES + register;
const isThere = (root: RootComplex, requesterId: number): boolean =>
  root.peek(at(requesterId, pci.VENDOR_ID), 2) !== pci.VENDOR_ID_ABSENT;
const isBridge = (root: RootComplex, requesterId: number): boolean =>
  get(root.peek(at(requesterId, pci.HEADER_TYPE), 1), pci.HEADER_TYPE_LAYOUT) === pci.HEADER_TYPE_1;

/** Function 0 tells whether there are others. PCIe Base 5.0 §7.5.1.1.9 "Header Type Register". */
function functionsOf(root: RootComplex, first: number): number[] {
  if (!isThere(root, first)) return [];
  const several = has(root.peek(at(first, pci.HEADER_TYPE), 1), pci.HEADER_TYPE_MULTI_FUNCTION);
  const count = several ? pci.FUNCTIONS_PER_DEVICE : 1;
  return Array.from({ length: count }, (_, fn) => first + fn).filter((requesterId) => isThere(root, requesterId));
}

function configurationAt(root: RootComplex, requesterId: number): FunctionConfiguration {
  const lenBytes = isExpress(root, requesterId) ? pci.CONFIGURATION_SPACE_SIZE_BYTES : CONVENTIONAL_BYTES;
  const bytes = Array.from({ length: lenBytes }, (_, offset) => root.peek(at(requesterId, offset), 1));
  return {
    name: deviceName(requesterId),
    vendorId: root.peek(at(requesterId, pci.VENDOR_ID), 2),
    deviceId: root.peek(at(requesterId, pci.DEVICE_ID), 2),
    classCode: root.peek(at(requesterId, pci.REVISION_ID), 4) >>> 8,
    bytes: bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(''),
  };
}
function isExpress(root: RootComplex, requesterId: number): boolean {
  let pointer = root.peek(at(requesterId, pci.CAPABILITIES_POINTER), 1);
  for (let left = LIST_LIMIT; pointer !== 0 && left > 0; left--) {
    if (root.peek(at(requesterId, pointer + pci.CAPABILITY_ID), 1) === pci.CAPABILITY_PCI_EXPRESS) return true;
    pointer = root.peek(at(requesterId, pointer + pci.CAPABILITY_NEXT), 1);
  }
  return false;
}
