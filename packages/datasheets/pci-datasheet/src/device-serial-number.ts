/** Device serial number. PCIe Base 5.0 §7.9.3 "Device Serial Number Extended Capability". Offsets from its start. */
export const SERIAL_NUMBER_LOW = 0x4; // RO, 32 bits
export const SERIAL_NUMBER_HIGH = 0x8; // RO, 32 bits
export const SERIAL_NUMBER_SIZE_BYTES = 0xc;
export const SERIAL_NUMBER_VERSION = 1;
