/**
 * A RISC-V IOMMU as a platform device: one page of registers, and the translation of what devices ask of memory.
 * RISC-V IOMMU Architecture Specification 1.0.
 *
 * Nothing that software writes to registers or tables makes it throw: what is wrong is a fault record or an error bit.
 *
 * UNIMPLEMENTED: second stage, process directories, MSI page tables, ATS and page requests, performance counters, the
 * debug interface. `capabilities` says so, and a device context that asks for one of them is misconfigured.
 */
import type { PhysicalMemoryPort, RegisterDevice, WidthBytes } from '@bulkhead/ports';
import * as reg from '@bulkhead/riscv-iommu-datasheet';
import { CommandQueue } from './command-queue.ts';
import { Directory } from './directory.ts';
import { DmaGate, type DmaTarget } from './dma-gate.ts';
import { FaultQueue } from './fault-queue.ts';
import { Interrupts } from './interrupts.ts';
import { Iotlb } from './iotlb.ts';
import { RegisterWrites } from './register-writes.ts';
import { Registers } from './registers.ts';
import { type SystemMessage, SystemStore } from './system-store.ts';
import { ACCESS_FAULT, DMA_WRITE, Walker } from './walk.ts';

export interface IommuOptions {
  readonly memory: PhysicalMemoryPort;
  /** Carries the IOMMU's own stores beyond RAM: its interrupts, and fences that write to a device. */
  readonly message: SystemMessage;
  /** Runs when an interrupt becomes pending, before its message leaves. @defaultValue nothing */
  readonly attention?: () => void;
}

const TRANSLATIONS = 0;
const WALKS = 1;
const FAULTS = 2;

export class Iommu implements RegisterDevice {
  readonly #memory: PhysicalMemoryPort;
  readonly #registers: Registers = new Registers();
  readonly #store: SystemStore;
  readonly #interrupts: Interrupts;
  readonly #faults: FaultQueue;
  readonly #directory: Directory;
  readonly #walker: Walker;
  readonly #commands: CommandQueue;
  readonly #writes: RegisterWrites;
  readonly #iotlb: Iotlb = new Iotlb();
  readonly #counts: Float64Array = new Float64Array(3);

