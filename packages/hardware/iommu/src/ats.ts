/**
 * PCIe Address Translation Services, the IOMMU's part: translation requests and page requests that come from devices,
 * invalidation requests and page request group responses that go to them. RISC-V IOMMU 1.0 §2.6 "PCIe ATS translation
 * request handling", §2.7 "PCIe ATS Page Request handling", §3.1.4 "IOMMU PCIe ATS commands".
 *
 * CHOICE: a translation covers 4 KiB. CHOICE: write permission is granted only to who asked for it (NW = 0).
 * CHOICE: the fields CXL.io, N and AMA are always 0 and not in the answer.
 */
import { get, has } from '@bulkhead/bits';
import * as reg from '@bulkhead/riscv-iommu-datasheet';
import type { DeviceContext } from './device-context.ts';
import type { Directory } from './directory.ts';
import type { FaultReporter } from './fault-reporter.ts';
import { TO_MRIF } from './msi-table.ts';
import { type PageRequestQueue, QUEUED } from './page-request-queue.ts';
import { USER } from './pte.ts';
import type { Registers } from './registers.ts';
import { DMA_EXECUTE, DMA_READ, DMA_WRITE, NO_PROCESS, Request, TRANSLATION_REQUEST } from './request.ts';
import type { SystemStore } from './system-store.ts';
import { isAnsweredWithNothing, type Translator } from './translator.ts';

/** A device's end of the service. `deviceId` is the segment, where the command gives one, and the requester ID. */
export interface AtsPort {
  /** An Invalidation Request. @returns true when the device completed it, false when the time for that ran out. */
  invalidate(deviceId: number, processId: number, payloadLo: number, payloadHi: number): boolean;
  /** A Page Request Group Response. @param processId -1 for a message without PASID. */
  respond(deviceId: number, processId: number, payloadLo: number, payloadHi: number): void;
}

export interface TranslationRequest {
  readonly deviceId: number;
  /** The PASID, or -1. */
  readonly processId: number;
  readonly ioPage: number;
  /** Privileged Mode Requested and Execute Requested; they count only with a PASID. */
  readonly privileged: boolean;
  readonly execute: boolean;
  readonly noWrite: boolean;
}
/** What the device may cache. Without `read` and `write` the page is not to be used. */
export interface TranslationCompletion {
  readonly status: 'success' | 'unsupported-request' | 'completer-abort';
  readonly page: number;
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
  readonly global: boolean;
  readonly privileged: boolean;
  readonly untranslatedOnly: boolean;
}
export interface PageRequest {
  readonly deviceId: number;
  /** The PASID, or -1. */
  readonly processId: number;
  readonly privileged: boolean;
  readonly execute: boolean;
  readonly payloadLo: number;
  readonly payloadHi: number;
}

const REFUSAL = {
  page: 0,
  read: false,
  write: false,
  execute: false,
  global: false,
  privileged: false,
  untranslatedOnly: false,
} as const;

export interface AtsOptions {
  readonly registers: Registers;
  readonly directory: Directory;
  readonly translator: Translator;
  readonly faults: FaultReporter;
  readonly queue: PageRequestQueue;
  readonly store: SystemStore;
  readonly port: AtsPort;
}

export class Ats {
  readonly #registers: Registers;
  readonly #directory: Directory;
  readonly #translator: Translator;
  readonly #faults: FaultReporter;
  readonly #queue: PageRequestQueue;
  readonly #store: SystemStore;
  readonly #port: AtsPort;

  constructor({ registers, directory, translator, faults, queue, store, port }: AtsOptions) {
    this.#registers = registers;
    this.#directory = directory;
    this.#translator = translator;
    this.#faults = faults;
    this.#queue = queue;
    this.#store = store;
    this.#port = port;
  }

