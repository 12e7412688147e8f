/**
 * Records in the fault queue. RISC-V IOMMU Architecture Specification 1.0, §3.2 "Fault/Event-Queue (FQ)".
 * A record is 32 bytes: eight words, of which 2 and 3 are reserved or for custom use.
 */
import { bit, bits, type Field } from '@bulkhead/bits';

export const FAULT_RECORD_SIZE_BYTES = 32;

/** §3.2, "Fault-queue record": words 0 and 1, and the byte offsets of the last two doublewords. */
export const FAULT_0_CAUSE: Field = bits(11, 0);
export const FAULT_0_PID: Field = bits(31, 12);
export const FAULT_1_PV: Field = bit(0); // 32
export const FAULT_1_PRIV: Field = bit(1); // 33
export const FAULT_1_TTYP: Field = bits(7, 2); // 39:34
export const FAULT_1_DID: Field = bits(31, 8); // 63:40
export const FAULT_IOTVAL = 16;
export const FAULT_IOTVAL2 = 24;
/** §3.2: `iotval2` of a guest page fault: the guest address is [63:2]. Low word. */
export const FAULT_IOTVAL2_IMPLICIT: Field = bit(0);
export const FAULT_IOTVAL2_IMPLICIT_WRITE: Field = bit(1);

/** §3.2, table "Fault record CAUSE field encodings". */
export const CAUSE_INSTRUCTION_ACCESS_FAULT = 1;
export const CAUSE_READ_ADDRESS_MISALIGNED = 4;
export const CAUSE_READ_ACCESS_FAULT = 5;
export const CAUSE_WRITE_ADDRESS_MISALIGNED = 6;
export const CAUSE_WRITE_ACCESS_FAULT = 7;
export const CAUSE_INSTRUCTION_PAGE_FAULT = 12;
export const CAUSE_READ_PAGE_FAULT = 13;
export const CAUSE_WRITE_PAGE_FAULT = 15;
export const CAUSE_INSTRUCTION_GUEST_PAGE_FAULT = 20;
export const CAUSE_READ_GUEST_PAGE_FAULT = 21;
export const CAUSE_WRITE_GUEST_PAGE_FAULT = 23;
export const CAUSE_ALL_INBOUND_TRANSACTIONS_DISALLOWED = 256; // reported whatever DTF says
export const CAUSE_DDT_ENTRY_LOAD_ACCESS_FAULT = 257; // reported whatever DTF says
export const CAUSE_DDT_ENTRY_NOT_VALID = 258; // reported whatever DTF says
export const CAUSE_DDT_ENTRY_MISCONFIGURED = 259; // reported whatever DTF says
export const CAUSE_TRANSACTION_TYPE_DISALLOWED = 260;
export const CAUSE_MSI_PTE_LOAD_ACCESS_FAULT = 261;
export const CAUSE_MSI_PTE_NOT_VALID = 262;
export const CAUSE_MSI_PTE_MISCONFIGURED = 263;
export const CAUSE_MRIF_ACCESS_FAULT = 264;
export const CAUSE_PDT_ENTRY_LOAD_ACCESS_FAULT = 265;
export const CAUSE_PDT_ENTRY_NOT_VALID = 266;
export const CAUSE_PDT_ENTRY_MISCONFIGURED = 267;
export const CAUSE_DDT_DATA_CORRUPTION = 268; // reported whatever DTF says
export const CAUSE_PDT_DATA_CORRUPTION = 269;
export const CAUSE_MSI_PT_DATA_CORRUPTION = 270;
export const CAUSE_MSI_MRIF_DATA_CORRUPTION = 271;
export const CAUSE_INTERNAL_DATA_PATH_ERROR = 272; // reported whatever DTF says
export const CAUSE_MSI_WRITE_ACCESS_FAULT = 273; // reported whatever DTF says
export const CAUSE_PT_DATA_CORRUPTION = 274;

/** §3.2, table "Fault record TTYP field encodings". */
export const TTYP_NONE = 0;
export const TTYP_UNTRANSLATED_EXECUTE = 1;
export const TTYP_UNTRANSLATED_READ = 2;
export const TTYP_UNTRANSLATED_WRITE = 3;
export const TTYP_TRANSLATED_EXECUTE = 5;
export const TTYP_TRANSLATED_READ = 6;
export const TTYP_TRANSLATED_WRITE = 7;
export const TTYP_ATS_TRANSLATION_REQUEST = 8;
export const TTYP_MESSAGE_REQUEST = 9;
