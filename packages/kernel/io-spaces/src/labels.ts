/**
 * Labels of the invocations that this package decodes, and their arguments in the order of the message words. CHOICE:
 * the numbers are ours; the manual's are made by its build.
 */
/** On the control: device, IO domain, index, depth; the root in which the space's slot is as extra capability. */
export const IO_SPACE_CONTROL_ISSUE = 88;
/** On an IO page table: IO address; the IO space as extra capability. */
export const IO_PAGE_TABLE_MAP = 89;
/** On an IO page table: no words. */
export const IO_PAGE_TABLE_UNMAP = 90;
/** On a frame: rights, IO address; the IO space as extra capability. */
export const PAGE_MAP_IO = 91;
/** On a frame: no words. */
export const PAGE_UNMAP_IO = 92;
