/**
 * Interrupts of the IOMMU itself. RISC-V IOMMU 1.0 §5.18 "Interrupt pending status register (ipsr)", §5.27 "icvec",
 * §5.28 "MSI configuration table (msi_cfg_tbl)".
 *
 * With `fctl.WSI` the bits of `ipsr` are levels on wires. Without, a message leaves when a bit of `ipsr` goes from 0 to 1. One whose vector is masked waits for the unmasking.
 */
import type { Field } from '@bulkhead/bits';
import * as reg from '@bulkhead/riscv-iommu-datasheet';
import type { Registers } from './registers.ts';
import type { SystemStore } from './system-store.ts';

const COMMAND_QUEUE_ERRORS: number =
  reg.CQCSR_CQMF.mask | reg.CQCSR_CMD_TO.mask | reg.CQCSR_CMD_ILL.mask | reg.CQCSR_FENCE_W_IP.mask;
const FAULT_QUEUE_ERRORS: number = reg.FQCSR_FQMF.mask | reg.FQCSR_FQOF.mask;
const PAGE_QUEUE_ERRORS: number = reg.PQCSR_PQMF.mask | reg.PQCSR_PQOF.mask;
const SOURCES: readonly (readonly [source: Field, vector: Field])[] = [
  [reg.IPSR_CIP, reg.ICVEC_CIV],
  [reg.IPSR_FIP, reg.ICVEC_FIV],
  [reg.IPSR_PMIP, reg.ICVEC_PMIV],
  [reg.IPSR_PIP, reg.ICVEC_PIV],
];
const ALL_SOURCES = 0xf;

export interface InterruptsOptions {
  readonly registers: Registers;
  readonly store: SystemStore;
  /** Runs when a bit of `ipsr` goes from 0 to 1. */
  readonly attention: () => void;
  /** Moves the wire of a vector, where `fctl.WSI` is 1. */
  readonly wire: (vector: number, asserted: boolean) => void;
  /** Runs when nobody took a message that was sent there. */
  readonly messageFault: (page: number, offset: number) => void;
}

export class Interrupts {
  readonly #registers: Registers;
  readonly #store: SystemStore;
  readonly #attention: () => void;
  readonly #messageFault: (page: number, offset: number) => void;
  readonly #wire: (vector: number, asserted: boolean) => void;
  /** A bit for each wire that is asserted. */
  #wires = 0;
  readonly #waiting: Uint8Array = new Uint8Array(reg.MSI_ENTRIES);

  constructor({ registers, store, attention, wire, messageFault }: InterruptsOptions) {
    this.#registers = registers;
    this.#store = store;
    this.#attention = attention;
    this.#wire = wire;
    this.#messageFault = messageFault;
  }
  reset(): void {
    this.#waiting.fill(0);
    this.drive();
  }

  /** A record was written to the fault queue. */
  faultRecorded(): void {
    if (this.#registers.has(reg.FQCSR, reg.FQCSR_FIE)) this.#raise(reg.IPSR_FIP, reg.ICVEC_FIV);
  }
  /** A message was written to the page-request queue. */
  pageRequestRecorded(): void {
    if (this.#registers.has(reg.PQCSR, reg.PQCSR_PIE)) this.#raise(reg.IPSR_PIP, reg.ICVEC_PIV);
  }
  /** A counter overflowed. */
  counterOverflowed(): void {
    this.#raise(reg.IPSR_PMIP, reg.ICVEC_PMIV);
  }
  /** Sets the bits whose conditions stand in `cqcsr`, `fqcsr` and `pqcsr`. */
  update(): void {
    const cqcsr = this.#registers.word(reg.CQCSR);
    if ((cqcsr & reg.CQCSR_CIE.mask) !== 0 && (cqcsr & COMMAND_QUEUE_ERRORS) !== 0)
      this.#raise(reg.IPSR_CIP, reg.ICVEC_CIV);
    const fqcsr = this.#registers.word(reg.FQCSR);
    if ((fqcsr & reg.FQCSR_FIE.mask) !== 0 && (fqcsr & FAULT_QUEUE_ERRORS) !== 0)
      this.#raise(reg.IPSR_FIP, reg.ICVEC_FIV);
    const pqcsr = this.#registers.word(reg.PQCSR);
    if ((pqcsr & reg.PQCSR_PIE.mask) !== 0 && (pqcsr & PAGE_QUEUE_ERRORS) !== 0)
      this.#raise(reg.IPSR_PIP, reg.ICVEC_PIV);
  }
  /** §5.18: a written 1 clears; a bit whose condition still stands goes from 0 to 1 again. */
  acknowledge(written: number): void {
    this.#registers.setWord(reg.IPSR, this.#registers.word(reg.IPSR) & ~(written & ALL_SOURCES));
    this.update();
    this.drive();
  }
  /** §5.28: messages that waited leave when their vector's mask bit is cleared. */
  setVectorControl(vector: number, written: number): void {
    this.#registers.setWord(entryOf(vector) + reg.MSI_VEC_CTL, written & reg.MSI_VEC_CTL_M.mask);
    if ((written & reg.MSI_VEC_CTL_M.mask) === 0 && this.#waiting[vector] === 1) this.#send(vector);
  }

  /** §5.18: with `fctl.WSI` each pending bit drives the wire that `icvec` selects for it. */
  drive(): void {
    const wanted = this.#wanted();
    const changed = wanted ^ this.#wires;
    this.#wires = wanted;
    for (let vector = 0; vector < reg.MSI_ENTRIES; vector++)
      if (((changed >>> vector) & 1) === 1) this.#store.drive(this.#wire, vector, ((wanted >>> vector) & 1) === 1);
  }
  #wanted(): number {
    const registers = this.#registers;
    let wanted = 0;
    if (!registers.has(reg.FCTL, reg.FCTL_WSI)) return wanted;
    for (const [source, vector] of SOURCES)
      if (registers.has(reg.IPSR, source)) wanted |= 1 << registers.field(reg.ICVEC, vector);
    return wanted;
  }

  #raise(source: Field, vectorField: Field): void {
    if (this.#registers.has(reg.IPSR, source)) return;
    this.#registers.raise(reg.IPSR, source);
    this.#attention();
    if (this.#registers.has(reg.FCTL, reg.FCTL_WSI)) this.drive();
    else this.#send(this.#registers.field(reg.ICVEC, vectorField));
  }
  #send(vector: number): void {
    const entry = entryOf(vector);
    const masked = this.#registers.has(entry + reg.MSI_VEC_CTL, reg.MSI_VEC_CTL_M);
    this.#waiting[vector] = masked ? 1 : 0;
    if (masked) return;
    const lo = this.#registers.word(entry + reg.MSI_ADDR);
    const hi = this.#registers.word(entry + reg.MSI_ADDR + 4);
    const data = this.#registers.word(entry + reg.MSI_DATA);
    const page = hi * 0x100000 + (lo >>> 12);
    if (this.#store.store32(page, lo & 0xffc, data) < 0) this.#messageFault(page, lo & 0xffc);
  }
}

const entryOf = (vector: number): number => reg.MSI_CFG_TBL + vector * reg.MSI_ENTRY_SIZE_BYTES;