  constructor({ memory, message, attention = () => undefined }: IommuOptions) {
    const registers = this.#registers;
    this.#memory = memory;
    this.#store = new SystemStore(memory, message);
    const messageFault = (vector: number): void => this.#reportMessageFault(vector);
    this.#interrupts = new Interrupts({ registers, store: this.#store, attention, messageFault });
    const interrupts = this.#interrupts;
    this.#faults = new FaultQueue({ registers, memory, interrupts });
    this.#directory = new Directory(registers, memory);
    this.#walker = new Walker(memory);
    const { directory, iotlb, store } = { directory: this.#directory, iotlb: this.#iotlb, store: this.#store };
    this.#commands = new CommandQueue({ registers, memory, store, interrupts, iotlb, directory });
    this.#writes = new RegisterWrites(registers, this.#commands, interrupts);
  }

  /** Requests that were translated, or refused. */
  get translationCount(): number {
    return this.#counts[TRANSLATIONS]!;
  }
  /** Page-table walks: requests that the IOTLB could not answer. */
  get walkCount(): number {
    return this.#counts[WALKS]!;
  }
  /** Device contexts that were read from the device directory. */
  get contextLoadCount(): number {
    return this.#directory.loads[0]!;
  }
  /** IOTINVAL and IODIR commands that were executed. */
  get invalidationCount(): number {
    return this.#commands.invalidations[0]!;
  }
  /** Faults, whether or not a record of them could be written. */
  get faultCount(): number {
    return this.#counts[FAULTS]!;
  }

  /** §5.2 "Reset behavior": afterwards the caches hold nothing. Counters go on. */
  reset(): void {
    this.#registers.reset();
    this.#interrupts.reset();
    this.#iotlb.invalidate(-1, -1);
    this.#directory.invalidate(-1);
  }
  read(offset: number, widthBytes: WidthBytes): number {
    if (widthBytes !== 4 || (offset & 3) !== 0 || offset < 0 || offset >= reg.REGISTERS_SIZE_BYTES) return 0;
    return this.#registers.word(offset) >>> 0;
  }
  write(offset: number, widthBytes: WidthBytes, value: number): void {
    if (widthBytes !== 4 || (offset & 3) !== 0 || offset < 0 || offset >= reg.REGISTERS_SIZE_BYTES) return;
    if (!this.#store.active) this.#writes.write(offset, value | 0);
  }

  /**
   * §2.3 "Process to translate an IOVA", for an untranslated request without process_id.
   * @param ioPage the page that the device issued, from 0 to 2^52 - 1.
   * @param access DMA_READ or DMA_WRITE.
   * @returns the physical page, or minus the cause of a fault, which was reported.
   */
  translate(deviceId: number, ioPage: number, access: number): number {
    this.#counts[TRANSLATIONS] = this.#counts[TRANSLATIONS]! + 1;
    const mode = this.#registers.field(reg.DDTP, reg.DDTP_IOMMU_MODE);
    if (mode === reg.DDTP_MODE_OFF)
      return this.#fault(reg.CAUSE_ALL_INBOUND_TRANSACTIONS_DISALLOWED, deviceId, ioPage, access); // 1.
    if (mode === reg.DDTP_MODE_BARE) return ioPage; // 2.
    if (!this.#directory.reaches(deviceId))
      return this.#fault(reg.CAUSE_TRANSACTION_TYPE_DISALLOWED, deviceId, ioPage, access); // 5.
    const context = this.#directory.locate(deviceId); // 6.
    if (context < 0) return this.#fault(-context, deviceId, ioPage, access);
    if (this.#directory.isBare(context)) return ioPage;
    const page = this.#translateSv39(context, ioPage, access); // 17.
    if (page >= 0) return page;
    const cause = page === ACCESS_FAULT ? accessFaultOf(access) : pageFaultOf(access);
    if (!this.#directory.isQuiet(context)) return this.#fault(cause, deviceId, ioPage, access);
    this.#counts[FAULTS] = this.#counts[FAULTS]! + 1;
    return -cause;
  }
  /** The way of one requester to memory. Beyond RAM its accesses go to `target`. */
  dmaPort(deviceId: number, target: DmaTarget): DmaGate {
    return new DmaGate(this, this.#memory, deviceId, target);
  }

  /** Privileged ISA 20211203 §4.4.1: bits 63:39 must equal bit 38, which is bit 26 of the page number. */
  #translateSv39(context: number, ioPage: number, access: number): number {
    const upper = Math.floor(ioPage / 0x4000000);
    if (upper !== 0 && upper !== 0x3ffffff) return -1;
    const vpn = ioPage % 0x8000000;
    const pscid = this.#directory.pscid(context);
    const held = this.#iotlb.lookup(pscid, vpn, access);
    if (held >= 0) return held;
    this.#counts[WALKS] = this.#counts[WALKS]! + 1;
    const walker = this.#walker;
    const page = walker.walk(this.#directory.rootPage(context), vpn, access);
    if (page >= 0) this.#iotlb.fill(pscid, vpn, page, walker.permissions, walker.level, walker.global);
    return page;
  }
  #fault(cause: number, deviceId: number, ioPage: number, access: number): number {
    this.#counts[FAULTS] = this.#counts[FAULTS]! + 1;
    const type = access === DMA_WRITE ? reg.TTYP_UNTRANSLATED_WRITE : reg.TTYP_UNTRANSLATED_READ;
    this.#faults.report(cause, type, deviceId, ioPage, 0);
    return -cause;
  }
  /** §5.28: cause 273 with TTYP 0, and the address in `iotval`. */
  #reportMessageFault(vector: number): void {
    this.#counts[FAULTS] = this.#counts[FAULTS]! + 1;
    const entry = reg.MSI_CFG_TBL + vector * reg.MSI_ENTRY_SIZE_BYTES;
    const lo = this.#registers.word(entry + reg.MSI_ADDR);
    const page = this.#registers.word(entry + reg.MSI_ADDR + 4) * 0x100000 + (lo >>> 12);
    this.#faults.report(reg.CAUSE_MSI_WRITE_ACCESS_FAULT, reg.TTYP_NONE, 0, page, lo & 0xfff);
  }
}

const pageFaultOf = (access: number): number =>
  access === DMA_WRITE ? reg.CAUSE_WRITE_PAGE_FAULT : reg.CAUSE_READ_PAGE_FAULT;
const accessFaultOf = (access: number): number =>
  access === DMA_WRITE ? reg.CAUSE_WRITE_ACCESS_FAULT : reg.CAUSE_READ_ACCESS_FAULT;

/** @returns an IOMMU that is off: every access of every device faults until software says otherwise. */
export const createIommu = (options: IommuOptions): Iommu => new Iommu(options);
