/**
 * The common configuration structure. Virtio 1.2 §4.1.4.3 "Common configuration structure layout": each field is
 * accessed in its own width; a field of 64 bits as two of 32.
 */
import { bit, type Field } from '@bulkhead/bits';

export const DEVICE_FEATURE_SELECT = 0x00; // RW, 32 bits
export const DEVICE_FEATURE = 0x04; // RO, 32 bits
export const DRIVER_FEATURE_SELECT = 0x08; // RW, 32 bits
export const DRIVER_FEATURE = 0x0c; // RW, 32 bits
export const CONFIG_MSIX_VECTOR = 0x10; // RW, 16 bits
export const NUM_QUEUES = 0x12; // RO, 16 bits
export const DEVICE_STATUS = 0x14; // RW, 8 bits
export const CONFIG_GENERATION = 0x15; // RO, 8 bits
/** About the virtqueue that QUEUE_SELECT names. */
export const QUEUE_SELECT = 0x16; // RW, 16 bits
export const QUEUE_SIZE = 0x18; // RW, 16 bits
export const QUEUE_MSIX_VECTOR = 0x1a; // RW, 16 bits
export const QUEUE_ENABLE = 0x1c; // RW, 16 bits
export const QUEUE_NOTIFY_OFF = 0x1e; // RO, 16 bits
export const QUEUE_DESC = 0x20; // RW, 64 bits
export const QUEUE_DRIVER = 0x28; // RW, 64 bits
export const QUEUE_DEVICE = 0x30; // RW, 64 bits
export const QUEUE_NOTIFY_DATA = 0x38; // RO, 16 bits
export const QUEUE_RESET = 0x3a; // RW, 16 bits
export const COMMON_CFG_SIZE_BYTES = 0x3c;

/** §4.1.5.1.2 "MSI-X Vector Configuration". */
export const MSI_NO_VECTOR = 0xffff;

/** §2.1 "Device Status Field". */
export const STATUS_ACKNOWLEDGE: Field = bit(0);
export const STATUS_DRIVER: Field = bit(1);
export const STATUS_DRIVER_OK: Field = bit(2);
export const STATUS_FEATURES_OK: Field = bit(3);
export const STATUS_DEVICE_NEEDS_RESET: Field = bit(6);
export const STATUS_FAILED: Field = bit(7);

/** §4.1.4.5 "ISR status capability": reading the byte clears it. */
export const ISR_QUEUE: Field = bit(0);
export const ISR_DEVICE_CONFIGURATION: Field = bit(1);
