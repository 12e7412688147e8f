/**
 * Interrupts of the IOMMU itself. RISC-V IOMMU 1.0 §5.18 "Interrupt pending status register (ipsr)", §5.27 "icvec",
 * §5.28 "MSI configuration table (msi_cfg_tbl)".
 *
 * A message leaves when a bit of `ipsr` goes from 0 to 1. One whose vector is masked waits for the unmasking.
 */
import type { Field } from '@bulkhead/bits';
import * as reg from '@bulkhead/riscv-iommu-datasheet';
import type { Registers } from './registers.ts';
import type { SystemStore } from './system-store.ts';

const COMMAND_QUEUE_ERRORS: number =
  reg.CQCSR_CQMF.mask | reg.CQCSR_CMD_TO.mask | reg.CQCSR_CMD_ILL.mask | reg.CQCSR_FENCE_W_IP.mask;
const FAULT_QUEUE_ERRORS: number = reg.FQCSR_FQMF.mask | reg.FQCSR_FQOF.mask;
const WRITABLE_SOURCES: number = reg.IPSR_CIP.mask | reg.IPSR_FIP.mask;

export interface InterruptsOptions {
  readonly registers: Registers;
  readonly store: SystemStore;
  /** Runs when a bit of `ipsr` goes from 0 to 1. */
  readonly attention: () => void;
  /** Runs when nobody took a message that was sent there. */
  readonly messageFault: (page: number, offset: number) => void;
}

export class Interrupts {
  readonly #registers: Registers;
  readonly #store: SystemStore;
  readonly #attention: () => void;
  readonly #messageFault: (page: number, offset: number) => void;
  readonly #waiting: Uint8Array = new Uint8Array(reg.MSI_ENTRIES);

  constructor({ registers, store, attention, messageFault }: InterruptsOptions) {
    this.#registers = registers;
    this.#store = store;
    this.#attention = attention;
    this.#messageFault = messageFault;
  }
  reset(): void {
    this.#waiting.fill(0);
  }

  /** A record was written to the fault queue. */
  faultRecorded(): void {
    if (this.#registers.has(reg.FQCSR, reg.FQCSR_FIE)) this.#raise(reg.IPSR_FIP, reg.ICVEC_FIV);
  }
  /** Sets the bits whose conditions stand in `cqcsr` and `fqcsr`. */
  update(): void {
    const cqcsr = this.#registers.word(reg.CQCSR);
    if ((cqcsr & reg.CQCSR_CIE.mask) !== 0 && (cqcsr & COMMAND_QUEUE_ERRORS) !== 0)
      this.#raise(reg.IPSR_CIP, reg.ICVEC_CIV);
    const fqcsr = this.#registers.word(reg.FQCSR);
    if ((fqcsr & reg.FQCSR_FIE.mask) !== 0 && (fqcsr & FAULT_QUEUE_ERRORS) !== 0)
      this.#raise(reg.IPSR_FIP, reg.ICVEC_FIV);
  }
  /** §5.18: a written 1 clears; a bit whose condition still stands goes from 0 to 1 again. */
  acknowledge(written: number): void {
    this.#registers.setWord(reg.IPSR, this.#registers.word(reg.IPSR) & ~(written & WRITABLE_SOURCES));
    this.update();
  }
  /** §5.28: messages that waited leave when their vector's mask bit is cleared. */
  setVectorControl(vector: number, written: number): void {
    this.#registers.setWord(entryOf(vector) + reg.MSI_VEC_CTL, written & reg.MSI_VEC_CTL_M.mask);
    if ((written & reg.MSI_VEC_CTL_M.mask) === 0 && this.#waiting[vector] === 1) this.#send(vector);
  }

  #raise(source: Field, vectorField: Field): void {
    if (this.#registers.has(reg.IPSR, source)) return;
    this.#registers.raise(reg.IPSR, source);
    this.#attention();
    this.#send(this.#registers.field(reg.ICVEC, vectorField));
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
