/**
 * Labels of the invocations that this package decodes, and their arguments in the order of the message words. Manual
 * §10.3 "Architecture-Independent Object Methods". CHOICE: the numbers are ours; the manual's are made by its build.
 */
/** On an untyped: type, size in bits, node index, node depth, node offset, count; the root as extra capability. */
export const UNTYPED_RETYPE = 1;
/** On a CNode, as all that follow: index, depth. */
export const CNODE_REVOKE = 2;
export const CNODE_DELETE = 3;
export const CNODE_CANCEL_BADGED_SENDS = 4;
/** Index, depth, source index, source depth, rights; the source's root as extra capability, as in the next three. */
export const CNODE_COPY = 5;
/** As copy, then the badge or the guard. */
export const CNODE_MINT = 6;
/** Index, depth, source index, source depth. */
export const CNODE_MOVE = 7;
/** As move, then the guard. */
export const CNODE_MUTATE = 8;
/**
 * Index, depth, guard of what comes there; pivot index, depth, guard of what comes there; source index, source depth.
 * The roots of pivot and source as extra capabilities.
 */
export const CNODE_ROTATE = 9;
