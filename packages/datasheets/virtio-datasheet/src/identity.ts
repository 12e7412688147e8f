/** Who a virtio device is on the bus. Virtio 1.2 §4.1.2 "PCI Device Discovery". */
export const VENDOR_ID = 0x1af4;
/** A device ID of a device without the legacy interface is this, plus the type of §5 "Device Types". */
export const DEVICE_ID_BASE = 0x1040;
export const DEVICE_TYPE_NETWORK = 1;
export const DEVICE_ID_NETWORK = 0x1041;
/** §4.1.2.1: devices without the legacy interface should have a revision of 1 or more, a subsystem ID of 0x40 or more. */
export const REVISION_ID = 1;
export const SUBSYSTEM_ID_MIN = 0x40;
