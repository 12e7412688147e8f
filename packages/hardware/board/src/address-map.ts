/**
 * Where things stand, in pages. The map is that of QEMU's `virt` board with message-signalled interrupts
 * (hw/riscv/virt.c, `virt_memmap`, with `aia=aplic-imsic`), because real operating systems are written for it.
 */
/** PCI I/O space: 64 KiB, and I/O address 0 at its start. */
export const PCI_IO_PAGE = 0x3000;
export const PCI_IO_PAGES = 16;
export const IOMMU_PAGE = 0x3010;
export const IOMMU_PAGES = 1;
/** The supervisor-level interrupt file of hart 0. */
export const IMSIC_PAGE = 0x28000;
export const ECAM_PAGE = 0x30000;
export const ECAM_PAGES = 0x10000;
export const PCI_WINDOW_PAGE = 0x40000;
export const PCI_WINDOW_PAGES = 0x40000;
export const RAM_PAGE = 0x80000;
