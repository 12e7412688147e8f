/**
 * Labels of the invocations that this package decodes, and their arguments in the order of the message words. seL4
 * reference manual 13.0.0 §10.10 "RISCV-Specific Object Methods".
 * CHOICE: the numbers are ours; the manual's are made by its build.
 */
/** On a page table: virtual address, attributes; the address space as extra capability. */
export const PAGE_TABLE_MAP = 56;
export const PAGE_TABLE_UNMAP = 57;
/** On a frame: virtual address, rights, attributes; the address space as extra capability. */
export const PAGE_MAP = 58;
export const PAGE_UNMAP = 59;
/** Answers with the physical address. */
export const PAGE_GET_ADDRESS = 60;
/** On the control of ASIDs: index, depth; the untyped and the root of the destination as extra capabilities. */
export const ASID_CONTROL_MAKE_POOL = 61;
/** On an ASID pool: the page table as extra capability. */
export const ASID_POOL_ASSIGN = 62;

/** The only attribute: instructions may not be fetched from the page. */
export const EXECUTE_NEVER = 1;
