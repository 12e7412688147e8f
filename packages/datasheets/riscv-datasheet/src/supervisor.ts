/** Supervisor registers, low lanes unless HI is in the name. Privileged ISA 20211203 §4.1 "Supervisor CSRs". */
import { bit, bits, type Field } from '@bulkhead/bits';

/** Privilege levels. §1.2 "Privilege Levels". */
export const MODE_USER = 0;
export const MODE_SUPERVISOR = 1;
export const MODE_MACHINE = 3;

/** `sstatus`. §4.1.1 "Supervisor Status Register (sstatus)". */
export const SSTATUS_SIE: Field = bit(1); // interrupts enabled in S-mode
export const SSTATUS_SPIE: Field = bit(5); // SIE before the trap
export const SSTATUS_UBE: Field = bit(6); // U-mode's data is big-endian
export const SSTATUS_SPP: Field = bit(8); // mode before the trap: 0 user, 1 supervisor
export const SSTATUS_VS: Field = bits(10, 9);
export const SSTATUS_FS: Field = bits(14, 13);
export const SSTATUS_XS: Field = bits(16, 15);
export const SSTATUS_SUM: Field = bit(18); // supervisor may access user memory
export const SSTATUS_MXR: Field = bit(19); // loads may read what is executable
export const SSTATUS_HI_UXL: Field = bits(1, 0); // bits 33:32; 2 is 64 bits
export const SSTATUS_HI_SD: Field = bit(31); // bit 63
/** UXL when user mode has 64 bits. §3.1.6.2 "Base ISA Control in mstatus Register". */
export const UXL_64 = 2;

/** `sip` and `sie`. §4.1.3 "Supervisor Interrupt Registers (sip and sie)". */
export const SIP_SSIP: Field = bit(1); // RW
export const SIP_STIP: Field = bit(5); // RO
export const SIP_SEIP: Field = bit(9); // RO
export const SIE_SSIE: Field = bit(1);
export const SIE_STIE: Field = bit(5);
export const SIE_SEIE: Field = bit(9);

/** `stvec`. §4.1.2 "Supervisor Trap Vector Base Address Register (stvec)". */
export const STVEC_MODE: Field = bits(1, 0);
export const STVEC_MODE_DIRECT = 0; // every trap goes to BASE
export const STVEC_MODE_VECTORED = 1; // an interrupt goes to BASE + 4 × cause
