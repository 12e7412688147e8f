/**
 * A hart: registers, privilege modes, traps, interrupts and the supervisor's CSRs. Privileged ISA 20211203 chapter 4.
 *
 * What a kernel does with instructions, native kernel code does here with methods; both would find the same state.
 * Registers are two 32-bit lanes, and nothing is allocated after construction.
 *
 * Invariants: `#code` is the first interrupt of `sip & sie`; the MMU's mode, SUM, MXR and address space are this
 * hart's; STIP is set exactly from the moment an alarm or a write found `time` ≥ `stimecmp` until `stimecmp` moves.
 *
 * CHOICE: it comes up in S-mode with Bare translation and interrupts masked, as firmware hands it over, and every trap
 * is delegated to S-mode. CHOICE: `time` counts this clock's cycles.
 * UNIMPLEMENTED: instruction execution; M-mode and its CSRs (`mode` is never 3).
 */
import { type AlarmId, type Clock, NEVER } from '@bulkhead/clock';
import type { Mmu } from '@bulkhead/mmu';
import type { HartPort, InterruptLine } from '@bulkhead/ports';
import * as reg from '@bulkhead/riscv-datasheet';
import { CsrFile, slotOf } from './csr-file.ts';
import { firstInterrupt, NO_INTERRUPT } from './interrupts.ts';

export interface HartOptions {
  readonly mmu: Mmu;
  readonly clock: Clock;
  /** Called when an interrupt becomes pending and enabled that was not; the hart takes none by itself. */
  readonly attention: () => void;
}

const SSTATUS = slotOf(reg.SSTATUS);
const SIE = slotOf(reg.SIE);
const SIP = slotOf(reg.SIP);
const STVEC = slotOf(reg.STVEC);
const SCOUNTEREN = slotOf(reg.SCOUNTEREN);
const SEPC = slotOf(reg.SEPC);
const SCAUSE = slotOf(reg.SCAUSE);
const STVAL = slotOf(reg.STVAL);
const SATP = slotOf(reg.SATP);
const STIMECMP = slotOf(reg.STIMECMP);

// A trap reads these on every system call: a constant of this module costs the host nothing, a field of another's several loads.
const SSTATUS_SIE = reg.SSTATUS_SIE.mask;
const SSTATUS_SPIE = reg.SSTATUS_SPIE.mask;
const SSTATUS_SPP = reg.SSTATUS_SPP.mask;
const { SCAUSE_HI_INTERRUPT, MODE_USER, MODE_SUPERVISOR, SATP_MODE_SV39, SATP_MODE_BARE, STVEC_MODE_VECTORED } = reg;
const SATP_MODE_SHIFT = reg.SATP_HI_MODE.shift;
const SATP_ASID_SHIFT = reg.SATP_HI_ASID.shift;
const SATP_ASID_MASK = reg.SATP_HI_ASID.mask;
const SATP_PPN_MASK = reg.SATP_HI_PPN.mask;
const STVEC_MODE_MASK = reg.STVEC_MODE.mask;
/** What a trap pushes and `sret` pops. §4.1.1. */
const TRAP_STACK = SSTATUS_SIE | SSTATUS_SPIE | SSTATUS_SPP;

const TWO_32 = 0x1_0000_0000;
/** Where in an instruction's address the page number stands: 20 bits in the low lane. */
const PAGE_LO_MASK = 0xfffff;

export class Hart implements HartPort {
  readonly lo: Int32Array = new Int32Array(32);
  readonly hi: Int32Array = new Int32Array(32);
  /** The program counter, low and high lane. */
  readonly pc: Int32Array = new Int32Array(2);
  /** The supervisor external interrupt: `sip.SEIP`. */
  readonly externalInterrupt: InterruptLine;
  readonly #mmu: Mmu;
  readonly #clock: Clock;
  readonly #attention: () => void;
  readonly #alarm: AlarmId;
  readonly #csr: CsrFile = new CsrFile();
  readonly #asidMask: number;
  #mode: number = reg.MODE_SUPERVISOR;
  #trapCount = 0;
  #satpWriteCount = 0;
  /** `sip & sie`, and the first of it. */
  #pending = 0;
  #code: number = NO_INTERRUPT;

