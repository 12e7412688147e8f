/**
 * One inbound transaction, as the IOMMU sees it. RISC-V IOMMU 1.0 §2.3 "Process to translate an IOVA". Each requester
 * keeps one and fills in page and access for every piece of a transfer.
 */
import * as reg from '@bulkhead/riscv-iommu-datasheet';

/** What a request wants of memory, and what a mapping allows. An AMO is a write. */
export const DMA_READ = 1;
export const DMA_WRITE = 2;
/** A read with the intent to execute, which needs a process_id on PCIe. */
export const DMA_EXECUTE = 4;

/** Address types. */
export const UNTRANSLATED = 0;
export const TRANSLATED = 1;
export const TRANSLATION_REQUEST = 2;

export const NO_PROCESS = -1;

export class Request {
  deviceId: number;
  /** NO_PROCESS, or the PASID. */
  readonly processId: number;
  /** Counts only with a process_id. */
  readonly privileged: boolean;
  readonly addressType: number;
  /** The page of the IOVA, from 0 to 2^52 - 1. */
  ioPage = 0;
  access: number = DMA_READ;
  /** False for what must see permissions and memory types themselves: no cached leaf answers it. */
  cached = true;

  constructor(deviceId: number, processId: number, privileged: boolean, addressType: number) {
    this.deviceId = deviceId;
    this.processId = processId;
    this.privileged = privileged && processId !== NO_PROCESS;
    this.addressType = addressType;
  }
}

/** §3.2, table "Fault record TTYP field encodings". */
export function transactionTypeOf({ addressType, access }: Request): number {
  if (addressType === TRANSLATION_REQUEST) return reg.TTYP_ATS_TRANSLATION_REQUEST;
  const translated = addressType === TRANSLATED ? reg.TTYP_TRANSLATED_READ - reg.TTYP_UNTRANSLATED_READ : 0;
  if ((access & DMA_WRITE) !== 0) return reg.TTYP_UNTRANSLATED_WRITE + translated;
  return translated + ((access & DMA_EXECUTE) !== 0 ? reg.TTYP_UNTRANSLATED_EXECUTE : reg.TTYP_UNTRANSLATED_READ);
}

/** Causes come in threes: execute, read, write. §3.2, table "Fault record CAUSE field encodings". */
export const pageFaultOf = (access: number): number =>
  causeOf(access, reg.CAUSE_INSTRUCTION_PAGE_FAULT, reg.CAUSE_READ_PAGE_FAULT, reg.CAUSE_WRITE_PAGE_FAULT);
export const accessFaultOf = (access: number): number =>
  causeOf(access, reg.CAUSE_INSTRUCTION_ACCESS_FAULT, reg.CAUSE_READ_ACCESS_FAULT, reg.CAUSE_WRITE_ACCESS_FAULT);
export const guestPageFaultOf = (access: number): number =>
  causeOf(
    access,
    reg.CAUSE_INSTRUCTION_GUEST_PAGE_FAULT,
    reg.CAUSE_READ_GUEST_PAGE_FAULT,
    reg.CAUSE_WRITE_GUEST_PAGE_FAULT,
  );

function causeOf(access: number, execute: number, read: number, write: number): number {
  if ((access & DMA_WRITE) !== 0) return write;
  return (access & DMA_EXECUTE) !== 0 ? execute : read;
}
