/**
 * What a write to the register page does. RISC-V IOMMU 1.0 §5.1 "Register layout" and the section of each register.
 *
 * Chapter 5 "Memory-mapped register interface": a register of 8 bytes is written at once, or its high half and then its
 * low half by 4 bytes each. The order is the document's: what a write sets going (`iommu_mode`, `Go/Busy`, `eventID`)
 * stands in low halves, so a write of the high half has no side effect, and one of the low half has the register's.
 *
 * CHOICE: `busy` is hard-wired to 0. CHOICE: an access of 8 bytes to two registers of 4 is two accesses in the same order.
 * CHOICE: other widths, misaligned accesses, writes of a base register while its queue is on, and everything optional
 * that is absent, are ignored.
 */
import { applyWrite, type Field, type WriteRule } from '@bulkhead/bits';
import * as reg from '@bulkhead/riscv-iommu-datasheet';
import { type CommandQueue, switchQueue } from './command-queue.ts';
import type { Debug } from './debug.ts';
import type { Interrupts } from './interrupts.ts';
import type { Monitor } from './monitor.ts';
import type { Recent } from './recent.ts';
import { LOG2SZ_WRITABLE, type Registers } from './registers.ts';

const CQCSR_RULE: WriteRule = {
  readWrite: reg.CQCSR_CQEN.mask | reg.CQCSR_CIE.mask,
  writeOneToClear: reg.CQCSR_CQMF.mask | reg.CQCSR_CMD_TO.mask | reg.CQCSR_CMD_ILL.mask | reg.CQCSR_FENCE_W_IP.mask,
};
const FQCSR_RULE: WriteRule = {
  readWrite: reg.FQCSR_FQEN.mask | reg.FQCSR_FIE.mask,
  writeOneToClear: reg.FQCSR_FQMF.mask | reg.FQCSR_FQOF.mask,
};
const PQCSR_RULE: WriteRule = {
  readWrite: reg.PQCSR_PQEN.mask | reg.PQCSR_PIE.mask,
  writeOneToClear: reg.PQCSR_PQMF.mask | reg.PQCSR_PQOF.mask,
};
const QUEUE_BASE_LO: number = LOG2SZ_WRITABLE | reg.BASE_PPN_LO.mask;
const MSI_CFG_TBL_END: number = reg.MSI_CFG_TBL + reg.MSI_ENTRIES * reg.MSI_ENTRY_SIZE_BYTES;

export interface RegisterWritesOptions {
  readonly registers: Registers;
  readonly commands: CommandQueue;
  readonly interrupts: Interrupts;
  readonly debug: Debug;
  readonly monitor: Monitor;
  readonly recent: Recent;
}

export class RegisterWrites {
  readonly #registers: Registers;
  readonly #commands: CommandQueue;
  readonly #interrupts: Interrupts;
  readonly #debug: Debug;
  readonly #monitor: Monitor;
  readonly #recent: Recent;
  /** What the capabilities leave of the optional registers. */
  readonly #icvecWritable: number;
  readonly #hasPageRequests: boolean;
  readonly #hasDebug: boolean;
  readonly #hasMonitor: boolean;
  readonly #hasMessages: boolean;
  readonly #mayChooseWires: boolean;

  constructor({ registers, commands, interrupts, debug, monitor, recent }: RegisterWritesOptions) {
    this.#registers = registers;
    this.#commands = commands;
    this.#interrupts = interrupts;
    this.#debug = debug;
    this.#monitor = monitor;
    this.#recent = recent;
    this.#hasPageRequests = registers.has(reg.CAPABILITIES, reg.CAPABILITIES_ATS);
    this.#hasDebug = registers.has(reg.CAPABILITIES, reg.CAPABILITIES_DBG);
    this.#hasMonitor = registers.has(reg.CAPABILITIES, reg.CAPABILITIES_HPM);
    const generation = registers.field(reg.CAPABILITIES, reg.CAPABILITIES_IGS);
    this.#hasMessages = generation !== reg.IGS_WSI;
    this.#mayChooseWires = generation === reg.IGS_BOTH;
    const piv = this.#hasPageRequests ? reg.ICVEC_PIV.mask : 0;
    const pmiv = this.#hasMonitor ? reg.ICVEC_PMIV.mask : 0;
    this.#icvecWritable = reg.ICVEC_CIV.mask | reg.ICVEC_FIV.mask | pmiv | piv;
  }