  constructor({ mmu, clock, attention }: HartOptions) {
    this.#mmu = mmu;
    this.#clock = clock;
    this.#asidMask = (1 << mmu.asidBits) - 1;
    this.#attention = attention;
    this.#alarm = clock.createAlarm(() => this.#setPending(reg.SIP_STIP.mask, true));
    this.externalInterrupt = { set: (asserted) => this.#setPending(reg.SIP_SEIP.mask, asserted) };
    // Sstc leaves the reset value open. CHOICE: never.
    this.#csr.lo[STIMECMP] = -1;
    this.#csr.hi[STIMECMP] = -1;
    mmu.setUser(false);
    mmu.setSum(false);
    mmu.setMxr(false);
    mmu.setAddressSpace(0, 0, SATP_MODE_BARE);
  }

  get mode(): number {
    return this.#mode;
  }
  get trapCount(): number {
    return this.#trapCount;
  }
  get satpWriteCount(): number {
    return this.#satpWriteCount;
  }

  /** §4.1.1, §4.1.2, §4.1.7, §4.1.8, §4.1.9: what the hardware writes when a trap is taken into S-mode. */
  trap(cause: number, interrupt: boolean, tvalPage: number, tvalOffset: number): void {
    const { lo, hi } = this.#csr;
    const spie = (lo[SSTATUS]! & SSTATUS_SIE) !== 0 ? SSTATUS_SPIE : 0;
    const spp = this.#mode === MODE_SUPERVISOR ? SSTATUS_SPP : 0;
    lo[SSTATUS] = (lo[SSTATUS]! & ~TRAP_STACK) | spie | spp;
    lo[SCAUSE] = cause;
    hi[SCAUSE] = interrupt ? SCAUSE_HI_INTERRUPT : 0;
    lo[STVAL] = ((tvalPage & PAGE_LO_MASK) << 12) | tvalOffset;
    hi[STVAL] = tvalPage === 0 ? 0 : Math.floor(tvalPage / 0x100000);
    lo[SEPC] = this.pc[0]! & ~1;
    hi[SEPC] = this.pc[1]!;
    this.#enterVector(interrupt ? cause : 0);
    this.#setMode(MODE_SUPERVISOR);
    this.#trapCount++;
  }

  /** §3.3.2 "Trap-Return Instructions", §4.1.1: pops the stack; SPIE becomes 1 and SPP user. */
  sret(): void {
    const { lo, hi } = this.#csr;
    const status = lo[SSTATUS]!;
    const sie = (status & SSTATUS_SPIE) !== 0 ? SSTATUS_SIE : 0;
    lo[SSTATUS] = (status & ~TRAP_STACK) | sie | SSTATUS_SPIE;
    this.pc[0] = lo[SEPC]!;
    this.pc[1] = hi[SEPC]!;
    this.#setMode((status & SSTATUS_SPP) !== 0 ? MODE_SUPERVISOR : MODE_USER);
  }
  setPreviousMode(mode: number): void {
    const spp = mode === MODE_USER ? 0 : SSTATUS_SPP;
    this.#csr.lo[SSTATUS] = (this.#csr.lo[SSTATUS]! & ~SSTATUS_SPP) | spp;
  }

  writeSatp(asid: number, rootPage: number): void {
    this.#setSatp(SATP_MODE_SV39, asid & this.#asidMask, rootPage);
  }
  /** The port's -1 cannot be told from the last page of the address space, so that page is fenced by fencing all. */
  sfence(vpn: number, asid: number): void {
    if (vpn === -1 && asid === -1) this.#mmu.flushAll();
    else if (vpn === -1) this.#mmu.flushAsid(asid);
    else if (asid === -1) this.#mmu.flushPageAllAsids(vpn);
    else this.#mmu.flushPage(vpn, asid);
  }

  pendingInterrupt(): number {
    return this.#code;
  }
  /** §4.1.3: S-mode's interrupts trap in U-mode always, in S-mode while SIE is set. @returns the code, or -1. */
  interruptToTake(): number {
    const open = this.#mode < MODE_SUPERVISOR || (this.#csr.lo[SSTATUS]! & SSTATUS_SIE) !== 0;
    return open ? this.#code : NO_INTERRUPT;
  }
  /** Sstc 1.0.0 §2.1: STIP is pending while `time` ≥ `stimecmp`. */
  setTimer(atCycles: number): void {
    this.#csr.lo[STIMECMP] = atCycles | 0;
    this.#csr.hi[STIMECMP] = Math.floor(atCycles / TWO_32);
    this.#armTimer(atCycles);
  }

  /**
   * Reads a CSR as an instruction of the current mode does, into `[low lane, high lane]`.
   * @returns false when that instruction would be illegal. §2.1 "CSR Address Mapping Conventions".
   */
  readCsr(csr: number, into: Int32Array): boolean {
    if (!this.#mayAccess(csr)) return false;
    const slot = slotOf(csr);
    const counter = csr === reg.TIME || csr === reg.CYCLE;
    if (slot < 0 && !counter) return false;
    into[0] = counter ? this.#clock.now | 0 : this.#csr.lo[slot]!;
    into[1] = counter ? Math.floor(this.#clock.now / TWO_32) : this.#csr.hi[slot]!;
    return true;
  }

  /** Writes a CSR as an instruction of the current mode does. @returns false when that would be illegal. */
  writeCsr(csr: number, lo: number, hi: number): boolean {
    const slot = slotOf(csr);
    if (slot < 0 || !this.#mayAccess(csr)) return false;
    if (slot === SATP) {
      this.#writeSatpLanes(lo, hi);
      return true;
    }
    this.#csr.write(slot, lo, hi);
    if (slot === SSTATUS) this.#updateMmu();
    else if (slot === SIE || slot === SIP) this.#update();
    else if (slot === STIMECMP) this.#armTimer((hi >>> 0) * TWO_32 + (lo >>> 0));
    return true;
  }

  /** §2.1: bits 9:8 name the lowest mode. §4.1.5: user mode reads the counters that `scounteren` shows it. */
  #mayAccess(csr: number): boolean {
    const lowest = (csr & reg.CSR_LOWEST_MODE.mask) >>> reg.CSR_LOWEST_MODE.shift;
    if (this.#mode < lowest) return false;
    if (this.#mode !== MODE_USER) return true;
    return ((this.#csr.lo[SCOUNTEREN]! >>> (csr - reg.CYCLE)) & 1) !== 0;
  }

  /** §4.1.2: BASE, or for an interrupt in vectored mode BASE + 4 × cause. */
  #enterVector(cause: number): void {
    const low = this.#csr.lo[STVEC]!;
    const base = low & ~STVEC_MODE_MASK;
    this.pc[0] = base;
    this.pc[1] = this.#csr.hi[STVEC]!;
    if (cause === 0 || (low & STVEC_MODE_MASK) !== STVEC_MODE_VECTORED) return;
    const target = (base >>> 0) + 4 * cause;
    this.pc[0] = target;
    if (target >= TWO_32) this.pc[1]!++;
  }
  #setMode(mode: number): void {
    this.#mode = mode;
    this.#mmu.setUser(mode === MODE_USER);
  }
  #updateMmu(): void {
    this.#mmu.setSum((this.#csr.lo[SSTATUS]! & reg.SSTATUS_SUM.mask) !== 0);
    this.#mmu.setMxr((this.#csr.lo[SSTATUS]! & reg.SSTATUS_MXR.mask) !== 0);
  }

  /** §4.1.11: a write with an unsupported MODE has no effect at all; ASID bits above ASIDLEN stay 0. */
  #writeSatpLanes(lo: number, hi: number): void {
    const mode = hi >>> SATP_MODE_SHIFT;
    if (!this.#mmu.hasMode(mode)) return;
    const asid = ((hi & SATP_ASID_MASK) >>> SATP_ASID_SHIFT) & this.#asidMask;
    this.#setSatp(mode, asid, (hi & SATP_PPN_MASK) * TWO_32 + (lo >>> 0));
  }
  /** A value that changes nothing is no write. */
  #setSatp(mode: number, asid: number, rootPage: number): void {
    const csr = this.#csr;
    const lo = rootPage | 0;
    const high = rootPage < TWO_32 ? 0 : Math.floor(rootPage / TWO_32) & SATP_PPN_MASK;
    const hi = (mode << SATP_MODE_SHIFT) | (asid << SATP_ASID_SHIFT) | high;
    if (csr.lo[SATP] === lo && csr.hi[SATP] === hi) return;
    csr.lo[SATP] = lo;
    csr.hi[SATP] = hi;
    this.#satpWriteCount++;
    this.#mmu.setAddressSpace(asid, rootPage, mode);
  }

  #armTimer(atCycles: number): void {
    const due = atCycles <= this.#clock.now;
    if (due || atCycles >= NEVER) this.#clock.cancel(this.#alarm);
    else this.#clock.set(this.#alarm, atCycles);
    this.#setPending(reg.SIP_STIP.mask, due);
  }
  #setPending(mask: number, pending: boolean): void {
    const sip = this.#csr.lo[SIP]!;
    this.#csr.lo[SIP] = pending ? sip | mask : sip & ~mask;
    this.#update();
  }
  #update(): void {
    const before = this.#pending;
    this.#pending = this.#csr.lo[SIP]! & this.#csr.lo[SIE]!;
    this.#code = firstInterrupt(this.#pending);
    if ((this.#pending & ~before) !== 0) this.#attention();
  }
}
