/**
 * A RISC-V IOMMU as a platform device: one page of registers, and the translation of what devices ask of memory.
 * RISC-V IOMMU Architecture Specification 1.0.
 *
 * Nothing that software writes to registers or tables makes it throw: what is wrong is a fault record or an error bit.
 */
import type { PhysicalMemoryPort, RegisterDevice, WidthBytes } from '@bulkhead/ports';
import * as reg from '@bulkhead/riscv-iommu-datasheet';
import { Ats, type AtsPort, type PageRequest, type TranslationCompletion, type TranslationRequest } from './ats.ts';
import { ALL_CAPABILITIES, type IommuCapabilities, supported } from './capabilities.ts';
import { CommandQueue } from './command-queue.ts';
import { Debug } from './debug.ts';
import { Directory } from './directory.ts';
import { DmaGate, type DmaTarget } from './dma-gate.ts';
import { FaultQueue } from './fault-queue.ts';
import { FaultReporter } from './fault-reporter.ts';
import { FirstStage } from './first-stage.ts';
import { Interrupts } from './interrupts.ts';
import { ANY, Iotlb } from './iotlb.ts';
import { Mrif } from './mrif.ts';
import { MsiTable } from './msi-table.ts';
import { PageRequestQueue } from './page-request-queue.ts';
import { ProcessDirectory } from './process-directory.ts';
import { Recent } from './recent.ts';
import { RegisterWrites } from './register-writes.ts';
import { Registers } from './registers.ts';
import { NO_PROCESS, Request, TRANSLATED, UNTRANSLATED } from './request.ts';
import { Requester, type RequestPort } from './requester.ts';
import { SecondStage } from './second-stage.ts';
import { type SystemMessage, SystemStore } from './system-store.ts';
import { Translator } from './translator.ts';

const nothing = (): void => undefined;
const NO_DEVICES: AtsPort = { invalidate: () => false, respond: () => undefined };

export interface IommuOptions {
  readonly memory: PhysicalMemoryPort;
  /** Carries the IOMMU's own stores beyond RAM: its interrupts, notices, and fences that write to a device. */
  readonly message: SystemMessage;
  /** Runs when an interrupt becomes pending, before its message leaves. @defaultValue nothing */
  readonly attention?: () => void;
  /** Moves the interrupt wire of a vector, while `fctl.WSI` is 1. @defaultValue nothing */
  readonly wire?: (vector: number, asserted: boolean) => void;
  /** Devices that cache translations or ask for pages. @defaultValue none: invalidation requests time out */
  readonly devices?: AtsPort;
  /** What it can do; `ALL_CAPABILITIES` has device contexts of 64 bytes. @defaultValue ALL_CAPABILITIES */
  readonly capabilities?: IommuCapabilities;
}

/** How a requester issues its transactions. */
export interface RequesterOptions {
  /** The PASID of its transactions. @defaultValue none */
  readonly processId?: number;
  /** Asks for supervisor privilege; counts only with a process_id. @defaultValue false */
  readonly privileged?: boolean;
  /** Its addresses are what a translation request answered. @defaultValue false */
  readonly translated?: boolean;
}

export class Iommu implements RegisterDevice, RequestPort {
  readonly #memory: PhysicalMemoryPort;
  readonly #registers: Registers;
  readonly #store: SystemStore;
  readonly #interrupts: Interrupts;
  readonly #faults: FaultReporter;
  readonly #directory: Directory;
  readonly #processes: ProcessDirectory;
  readonly #translator: Translator;
  readonly #second: SecondStage;
  readonly #mrif: Mrif;
  readonly #ats: Ats;
  readonly #commands: CommandQueue;
  readonly #writes: RegisterWrites;
  readonly #recent: Recent = new Recent();
  readonly #iotlb: Iotlb = new Iotlb(this.#recent);
  readonly #guestTlb: Iotlb = new Iotlb(this.#recent);
  readonly #translations: Float64Array = new Float64Array(1);
  readonly #plain: Request = new Request(0, NO_PROCESS, false, UNTRANSLATED);

