/**
 * The producer's side of the page-request queue. RISC-V IOMMU 1.0 §3.3 "Page-Request-Queue (PQ)", §5.17
 * "Page-request-queue CSR (pqcsr)", §2.7 "PCIe ATS Page Request handling" for what a message comes to.
 */
import type { PhysicalMemoryPort } from '@bulkhead/ports';
import * as reg from '@bulkhead/riscv-iommu-datasheet';
import type { Interrupts } from './interrupts.ts';
import type { Registers } from './registers.ts';

/** In place of a response code: there is nothing to answer. */
export const QUEUED = -1;

const RECORDS_A_PAGE: number = 4096 / reg.PAGE_REQUEST_SIZE_BYTES;
const RECORD_WORDS: number = reg.PAGE_REQUEST_SIZE_BYTES / 4;

export interface PageRequestQueueOptions {
  readonly registers: Registers;
  readonly memory: PhysicalMemoryPort;
  readonly interrupts: Interrupts;
}

export class PageRequestQueue {
  readonly #registers: Registers;
  readonly #memory: PhysicalMemoryPort;
  readonly #interrupts: Interrupts;

  constructor({ registers, memory, interrupts }: PageRequestQueueOptions) {
    this.#registers = registers;
    this.#memory = memory;
    this.#interrupts = interrupts;
  }

  /** @returns QUEUED when the message stands in the queue, or the response code that it deserves. */
  store(head: readonly [number, number], payloadLo: number, payloadHi: number): number {
    const registers = this.#registers;
    if (!registers.has(reg.PQCSR, reg.PQCSR_PQON)) return reg.PRGR_RESPONSE_FAILURE;
    if (registers.has(reg.PQCSR, reg.PQCSR_PQMF)) return reg.PRGR_RESPONSE_FAILURE;
    if (registers.has(reg.PQCSR, reg.PQCSR_PQOF)) return reg.PRGR_SUCCESS;
    const tail = registers.word(reg.PQT);
    const next = (tail + 1) & registers.indexMask(reg.PQB);
    if (next === registers.word(reg.PQH)) return this.#stop(reg.PQCSR_PQOF.mask, reg.PRGR_SUCCESS);
    const page = registers.basePage(reg.PQB) + Math.floor(tail / RECORDS_A_PAGE);
    if (!this.#memory.holdsPage(page)) return this.#stop(reg.PQCSR_PQMF.mask, reg.PRGR_RESPONSE_FAILURE);
    const at = (tail % RECORDS_A_PAGE) * RECORD_WORDS;
    this.#memory.setWord(page, at, head[0]);
    this.#memory.setWord(page, at + 1, head[1]);
    this.#memory.setWord(page, at + 2, payloadLo);
    this.#memory.setWord(page, at + 3, payloadHi);
    registers.setWord(reg.PQT, next);
    this.#interrupts.pageRequestRecorded();
    return QUEUED;
  }
  #stop(error: number, status: number): number {
    this.#registers.setWord(reg.PQCSR, this.#registers.word(reg.PQCSR) | error);
    this.#interrupts.update();
    return status;
  }
}
