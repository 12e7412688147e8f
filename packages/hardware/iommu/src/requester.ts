/** One requester's side of the IOMMU: who it says it is, and what becomes of each piece of its transfers. */
import * as reg from '@bulkhead/riscv-iommu-datasheet';
import type { DmaTranslation } from './dma-gate.ts';
import { NO_PROCESS, type Request, UNTRANSLATED } from './request.ts';

/** What a requester asks of the IOMMU. */
export interface RequestPort {
  /** For a request that is untranslated and has no process_id. */
  translate(deviceId: number, ioPage: number, access: number): number;
  request(request: Request): number;
  writeMessage(request: Request, offset: number, data: number): number;
  refuse(request: Request, cause: number): number;
}

export class Requester implements DmaTranslation {
  readonly #iommu: RequestPort;
  readonly #request: Request;
  readonly #isPlain: boolean;

  constructor(iommu: RequestPort, request: Request) {
    this.#iommu = iommu;
    this.#request = request;
    this.#isPlain = request.addressType === UNTRANSLATED && request.processId === NO_PROCESS;
  }
  translate(ioPage: number, access: number): number {
    const request = this.#request;
    request.ioPage = ioPage;
    request.access = access;
    return this.#isPlain ? this.#iommu.translate(request.deviceId, ioPage, access) : this.#iommu.request(request);
  }
  writeMessage(offset: number, data: number): number {
    return this.#iommu.writeMessage(this.#request, offset, data);
  }
  refuse(): number {
    return this.#iommu.refuse(this.#request, reg.CAUSE_TRANSACTION_TYPE_DISALLOWED);
  }
}
