/**
 * The memory-mapped registers. RISC-V IOMMU Architecture Specification 1.0, chapter 5 "Memory-mapped register
 * interface". Offsets in bytes from the start of the 4 KiB page; a register of 64 bits has its high word 4 further on.
 * Fields are of the 32-bit word that their comment names.
 */
import { bit, bits, type Field } from '@bulkhead/bits';

/** §5.1 "Register layout". */
export const CAPABILITIES = 0; // RO, 64
export const FCTL = 8; // WARL, 32
export const DDTP = 16; // WARL, 64
export const CQB = 24; // WARL, 64
export const CQH = 32; // RO, 32
export const CQT = 36; // WARL, 32
export const FQB = 40; // WARL, 64
export const FQH = 48; // WARL, 32
export const FQT = 52; // RO, 32
export const PQB = 56; // WARL, 64; 0 without ATS
export const PQH = 64; // WARL, 32; 0 without ATS
export const PQT = 68; // RO, 32; 0 without ATS
export const CQCSR = 72; // RW, RO, W1C, 32
export const FQCSR = 76; // RW, RO, W1C, 32
export const PQCSR = 80; // RW, RO, W1C, 32; 0 without ATS
export const IPSR = 84; // W1C, 32
export const IOCOUNTOVF = 88; // RO, 32; 0 without HPM
export const IOCOUNTINH = 92; // WARL, 32; 0 without HPM
export const IOHPMCYCLES = 96; // WARL, 64; 0 without HPM
export const IOHPMCTR_1 = 104; // WARL, 31 of 64; 0 without HPM
export const IOHPMEVT_1 = 352; // WARL, 31 of 64; 0 without HPM
export const TR_REQ_IOVA = 600; // WARL, 64; 0 without DBG
export const TR_REQ_CTL = 608; // WARL, 64; 0 without DBG
export const TR_RESPONSE = 616; // RO, 64; 0 without DBG
export const ICVEC = 760; // WARL, 64
export const MSI_CFG_TBL = 768; // 16 entries of 16 bytes
export const REGISTERS_SIZE_BYTES = 4096;

/** §5.3 "IOMMU capabilities (capabilities)", low word. */
export const CAPABILITIES_VERSION: Field = bits(7, 0);
export const CAPABILITIES_SV32: Field = bit(8);
export const CAPABILITIES_SV39: Field = bit(9);
export const CAPABILITIES_SV48: Field = bit(10);
export const CAPABILITIES_SV57: Field = bit(11);
export const CAPABILITIES_SVPBMT: Field = bit(15);
export const CAPABILITIES_SV32X4: Field = bit(16);
export const CAPABILITIES_SV39X4: Field = bit(17);
export const CAPABILITIES_SV48X4: Field = bit(18);
export const CAPABILITIES_SV57X4: Field = bit(19);
export const CAPABILITIES_AMO_MRIF: Field = bit(21);
export const CAPABILITIES_MSI_FLAT: Field = bit(22);
export const CAPABILITIES_MSI_MRIF: Field = bit(23);
export const CAPABILITIES_AMO_HWAD: Field = bit(24);
export const CAPABILITIES_ATS: Field = bit(25);
export const CAPABILITIES_T2GPA: Field = bit(26);
export const CAPABILITIES_END: Field = bit(27);
export const CAPABILITIES_IGS: Field = bits(29, 28);
export const CAPABILITIES_HPM: Field = bit(30);
export const CAPABILITIES_DBG: Field = bit(31);
/** §5.3, high word: bits 63:32 of the register. */
export const CAPABILITIES_HI_PAS: Field = bits(5, 0); // 37:32
export const CAPABILITIES_HI_PD8: Field = bit(6); // 38
export const CAPABILITIES_HI_PD17: Field = bit(7); // 39
export const CAPABILITIES_HI_PD20: Field = bit(8); // 40
/** §5.3, values of `version` and `IGS`. */
export const VERSION_1_0 = 0x10;
export const IGS_MSI = 0;
export const IGS_WSI = 1;
export const IGS_BOTH = 2;

/** §5.4 "Features-control register (fctl)". */
export const FCTL_BE: Field = bit(0);
export const FCTL_WSI: Field = bit(1);
export const FCTL_GXL: Field = bit(2);

/** §5.5 "Device-directory-table pointer (ddtp)", low word. */
export const DDTP_IOMMU_MODE: Field = bits(3, 0);
export const DDTP_BUSY: Field = bit(4);
/** §5.5, encodings of `iommu_mode`. */
export const DDTP_MODE_OFF = 0;
export const DDTP_MODE_BARE = 1;
export const DDTP_MODE_1LVL = 2;
export const DDTP_MODE_2LVL = 3;
export const DDTP_MODE_3LVL = 4;

/** §5.5, §5.6, §5.9, §5.12: `PPN` is [53:10] of `ddtp`, `cqb`, `fqb` and `pqb`: 22 bits in each word. */
export const BASE_PPN_LO: Field = bits(31, 10);
export const BASE_PPN_HI: Field = bits(21, 0);

/** §5.6 "Command-queue base (cqb)", §5.9 "Fault-queue base (fqb)", §5.12 "Page-request-queue base (pqb)", low word. */
export const QUEUE_LOG2SZ_1: Field = bits(4, 0); // log2 of the number of entries, minus 1

