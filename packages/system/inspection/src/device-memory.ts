/** Memory that is a device's: what stands at a physical page beyond RAM, and who may touch it. */
import type { System } from '@bulkhead/assembler';
import { type AddressKind, addressMapOf } from './address-map.ts';
import type { Stretch } from './intervals.ts';
import { barPagesOf, functionsOf } from './pci-functions.ts';

export interface DeviceRange extends Stretch {
  readonly what: string;
}

const PAGE_BYTES = 4096;
const WHAT: Readonly<Record<AddressKind, string>> = {
  'pci-io': 'PCI I/O space',
  'iommu-registers': 'registers of the IOMMU',
  'interrupt-file': 'interrupt file',
  ecam: 'PCI configuration space',
  'pci-window': 'PCI memory window',
  ram: 'RAM',
};

/** @returns the ranges of the address map, RAM included, and within them the BARs that have an address. They nest. */
export function deviceRangesOf(system: System): DeviceRange[] {
  const ranges = addressMapOf(system).map(({ kind, page, count }) => ({
    what: WHAT[kind],
    address: page * PAGE_BYTES,
    lenBytes: count * PAGE_BYTES,
  }));
  const bars = functionsOf(system).flatMap((found) =>
    barPagesOf(found).map(({ page, count, index }) => ({
      what: `BAR ${index} of ${found.name}`,
      address: page * PAGE_BYTES,
      lenBytes: count * PAGE_BYTES,
    })),
  );
  return [...ranges, ...bars];
}
