/**
 * Configuration space header. PCI Express Base Specification 5.0.
 * Offsets are in bytes; the access in the comment is what the specification gives the register.
 */
import { bit, bits, type Field } from '@bulkhead/bits';

/** Common to types 0 and 1. §7.5.1.1 "Type 0/1 Common Configuration Space". */
export const VENDOR_ID = 0x00; // RO, 16 bits
export const DEVICE_ID = 0x02; // RO, 16 bits
export const COMMAND = 0x04; // RW, 16 bits
export const STATUS = 0x06; // RO and W1C, 16 bits
export const REVISION_ID = 0x08; // RO, 8 bits
export const CLASS_CODE = 0x09; // RO, 24 bits: programming interface, sub-class, base class
export const CACHE_LINE_SIZE = 0x0c; // RW, 8 bits, no effect in PCI Express
export const LATENCY_TIMER = 0x0d; // RO 0, 8 bits
export const HEADER_TYPE = 0x0e; // RO, 8 bits
export const BIST = 0x0f; // RO 0, 8 bits
export const CAPABILITIES_POINTER = 0x34; // RO, 8 bits
export const INTERRUPT_LINE = 0x3c; // RW, 8 bits
export const INTERRUPT_PIN = 0x3d; // RO, 8 bits: 0 none, 1 INTA … 4 INTD

/** Type 0. §7.5.1.2 "Type 0 Configuration Space Header". */
export const BAR0 = 0x10; // RW, 32 bits
export const BAR1 = 0x14;
export const BAR2 = 0x18;
export const BAR3 = 0x1c;
export const BAR4 = 0x20;
export const BAR5 = 0x24;
export const BAR_COUNT = 6; // of a type 0 header; a type 1 header has two
export const CARDBUS_CIS_POINTER = 0x28; // RO 0
export const SUBSYSTEM_VENDOR_ID = 0x2c; // RO, 16 bits
export const SUBSYSTEM_ID = 0x2e; // RO, 16 bits
export const EXPANSION_ROM_BASE_ADDRESS = 0x30; // RW, 32 bits
export const MIN_GNT = 0x3e; // RO 0
export const MAX_LAT = 0x3f; // RO 0

/** Type 1. §7.5.1.3 "Type 1 Configuration Space Header". */
export const PRIMARY_BUS_NUMBER = 0x18; // RW, 8 bits
export const SECONDARY_BUS_NUMBER = 0x19; // RW, 8 bits
export const SUBORDINATE_BUS_NUMBER = 0x1a; // RW, 8 bits
export const SECONDARY_LATENCY_TIMER = 0x1b; // RO 0
export const IO_BASE = 0x1c; // RW, 8 bits
export const IO_LIMIT = 0x1d; // RW, 8 bits
export const SECONDARY_STATUS = 0x1e; // W1C, 16 bits
export const MEMORY_BASE = 0x20; // RW, 16 bits, 1 MiB granules
export const MEMORY_LIMIT = 0x22; // RW, 16 bits
export const PREFETCHABLE_MEMORY_BASE = 0x24; // RW, 16 bits
export const PREFETCHABLE_MEMORY_LIMIT = 0x26; // RW, 16 bits
export const PREFETCHABLE_BASE_UPPER = 0x28; // RW, 32 bits
export const PREFETCHABLE_LIMIT_UPPER = 0x2c; // RW, 32 bits
export const IO_BASE_UPPER = 0x30; // RW, 16 bits
export const IO_LIMIT_UPPER = 0x32; // RW, 16 bits
export const BRIDGE_EXPANSION_ROM_BASE_ADDRESS = 0x38; // RW, 32 bits
export const BRIDGE_CONTROL = 0x3e; // RW, 16 bits

/** §7.5.1.1.1 "Vendor ID Register": what a read of an absent function returns. */
export const VENDOR_ID_ABSENT = 0xffff;

/** §7.5.1.1.3 "Command Register". */
export const COMMAND_IO_SPACE_ENABLE: Field = bit(0);
export const COMMAND_MEMORY_SPACE_ENABLE: Field = bit(1);
export const COMMAND_BUS_MASTER_ENABLE: Field = bit(2); // gates DMA and MSI alike
export const COMMAND_PARITY_ERROR_RESPONSE: Field = bit(6);
export const COMMAND_SERR_ENABLE: Field = bit(8);
export const COMMAND_INTERRUPT_DISABLE: Field = bit(10); // of INTx; MSI is not affected

