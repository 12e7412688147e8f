/** Memory that is a device's: what stands at a physical page beyond RAM, and who may touch it. */
import type { System } from '@bulkhead/assembler';
import { ECAM_PAGE, ECAM_PAGES } from '@bulkhead/board';
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

/** Where a PCI function answers: `BAR 0`, or its configuration space. */
export interface DevicePlace {
  /** As `00:01.0`. */
  readonly device: string;
  readonly place: string;
}

/** @returns whose registers stand at a physical page, by what software programmed into the BARs; null where no function's do. */
export function deviceAt(system: System, page: number): DevicePlace | null {
  for (const found of functionsOf(system)) {
    if (isWithin(page, ECAM_PAGE, ECAM_PAGES) && page - ECAM_PAGE === found.requesterId)
      return { device: found.name, place: 'configuration space' };
    const bar = barPagesOf(found).find((range) => isWithin(page, range.page, range.count));
    if (bar !== undefined) return { device: found.name, place: `BAR ${bar.index}` };
  }
  return null;
}
const isWithin = (page: number, first: number, count: number): boolean => page >= first && page < first + count;
