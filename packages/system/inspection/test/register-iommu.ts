/**
 * What the kernel asks of the IOMMU, said in its directory, its registers and its command queue. RISC-V IOMMU 1.0 §2.1
 * "Device-Directory-Table (DDT)", §3.1 "Command-Queue (CQ)".
 */
import { ALL_PAGES, type IommuPort } from '@bulkhead/io-spaces';
import type { PhysicalMemoryPort, RegisterDevice } from '@bulkhead/ports';
import * as reg from '@bulkhead/riscv-iommu-datasheet';

const CONTEXT_WORDS: number = reg.DC_BASE_SIZE_BYTES / 4;
const COMMAND_WORDS = 4;
const QUEUE_ENTRIES = 256;
const LOG2_ENTRIES = 8;

export class RegisterIommu implements IommuPort {
  readonly #iommu: RegisterDevice;
  readonly #memory: PhysicalMemoryPort;
  readonly #directory: number;
  readonly #queue: number;
  #tail = 0;

  /** @param directory and @param queue are a page each: devices below 128, one level. */
  constructor(iommu: RegisterDevice, memory: PhysicalMemoryPort, directory: number, queue: number) {
    this.#iommu = iommu;
    this.#memory = memory;
    this.#directory = directory;
    this.#queue = queue;
    iommu.write(reg.CQB + 4, 4, queue >>> 22);
    iommu.write(reg.CQB, 4, ((queue << 10) | (LOG2_ENTRIES - 1)) >>> 0);
    iommu.write(reg.CQCSR, 4, reg.CQCSR_CQEN.mask);
    iommu.write(reg.DDTP + 4, 4, directory >>> 22);
    iommu.write(reg.DDTP, 4, ((directory << 10) | reg.DDTP_MODE_1LVL) >>> 0);
  }

  attach(device: number, rootPage: number, domain: number): void {
    const at = device * CONTEXT_WORDS;
    this.#memory.setWord(this.#directory, at + reg.DC_TA / 4, domain << reg.TA_PSCID.shift);
    this.#memory.setWord(this.#directory, at + reg.DC_FSC / 4, rootPage);
    this.#memory.setWord(this.#directory, at + reg.DC_FSC / 4 + 1, reg.IOSATP_MODE_SV39 << reg.IOSATP_HI_MODE.shift);
    this.#memory.setWord(this.#directory, at + reg.DC_TC / 4, reg.TC_V.mask);
  }
  detach(device: number): void {
    for (let word = 0; word < CONTEXT_WORDS; word++)
      this.#memory.setWord(this.#directory, device * CONTEXT_WORDS + word, 0);
    const high = reg.IODIR_1_DV.mask | (device << reg.IODIR_1_DID.shift);
    this.#command(reg.OPCODE_IODIR | (reg.IODIR_INVAL_DDT << reg.COMMAND_FUNC3.shift), high, 0, 0);
  }
  invalidate(domain: number, ioPage: number): void {
    const one = ioPage === ALL_PAGES ? 0 : reg.IOTINVAL_0_AV.mask;
    const low = reg.OPCODE_IOTINVAL | one | (domain << reg.IOTINVAL_0_PSCID.shift);
    const page = ioPage === ALL_PAGES ? 0 : ioPage;
    this.#command(low, reg.IOTINVAL_1_PSCV.mask, page << reg.IOTINVAL_2_ADDR.shift, page >>> 22);
    this.#command(reg.OPCODE_IOFENCE | reg.IOFENCE_0_PR.mask | reg.IOFENCE_0_PW.mask, 0, 0, 0);
  }

  #command(...words: readonly [number, number, number, number]): void {
    for (const [i, word] of words.entries()) this.#memory.setWord(this.#queue, this.#tail * COMMAND_WORDS + i, word);
    this.#tail = (this.#tail + 1) % QUEUE_ENTRIES;
    this.#iommu.write(reg.CQT, 4, this.#tail);
  }
}
