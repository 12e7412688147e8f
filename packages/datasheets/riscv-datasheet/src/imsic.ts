/**
 * Incoming MSI controller. Advanced Interrupt Architecture 1.0, chapter 3 "Incoming MSI Controller (IMSIC)".
 *
 * Memory-mapped registers of one interrupt file, byte offsets in its page.
 * §3.5 "Memory region for an interrupt file": all other bytes are read-only zeros.
 */
import { bits, type Field } from '@bulkhead/bits';

export const SETEIPNUM_LE = 0x000; // WO, reads as 0: sets the pending bit of the identity written
export const SETEIPNUM_BE = 0x004; // WO, reads as 0: the same with its bytes swapped
/** An interrupt file has one page. */
export const INTERRUPT_FILE_SIZE_BYTES = 4096;

/** §3.1 "Interrupt files and interrupt identities": one less than a multiple of 64, from 63 to 2047. */
export const IDENTITIES_MIN = 63;
export const IDENTITIES_MAX = 2047;

/** Values of `siselect` that reach the file's registers. §3.8 "Indirectly accessed interrupt-file registers". */
export const EIDELIVERY = 0x70;
export const EITHRESHOLD = 0x72;
export const EIP0 = 0x80; // to EIP63; while SXLEN = 64 only the even numbers exist
export const EIE0 = 0xc0; // to EIE63

/** §3.8.1 "External interrupt delivery enable register (eidelivery)". */
export const EIDELIVERY_DISABLED = 0;
export const EIDELIVERY_ENABLED = 1;

/** `stopei`. §3.9 "Top external interrupt CSRs (mtopei, stopei, vstopei)". */
export const STOPEI_IDENTITY: Field = bits(26, 16);
export const STOPEI_PRIORITY: Field = bits(10, 0); // the same number
