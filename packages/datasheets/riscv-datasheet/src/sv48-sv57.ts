/**
 * What Sv48 and Sv57 add to Sv39: a level each. Entries, tables and physical page numbers are those of Sv39.
 * Privileged ISA 20211203 §4.5.1 and §4.6.1 "Addressing and Memory Protection".
 */
export const SV48_LEVELS = 4;
export const SV57_LEVELS = 5;
/** Bits of a virtual address; those above must equal the topmost of these. */
export const SV48_VIRTUAL_ADDRESS_BITS = 48;
export const SV57_VIRTUAL_ADDRESS_BITS = 57;
