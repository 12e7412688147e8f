/**
 * CSR numbers. Privileged ISA 20211203 §2.2 "CSR Listing". Bits 11:10 are 3 when the register
 * is read-only, and bits 9:8 are the lowest mode that may access it: §2.1 "CSR Address Mapping Conventions".
 */
import { bits, type Field } from '@bulkhead/bits';

export const CSR_ACCESS: Field = bits(11, 10);
export const CSR_ACCESS_READ_ONLY = 3;
export const CSR_LOWEST_MODE: Field = bits(9, 8);

export const SSTATUS = 0x100;
export const SIE = 0x104;
export const STVEC = 0x105;
export const SCOUNTEREN = 0x106;
export const SSCRATCH = 0x140;
export const SEPC = 0x141;
export const SCAUSE = 0x142;
export const STVAL = 0x143;
export const SIP = 0x144;
export const SATP = 0x180;

/** Sstc 1.0.0 §2.1 "Supervisor Timer Register (stimecmp)". STIP is pending while `time` ≥ `stimecmp`, unsigned. */
export const STIMECMP = 0x14d;

/** AIA 1.0 §2.2 "Supervisor-level CSRs". */
export const SISELECT = 0x150;
export const SIREG = 0x151;
export const STOPEI = 0x15c;
export const STOPI = 0xdb0;

/** Unprivileged counters. Unprivileged ISA 20191213 §10.1 "Base Counters and Timers". */
export const CYCLE = 0xc00;
export const TIME = 0xc01;
export const INSTRET = 0xc02;
