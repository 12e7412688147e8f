/**
 * The producer's side of the fault queue. RISC-V IOMMU 1.0 §3.2 "Fault/Event-Queue (FQ)", §5.16 "Fault queue CSR (fqcsr)".
 *
 * A full queue sets `fqof`, memory that is not there sets `fqmf`; while either is set, records are dropped.
 */
import type { PhysicalMemoryPort } from '@bulkhead/ports';
import * as reg from '@bulkhead/riscv-iommu-datasheet';
import type { Interrupts } from './interrupts.ts';
import type { Registers } from './registers.ts';
import { NO_PROCESS } from './request.ts';

const STOPPED: number = reg.FQCSR_FQMF.mask | reg.FQCSR_FQOF.mask;
const RECORDS_A_PAGE: number = 4096 / reg.FAULT_RECORD_SIZE_BYTES;
const RECORD_WORDS: number = reg.FAULT_RECORD_SIZE_BYTES / 4;
const IOTVAL_WORD: number = reg.FAULT_IOTVAL / 4;
const IOTVAL2_WORD: number = reg.FAULT_IOTVAL2 / 4;

/** What one record says. Addresses are pages of up to 52 bits, and what stands below them. */
export interface Fault {
  cause: number;
  transactionType: number;
  deviceId: number;
  /** NO_PROCESS for PV = 0. */
  processId: number;
  privileged: boolean;
  page: number;
  offset: number;
  /** `iotval2`: the guest address of a guest page fault; the low bits say what was implicit. */
  guestPage: number;
  guestOffset: number;
}

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

  /** Reports one fault, or drops it as `fqcsr` says. */
  report(fault: Fault): void {
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
    this.#store(queuePage, (tail % RECORDS_A_PAGE) * RECORD_WORDS, fault);
    this.#registers.setWord(reg.FQT, next);
    this.#interrupts.faultRecorded();
  }
  /** "Fault-queue record": the words for custom use and the reserved ones are 0. */
  #store(queuePage: number, at: number, fault: Fault): void {
    const memory = this.#memory;
    const hasProcess = fault.processId !== NO_PROCESS;
    const flags = hasProcess ? reg.FAULT_1_PV.mask | (fault.privileged ? reg.FAULT_1_PRIV.mask : 0) : 0;
    memory.setWord(queuePage, at, fault.cause | (hasProcess ? fault.processId << reg.FAULT_0_PID.shift : 0));
    memory.setWord(queuePage, at + 1, (fault.deviceId << 8) | (fault.transactionType << 2) | flags);
    memory.setWord(queuePage, at + 2, 0);
    memory.setWord(queuePage, at + 3, 0);
    this.#storeAddress(queuePage, at + IOTVAL_WORD, fault.page, fault.offset);
    this.#storeAddress(queuePage, at + IOTVAL2_WORD, fault.guestPage, fault.guestOffset);
  }
  #storeAddress(queuePage: number, at: number, page: number, offset: number): void {
    const upper = Math.floor(page / 0x100000);
    this.#memory.setWord(queuePage, at, ((page - upper * 0x100000) << 12) | offset);
    this.#memory.setWord(queuePage, at + 1, upper | 0);
  }
  #stop(error: number): void {
    this.#registers.setWord(reg.FQCSR, this.#registers.word(reg.FQCSR) | error);
    this.#interrupts.update();
  }
}