/** §5.15 "Command-queue CSR (cqcsr)". */
export const CQCSR_CQEN: Field = bit(0); // RW
export const CQCSR_CIE: Field = bit(1); // RW
export const CQCSR_CQMF: Field = bit(8); // W1C
export const CQCSR_CMD_TO: Field = bit(9); // W1C
export const CQCSR_CMD_ILL: Field = bit(10); // W1C
export const CQCSR_FENCE_W_IP: Field = bit(11); // W1C
export const CQCSR_CQON: Field = bit(16); // RO
export const CQCSR_BUSY: Field = bit(17); // RO

/** §5.16 "Fault queue CSR (fqcsr)". */
export const FQCSR_FQEN: Field = bit(0); // RW
export const FQCSR_FIE: Field = bit(1); // RW
export const FQCSR_FQMF: Field = bit(8); // W1C
export const FQCSR_FQOF: Field = bit(9); // W1C
export const FQCSR_FQON: Field = bit(16); // RO
export const FQCSR_BUSY: Field = bit(17); // RO

/** §5.17 "Page-request-queue CSR (pqcsr)". */
export const PQCSR_PQEN: Field = bit(0); // RW
export const PQCSR_PIE: Field = bit(1); // RW
export const PQCSR_PQMF: Field = bit(8); // W1C
export const PQCSR_PQOF: Field = bit(9); // W1C
export const PQCSR_PQON: Field = bit(16); // RO
export const PQCSR_BUSY: Field = bit(17); // RO

/** §5.18 "Interrupt pending status register (ipsr)". All W1C. */
export const IPSR_CIP: Field = bit(0);
export const IPSR_FIP: Field = bit(1);
export const IPSR_PMIP: Field = bit(2);
export const IPSR_PIP: Field = bit(3);

/** §5.21 "Performance-monitoring cycles counter (iohpmcycles)", high word. */
export const IOHPMCYCLES_HI_OF: Field = bit(31); // 63

/** §5.23 "Performance-monitoring event selectors (iohpmevt1-31)", low word, then high word. */
export const IOHPMEVT_EVENT_ID: Field = bits(14, 0);
export const IOHPMEVT_DMASK: Field = bit(15);
export const IOHPMEVT_PID_LO: Field = bits(31, 16); // PID_PSCID is [35:16]
export const IOHPMEVT_HI_PID: Field = bits(3, 0);
export const IOHPMEVT_HI_DID: Field = bits(27, 4); // DID_GSCID, 59:36
export const IOHPMEVT_HI_PV: Field = bit(28); // PV_PSCV, 60
export const IOHPMEVT_HI_DV: Field = bit(29); // DV_GSCV, 61
export const IOHPMEVT_HI_IDT: Field = bit(30); // 62
export const IOHPMEVT_HI_OF: Field = bit(31); // 63
export const IOHPM_COUNTERS = 31;
/** §5.23, table "Standard Events list". */
export const EVENT_NONE = 0;
export const EVENT_UNTRANSLATED_REQUEST = 1;
export const EVENT_TRANSLATED_REQUEST = 2;
export const EVENT_ATS_TRANSLATION_REQUEST = 3;
export const EVENT_TLB_MISS = 4;
export const EVENT_DDT_WALK = 5;
export const EVENT_PDT_WALK = 6;
export const EVENT_FIRST_STAGE_WALK = 7;
export const EVENT_SECOND_STAGE_WALK = 8;

/** §5.24 "Translation-request IOVA (tr_req_iova)", low word: the page is [63:12]. */
export const TR_REQ_IOVA_LO: Field = bits(31, 12);
/** §5.25 "Translation-request control (tr_req_ctl)", low word, then high word. */
export const TR_REQ_CTL_GO_BUSY: Field = bit(0);
export const TR_REQ_CTL_PRIV: Field = bit(1);
export const TR_REQ_CTL_EXE: Field = bit(2);
export const TR_REQ_CTL_NW: Field = bit(3);
export const TR_REQ_CTL_PID: Field = bits(31, 12);
export const TR_REQ_CTL_HI_PV: Field = bit(0); // 32
export const TR_REQ_CTL_HI_DID: Field = bits(31, 8); // 63:40
/** §5.26 "Translation-response (tr_response)", low word; PPN is [53:10]. */
export const TR_RESPONSE_FAULT: Field = bit(0);
export const TR_RESPONSE_PBMT: Field = bits(8, 7);
export const TR_RESPONSE_S: Field = bit(9);
export const TR_RESPONSE_PPN_LO: Field = bits(31, 10);
export const TR_RESPONSE_HI_PPN: Field = bits(21, 0);

/** §5.27 "Interrupt-cause-to-vector register (icvec)", low word. */
export const ICVEC_CIV: Field = bits(3, 0);
export const ICVEC_FIV: Field = bits(7, 4);
export const ICVEC_PMIV: Field = bits(11, 8);
export const ICVEC_PIV: Field = bits(15, 12);

/** §5.28 "MSI configuration table (msi_cfg_tbl)": byte offsets within an entry. */
export const MSI_ADDR = 0; // 64
export const MSI_DATA = 8; // 32
export const MSI_VEC_CTL = 12; // 32
export const MSI_ENTRY_SIZE_BYTES = 16;
export const MSI_ENTRIES = 16;
/** §5.28: `ADDR` is [55:2]. */
export const MSI_ADDR_LO: Field = bits(31, 2);
export const MSI_ADDR_HI: Field = bits(23, 0);
export const MSI_VEC_CTL_M: Field = bit(0);
