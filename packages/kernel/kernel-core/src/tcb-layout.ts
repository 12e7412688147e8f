/**
 * A thread control block in the lent memory: 2^11 bytes, of which the first are capability slots. Whatever must survive
 * lies here, so that whoever can write this memory changes the thread.
 *
 *   words   0 …  39  five slots: CSpace, address space, frame of the IPC buffer, fault handler, timeout handler
 *   words  40 … 103  the user's registers, two lanes each, low first
 *   word   104       flags
 *   words 106, 107   address of the IPC buffer in the thread's address space
 *   words 108, 109   instructions to step, number of the breakpoint that counts them + 1
 *   words 112 … 143  breakpoints: eight words each
 */
import { SLOT_WORDS } from '@bulkhead/capabilities';

export const TCB_WORDS = 512;
export const TCB_GRANULES = 128;

export const CSPACE_SLOT = 0;
export const VSPACE_SLOT: number = SLOT_WORDS;
export const BUFFER_SLOT: number = 2 * SLOT_WORDS;
export const FAULT_HANDLER_SLOT: number = 3 * SLOT_WORDS;
export const TIMEOUT_HANDLER_SLOT: number = 4 * SLOT_WORDS;
export const SLOT_COUNT = 5;

export const CONTEXT: number = SLOT_COUNT * SLOT_WORDS;
/** seL4_UserContext of RISC-V: pc ra sp gp s0…s11 a0…a7 t0…t6 tp, as libsel4's headers have it. */
export const REGISTER_COUNT = 32;
export const PC = 0;
export const RA = 1;
export const SP = 2;
export const A0 = 16;
export const A1 = 17;
export const A2 = 18;
export const A6 = 22;
export const A7 = 23;
export const T0 = 24;
/** The TLS base of a RISC-V thread. */
export const TP = 31;

export const FLAGS = 104;
export const BUFFER_ADDRESS = 106;
export const STEP_COUNT = 108;
export const STEP_BREAKPOINT = 109;
export const BREAKPOINTS = 112;
export const BREAKPOINT_COUNT = 4;
export const BREAKPOINT_WORDS = 8;
/** Of a breakpoint. */
export const BREAKPOINT_ADDRESS = 0;
export const BREAKPOINT_TYPE = 2;
export const BREAKPOINT_SIZE = 3;
export const BREAKPOINT_ACCESS = 4;
export const BREAKPOINT_ENABLED = 5;
