/**
 * The translation-request interface. RISC-V IOMMU 1.0 chapter 4 "Debug support", §5.24 to §5.26. The translation is
 * done inside the write that sets `Go/Busy`, which therefore always reads 0.
 *
 * CHOICE: it is answered by a walk, not by a cached leaf, and fills no cache of leaves. CHOICE: S = 0, 4 KiB always.
 */
import { get, has } from '@bulkhead/bits';
import * as reg from '@bulkhead/riscv-iommu-datasheet';
import { TO_MRIF } from './msi-table.ts';
import type { Registers } from './registers.ts';
import { DMA_EXECUTE, DMA_READ, DMA_WRITE, NO_PROCESS, Request, UNTRANSLATED } from './request.ts';
import type { Translator } from './translator.ts';

const CTL_WRITABLE: number =
  reg.TR_REQ_CTL_PRIV.mask | reg.TR_REQ_CTL_EXE.mask | reg.TR_REQ_CTL_NW.mask | reg.TR_REQ_CTL_PID.mask;
const CTL_HI_WRITABLE: number = reg.TR_REQ_CTL_HI_PV.mask | reg.TR_REQ_CTL_HI_DID.mask;

export class Debug {
  readonly #registers: Registers;
  readonly #translator: Translator;

  constructor(registers: Registers, translator: Translator) {
    this.#registers = registers;
    this.#translator = translator;
  }
  /** @param offset of a word of `tr_req_iova` or `tr_req_ctl`. */
  write(offset: number, value: number): void {
    const registers = this.#registers;
    switch (offset) {
      case reg.TR_REQ_IOVA:
        registers.setWord(offset, value & reg.TR_REQ_IOVA_LO.mask);
        return;
      case reg.TR_REQ_IOVA + 4:
        registers.setWord(offset, value);
        return;
      case reg.TR_REQ_CTL:
        registers.setWord(offset, value & CTL_WRITABLE);
        if (has(value, reg.TR_REQ_CTL_GO_BUSY)) this.#translate();
        return;
      case reg.TR_REQ_CTL + 4:
        registers.setWord(offset, value & CTL_HI_WRITABLE);
        return;
      default:
    }
  }
  #translate(): void {
    const registers = this.#registers;
    const request = this.#request();
    const page = this.#translator.translate(request);
    // Chapter 4: an interrupt file in memory is no page; "Transaction type disallowed" (cause 260).
    if (page === TO_MRIF) this.#translator.fail(request, reg.CAUSE_TRANSACTION_TYPE_DISALLOWED);
    const fault = page < 0;
    const lo = fault
      ? reg.TR_RESPONSE_FAULT.mask
      : (this.#translator.memoryType << reg.TR_RESPONSE_PBMT.shift) | (page << reg.TR_RESPONSE_PPN_LO.shift);
    registers.setWord(reg.TR_RESPONSE, lo);
    registers.setWord(reg.TR_RESPONSE + 4, fault ? 0 : Math.floor(page / 0x400000) & reg.TR_RESPONSE_HI_PPN.mask);
  }
  #request(): Request {
    const registers = this.#registers;
    const control = registers.word(reg.TR_REQ_CTL);
    const high = registers.word(reg.TR_REQ_CTL + 4);
    const processId = has(high, reg.TR_REQ_CTL_HI_PV) ? get(control, reg.TR_REQ_CTL_PID) : NO_PROCESS;
    const privileged = has(control, reg.TR_REQ_CTL_PRIV);
    const request = new Request(get(high, reg.TR_REQ_CTL_HI_DID), processId, privileged, UNTRANSLATED);
    request.cached = false;
    const iova = registers.word(reg.TR_REQ_IOVA) >>> 12;
    request.ioPage = (registers.word(reg.TR_REQ_IOVA + 4) >>> 0) * 0x100000 + iova;
    const execute = has(control, reg.TR_REQ_CTL_EXE) ? DMA_EXECUTE : 0;
    request.access = DMA_READ | execute | (has(control, reg.TR_REQ_CTL_NW) ? 0 : DMA_WRITE);
    return request;
  }
}
