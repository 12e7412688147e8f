/**
 * The consumer's side of the command queue. RISC-V IOMMU 1.0 §3.1 "Command-Queue (CQ)", §5.15 "Command-queue CSR (cqcsr)".
 *
 * CHOICE: commands run in order, inside the register write that makes them visible; IOFENCE.C has nothing to wait for.
 * An error stops the queue with `cqh` at the command that caused it.
 */
import { type Field, get, has } from '@bulkhead/bits';
import type { PhysicalMemoryPort } from '@bulkhead/ports';
import * as reg from '@bulkhead/riscv-iommu-datasheet';
import type { AtsPort } from './ats.ts';
import { HOST } from './device-context.ts';
import type { Directory } from './directory.ts';
import type { Interrupts } from './interrupts.ts';
import { ANY, type Iotlb } from './iotlb.ts';
import type { ProcessDirectory } from './process-directory.ts';
import type { Registers } from './registers.ts';
import type { SystemStore } from './system-store.ts';

const ERRORS: number = reg.CQCSR_CQMF.mask | reg.CQCSR_CMD_TO.mask | reg.CQCSR_CMD_ILL.mask;
const COMMANDS_A_PAGE: number = 4096 / reg.COMMAND_SIZE_BYTES;
const COMMAND_WORDS: number = reg.COMMAND_SIZE_BYTES / 4;

/** What a command came to: the error bit to set in `cqcsr`, or none. */
const DONE = 0;
const ILLEGAL: number = reg.CQCSR_CMD_ILL.mask;
const MEMORY_FAULT: number = reg.CQCSR_CQMF.mask;
const TIMEOUT: number = reg.CQCSR_CMD_TO.mask;

export interface CommandQueueOptions {
  readonly registers: Registers;
  readonly memory: PhysicalMemoryPort;
  readonly store: SystemStore;
  readonly interrupts: Interrupts;
  /** What IOTINVAL.VMA and IOTINVAL.GVMA act on. */
  readonly iotlb: Iotlb;
  readonly guestTlb: Iotlb;
  readonly directory: Directory;
  readonly processes: ProcessDirectory;
  readonly devices: AtsPort;
}

export class CommandQueue {
  readonly #registers: Registers;
  readonly #memory: PhysicalMemoryPort;
  readonly #store: SystemStore;
  readonly #interrupts: Interrupts;
  readonly #iotlb: Iotlb;
  readonly #guestTlb: Iotlb;
  readonly #directory: Directory;
  readonly #processes: ProcessDirectory;
  readonly #devices: AtsPort;
  /** An invalidation request was not completed, and no fence has said so yet. */
  #timedOut = false;
  /** Invalidation commands that were executed. */
  readonly invalidations: Float64Array = new Float64Array(1);

  constructor(options: CommandQueueOptions) {
    this.#registers = options.registers;
    this.#memory = options.memory;
    this.#store = options.store;
    this.#interrupts = options.interrupts;
    this.#iotlb = options.iotlb;
    this.#guestTlb = options.guestTlb;
    this.#directory = options.directory;
    this.#processes = options.processes;
    this.#devices = options.devices;
  }

