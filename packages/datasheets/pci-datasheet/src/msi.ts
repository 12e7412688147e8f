/** MSI. PCIe Base 5.0 §7.7.1 "MSI Capability Structures". Offsets from the capability's start. */
import { bit, bits, type Field } from '@bulkhead/bits';

export const MSI_MESSAGE_CONTROL = 0x2; // RW, 16 bits
export const MSI_MESSAGE_ADDRESS = 0x4; // RW, 32 bits, dword aligned
export const MSI_MESSAGE_UPPER_ADDRESS = 0x8; // RW, 32 bits, when 64-bit capable
export const MSI_MESSAGE_DATA_32 = 0x8; // RW, 16 bits, when not
export const MSI_MESSAGE_DATA_64 = 0xc; // RW, 16 bits
export const MSI_MASK_BITS_32 = 0xc; // RW, 32 bits
export const MSI_MASK_BITS_64 = 0x10;
export const MSI_PENDING_BITS_32 = 0x10; // RO, 32 bits
export const MSI_PENDING_BITS_64 = 0x14;

/** §7.7.1.2 "Message Control Register for MSI". */
export const MSI_CONTROL_ENABLE: Field = bit(0);
export const MSI_CONTROL_MULTIPLE_MESSAGE_CAPABLE: Field = bits(3, 1); // RO, log2 of the vectors asked for
export const MSI_CONTROL_MULTIPLE_MESSAGE_ENABLE: Field = bits(6, 4); // log2 of the vectors given
export const MSI_CONTROL_64_BIT_CAPABLE: Field = bit(7); // RO
export const MSI_CONTROL_PER_VECTOR_MASKING: Field = bit(8); // RO
export const MSI_MAX_VECTORS = 32;
/** Allocation values above this are reserved: log2 of 32. */
export const MSI_MAX_VECTORS_LOG2 = 5;
