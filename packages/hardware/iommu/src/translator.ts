/**
 * RISC-V IOMMU 1.0 §2.3 "Process to translate an IOVA"; the numbered comments are its steps.
 *
 * Allocates nothing and never throws. Faults are reported here, but not those of translation requests (§2.6), which are
 * answered instead.
 */
import * as reg from '@bulkhead/riscv-iommu-datasheet';
import { BARE, DeviceContext, HOST } from './device-context.ts';
import type { Directory } from './directory.ts';
import type { FaultReporter } from './fault-reporter.ts';
import type { FirstStage, Walk } from './first-stage.ts';
import type { Iotlb } from './iotlb.ts';
import type { Monitor } from './monitor.ts';
import { isInterruptFile, type MsiTable, TO_MRIF } from './msi-table.ts';
import type { ProcessContext, ProcessDirectory } from './process-directory.ts';
import { ACCESS_FAULT, GUEST_PAGE_FAULT, USER } from './pte.ts';
import type { Registers } from './registers.ts';
import {
  accessFaultOf,
  DMA_EXECUTE,
  DMA_READ,
  DMA_WRITE,
  guestPageFaultOf,
  NO_PROCESS,
  pageFaultOf,
  type Request,
  TRANSLATED,
  TRANSLATION_REQUEST,
  UNTRANSLATED,
} from './request.ts';
import type { SecondStage } from './second-stage.ts';

/** Bits of a process_id, by `pdtp.MODE`. Bare needs none, and refuses none. */
const PROCESS_LIMITS: readonly number[] = [2 ** 20, 2 ** 8, 2 ** 17, 2 ** 20];

/** On the way of every request: what is imported is looked up at every use, what is the module's own is not. */
const { DDTP, DDTP_IOMMU_MODE, DDTP_MODE_OFF, DDTP_MODE_BARE, PDTP_MODE_BARE } = reg;
const { TC_EN_ATS, TC_T2GPA, TC_PDTV, TC_DPE, TC_DTF } = reg;
const IS_BARE: number = BARE;
const IS_UNTRANSLATED: number = UNTRANSLATED;
const IS_TRANSLATED: number = TRANSLATED;
const IS_TRANSLATION_REQUEST: number = TRANSLATION_REQUEST;
const WITHOUT_PROCESS: number = NO_PROCESS;
const FOR_USER: number = USER;

/** What a first stage that is Bare allows: it knows no users. */
const ALL: number = DMA_READ | DMA_WRITE | DMA_EXECUTE;

export interface TranslatorOptions {
  readonly registers: Registers;
  readonly directory: Directory;
  readonly processes: ProcessDirectory;
  readonly tlb: Iotlb;
  readonly first: FirstStage;
  readonly second: SecondStage;
  readonly messages: MsiTable;
  readonly faults: FaultReporter;
}

export class Translator {
  readonly #registers: Registers;
  readonly #directory: Directory;
  readonly #processes: ProcessDirectory;
  readonly #tlb: Iotlb;
  readonly #first: FirstStage;
  readonly #second: SecondStage;
  readonly #messages: MsiTable;
  readonly #faults: FaultReporter;
  readonly #walk: Walk;
  #monitor: Monitor | null = null;
  /** Of the last request: HOST or GSCID, and PSCID or -1. */
  #gscid: number = HOST;
  #pscid: number = NO_PROCESS;
  /** Of the last request that no cached leaf may answer: what both stages allow, and of which memory. */
  permissions = 0;
  memoryType = 0;
  global = false;
  guestPage = 0;
  /** Of the last request: its page is a virtual interrupt file. */
  isMessage = false;
  /** First-stage walks. */
  readonly walks: Float64Array = new Float64Array(1);

  constructor({ registers, directory, processes, tlb, first, second, messages, faults }: TranslatorOptions) {
    this.#registers = registers;
    this.#directory = directory;
    this.#processes = processes;
    this.#tlb = tlb;
    this.#first = first;
    this.#second = second;
    this.#messages = messages;
    this.#faults = faults;
    const nobody = new DeviceContext();
    this.#walk = { context: nobody, levels: BARE, root: 0, access: 0, required: 0, denied: 0 };
  }