  reset(): void {
    this.#timedOut = false;
  }
  /** Runs what stands between head and tail, up to the first error. */
  process(): void {
    const registers = this.#registers;
    const mask = registers.indexMask(reg.CQB);
    const tail = registers.word(reg.CQT);
    while (registers.word(reg.CQH) !== tail) {
      const csr = registers.word(reg.CQCSR);
      if ((csr & reg.CQCSR_CQON.mask) === 0 || (csr & ERRORS) !== 0) return;
      const error = this.#execute(registers.word(reg.CQH));
      if (error === DONE) registers.setWord(reg.CQH, (registers.word(reg.CQH) + 1) & mask);
      else this.#stop(error);
    }
  }
  #stop(error: number): void {
    this.#registers.setWord(reg.CQCSR, this.#registers.word(reg.CQCSR) | error);
    this.#interrupts.update();
  }

  #execute(index: number): number {
    const page = this.#registers.basePage(reg.CQB) + Math.floor(index / COMMANDS_A_PAGE);
    if (!this.#memory.holdsPage(page)) return MEMORY_FAULT;
    const at = (index % COMMANDS_A_PAGE) * COMMAND_WORDS;
    const word0 = this.#memory.word(page, at);
    const word1 = this.#memory.word(page, at + 1);
    const word2 = this.#memory.word(page, at + 2);
    const word3 = this.#memory.word(page, at + 3);
    switch (get(word0, reg.COMMAND_OPCODE)) {
      case reg.OPCODE_IOTINVAL:
        return this.#invalidatePages(word0, word1, word2, word3);
      case reg.OPCODE_IOFENCE:
        return this.#fence(word0, word1, word2, word3);
      case reg.OPCODE_IODIR:
        return this.#invalidateDirectory(word0, word1, word2 | word3);
      case reg.OPCODE_ATS:
        return this.#sendToDevice(word0, word1, word2, word3);
      default: // reserved, or custom and not ours
        return ILLEGAL;
    }
  }

  /** §3.1.1 "IOMMU Page-Table cache invalidation commands". */
  #invalidatePages(word0: number, word1: number, word2: number, word3: number): number {
    const reserved =
      (word0 & reg.IOTINVAL_0_RESERVED.mask) |
      (word1 & (reg.IOTINVAL_1_RESERVED_LOW.mask | reg.IOTINVAL_1_RESERVED_HIGH.mask)) |
      (word2 & reg.IOTINVAL_2_RESERVED.mask) |
      (word3 & reg.IOTINVAL_3_RESERVED.mask);
    const func3 = get(word0, reg.COMMAND_FUNC3);
    if (reserved !== 0 || func3 > reg.IOTINVAL_GVMA) return ILLEGAL;
    const byProcess = has(word1, reg.IOTINVAL_1_PSCV);
    if (func3 === reg.IOTINVAL_GVMA && byProcess) return ILLEGAL;
    this.#count();
    const gscid = has(word1, reg.IOTINVAL_1_GV) ? get(word1, reg.IOTINVAL_1_GSCID) : HOST;
    const address = get(word3, reg.IOTINVAL_3_ADDR) * 0x400000 + get(word2, reg.IOTINVAL_2_ADDR);
    const page = has(word0, reg.IOTINVAL_0_AV) ? address : ANY;
    if (func3 === reg.IOTINVAL_VMA)
      this.#iotlb.invalidate(gscid, byProcess ? get(word0, reg.IOTINVAL_0_PSCID) : ANY, page);
    else if (gscid === HOST)
      this.#guestTlb.invalidate(ANY, ANY, ANY); // AV is ignored
    else this.#guestTlb.invalidate(gscid, ANY, page);
    return DONE;
  }
  /** §3.1.2 "IOMMU Command-queue Fence commands". WSI is reserved while `fctl.WSI` is 0. */
  #fence(word0: number, data: number, word2: number, word3: number): number {
    const wires = this.#registers.has(reg.FCTL, reg.FCTL_WSI) ? 0 : reg.IOFENCE_0_WSI.mask;
    const reserved = word0 & (reg.IOFENCE_0_RESERVED.mask | wires);
    if (reserved !== 0 || has(word3, reg.IOFENCE_3_RESERVED)) return ILLEGAL;
    if (get(word0, reg.COMMAND_FUNC3) !== reg.IOFENCE_C) return ILLEGAL;
    if (this.#timedOut) {
      this.#timedOut = false;
      return TIMEOUT;
    }
    if (has(word0, reg.IOFENCE_0_AV)) {
      const page = get(word3, reg.IOFENCE_3_ADDR) * 0x400000 + (word2 >>> 10);
      if (this.#store.store32(page, (word2 & 0x3ff) * 4, data) < 0) return MEMORY_FAULT;
    }
    if (has(word0, reg.IOFENCE_0_WSI)) this.#registers.raise(reg.CQCSR, reg.CQCSR_FENCE_W_IP);
    this.#interrupts.update();
    return DONE;
  }
  /** §3.1.3 "IOMMU directory cache invalidation commands". */
  #invalidateDirectory(word0: number, word1: number, operands: number): number {
    const reserved =
      operands |
      (word0 & reg.IODIR_0_RESERVED.mask) |
      (word1 & (reg.IODIR_1_RESERVED_LOW.mask | reg.IODIR_1_RESERVED_HIGH.mask));
    if (reserved !== 0) return ILLEGAL;
    const deviceId = has(word1, reg.IODIR_1_DV) ? get(word1, reg.IODIR_1_DID) : -1;
    if (deviceId >= 0 && this.#isTooWide(deviceId)) return ILLEGAL;
    const processId = get(word0, reg.IODIR_0_PID);
    switch (get(word0, reg.COMMAND_FUNC3)) {
      case reg.IODIR_INVAL_DDT:
        return processId === 0 ? this.#invalidateDevice(deviceId) : ILLEGAL;
      case reg.IODIR_INVAL_PDT:
        return deviceId < 0 ? ILLEGAL : this.#invalidateProcess(deviceId, processId);
      default:
        return ILLEGAL;
    }
  }
  #invalidateDevice(deviceId: number): number {
    this.#count();
    this.#directory.invalidate(deviceId);
    this.#processes.invalidate(deviceId, -1);
    return DONE;
  }
  /** "The PID operand must not be wider than the width supported by the IOMMU": with no process directory, none is. */
  #invalidateProcess(deviceId: number, processId: number): number {
    if (processId >= processIdLimit(this.#registers.word(reg.CAPABILITIES + 4))) return ILLEGAL;
    this.#count();
    this.#processes.invalidate(deviceId, processId);
    return DONE;
  }
  /** §3.1.4 "IOMMU PCIe ATS commands". A timeout shows at the next fence. */
  #sendToDevice(word0: number, word1: number, payloadLo: number, payloadHi: number): number {
    if (!this.#registers.has(reg.CAPABILITIES, reg.CAPABILITIES_ATS)) return ILLEGAL;
    if (has(word0, reg.ATS_0_RESERVED) || has(word1, reg.ATS_1_RESERVED)) return ILLEGAL;
    const processId = has(word1, reg.ATS_1_PV) ? get(word0, reg.ATS_0_PID) : -1;
    const segment = has(word1, reg.ATS_1_DSV) ? get(word1, reg.ATS_1_DSEG) : 0;
    const deviceId = segment * 0x10000 + get(word1, reg.ATS_1_RID);
    switch (get(word0, reg.COMMAND_FUNC3)) {
      case reg.ATS_INVAL:
        if (!this.#store.invalidate(this.#devices, deviceId, processId, payloadLo, payloadHi)) this.#timedOut = true;
        return DONE;
      case reg.ATS_PRGR:
        this.#store.respond(this.#devices, deviceId, processId, payloadLo, payloadHi);
        return DONE;
      default:
        return ILLEGAL;
    }
  }
  /** "DID must not be wider than that supported by the ddtp.iommu_mode": a mode without a directory supports any. */
  #isTooWide(deviceId: number): boolean {
    const mode = this.#registers.field(reg.DDTP, reg.DDTP_IOMMU_MODE);
    return mode >= reg.DDTP_MODE_1LVL && !this.#directory.reaches(deviceId);
  }
  #count(): void {
    this.invalidations[0] = this.invalidations[0]! + 1;
  }
}

/** @returns the first process_id that no process directory of this IOMMU can hold. */
function processIdLimit(capabilitiesHi: number): number {
  if (has(capabilitiesHi, reg.CAPABILITIES_HI_PD20)) return 2 ** 20;
  if (has(capabilitiesHi, reg.CAPABILITIES_HI_PD17)) return 2 ** 17;
  return has(capabilitiesHi, reg.CAPABILITIES_HI_PD8) ? 2 ** 8 : 0;
}

/** §5.15, §5.16, §5.17: the enable bit was switched: both ends start at 0, and an idle queue shows no error. */
export function switchQueue(
  registers: Registers,
  csr: number,
  head: number,
  tail: number,
  on: Field,
  errors: number,
): void {
  const enabled = (registers.word(csr) & 1) !== 0;
  registers.setWord(head, 0);
  registers.setWord(tail, 0);
  registers.setWord(csr, enabled ? registers.word(csr) | on.mask : registers.word(csr) & ~(on.mask | errors));
}