/** §7.5.1.1.4 "Status Register". */
export const STATUS_INTERRUPT_STATUS: Field = bit(3); // RO
export const STATUS_CAPABILITIES_LIST: Field = bit(4); // RO, always 1 in PCI Express
export const STATUS_MASTER_DATA_PARITY_ERROR: Field = bit(8); // W1C
export const STATUS_SIGNALED_TARGET_ABORT: Field = bit(11); // W1C
export const STATUS_RECEIVED_TARGET_ABORT: Field = bit(12); // W1C
export const STATUS_RECEIVED_MASTER_ABORT: Field = bit(13); // W1C
export const STATUS_SIGNALED_SYSTEM_ERROR: Field = bit(14); // W1C
export const STATUS_DETECTED_PARITY_ERROR: Field = bit(15); // W1C

/** §7.5.1.1.6 "Class Code Register". */
export const CLASS_CODE_PROGRAMMING_INTERFACE: Field = bits(7, 0);
export const CLASS_CODE_SUB_CLASS: Field = bits(15, 8);
export const CLASS_CODE_BASE_CLASS: Field = bits(23, 16);
/** PCI Code and ID Assignment 1.11 §1.3 "Base Class 02h", §1.7 "Base Class 06h". */
export const CLASS_ETHERNET_CONTROLLER = 0x020000;
export const CLASS_HOST_BRIDGE = 0x060000;
export const CLASS_PCI_BRIDGE = 0x060400;

/** §7.5.1.1.9 "Header Type Register". */
export const HEADER_TYPE_LAYOUT: Field = bits(6, 0);
export const HEADER_TYPE_MULTI_FUNCTION: Field = bit(7);
export const HEADER_TYPE_0 = 0;
export const HEADER_TYPE_1 = 1;

/** §7.5.1.1.13 "Interrupt Pin Register". */
export const INTERRUPT_PIN_NONE = 0;
export const INTERRUPT_PIN_INTA = 1;
export const INTERRUPT_PIN_INTD = 4;
export const INTERRUPT_WIRES = 4;

/** §7.5.1.3.13 "Bridge Control Register". */
export const BRIDGE_CONTROL_PARITY_ERROR_RESPONSE: Field = bit(0);
export const BRIDGE_CONTROL_SERR_ENABLE: Field = bit(1);
export const BRIDGE_CONTROL_ISA_ENABLE: Field = bit(2);
export const BRIDGE_CONTROL_VGA_ENABLE: Field = bit(3);
export const BRIDGE_CONTROL_VGA_16_BIT_DECODE: Field = bit(4);
export const BRIDGE_CONTROL_MASTER_ABORT_MODE: Field = bit(5); // RO 0 in PCI Express
export const BRIDGE_CONTROL_SECONDARY_BUS_RESET: Field = bit(6);

/** §7.5.1.3.7 "Secondary Status Register": the bits of Status, as the secondary side sees them; bit 14 differs. */
export const SECONDARY_STATUS_RECEIVED_SYSTEM_ERROR: Field = bit(14); // W1C

/**
 * §7.5.1.3.6 "I/O Base/I/O Limit Registers", §7.5.1.3.8 "Memory Base Register/Memory Limit Register", §7.5.1.3.9
 * "Prefetchable Memory Base/Prefetchable Memory Limit Registers": the windows of a bridge; base above limit closes one.
 * The low four bits are read-only and say how wide the addresses are.
 */
export const BRIDGE_IO_BASE: Field = bits(7, 4); // address bits 15:12
export const BRIDGE_IO_ADDRESSING: Field = bits(3, 0);
export const BRIDGE_IO_ADDRESSING_16 = 0;
export const BRIDGE_IO_ADDRESSING_32 = 1;
export const BRIDGE_MEMORY_BASE: Field = bits(15, 4); // address bits 31:20
export const BRIDGE_PREFETCHABLE_ADDRESSING: Field = bits(3, 0);
export const BRIDGE_PREFETCHABLE_ADDRESSING_32 = 0;
export const BRIDGE_PREFETCHABLE_ADDRESSING_64 = 1;
export const IO_WINDOW_GRANULE_BYTES = 0x1000;
export const MEMORY_WINDOW_GRANULE_BYTES = 0x10_0000;
