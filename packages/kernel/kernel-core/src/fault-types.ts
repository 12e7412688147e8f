/**
 * Faults, by the label of their message, and where in it what stands. seL4 reference manual 13.0.0 §6.2 "Faults", in
 * the layout for RISC-V; numbers and layouts are those of libsel4's headers (riscv64, MCS), which the manual refers to.
 */
export const NULL_FAULT = 0;
/** IP, pointer, in the receive phase, look-up failure, what that says. */
export const CAP_FAULT = 1;
/** IP, SP, RA, A0 … A6, number. The answer's registers are written back. */
export const UNKNOWN_SYSCALL = 2;
/** IP, SP, number, code. The answer's IP and SP are written back. */
export const USER_EXCEPTION = 3;
/** IP, reason, address, number of the breakpoint. */
export const DEBUG_EXCEPTION = 4;
/** The scheduling context's badge, the time used. The answer's words are registers, in the order of TCB_WriteRegisters. */
export const TIMEOUT = 5;
/** IP, address, whether it was a fetch, FSR. */
export const VM_FAULT = 6;

export const NAMES: readonly string[] = [
  'NullFault',
  'CapFault',
  'UnknownSyscall',
  'UserException',
  'DebugException',
  'Timeout',
  'VMFault',
];

/* Numbers of user exceptions that programs raise. Privileged ISA 20211203 table 4.2, "Supervisor cause register values". */

export const INSTRUCTION_ACCESS_FAULT = 1;
export const ILLEGAL_INSTRUCTION = 2;
