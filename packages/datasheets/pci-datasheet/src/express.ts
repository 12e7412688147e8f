/** PCI Express capability. PCIe Base 5.0 §7.5.3 "PCI Express Capability Structure". Offsets from its start. */
import { bit, bits, type Field } from '@bulkhead/bits';

export const EXPRESS_CAPABILITIES = 0x02; // RO, 16 bits
export const DEVICE_CAPABILITIES = 0x04; // RO, 32 bits
export const DEVICE_CONTROL = 0x08; // RW, 16 bits
export const DEVICE_STATUS = 0x0a; // W1C, 16 bits
export const LINK_CAPABILITIES = 0x0c; // RO, 32 bits
export const LINK_CONTROL = 0x10; // RW, 16 bits
export const LINK_STATUS = 0x12; // RO, 16 bits
export const SLOT_CAPABILITIES = 0x14; // RO, 32 bits; 0 without a slot
export const SLOT_CONTROL = 0x18; // RW, 16 bits
export const SLOT_STATUS = 0x1a; // RO and W1C, 16 bits
export const ROOT_CONTROL = 0x1c; // RW, 16 bits
export const ROOT_CAPABILITIES = 0x1e; // RO, 16 bits
export const ROOT_STATUS = 0x20; // RO and W1C, 32 bits
export const DEVICE_CAPABILITIES_2 = 0x24; // RO, 32 bits
export const DEVICE_CONTROL_2 = 0x28; // RW, 16 bits
export const DEVICE_STATUS_2 = 0x2a; // RO, 16 bits
export const LINK_CAPABILITIES_2 = 0x2c; // RO, 32 bits
export const LINK_CONTROL_2 = 0x30; // RW, 16 bits
export const LINK_STATUS_2 = 0x32; // RO, 16 bits
export const EXPRESS_SIZE_BYTES = 0x14; // of an endpoint, version 1
export const EXPRESS_2_SIZE_BYTES = 0x3c; // of version 2, whatever the port

/** §7.5.3.2 "PCI Express Capabilities Register". */
export const EXPRESS_CAPABILITIES_VERSION: Field = bits(3, 0);
export const EXPRESS_CAPABILITIES_DEVICE_PORT_TYPE: Field = bits(7, 4);
export const EXPRESS_TYPE_ENDPOINT = 0;
export const EXPRESS_TYPE_LEGACY_ENDPOINT = 1;
export const EXPRESS_TYPE_ROOT_PORT = 4;
export const EXPRESS_TYPE_EXPRESS_TO_PCI_BRIDGE = 7;
export const EXPRESS_TYPE_ROOT_COMPLEX_INTEGRATED_ENDPOINT = 9;

/** §7.5.3.3 "Device Capabilities Register". */
export const DEVICE_CAPABILITIES_MAX_PAYLOAD_SIZE: Field = bits(2, 0); // 128 << value bytes
export const DEVICE_CAPABILITIES_ROLE_BASED_ERROR_REPORTING: Field = bit(15);
export const DEVICE_CAPABILITIES_FUNCTION_LEVEL_RESET: Field = bit(28);

/** §7.5.3.4 "Device Control Register". */
export const DEVICE_CONTROL_CORRECTABLE_ERROR_REPORTING: Field = bit(0);
export const DEVICE_CONTROL_NON_FATAL_ERROR_REPORTING: Field = bit(1);
export const DEVICE_CONTROL_FATAL_ERROR_REPORTING: Field = bit(2);
export const DEVICE_CONTROL_UNSUPPORTED_REQUEST_REPORTING: Field = bit(3);
export const DEVICE_CONTROL_RELAXED_ORDERING: Field = bit(4);
export const DEVICE_CONTROL_MAX_PAYLOAD_SIZE: Field = bits(7, 5);
export const DEVICE_CONTROL_NO_SNOOP: Field = bit(11);
export const DEVICE_CONTROL_MAX_READ_REQUEST_SIZE: Field = bits(14, 12);
/** Reads 0. A written 1 resets the function; it must be ready after 100 ms. §6.6.2 "Function Level Reset (FLR)". */
export const DEVICE_CONTROL_INITIATE_FUNCTION_LEVEL_RESET: Field = bit(15);
export const FUNCTION_LEVEL_RESET_MAX_MS = 100;

/** §7.5.3.5 "Device Status Register". */
export const DEVICE_STATUS_CORRECTABLE_ERROR: Field = bit(0); // W1C
export const DEVICE_STATUS_NON_FATAL_ERROR: Field = bit(1); // W1C
export const DEVICE_STATUS_FATAL_ERROR: Field = bit(2); // W1C
export const DEVICE_STATUS_UNSUPPORTED_REQUEST: Field = bit(3); // W1C
export const DEVICE_STATUS_TRANSACTIONS_PENDING: Field = bit(5); // RO

/** §7.5.3.6 "Link Capabilities Register", §7.5.3.8 "Link Status Register": the low ten bits mean the same in both. */
export const LINK_SPEED: Field = bits(3, 0);
export const LINK_SPEED_2_5_GT = 1;
export const LINK_WIDTH: Field = bits(9, 4);
export const LINK_CAPABILITIES_ASPM: Field = bits(11, 10);
export const LINK_CAPABILITIES_DATA_LINK_LAYER_ACTIVE_REPORTING: Field = bit(20);
export const LINK_CAPABILITIES_PORT_NUMBER: Field = bits(31, 24);
export const LINK_STATUS_TRAINING: Field = bit(11);
export const LINK_STATUS_SLOT_CLOCK: Field = bit(12);
export const LINK_STATUS_DATA_LINK_LAYER_ACTIVE: Field = bit(13);

/** §7.5.3.7 "Link Control Register". */
export const LINK_CONTROL_ASPM: Field = bits(1, 0);
export const LINK_CONTROL_READ_COMPLETION_BOUNDARY: Field = bit(3);
export const LINK_CONTROL_DISABLE: Field = bit(4); // of downstream ports
export const LINK_CONTROL_RETRAIN: Field = bit(5); // of downstream ports; reads 0
export const LINK_CONTROL_COMMON_CLOCK: Field = bit(6);
export const LINK_CONTROL_EXTENDED_SYNCH: Field = bit(7);

/** §7.5.3.12 "Root Control Register", §7.5.3.14 "Root Status Register". */
export const ROOT_CONTROL_CORRECTABLE_SYSTEM_ERROR: Field = bit(0);
export const ROOT_CONTROL_NON_FATAL_SYSTEM_ERROR: Field = bit(1);
export const ROOT_CONTROL_FATAL_SYSTEM_ERROR: Field = bit(2);
export const ROOT_CONTROL_PME_INTERRUPT_ENABLE: Field = bit(3);
export const ROOT_STATUS_PME_REQUESTER_ID: Field = bits(15, 0); // RO
export const ROOT_STATUS_PME_STATUS: Field = bit(16); // W1C
export const ROOT_STATUS_PME_PENDING: Field = bit(17); // RO
