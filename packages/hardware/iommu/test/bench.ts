/** A board around one IOMMU: RAM, a place that takes messages, and the tables that software would write. */
import { createRam, type Ram } from '@bulkhead/memory';
import * as reg from '@bulkhead/riscv-iommu-datasheet';
import { type AtsPort, createIommu, type Iommu, type IommuCapabilities, SV39_CAPABILITIES } from '../src/index.ts';

export const EFFORT: number = Number(process.env.BULKHEAD_EFFORT ?? 1);
export const RAM_BASE = 0x80000;
export const MSI_PAGE = 0x24000;
export const DIRECTORY: number = RAM_BASE;
export const COMMANDS: number = RAM_BASE + 1;
export const FAULTS: number = RAM_BASE + 2;
export const ROOT: number = RAM_BASE + 3;
/** First page that nothing above uses. */
export const FREE: number = RAM_BASE + 8;

export const V = 0x01;
export const R = 0x02;
export const W = 0x04;
export const U = 0x10;
export const G = 0x20;
export const A = 0x40;
export const D = 0x80;
export const LEAF: number = V | R | W | U | A | D;

export interface Message {
  readonly page: number;
  readonly offset: number;
  readonly data: number;
}

export interface ExtendedContext {
  readonly tc?: number;
  readonly gatp?: readonly number[];
  readonly root?: number;
  readonly pscid?: number;
  /** `iosatp.MODE` or `pdtp.MODE`, for a root. */
  readonly mode?: number;
  readonly msi?: readonly number[];
}

export class Bench {
  readonly ram: Ram = createRam({ basePage: RAM_BASE, pageCount: 64 });
  readonly messages: Message[] = [];
  attentions = 0;
  /** Wires that are asserted. */
  readonly wires: Set<number> = new Set();
  /** Messages to devices, and whether they complete invalidation requests. */
  readonly devices: (readonly (string | number)[])[] = [];
  completes = true;
  /** What the clock shows. */
  now = 0;
  readonly iommu: Iommu;

  constructor(capabilities: IommuCapabilities = SV39_CAPABILITIES) {
    const message = (page: number, offset: number, data: number): number => {
      if (page !== MSI_PAGE) return -1;
      this.messages.push({ page, offset, data });
      return 0;
    };
    const attention = (): void => {
      this.attentions++;
    };
    const wire = (vector: number, asserted: boolean): void => {
      if (asserted) this.wires.add(vector);
      else this.wires.delete(vector);
    };
    const devices: AtsPort = {
      invalidate: (...message) => {
        this.devices.push(['invalidate', ...message]);
        return this.completes;
      },
      respond: (...message) => {
        this.devices.push(['respond', ...message]);
      },
    };
    this.iommu = createIommu({
      memory: this.ram,
      message,
      attention,
      wire,
      devices,
      capabilities,
      cycles: () => this.now,
    });
  }
  write(offset: number, value: number): void {
    this.iommu.write(offset, 4, value >>> 0);
  }
  read(offset: number): number {
    return this.iommu.read(offset, 4);
  }
  /** Writes a base register: mode or size in the low bits. */
  base(offset: number, page: number, low: number): void {
    this.write(offset + 4, Math.floor(page / 0x400000));
    this.write(offset, ((page % 0x400000) << 10) | low);
  }
  mode(mode: number, page: number = DIRECTORY): void {
    this.base(reg.DDTP, page, mode);
  }
  /** Turns the command queue on with 2^log2 entries. */
  commandQueue(log2 = 8): void {
    this.write(reg.CQCSR, 0);
    this.base(reg.CQB, COMMANDS, log2 - 1);
    this.write(reg.CQCSR, reg.CQCSR_CQEN.mask | reg.CQCSR_CIE.mask);
  }
  faultQueue(log2 = 7, page: number = FAULTS): void {
    this.write(reg.FQCSR, 0);
    this.base(reg.FQB, page, log2 - 1);
    this.write(reg.FQCSR, reg.FQCSR_FQEN.mask | reg.FQCSR_FIE.mask);
  }
  /** Sends the IOMMU's interrupts of `vector` to MSI_PAGE with `data`. */
  message(vector: number, data: number): void {
    const entry = reg.MSI_CFG_TBL + vector * 16;
    this.write(entry + reg.MSI_ADDR, MSI_PAGE * 4096);
    this.write(entry + reg.MSI_ADDR + 4, 0);
    this.write(entry + reg.MSI_DATA, data);
    this.write(entry + reg.MSI_VEC_CTL, 0);
  }
  /** Appends one command and rings. */
  command(word0: number, word1 = 0, word2 = 0, word3 = 0): void {
    const tail = this.read(reg.CQT);
    [word0, word1, word2, word3].forEach((word, i) => {
      this.ram.setWord(COMMANDS, tail * 4 + i, word);
    });
    this.write(reg.CQT, tail + 1);
  }
  invalidateAll(): void {
    this.command(reg.OPCODE_IOTINVAL);
    this.command(reg.OPCODE_IODIR);
  }
  /** Device context: Sv39 from `root`, or bare for root 0. */
  context(deviceId: number, root: number, pscid = 1, tc = 1, page: number = DIRECTORY): void {
    const at = (deviceId & 0x7f) * 8;
    const words = [tc, 0, 0, 0, pscid << 12, 0, root | 0, root === 0 ? 0 : (8 << 28) | Math.floor(root / 2 ** 32)];
    words.forEach((word, i) => {
      this.ram.setWord(page, at + i, word);
    });
  }
  /** The same in extended format. `msi` is msiptp, msi_addr_mask and msi_addr_pattern, two words each. */
  extendedContext(
    deviceId: number,
    { tc = 1, gatp = [0, 0], root = 0, pscid = 1, mode = 8, msi = [] }: ExtendedContext,
    page: number = DIRECTORY,
  ): void {
    const fsc = [root | 0, root === 0 ? 0 : (mode << 28) | Math.floor(root / 2 ** 32)];
    const words = [tc, 0, ...gatp, pscid << 12, 0, ...fsc, ...msi];
    for (let i = 0; i < 16; i++) this.ram.setWord(page, (deviceId & 0x3f) * 16 + i, words[i] ?? 0);
  }
  entry(table: number, index: number, page: number, flags: number): void {
    this.ram.setWord(table, index * 2, (page << 10) | flags);
    this.ram.setWord(table, index * 2 + 1, Math.floor(page / 0x400000));
  }
  /** Maps one 4 KiB page of the first GiB, through tables at ROOT + 1 and ROOT + 2. */
  map(ioPage: number, page: number, flags: number = LEAF): void {
    this.entry(ROOT, 0, ROOT + 1, V);
    this.entry(ROOT + 1, (ioPage >>> 9) & 0x1ff, ROOT + 2, V);
    this.entry(ROOT + 2, ioPage & 0x1ff, page, flags);
  }
  /** The words of fault record `index`. */
  record(index: number): { cause: number; deviceId: number; type: number; page: number; offset: number } {
    const word = (i: number): number => this.ram.word(FAULTS, index * 8 + i);
    return {
      cause: word(0) & 0xfff,
      type: (word(1) >>> 2) & 0x3f,
      deviceId: word(1) >>> 8,
      page: (word(5) >>> 0) * 0x100000 + (word(4) >>> 12),
      offset: word(4) & 0xfff,
    };
  }
}