  constructor(options: IommuOptions) {
    const { memory, message, attention = nothing, wire = nothing, devices = NO_DEVICES } = options;
    const { capabilities = ALL_CAPABILITIES } = options;
    const registers = new Registers(supported(capabilities));
    this.#registers = registers;
    this.#memory = memory;
    const store = new SystemStore(memory, message);
    this.#store = store;
    const messageFault = (page: number, offset: number): void => this.#faults.reportMessage(page, offset);
    const interrupts = new Interrupts({ registers, store, attention, wire, messageFault });
    this.#interrupts = interrupts;
    const faults = new FaultReporter(new FaultQueue({ registers, memory, interrupts }));
    this.#faults = faults;
    const { iotlb, guestTlb } = { iotlb: this.#iotlb, guestTlb: this.#guestTlb };
    const hasMemoryTypes = registers.has(reg.CAPABILITIES, reg.CAPABILITIES_SVPBMT);
    const second = new SecondStage(memory, guestTlb, hasMemoryTypes);
    const first = new FirstStage(memory, second, hasMemoryTypes);
    const directory = new Directory(registers, memory, this.#recent);
    const processes = new ProcessDirectory(registers, memory, second, this.#recent);
    const messages = new MsiTable(memory, registers.has(reg.CAPABILITIES, reg.CAPABILITIES_MSI_MRIF));
    this.#second = second;
    this.#directory = directory;
    this.#processes = processes;
    this.#mrif = new Mrif(memory, store, messages);
    this.#translator = new Translator({ registers, directory, processes, tlb: iotlb, first, second, messages, faults });
    const { translator } = { translator: this.#translator };
    const queue = new PageRequestQueue({ registers, memory, interrupts });
    this.#ats = new Ats({ registers, directory, translator, faults, queue, store, port: devices });
    const owned = { registers, memory, store, interrupts, iotlb, guestTlb, directory, processes, devices };
    this.#commands = new CommandQueue(owned);
    const debug = new Debug(registers, translator);
    this.#writes = new RegisterWrites(registers, this.#commands, interrupts, debug, this.#recent);
  }

  /** Requests that were translated, or refused. */
  get translationCount(): number {
    return this.#translations[0]!;
  }
  /** First-stage walks: requests that the IOTLB could not answer. */
  get walkCount(): number {
    return this.#translator.walks[0]!;
  }
  /** Second-stage walks, for requests and for the tables of first stages. */
  get guestWalkCount(): number {
    return this.#second.walks[0]!;
  }
  /** Device contexts that were read from the device directory. */
  get contextLoadCount(): number {
    return this.#directory.loads[0]!;
  }
  /** Process contexts that were read from process directories. */
  get processContextLoadCount(): number {
    return this.#processes.loads[0]!;
  }
  /** IOTINVAL and IODIR commands that were executed. */
  get invalidationCount(): number {
    return this.#commands.invalidations[0]!;
  }
  /** Faults, whether or not a record of them could be written. */
  get faultCount(): number {
    return this.#faults.count[0]!;
  }

  /** §5.2 "Reset behavior": afterwards the caches hold nothing. Counters go on. */
  reset(): void {
    this.#registers.reset();
    this.#interrupts.reset();
    this.#iotlb.invalidate(ANY, ANY, ANY);
    this.#guestTlb.invalidate(ANY, ANY, ANY);
    this.#directory.invalidate(-1);
    this.#processes.invalidate(-1, -1);
    this.#commands.reset();
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
   * @param access DMA_READ, DMA_WRITE or DMA_EXECUTE.
   * @returns the physical page; TO_MRIF for a page whose messages go to a memory-resident interrupt file; or minus the
   * cause of a fault, which was reported.
   */
  translate(deviceId: number, ioPage: number, access: number): number {
    const held = this.#recent.lookup(deviceId, ioPage, access);
    if (held < 0) return this.#translateAnew(deviceId, ioPage, access);
    this.#translations[0] = this.#translations[0]! + 1;
    return held;
  }
  #translateAnew(deviceId: number, ioPage: number, access: number): number {
    const request = this.#plain;
    request.deviceId = deviceId;
    request.ioPage = ioPage;
    request.access = access;
    const page = this.request(request);
    if (page >= 0 && !this.#translator.isMessage) this.#recent.fill(deviceId, ioPage, access, page);
    return page;
  }
  /** The same for any request. */
  request(request: Request): number {
    this.#translations[0] = this.#translations[0]! + 1;
    return this.#translator.translate(request);
  }
  /** An aligned write of 32 bits to a page that was just answered TO_MRIF. @returns 0, or minus the cause. */
  writeMessage(request: Request, offset: number, data: number): number {
    const result = this.#mrif.write(offset, data);
    if (result === -reg.CAUSE_MSI_WRITE_ACCESS_FAULT) this.#faults.reportMessage(this.#mrif.noticePage, 0);
    else if (result < 0) this.#translator.fail(request, -result);
    return result;
  }
  refuse(request: Request, cause: number): number {
    return this.#translator.fail(request, cause);
  }
  /** §2.6: a PCIe translation request, and its answer. */
  requestTranslation(request: TranslationRequest): TranslationCompletion {
    this.#translations[0] = this.#translations[0]! + 1;
    return this.#ats.translate(request);
  }
  /** §2.7: a PCIe Page Request or Stop Marker message. */
  requestPage(request: PageRequest): void {
    this.#ats.pageRequest(request);
  }
  /** The way of one requester to memory. Beyond RAM its accesses go to `target`. */
  dmaPort(deviceId: number, target: DmaTarget, options: RequesterOptions = {}): DmaGate {
    const { processId = NO_PROCESS, privileged = false, translated = false } = options;
    const request = new Request(deviceId, processId, privileged, translated ? TRANSLATED : UNTRANSLATED);
    return new DmaGate(new Requester(this, request), this.#memory, target);
  }
}

/** @returns an IOMMU that is off: every access of every device faults until software says otherwise. */
export const createIommu = (options: IommuOptions): Iommu => new Iommu(options);
