/**
 * High lane of `satp` while SXLEN = 64; the low lane holds the low 32 bits of the root table's page number.
 * Privileged ISA 20211203 §4.1.11 "Supervisor Address Translation and Protection (satp) Register".
 *
 *     63..60  59..........44  43..........0
 *     MODE     ASID (WARL)     PPN (WARL)
 */
import { bits, type Field } from '@bulkhead/bits';

export const SATP_HI_MODE: Field = bits(31, 28);
export const SATP_HI_ASID: Field = bits(27, 12);
export const SATP_HI_PPN: Field = bits(11, 0);

/** MODE. §4.1.11. */
export const SATP_MODE_BARE = 0; // no translation
export const SATP_MODE_SV39 = 8;
export const SATP_MODE_SV48 = 9;
export const SATP_MODE_SV57 = 10;

/** The widest ASID: ASIDMAX for Sv39, Sv48 and Sv57. */
export const ASID_MAX_BITS = 16;
