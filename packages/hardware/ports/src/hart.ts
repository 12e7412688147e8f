/**
 * A hart, seen by the supervisor software that is attached to it. Native kernel code does with it what
 * machine code would do by instructions.
 */
export interface HartPort {
  /** Integer registers x0…x31, low and high lanes. x0 reads 0: whoever writes the arrays keeps it so. */
  readonly lo: Int32Array;
  readonly hi: Int32Array;
  /** 0 user, 1 supervisor, 3 machine. */
  readonly mode: number;
  /** Traps taken since reset: exceptions and interrupts. */
  readonly trapCount: number;
  /** Writes of `satp` since reset that changed it. */
  readonly satpWriteCount: number;

  /**
   * Takes a trap to supervisor mode. Privileged ISA 20211203 §4.1.1 "Supervisor Status Register",
   * §4.1.8 "Supervisor Cause Register": saves mode and interrupt enable in `sstatus`, sets `scause` and `stval`.
   * @param interrupt true for an interrupt, whose code `cause` then is.
   */
  trap(cause: number, interrupt: boolean, tvalPage: number, tvalOffset: number): void;
  /** Returns from a trap to the mode that `sstatus.SPP` holds. §4.1.1.1. */
  sret(): void;
  /** Chooses the mode to which the next `sret` returns. */
  setPreviousMode(mode: number): void;
  /** Writes `satp` in Sv39 mode. Translations of other address spaces stay, under their ASID. */
  writeSatp(asid: number, rootPage: number): void;
  /** `sfence.vma` for one page of one address space; -1 stands for all. §4.2.1. */
  sfence(vpn: number, asid: number): void;
  /** @returns the code of an interrupt that is pending and enabled in `sie`, or -1. */
  pendingInterrupt(): number;
  /** Writes a supervisor CSR, two lanes. @returns false when there is none of that number. */
  writeCsr(csr: number, lo: number, hi: number): boolean;
  /** Sets `stimecmp` (extension Sstc), in cycles. */
  setTimer(atCycles: number): void;
}
