/**
 * What the device is on the bus. Intel 82574 GbE Controller Family Datasheet, revision 3.4 (June 2014),
 * §9 "PCIe Programming Interface".
 */
export const VENDOR_ID = 0x8086;
export const DEVICE_ID = 0x10d3;
export const CLASS_CODE = 0x020000;
export const REVISION_ID = 0;
export const INTERRUPT_PIN = 1; // INTA

/** §9 "Base Address Registers": BAR index and size. */
export const BAR_MEMORY = 0; // mem32: the registers
export const BAR_MEMORY_SIZE_BYTES = 0x2_0000;
export const BAR_FLASH = 1; // mem32
export const BAR_FLASH_SIZE_BYTES = 0x2_0000;
export const BAR_IO = 2; // I/O: IOADDR and IODATA
export const BAR_IO_SIZE_BYTES = 0x20;
export const BAR_MSIX = 3; // mem32: MSI-X table and PBA
export const BAR_MSIX_SIZE_BYTES = 0x4000;

/** §9 "MSI-X Capability". */
export const MSIX_VECTOR_COUNT = 5;
export const MSIX_TABLE_OFFSET = 0x0000;
export const MSIX_PBA_OFFSET = 0x2000;

/** Where the capabilities stand in configuration space. */
export const CAPABILITY_MSIX_OFFSET = 0xa0;
export const CAPABILITY_POWER_MANAGEMENT_OFFSET = 0xc8;
export const CAPABILITY_MSI_OFFSET = 0xd0;
export const CAPABILITY_PCI_EXPRESS_OFFSET = 0xe0;
export const CAPABILITY_ADVANCED_ERRORS_OFFSET = 0x100;
export const CAPABILITY_SERIAL_NUMBER_OFFSET = 0x140;

/** I/O BAR. §10.1 "I/O-Mapped Access to Internal Registers". */
export const IOADDR = 0x0; // RW: offset of the register in the memory BAR
export const IODATA = 0x4; // RW: its value
