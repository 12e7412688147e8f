/**
 * A RISC-V IOMMU as a platform device: one page of registers, and the translation of what devices ask of memory.
 * RISC-V IOMMU Architecture Specification 1.0.
 *
 * Nothing that software writes to registers or tables makes it throw: what is wrong is a fault record or an error bit.
 */
import type { PhysicalMemoryPort, RegisterDevice, WidthBytes } from '@bulkhead/ports';
import * as reg from '@bulkhead/riscv-iommu-datasheet';
import type { PageRequest, TranslationCompletion, TranslationRequest } from './ats.ts';
import { DmaGate, type DmaTarget } from './dma-gate.ts';
import { ANY } from './iotlb.ts';
import { assemble, type IommuOptions, type Parts } from './parts.ts';
import type { Recent } from './recent.ts';
import type { Registers } from './registers.ts';
import { NO_PROCESS, Request, TRANSLATED, UNTRANSLATED } from './request.ts';
import { Requester, type RequestPort } from './requester.ts';
import type { SystemStore } from './system-store.ts';
import type { Translator } from './translator.ts';

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
  readonly #parts: Parts;
  readonly #registers: Registers;
  readonly #store: SystemStore;
  readonly #translator: Translator;
  readonly #recent: Recent;
  readonly #translations: Float64Array = new Float64Array(1);
  readonly #plain: Request = new Request(0, NO_PROCESS, false, UNTRANSLATED);

  constructor(options: IommuOptions) {
    const parts = assemble(options);
    this.#memory = options.memory;
    this.#parts = parts;
    this.#registers = parts.registers;
    this.#store = parts.store;
    this.#translator = parts.translator;
    this.#recent = parts.recent;
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
    return this.#parts.second.walks[0]!;
  }
  /** Device contexts that were read from the device directory. */
  get contextLoadCount(): number {
    return this.#parts.directory.loads[0]!;
  }
  /** Process contexts that were read from process directories. */
  get processContextLoadCount(): number {
    return this.#parts.processes.loads[0]!;
  }
  /** IOTINVAL and IODIR commands that were executed. */
  get invalidationCount(): number {
    return this.#parts.commands.invalidations[0]!;
  }
  /** Faults, whether or not a record of them could be written. */
  get faultCount(): number {
    return this.#parts.faults.count[0]!;
  }

  /** §5.2 "Reset behavior": afterwards the caches hold nothing. Counters go on. */
  reset(): void {
    this.#registers.reset();
    this.#parts.interrupts.reset();
    this.#parts.iotlb.invalidate(ANY, ANY, ANY);
    this.#parts.guestTlb.invalidate(ANY, ANY, ANY);
    this.#parts.directory.invalidate(-1);
    this.#parts.processes.invalidate(-1, -1);
    this.#parts.commands.reset();
    this.#parts.monitor.reset();
  }
  read(offset: number, widthBytes: WidthBytes): number {
    if (widthBytes !== 4 || (offset & 3) !== 0 || offset < 0 || offset >= reg.REGISTERS_SIZE_BYTES) return 0;
    if (offset >= reg.IOCOUNTOVF && offset < reg.IOHPMCTR_1) this.#refreshCounters();
    return this.#registers.word(offset) >>> 0;
  }
  #refreshCounters(): void {
    if (this.#registers.has(reg.CAPABILITIES, reg.CAPABILITIES_HPM)) this.#parts.monitor.refresh();
  }
  write(offset: number, widthBytes: WidthBytes, value: number): void {
    if (widthBytes !== 4 || (offset & 3) !== 0 || offset < 0 || offset >= reg.REGISTERS_SIZE_BYTES) return;
    if (!this.#store.active) this.#parts.writes.write(offset, value | 0);
  }
  /** CHOICE: both halves are of one moment, also of a counter that runs. */
  readDoubleword(offset: number, into: Int32Array): void {
    into[0] = this.#isDoubleword(offset) ? this.read(offset, 4) : 0;
    into[1] = this.#isDoubleword(offset) ? this.#registers.word(offset + 4) : 0;
  }
  /** Chapter 5: observed as two of 4 bytes, first to the high half, then to the low one, whose side effects follow. */
  writeDoubleword(offset: number, lo: number, hi: number): void {
    if (!this.#isDoubleword(offset)) return;
    this.write(offset + 4, 4, hi);
    this.write(offset, 4, lo);
  }
  #isDoubleword(offset: number): boolean {
    return (offset & 7) === 0 && offset >= 0 && offset < reg.REGISTERS_SIZE_BYTES;
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
    const result = this.#parts.mrif.write(offset, data);
    if (result === -reg.CAUSE_MSI_WRITE_ACCESS_FAULT) this.#parts.faults.reportMessage(this.#parts.mrif.noticePage, 0);
    else if (result < 0) this.#translator.fail(request, -result);
    return result;
  }
  refuse(request: Request, cause: number): number {
    return this.#translator.fail(request, cause);
  }
  /** §2.6: a PCIe translation request, and its answer. */
  requestTranslation(request: TranslationRequest): TranslationCompletion {
    this.#translations[0] = this.#translations[0]! + 1;
    return this.#parts.ats.translate(request);
  }
  /** §2.7: a PCIe Page Request or Stop Marker message. */
  requestPage(request: PageRequest): void {
    this.#parts.ats.pageRequest(request);
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
