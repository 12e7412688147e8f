/**
 * The process directory and the process context. RISC-V IOMMU Architecture Specification 1.0, §2.2
 * "Process-Directory-Table (PDT)". Fields are of the 32-bit word that their comment names.
 */
import { bit, bits, type Field } from '@bulkhead/bits';

/** §2.2.1 "Non-leaf PDT entry": 8 bytes, the layout of a non-leaf DDT entry. */
export const PDTE_SIZE_BYTES = 8;
export const PDTE_V: Field = bit(0); // low word
export const PDTE_LO_RESERVED: Field = bits(9, 1);
export const PDTE_PPN_LO: Field = bits(31, 10); // PPN is [53:10]
export const PDTE_PPN_HI: Field = bits(21, 0);
export const PDTE_HI_RESERVED: Field = bits(31, 22);

/** §2 "Data Structures", "`process_id` partitioning for PDT radix-tree traversal". */
export const PDI0: Field = bits(7, 0);
export const PDI1: Field = bits(16, 8);
export const PDI2: Field = bits(19, 17);
export const PROCESS_ID_BITS = 20;

/** §2.1.3.4, table "Encoding of `pdtp.MODE` field". The field stands where `iosatp.MODE` does. */
export const PDTP_MODE_BARE = 0;
export const PDTP_MODE_PD8 = 1;
export const PDTP_MODE_PD17 = 2;
export const PDTP_MODE_PD20 = 3;

/** §2.2.2 "Leaf PDT entry": a process context is 16 bytes; byte offsets within it. */
export const PC_SIZE_BYTES = 16;
export const PC_TA = 0;
export const PC_FSC = 8; // the layout of iosatp

/** §2.2.3 "Process-context fields", `ta`, low word; the high word is reserved. */
export const PC_TA_V: Field = bit(0);
export const PC_TA_ENS: Field = bit(1);
export const PC_TA_SUM: Field = bit(2);
export const PC_TA_RESERVED: Field = bits(11, 3);
export const PC_TA_PSCID: Field = bits(31, 12);
