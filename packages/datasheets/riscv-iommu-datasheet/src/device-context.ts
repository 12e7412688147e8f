/**
 * The device directory and the device context. RISC-V IOMMU Architecture Specification 1.0, §2.1
 * "Device-Directory-Table (DDT)". Fields are of the 32-bit word that their comment names.
 */
import { bit, bits, type Field } from '@bulkhead/bits';

/** §2.1.1 "Non-leaf DDT entry": 8 bytes. */
export const DDTE_SIZE_BYTES = 8;
export const DDTE_V: Field = bit(0); // low word
export const DDTE_LO_RESERVED: Field = bits(9, 1);
export const DDTE_PPN_LO: Field = bits(31, 10); // PPN is [53:10]
export const DDTE_PPN_HI: Field = bits(21, 0);
export const DDTE_HI_RESERVED: Field = bits(31, 22);

/** §2.1.2 "Leaf DDT entry": sizes of a device context. */
export const DC_BASE_SIZE_BYTES = 32;
export const DC_EXTENDED_SIZE_BYTES = 64;

/** §2.3 "Process to translate an IOVA", steps 3 and 4: parts of `device_id`. */
export const DDI0_BASE: Field = bits(6, 0);
export const DDI1_BASE: Field = bits(15, 7);
export const DDI2_BASE: Field = bits(23, 16);
export const DDI0_EXTENDED: Field = bits(5, 0);
export const DDI1_EXTENDED: Field = bits(14, 6);
export const DDI2_EXTENDED: Field = bits(23, 15);
export const DEVICE_ID_BITS = 24;

/** §2.1.2, byte offsets within a device context; those from MSIPTP on are of the extended format alone. */
export const DC_TC = 0;
export const DC_IOHGATP = 8;
export const DC_TA = 16;
export const DC_FSC = 24;
export const DC_MSIPTP = 32;
export const DC_MSI_ADDR_MASK = 40;
export const DC_MSI_ADDR_PATTERN = 48;
export const DC_RESERVED = 56;

/** §2.1.3.1 "Translation control (tc)", low word; the high word is reserved. */
export const TC_V: Field = bit(0);
export const TC_EN_ATS: Field = bit(1);
export const TC_EN_PRI: Field = bit(2);
export const TC_T2GPA: Field = bit(3);
export const TC_DTF: Field = bit(4);
export const TC_PDTV: Field = bit(5);
export const TC_PRPR: Field = bit(6);
export const TC_GADE: Field = bit(7);
export const TC_SADE: Field = bit(8);
export const TC_DPE: Field = bit(9);
export const TC_SBE: Field = bit(10);
export const TC_SXL: Field = bit(11);
export const TC_RESERVED: Field = bits(23, 12); // 31:24 are for custom use

/** §2.1.3.2 "IO hypervisor guest address translation and protection (iohgatp)": PPN [43:0], GSCID [59:44], MODE [63:60]. */
export const IOHGATP_HI_PPN: Field = bits(11, 0);
export const IOHGATP_HI_GSCID: Field = bits(27, 12);
export const IOHGATP_HI_MODE: Field = bits(31, 28);
export const IOHGATP_MODE_BARE = 0;
export const IOHGATP_MODE_SV39X4 = 8;
export const IOHGATP_MODE_SV48X4 = 9;
export const IOHGATP_MODE_SV57X4 = 10;

/** §2.1.3.3 "Translation attributes (ta)", low word; the high word is reserved. */
export const TA_RESERVED: Field = bits(11, 0);
export const TA_PSCID: Field = bits(31, 12);

/** §2.1.3.4 "First-Stage context (fsc)", as `iosatp`: PPN [43:0], reserved [59:44], MODE [63:60]. */
export const IOSATP_HI_PPN: Field = bits(11, 0);
export const IOSATP_HI_RESERVED: Field = bits(27, 12);
export const IOSATP_HI_MODE: Field = bits(31, 28);
export const IOSATP_MODE_BARE = 0;
export const IOSATP_MODE_SV39 = 8;
export const IOSATP_MODE_SV48 = 9;
export const IOSATP_MODE_SV57 = 10;

/** §2.1.3.5 "MSI page table pointer (msiptp)": PPN [43:0], reserved [59:44], MODE [63:60]. */
export const MSIPTP_HI_PPN: Field = bits(11, 0);
export const MSIPTP_HI_RESERVED: Field = bits(27, 12);
export const MSIPTP_HI_MODE: Field = bits(31, 28);
export const MSIPTP_MODE_OFF = 0;
export const MSIPTP_MODE_FLAT = 1;

/** §2.1.3.6 "MSI address mask (msi_addr_mask) and pattern (msi_addr_pattern)": page numbers, [51:0]. */
export const MSI_ADDR_HI_PAGE: Field = bits(19, 0);
export const MSI_ADDR_HI_RESERVED: Field = bits(31, 20);
