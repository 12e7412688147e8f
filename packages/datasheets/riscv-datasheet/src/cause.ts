/**
 * Exception codes: `scause` with its interrupt bit clear. Privileged ISA 20211203 §4.1.8 "Supervisor Cause
 * Register (scause)"; those of M-mode stand in `mcause` only, §3.1.15 "Machine Cause Register (mcause)".
 */
export const INSTRUCTION_ADDRESS_MISALIGNED = 0;
export const INSTRUCTION_ACCESS_FAULT = 1;
export const ILLEGAL_INSTRUCTION = 2;
export const BREAKPOINT = 3;
export const LOAD_ADDRESS_MISALIGNED = 4;
export const LOAD_ACCESS_FAULT = 5;
export const STORE_ADDRESS_MISALIGNED = 6; // store or AMO
export const STORE_ACCESS_FAULT = 7; // store or AMO
export const ECALL_U = 8; // environment call from U-mode
export const ECALL_S = 9;
export const ECALL_M = 11;
export const INSTRUCTION_PAGE_FAULT = 12;
export const LOAD_PAGE_FAULT = 13;
export const STORE_PAGE_FAULT = 15; // store or AMO

/** Interrupt codes: `scause` with its interrupt bit set, and bit numbers of `sip` and `sie`. The same tables. */
export const S_SOFTWARE_INTERRUPT = 1;
export const M_SOFTWARE_INTERRUPT = 3;
export const S_TIMER_INTERRUPT = 5;
export const M_TIMER_INTERRUPT = 7;
export const S_EXTERNAL_INTERRUPT = 9;
export const M_EXTERNAL_INTERRUPT = 11;

/** High lane of `scause`: the interrupt bit, bit 63. */
export const SCAUSE_HI_INTERRUPT = 0x80000000;
