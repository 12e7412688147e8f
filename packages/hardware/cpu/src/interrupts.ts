/**
 * Which interrupt comes first. Privileged ISA 20211203 §4.1.3 "Supervisor Interrupt Registers (sip and sie)" with the
 * order of §3.1.9 "Machine Interrupt Registers (mip and mie)": external, software, timer.
 */
import {
  S_EXTERNAL_INTERRUPT,
  S_SOFTWARE_INTERRUPT,
  S_TIMER_INTERRUPT,
  SIP_SEIP,
  SIP_SSIP,
  SIP_STIP,
} from '@bulkhead/riscv-datasheet';

export const NO_INTERRUPT = -1;

/** @param pending bits that are set in both `sip` and `sie`. @returns the code to be taken, or NO_INTERRUPT. */
export function firstInterrupt(pending: number): number {
  if ((pending & SIP_SEIP.mask) !== 0) return S_EXTERNAL_INTERRUPT;
  if ((pending & SIP_SSIP.mask) !== 0) return S_SOFTWARE_INTERRUPT;
  if ((pending & SIP_STIP.mask) !== 0) return S_TIMER_INTERRUPT;
  return NO_INTERRUPT;
}