  /** @param offset a multiple of 4. */
  write(offset: number, value: number): void {
    const registers = this.#registers;
    switch (offset) {
      case reg.FCTL:
        this.#writeFctl(value);
        return;
      case reg.DDTP:
        this.#writeDdtp(value);
        return;
      case reg.DDTP + 4:
        registers.setWord(offset, value & reg.BASE_PPN_HI.mask);
        return;
      case reg.CQB:
        this.#writeBase(offset, value & QUEUE_BASE_LO, reg.CQCSR, reg.CQCSR_CQON);
        return;
      case reg.CQB + 4:
        this.#writeBase(offset, value & reg.BASE_PPN_HI.mask, reg.CQCSR, reg.CQCSR_CQON);
        return;
      case reg.FQB:
        this.#writeBase(offset, value & QUEUE_BASE_LO, reg.FQCSR, reg.FQCSR_FQON);
        return;
      case reg.FQB + 4:
        this.#writeBase(offset, value & reg.BASE_PPN_HI.mask, reg.FQCSR, reg.FQCSR_FQON);
        return;
      case reg.CQT:
        registers.setWord(offset, value & registers.indexMask(reg.CQB));
        this.#commands.process();
        return;
      case reg.FQH:
        registers.setWord(offset, value & registers.indexMask(reg.FQB));
        return;
      case reg.CQCSR:
        this.#writeCqcsr(value);
        return;
      case reg.FQCSR:
        this.#writeFqcsr(value);
        return;
      case reg.IPSR:
        this.#interrupts.acknowledge(value);
        return;
      case reg.ICVEC:
        registers.setWord(offset, value & this.#icvecWritable);
        this.#interrupts.drive();
        return;
      default:
        this.#writeOptional(offset, value);
    }
  }
  /** Registers that some capability brings. */
  #writeOptional(offset: number, value: number): void {
    if (offset >= reg.MSI_CFG_TBL && offset < MSI_CFG_TBL_END) {
      if (this.#hasMessages) this.#writeMsiEntry(offset, value);
    } else if (offset >= reg.TR_REQ_IOVA && offset < reg.TR_RESPONSE) {
      if (this.#hasDebug) this.#debug.write(offset, value);
    } else if (offset >= reg.IOCOUNTINH && offset < reg.TR_REQ_IOVA) {
      if (this.#hasMonitor) this.#monitor.write(offset, value);
    } else if (this.#hasPageRequests) this.#writePageRequests(offset, value);
  }
  #writePageRequests(offset: number, value: number): void {
    switch (offset) {
      case reg.PQB:
        this.#writeBase(offset, value & QUEUE_BASE_LO, reg.PQCSR, reg.PQCSR_PQON);
        return;
      case reg.PQB + 4:
        this.#writeBase(offset, value & reg.BASE_PPN_HI.mask, reg.PQCSR, reg.PQCSR_PQON);
        return;
      case reg.PQH:
        this.#registers.setWord(offset, value & this.#registers.indexMask(reg.PQB));
        return;
      case reg.PQCSR:
        this.#writePqcsr(value);
        return;
      default:
    }
  }

  /** §5.4: BE and GXL are 0; WSI is a choice where both ways are there. */
  #writeFctl(value: number): void {
    if (!this.#mayChooseWires) return;
    this.#registers.setWord(reg.FCTL, value & reg.FCTL_WSI.mask);
    this.#interrupts.drive();
  }
  /** §5.5: `iommu_mode` is WARL: an encoding without meaning leaves the mode as it was. */
  #writeDdtp(value: number): void {
    const legal = (value & reg.DDTP_IOMMU_MODE.mask) <= reg.DDTP_MODE_3LVL;
    const mode = (legal ? value : this.#registers.word(reg.DDTP)) & reg.DDTP_IOMMU_MODE.mask;
    this.#registers.setWord(reg.DDTP, (value & reg.BASE_PPN_LO.mask) | mode);
    this.#recent.clear();
  }
  #writeBase(offset: number, value: number, csr: number, on: Field): void {
    if (!this.#registers.has(csr, on)) this.#registers.setWord(offset, value);
  }
  /** §5.15 "Command-queue CSR (cqcsr)". */
  #writeCqcsr(value: number): void {
    const registers = this.#registers;
    const before = registers.word(reg.CQCSR);
    registers.setWord(reg.CQCSR, applyWrite(before, value, CQCSR_RULE));
    if (((before ^ value) & reg.CQCSR_CQEN.mask) !== 0)
      switchQueue(registers, reg.CQCSR, reg.CQH, reg.CQT, reg.CQCSR_CQON, CQCSR_RULE.writeOneToClear);
    this.#interrupts.update();
    this.#commands.process();
  }
  /** §5.16 "Fault queue CSR (fqcsr)". */
  #writeFqcsr(value: number): void {
    const registers = this.#registers;
    const before = registers.word(reg.FQCSR);
    registers.setWord(reg.FQCSR, applyWrite(before, value, FQCSR_RULE));
    if (((before ^ value) & reg.FQCSR_FQEN.mask) !== 0)
      switchQueue(registers, reg.FQCSR, reg.FQH, reg.FQT, reg.FQCSR_FQON, FQCSR_RULE.writeOneToClear);
    this.#interrupts.update();
  }
  /** §5.17 "Page-request-queue CSR (pqcsr)". */
  #writePqcsr(value: number): void {
    const registers = this.#registers;
    const before = registers.word(reg.PQCSR);
    registers.setWord(reg.PQCSR, applyWrite(before, value, PQCSR_RULE));
    if (((before ^ value) & reg.PQCSR_PQEN.mask) !== 0)
      switchQueue(registers, reg.PQCSR, reg.PQH, reg.PQT, reg.PQCSR_PQON, PQCSR_RULE.writeOneToClear);
    this.#interrupts.update();
  }
  /** §5.28 "MSI configuration table (msi_cfg_tbl)". */
  #writeMsiEntry(offset: number, value: number): void {
    switch (offset & (reg.MSI_ENTRY_SIZE_BYTES - 1)) {
      case reg.MSI_ADDR:
        this.#registers.setWord(offset, value & reg.MSI_ADDR_LO.mask);
        return;
      case reg.MSI_ADDR + 4:
        this.#registers.setWord(offset, value & reg.MSI_ADDR_HI.mask);
        return;
      case reg.MSI_DATA:
        this.#registers.setWord(offset, value | 0);
        return;
      default:
        this.#interrupts.setVectorControl((offset - reg.MSI_CFG_TBL) >>> 4, value);
        return;
    }
  }
}