  /** @returns the physical page, TO_MRIF, or minus the cause of a fault, which was reported. */
  translate(request: Request): number {
    if (this.#monitor === null || !this.#monitor.active) return this.#run(request);
    this.#gscid = HOST;
    this.#pscid = NO_PROCESS;
    this.#monitor.start();
    const result = this.#run(request);
    this.#monitor.finish(request, this.#gscid, this.#pscid);
    return result;
  }
  /** Counts what happens from now on. */
  set monitor(monitor: Monitor) {
    this.#monitor = monitor;
  }
  #run(request: Request): number {
    this.isMessage = false;
    if (!request.cached) this.#note(ALL, 0, false);
    const mode = this.#registers.field(DDTP, DDTP_IOMMU_MODE);
    if (mode === DDTP_MODE_OFF) return this.#fail(request, reg.CAUSE_ALL_INBOUND_TRANSACTIONS_DISALLOWED); // 1.
    if (mode === DDTP_MODE_BARE)
      return request.addressType === IS_UNTRANSLATED ? request.ioPage : this.#disallow(request, false); // 2.
    if (!this.#directory.reaches(request.deviceId)) return this.#disallow(request, false); // 3., 4., 5.
    const device = this.#directory.locate(request.deviceId); // 6.
    if (device === null) return this.#fail(request, this.#directory.cause);
    this.#gscid = device.gscid;
    if (isDisallowed(request, device)) return this.#disallow(request, isQuiet(device)); // 7.
    if (request.addressType === IS_TRANSLATED)
      return device.has(TC_T2GPA) ? this.#finish(request, device, request.ioPage) : request.ioPage; // 8., 9.
    if (!device.has(TC_PDTV)) return this.#walkDevice(request, device); // 10.
    const processId = request.processId === WITHOUT_PROCESS && device.has(TC_DPE) ? 0 : request.processId; // 11.
    if (processId === WITHOUT_PROCESS || device.pdtpMode === PDTP_MODE_BARE)
      return this.#finish(request, device, request.ioPage); // 12., 13.
    return this.#walkProcess(request, device, processId);
  }

  /** Reports a fault that befell what was just translated. */
  fail(request: Request, cause: number): number {
    const device = this.#directory.locate(request.deviceId);
    return this.#fail(request, cause, device !== null && isQuiet(device));
  }

  #walkDevice(request: Request, device: DeviceContext): number {
    const { levels, root, pscid } = device;
    return levels === IS_BARE
      ? this.#finish(request, device, request.ioPage)
      : this.#firstStage(request, device, levels, root, pscid, needOf(request) | FOR_USER, 0); // 17.
  }
  #walkProcess(request: Request, device: DeviceContext, processId: number): number {
    const process = this.#processes.locate(device, processId); // 14.
    if (process === null) return this.#failPdt(request, device);
    const { privileged } = request;
    if (privileged && !process.supervisor) return this.#disallow(request, isQuiet(device)); // 15.
    if (process.levels === IS_BARE) return this.#finish(request, device, request.ioPage);
    const need = needOf(request);
    const required = privileged ? need : need | FOR_USER;
    const denied = privileged && !mayTouchUserPages(process, need) ? USER : 0;
    return this.#firstStage(request, device, process.levels, process.root, process.pscid, required, denied); // 16.
  }
  /** Step 17. */
  #firstStage(
    request: Request,
    device: DeviceContext,
    levels: number,
    root: number,
    pscid: number,
    required: number,
    denied: number,
  ): number {
    const { ioPage } = request;
    this.#pscid = pscid;
    if (request.cached) {
      const held = this.#tlb.lookup(device.gscid, pscid, ioPage, required, denied);
      if (held >= 0) return this.#finish(request, device, held);
    }
    const walk = this.#walk;
    walk.context = device;
    walk.levels = levels;
    walk.root = root;
    walk.access = request.access;
    walk.required = required;
    walk.denied = denied;
    const first = this.#first;
    this.walks[0] = this.walks[0]! + 1;
    const page = first.walk(walk, ioPage);
    if (page < 0) return this.#failFirst(request, device, page);
    if (request.cached)
      this.#tlb.fill(device.gscid, pscid, ioPage, page, first.lastingPermissions, first.log2Pages, first.global);
    else this.#note(first.permissions, first.memoryType, first.global);
    return this.#finish(request, device, page);
  }
  /** Steps 18 to 20, from the guest page that the first stage gave. */
  #finish(request: Request, device: DeviceContext, guestPage: number): number {
    const quiet = isQuiet(device);
    if (isInterruptFile(device, guestPage)) return this.#message(request, device, guestPage); // 18.
    const page = request.cached
      ? this.#second.translate(device, guestPage, request.access)
      : this.#uncachedSecond(request, device, guestPage); // 19.
    if (page >= 0) return page; // 20.
    if (page === ACCESS_FAULT) return this.#fail(request, accessFaultOf(request.access), quiet);
    return this.#fail(request, guestPageFaultOf(request.access), quiet, guestPage, 0);
  }

  #message(request: Request, device: DeviceContext, guestPage: number): number {
    const access = request.addressType === IS_TRANSLATION_REQUEST ? DMA_READ : request.access;
    const target = this.#messages.translate(device, guestPage, access);
    if (target < 0 && target !== TO_MRIF) return this.#fail(request, -target, isQuiet(device));
    this.isMessage = true;
    this.guestPage = guestPage;
    return target;
  }
  /** A translation request asks for what is there; others must have what they ask for. */
  #uncachedSecond(request: Request, device: DeviceContext, guestPage: number): number {
    this.guestPage = guestPage;
    if (device.guestLevels === IS_BARE) return guestPage;
    const second = this.#second;
    const required = request.addressType === IS_TRANSLATION_REQUEST ? USER : request.access | USER;
    const page = second.walk(device, guestPage, request.access, required);
    if (page < 0) return page;
    this.permissions &= second.permissions;
    if (this.memoryType === 0) this.memoryType = second.memoryType;
    return page;
  }
  #note(permissions: number, memoryType: number, global: boolean): void {
    this.permissions = permissions;
    this.memoryType = memoryType;
    this.global = global;
  }

  #failFirst(request: Request, device: DeviceContext, fault: number): number {
    const { access } = request;
    const quiet = isQuiet(device);
    if (fault === ACCESS_FAULT) return this.#fail(request, accessFaultOf(access), quiet);
    if (fault !== GUEST_PAGE_FAULT) return this.#fail(request, pageFaultOf(access), quiet);
    const { guestPage, guestOffset, implicitWrite } = this.#first;
    const flags = reg.FAULT_IOTVAL2_IMPLICIT.mask | (implicitWrite ? reg.FAULT_IOTVAL2_IMPLICIT_WRITE.mask : 0);
    return this.#fail(request, guestPageFaultOf(access), quiet, guestPage, guestOffset | flags);
  }
  #failPdt(request: Request, device: DeviceContext): number {
    const { cause, guestPage, guestOffset } = this.#processes;
    if (cause !== reg.CAUSE_READ_GUEST_PAGE_FAULT) return this.#fail(request, cause, isQuiet(device));
    return this.#fail(request, cause, isQuiet(device), guestPage, guestOffset);
  }
  #disallow(request: Request, quiet: boolean): number {
    return this.#fail(request, reg.CAUSE_TRANSACTION_TYPE_DISALLOWED, quiet);
  }
  #fail(request: Request, cause: number, quiet = false, guestPage = 0, guestOffset = 0): number {
    if (request.addressType !== IS_TRANSLATION_REQUEST || !isAnsweredWithNothing(cause))
      this.#faults.report(request, cause, quiet, guestPage, guestOffset);
    return -cause;
  }
}

