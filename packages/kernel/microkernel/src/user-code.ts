/** What a kernel is told of programs. */
import type { Program } from '@bulkhead/kernel-core';
import type { Charge } from '@bulkhead/ledger';

export interface UserCode {
  /** A thread whose program counter is p runs `programs[p]`. */
  readonly programs: readonly (Program | undefined)[];
  /** By program: its row of the ledger, in which nothing interrupts, and the primitive that is one cycle of its own. */
  readonly charges: readonly Charge[];
  readonly work: readonly number[];
}
export interface UserThread {
  /** Its number in `UserCode.programs`. */
  readonly program: number;
  /** 1 to 255, among the levels of components; also the highest that it may give to others. */
  readonly priority: number;
  /** The time that it gets in every period; the same as the period: a time slice. */
  readonly budgetCycles: number;
  readonly periodCycles: number;
}
