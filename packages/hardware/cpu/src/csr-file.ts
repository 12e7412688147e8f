/**
 * The supervisor's registers as 64-bit storage in two lanes, with their write behaviour as data.
 *
 * Privileged ISA 20211203 §2.3 "CSR Field Specifications": a WARL field that cannot hold what was written keeps a
 * legal value. Here every such field is a mask: bits outside it read as `fixed`, whatever is written.
 */
import {
  SATP,
  SCAUSE,
  SCAUSE_HI_INTERRUPT,
  SCOUNTEREN,
  SEPC,
  SIE,
  SIE_SEIE,
  SIE_SSIE,
  SIE_STIE,
  SIP,
  SIP_SSIP,
  SSCRATCH,
  SSTATUS,
  SSTATUS_HI_UXL,
  SSTATUS_MXR,
  SSTATUS_SIE,
  SSTATUS_SPIE,
  SSTATUS_SPP,
  SSTATUS_SUM,
  STIMECMP,
  STVAL,
  STVEC,
  UXL_64,
} from '@bulkhead/riscv-datasheet';

export interface CsrRule {
  readonly csr: number;
  /** Bits that a write through the CSR's number reaches. */
  readonly writableLo: number;
  readonly writableHi: number;
  /** Bits that always read as 1. */
  readonly fixedLo: number;
  readonly fixedHi: number;
}

const ALL = 0xffffffff;
const rule = (csr: number, writableLo: number, writableHi: number, fixedLo = 0, fixedHi = 0): CsrRule => ({
  csr,
  writableLo,
  writableHi,
  fixedLo,
  fixedHi,
});

const SSTATUS_WRITABLE = SSTATUS_SIE.mask | SSTATUS_SPIE.mask | SSTATUS_SPP.mask | SSTATUS_SUM.mask | SSTATUS_MXR.mask;
const SSTATUS_HI_FIXED = UXL_64 << SSTATUS_HI_UXL.shift;

/** A register's slot in the lanes is its index here. */
export const RULES: readonly CsrRule[] = [
  // §4.1.1. UNIMPLEMENTED: FS, VS, XS and SD (no such unit), UBE (little-endian only), a UXL other than 64 bits.
  rule(SSTATUS, SSTATUS_WRITABLE, 0, 0, SSTATUS_HI_FIXED),
  // §4.1.3.
  rule(SIE, SIE_SSIE.mask | SIE_STIE.mask | SIE_SEIE.mask, 0),
  // §4.1.3: STIP is `stimecmp`'s and SEIP the interrupt controller's.
  rule(SIP, SIP_SSIP.mask, 0),
  // §4.1.2: MODE has one bit, direct or vectored.
  rule(STVEC, 0xfffffffd, ALL),
  // §4.1.5: CY and TM.
  rule(SCOUNTEREN, 0x3, 0),
  // §4.1.6.
  rule(SSCRATCH, ALL, ALL),
  // §4.1.7: bit 0 is always 0.
  rule(SEPC, 0xfffffffe, ALL),
  // §4.1.8: WLRL; codes to 63 and the interrupt bit.
  rule(SCAUSE, 0x3f, SCAUSE_HI_INTERRUPT),
  // §4.1.9.
  rule(STVAL, ALL, ALL),
  // §4.1.11; which values are legal is checked by the hart.
  rule(SATP, ALL, ALL),
  // Sstc 1.0.0 §2.1.
  rule(STIMECMP, ALL, ALL),
];

/** @returns the slot of an implemented register, or -1. */
export const slotOf = (csr: number): number => RULES.findIndex((candidate) => candidate.csr === csr);

/** The lanes of all registers, by slot. */
export class CsrFile {
  readonly lo: Int32Array = Int32Array.from(RULES, (r) => r.fixedLo);
  readonly hi: Int32Array = Int32Array.from(RULES, (r) => r.fixedHi);

  /** Writes as an instruction does: by the register's rule. */
  write(slot: number, lo: number, hi: number): void {
    const { writableLo, writableHi } = RULES[slot]!;
    this.lo[slot] = (this.lo[slot]! & ~writableLo) | (lo & writableLo);
    this.hi[slot] = (this.hi[slot]! & ~writableHi) | (hi & writableHi);
  }
}
