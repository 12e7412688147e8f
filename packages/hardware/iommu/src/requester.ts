/** One requester's side of the IOMMU: who it says it is, and what becomes of each piece of its transfers. */
import * as reg from '@bulkhead/riscv-iommu-datasheet';
import type { DmaTranslation } from './dma-gate.ts';
import type { Request } from './request.ts';

/** What a requester asks of the IOMMU. */
export interface RequestPort {
  request(request: Request): number;
  writeMessage(request: Request, offset: number, data: number): number;
  refuse(request: Request, cause: number): number;
}

export class Requester implements DmaTranslation {
  readonly #iommu: RequestPort;
  readonly #request: Request;

  constructor(iommu: RequestPort, request: Request) {
    this.#iommu = iommu;
    this.#request = request;
  }
  translate(ioPage: number, access: number): number {
    this.#request.ioPage = ioPage;
    this.#request.access = access;
    return this.#iommu.request(this.#request);
  }
  writeMessage(offset: number, data: number): number {
    return this.#iommu.writeMessage(this.#request, offset, data);
  }
  refuse(): number {
    return this.#iommu.refuse(this.#request, reg.CAUSE_TRANSACTION_TYPE_DISALLOWED);
  }
}
