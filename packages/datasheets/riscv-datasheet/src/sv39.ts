/**
 * Sv39 page-table entry. Privileged ISA 20211203 §4.4.1 "Addressing and Memory Protection".
 *
 *     63  62..61  60......54  53......28  27....19  18....10  9..8  7 6 5 4 3 2 1 0
 *     N    PBMT    reserved    PPN[2]      PPN[1]    PPN[0]    RSW   D A G U X W R V
 */
export const PTE_V = 0x01; // valid
export const PTE_R = 0x02; // readable; with X clear too, the entry points to the next table
export const PTE_W = 0x04; // writable; reserved without R
export const PTE_X = 0x08; // executable
export const PTE_U = 0x10; // user may access; supervisor may not while SUM = 0
export const PTE_G = 0x20; // mapped in every address space
export const PTE_A = 0x40; // accessed
export const PTE_D = 0x80; // dirty
/** RSW: for supervisor software, ignored by the hardware. */
export const PTE_RSW = 0x300;
/** The page number stands from bit 10 upward; its low lane holds its low 22 bits. */
export const PTE_PPN_SHIFT = 10;
/** High word: N (63), PBMT (62:61) and 60:54 are reserved while Svnapot and Svpbmt are absent. */
export const PTE_HI_RESERVED = 0xffc00000;
/** Bytes an entry has. */
export const PTE_SIZE_BYTES = 8;

/** §4.4.1: a virtual page number is LEVELS fields of VPN_BITS bits, the lowest level last. */
export const LEVELS = 3;
export const VPN_BITS = 9;
/** Entries a table has: 2^VPN_BITS, one page. */
export const TABLE_ENTRIES = 512;
/** Bits of a virtual address; those above must equal the topmost of these. */
export const VIRTUAL_ADDRESS_BITS = 39;
/** Bits of a physical page number. */
export const PPN_BITS = 44;