const isQuiet = (device: DeviceContext): boolean => device.has(TC_DTF);

/** What a first stage must allow: a translation request is told what there is. */
const needOf = ({ addressType, access }: Request): number => (addressType === IS_TRANSLATION_REQUEST ? 0 : access);

/** §2.6 "PCIe ATS translation request handling": causes of a success without permissions, which leave no record. */
export function isAnsweredWithNothing(cause: number): boolean {
  switch (cause) {
    case reg.CAUSE_INSTRUCTION_PAGE_FAULT:
    case reg.CAUSE_READ_PAGE_FAULT:
    case reg.CAUSE_WRITE_PAGE_FAULT:
    case reg.CAUSE_INSTRUCTION_GUEST_PAGE_FAULT:
    case reg.CAUSE_READ_GUEST_PAGE_FAULT:
    case reg.CAUSE_WRITE_GUEST_PAGE_FAULT:
    case reg.CAUSE_PDT_ENTRY_NOT_VALID:
    case reg.CAUSE_MSI_PTE_NOT_VALID:
      return true;
    default:
      return false;
  }
}
/** Step 7. */
function isDisallowed({ addressType, processId }: Request, device: DeviceContext): boolean {
  if (addressType !== IS_UNTRANSLATED && !device.has(TC_EN_ATS)) return true;
  if (processId === WITHOUT_PROCESS) return false;
  return !device.has(TC_PDTV) || processId >= PROCESS_LIMITS[device.pdtpMode]!;
}
/** §2.2.3 "Process-context fields": what ENS and SUM allow a supervisor request. */
const mayTouchUserPages = (process: ProcessContext, access: number): boolean =>
  process.sum && (access & DMA_EXECUTE) === 0;
