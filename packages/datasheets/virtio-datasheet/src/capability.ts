/**
 * Where a device's structures stand: vendor-specific capabilities. Virtio 1.2 §4.1.4 "Virtio Structure PCI
 * Capabilities". Byte offsets from the start of the capability; numbers are little-endian.
 */
export const CAP_VNDR = 0; // 8 bits: CAPABILITY_VENDOR_SPECIFIC
export const CAP_NEXT = 1; // 8 bits
export const CAP_LEN = 2; // 8 bits: of the whole capability
export const CAP_CFG_TYPE = 3; // 8 bits
export const CAP_BAR = 4; // 8 bits: 0 to 5; others are reserved
export const CAP_ID = 5; // 8 bits
export const CAP_OFFSET = 8; // 32 bits: within the BAR
export const CAP_LENGTH = 12; // 32 bits: of the structure
export const CAP_SIZE_BYTES = 16;

/** Values of cfg_type. */
export const CAP_COMMON_CFG = 1;
export const CAP_NOTIFY_CFG = 2;
export const CAP_ISR_CFG = 3;
export const CAP_DEVICE_CFG = 4;
export const CAP_PCI_CFG = 5;
export const CAP_SHARED_MEMORY_CFG = 8;
export const CAP_VENDOR_CFG = 9;

/** §4.1.4.4 "Notification structure layout": the capability goes on with this. */
export const NOTIFY_CAP_MULTIPLIER = 16; // 32 bits
export const NOTIFY_CAP_SIZE_BYTES = 20;

/** §4.1.4.9 "PCI configuration access capability": the capability goes on with this; bar, offset and length are RW. */
export const PCI_CFG_CAP_DATA = 16; // 4 bytes
export const PCI_CFG_CAP_SIZE_BYTES = 20;
