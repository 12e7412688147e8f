/**
 * The producer's side of the fault queue. RISC-V IOMMU 1.0 §3.2 "Fault/Event-Queue (FQ)", §5.16 "Fault queue CSR (fqcsr)".
 *
 * A full queue sets `fqof`, memory that is not there sets `fqmf`; while either is set, records are dropped.
 */
import type { PhysicalMemoryPort } from '@bulkhead/ports';
import * as reg from '@bulkhead/riscv-iommu-datasheet';
import type { Interrupts } from './interrupts.ts';
import type { Registers } from './registers.ts';

const STOPPED: number = reg.FQCSR_FQMF.mask | reg.FQCSR_FQOF.mask;
const RECORDS_A_PAGE: number = 4096 / reg.FAULT_RECORD_SIZE_BYTES;
const RECORD_WORDS: number = reg.FAULT_RECORD_SIZE_BYTES / 4;
const IOTVAL_WORD: number = reg.FAULT_IOTVAL / 4;

export interface FaultQueueOptions {
  readonly registers: Registers;
  readonly memory: PhysicalMemoryPort;
  readonly interrupts: Interrupts;
}

export class FaultQueue {
  readonly #registers: Registers;
  readonly #memory: PhysicalMemoryPort;
  readonly #interrupts: Interrupts;

  constructor({ registers, memory, interrupts }: FaultQueueOptions) {
    this.#registers = registers;
    this.#memory = memory;
    this.#interrupts = interrupts;
  }

  /** Reports one fault, or drops it as `fqcsr` says. `iotval` is `page` and `offset`; a page has up to 52 bits. */
  report(cause: number, transactionType: number, deviceId: number, page: number, offset: number): void {
    const csr = this.#registers.word(reg.FQCSR);
    if ((csr & reg.FQCSR_FQON.mask) === 0 || (csr & STOPPED) !== 0) return;
    const tail = this.#registers.word(reg.FQT);
    const next = (tail + 1) & this.#registers.indexMask(reg.FQB);
    if (next === this.#registers.word(reg.FQH)) {
      this.#stop(reg.FQCSR_FQOF.mask);
      return;
    }
    const queuePage = this.#registers.basePage(reg.FQB) + Math.floor(tail / RECORDS_A_PAGE);
    if (!this.#memory.holdsPage(queuePage)) {
      this.#stop(reg.FQCSR_FQMF.mask);
      return;
    }
    const at = (tail % RECORDS_A_PAGE) * RECORD_WORDS;
    for (let word = 0; word < RECORD_WORDS; word++) this.#memory.setWord(queuePage, at + word, 0);
    this.#memory.setWord(queuePage, at, cause);
    this.#memory.setWord(queuePage, at + 1, (deviceId << 8) | (transactionType << 2));
    const upper = Math.floor(page / 0x100000);
    this.#memory.setWord(queuePage, at + IOTVAL_WORD, ((page - upper * 0x100000) << 12) | offset);
    this.#memory.setWord(queuePage, at + IOTVAL_WORD + 1, upper | 0);
    this.#registers.setWord(reg.FQT, next);
    this.#interrupts.faultRecorded();
  }
  #stop(error: number): void {
    this.#registers.setWord(reg.FQCSR, this.#registers.word(reg.FQCSR) | error);
    this.#interrupts.update();
  }
}