  /** §2.6. */
  translate(asked: TranslationRequest): TranslationCompletion {
    const { deviceId, processId, ioPage } = asked;
    const hasPasid = processId !== NO_PROCESS;
    const request = new Request(deviceId, processId, asked.privileged, TRANSLATION_REQUEST);
    request.cached = false;
    request.ioPage = ioPage;
    request.access = asked.noWrite ? DMA_READ : DMA_READ | DMA_WRITE;
    const page = this.#translator.translate(request);
    if (page < 0 && page !== TO_MRIF) return refusalOf(-page, request.privileged);
    const wanted = request.access | (asked.execute && hasPasid ? DMA_EXECUTE : 0);
    return this.#completion(request, page, wanted);
  }
  #completion({ deviceId, processId, privileged }: Request, page: number, wanted: number): TranslationCompletion {
    const translator = this.#translator;
    const givesGuestPages = this.#directory.locate(deviceId)?.has(reg.TC_T2GPA) ?? false;
    const granted = translator.isMessage ? DMA_READ | DMA_WRITE : translator.permissions;
    const read = (granted & DMA_READ) !== 0;
    const mayExecute = read && !(privileged && (granted & USER) !== 0);
    return {
      status: 'success',
      page: givesGuestPages ? translator.guestPage : Math.max(page, 0),
      read,
      write: (granted & wanted & DMA_WRITE) !== 0 || (translator.isMessage && page === TO_MRIF),
      execute: mayExecute && (granted & wanted & DMA_EXECUTE) !== 0,
      global: translator.global && processId !== NO_PROCESS && !translator.isMessage,
      privileged,
      untranslatedOnly: page === TO_MRIF,
    };
  }

  /** §2.7. Whatever cannot be queued and needs an answer is answered here. */
  pageRequest(request: PageRequest): void {
    const context = this.#contextOf(request);
    const status = typeof context === 'number' ? context : this.#accept(request, context);
    const answersWithPasid = typeof context !== 'number' && context.has(reg.TC_PRPR);
    if (status !== QUEUED) this.#answer(request, status, answersWithPasid);
  }
  /** @returns the context of the device, or the response code while there is none. */
  #contextOf(request: PageRequest): DeviceContext | number {
    const mode = this.#registers.field(reg.DDTP, reg.DDTP_IOMMU_MODE);
    if (mode === reg.DDTP_MODE_OFF)
      return this.#refuse(request, reg.CAUSE_ALL_INBOUND_TRANSACTIONS_DISALLOWED, reg.PRGR_RESPONSE_FAILURE);
    if (mode === reg.DDTP_MODE_BARE || !this.#directory.reaches(request.deviceId))
      return this.#refuse(request, reg.CAUSE_TRANSACTION_TYPE_DISALLOWED, reg.PRGR_INVALID_REQUEST);
    const context = this.#directory.locate(request.deviceId);
    return context ?? this.#refuse(request, this.#directory.cause, reg.PRGR_RESPONSE_FAILURE);
  }
  #accept(request: PageRequest, context: DeviceContext): number {
    if (!context.has(reg.TC_EN_ATS) || !context.has(reg.TC_EN_PRI)) {
      const quiet = context.has(reg.TC_DTF);
      return this.#refuse(request, reg.CAUSE_TRANSACTION_TYPE_DISALLOWED, reg.PRGR_INVALID_REQUEST, quiet);
    }
    return this.#queue.store(this.#recordOf(request), request.payloadLo, request.payloadHi);
  }
  /** Words 0 and 1 of the record: PRIV and EXEC are 0 without a PASID. */
  #recordOf({ deviceId, processId, privileged, execute }: PageRequest): readonly [number, number] {
    if (processId === NO_PROCESS) return [0, deviceId << reg.PAGE_REQUEST_1_DID.shift];
    const flags =
      reg.PAGE_REQUEST_1_PV.mask |
      (privileged ? reg.PAGE_REQUEST_1_PRIV.mask : 0) |
      (execute ? reg.PAGE_REQUEST_1_EXEC.mask : 0);
    return [processId << reg.PAGE_REQUEST_0_PID.shift, (deviceId << reg.PAGE_REQUEST_1_DID.shift) | flags];
  }
  #refuse({ deviceId, processId }: PageRequest, cause: number, status: number, quiet = false): number {
    this.#faults.reportPcieMessage(cause, deviceId, processId, quiet, reg.MESSAGE_CODE_PAGE_REQUEST);
    return status;
  }
  /** Only the last request of a group is answered, and a stop marker is none. */
  #answer({ deviceId, processId, payloadLo }: PageRequest, status: number, withPasid: boolean): void {
    const isStopMarker = !has(payloadLo, reg.PAGE_REQUEST_PAYLOAD_R) && !has(payloadLo, reg.PAGE_REQUEST_PAYLOAD_W);
    if (!has(payloadLo, reg.PAGE_REQUEST_PAYLOAD_L) || isStopMarker) return;
    const pasid = status === reg.PRGR_RESPONSE_FAILURE || withPasid ? processId : NO_PROCESS;
    const payloadHi =
      get(payloadLo, reg.PAGE_REQUEST_PAYLOAD_PRGI) |
      (status << reg.PRGR_PAYLOAD_RESPONSE.shift) |
      (deviceId << reg.PRGR_PAYLOAD_DESTINATION.shift);
    this.#store.respond(this.#port, deviceId, pasid, 0, payloadHi);
  }
}

/** The three answers to a request that came to a fault. */
function refusalOf(cause: number, privileged: boolean): TranslationCompletion {
  if (isAnsweredWithNothing(cause)) return { status: 'success', ...REFUSAL, privileged };
  const unsupported =
    cause >= reg.CAUSE_ALL_INBOUND_TRANSACTIONS_DISALLOWED && cause <= reg.CAUSE_TRANSACTION_TYPE_DISALLOWED;
  return { status: unsupported ? 'unsupported-request' : 'completer-abort', ...REFUSAL };
}
