/** MSI-X. PCIe Base 5.0 §7.7.2 "MSI-X Capability and Table Structure". Offsets from the capability's start. */
import { bit, bits, type Field } from '@bulkhead/bits';

export const MSIX_MESSAGE_CONTROL = 0x2; // RW, 16 bits
export const MSIX_TABLE = 0x4; // RO, 32 bits
export const MSIX_PBA = 0x8; // RO, 32 bits
export const MSIX_SIZE_BYTES = 12;
export const MSIX_MAX_VECTORS = 2048;

/** §7.7.2.2 "Message Control Register for MSI-X". While enabled, the function may not use INTx or MSI. */
export const MSIX_CONTROL_TABLE_SIZE: Field = bits(10, 0); // RO, vectors - 1
export const MSIX_CONTROL_FUNCTION_MASK: Field = bit(14);
export const MSIX_CONTROL_ENABLE: Field = bit(15);

/** §7.7.2.3 "Table Offset/Table BIR Register", §7.7.2.4 "PBA Offset/PBA BIR Register". */
export const MSIX_BIR: Field = bits(2, 0); // index of the BAR
export const MSIX_OFFSET: Field = bits(31, 3); // in units of 8 bytes: the word without its three low bits is the offset
export const MSIX_OFFSET_MASK = 0xfffffff8;

/** §7.7.2 figure "MSI-X Table Structure": one entry of four dwords a vector. */
export const MSIX_ENTRY_SIZE_BYTES = 16;
export const MSIX_ENTRY_MESSAGE_ADDRESS = 0x0; // RW, 32 bits, the two low bits 0
export const MSIX_ENTRY_MESSAGE_UPPER_ADDRESS = 0x4; // RW, 32 bits
export const MSIX_ENTRY_MESSAGE_DATA = 0x8; // RW, 32 bits
export const MSIX_ENTRY_VECTOR_CONTROL = 0xc; // RW, 32 bits
export const MSIX_VECTOR_CONTROL_MASK: Field = bit(0); // 1 at reset

/** §7.7.2 figure "MSI-X PBA Structure": one pending bit a vector, 64 to a qword. RO to software. */
export const MSIX_PBA_QWORD_BYTES = 8;
export const MSIX_PBA_VECTORS_PER_WORD = 32;
