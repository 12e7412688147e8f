/** What answers at which physical page of the board. */

import type { System } from '@bulkhead/assembler';
import {
  ECAM_PAGE,
  ECAM_PAGES,
  IMSIC_PAGE,
  IOMMU_PAGE,
  IOMMU_PAGES,
  PCI_IO_PAGE,
  PCI_IO_PAGES,
  PCI_WINDOW_PAGE,
  PCI_WINDOW_PAGES,
} from '@bulkhead/board';
import type { PageRange } from './page-ranges.ts';

export type AddressKind = 'pci-io' | 'iommu-registers' | 'interrupt-file' | 'ecam' | 'pci-window' | 'ram';

export interface AddressRange extends PageRange {
  readonly kind: AddressKind;
}

/** @returns the board's address map, in rising order. */
export function addressMapOf({ board }: System): AddressRange[] {
  return [
    { kind: 'pci-io', page: PCI_IO_PAGE, count: PCI_IO_PAGES },
    { kind: 'iommu-registers', page: IOMMU_PAGE, count: IOMMU_PAGES },
    { kind: 'interrupt-file', page: IMSIC_PAGE, count: 1 },
    { kind: 'ecam', page: ECAM_PAGE, count: ECAM_PAGES },
    { kind: 'pci-window', page: PCI_WINDOW_PAGE, count: PCI_WINDOW_PAGES },
    { kind: 'ram', page: board.ram.basePage, count: board.ram.pageCount },
  ];
}
