/**
 * MSI page tables and memory-resident interrupt files. RISC-V Advanced Interrupt Architecture 1.0, chapter 8 "IOMMU
 * Support for MSIs to Virtual Machines"; RISC-V IOMMU Architecture Specification 1.0, §2.3.3 "Process to translate
 * addresses of MSIs". An entry is 16 bytes: words 0 and 1 are its first doubleword, words 2 and 3 its second.
 */
import { bit, bits, type Field } from '@bulkhead/bits';

/** AIA "MSI page tables". */
export const MSIPTE_SIZE_BYTES = 16;
export const MSIPTE_0_V: Field = bit(0);
export const MSIPTE_0_M: Field = bits(2, 1);
export const MSIPTE_1_C: Field = bit(31); // 63
/** Values of `M`. The others are reserved. */
export const MSIPTE_M_MRIF = 1;
export const MSIPTE_M_BASIC = 3;

/** AIA "MSI PTE, basic translate mode". PPN is [53:10]; the second doubleword is ignored. */
export const MSIPTE_BASIC_0_PPN: Field = bits(31, 10);
export const MSIPTE_BASIC_0_RESERVED: Field = bits(9, 3);
export const MSIPTE_BASIC_1_PPN: Field = bits(21, 0);
export const MSIPTE_BASIC_1_RESERVED: Field = bits(30, 22); // 62:54

/** AIA "MSI PTE, MRIF mode". Bits [55:9] of the file's address stand at [53:7]; NPPN at [53:10] of the second. */
export const MSIPTE_MRIF_0_ADDRESS: Field = bits(31, 7);
export const MSIPTE_MRIF_0_RESERVED: Field = bits(6, 3);
export const MSIPTE_MRIF_1_ADDRESS: Field = bits(21, 0);
export const MSIPTE_MRIF_1_RESERVED: Field = bits(30, 22); // 62:54
export const MSIPTE_MRIF_2_NID: Field = bits(9, 0); // NID[9:0]
export const MSIPTE_MRIF_2_NPPN: Field = bits(31, 10);
export const MSIPTE_MRIF_3_NPPN: Field = bits(21, 0);
export const MSIPTE_MRIF_3_RESERVED_LOW: Field = bits(27, 22); // 59:54
export const MSIPTE_MRIF_3_NID: Field = bit(28); // 60: NID[10]
export const MSIPTE_MRIF_3_RESERVED_HIGH: Field = bits(31, 29); // 63:61

/**
 * AIA "Format of a memory-resident interrupt file": 32 pairs of doublewords. Pair `k` holds the pending bits, then the
 * enable bits, of identities 64k to 64k + 63. Little-endian, aligned to its size.
 */
export const MRIF_SIZE_BYTES = 512;
export const MRIF_PAIR_SIZE_BYTES = 16;
export const MRIF_IDENTITIES = 2048;
