/**
 * Faults on their way into the queue. RISC-V IOMMU 1.0 §3.2 "Fault/Event-Queue (FQ)", table "Fault record CAUSE field
 * encodings" with its column "Reported if DTF is 1?"; §5.28 for the IOMMU's own messages.
 *
 * CHOICE: `iotval` holds the page of an IOVA, with offset 0.
 */
import * as reg from '@bulkhead/riscv-iommu-datasheet';
import type { Fault, FaultQueue } from './fault-queue.ts';
import { NO_PROCESS, type Request, transactionTypeOf } from './request.ts';

export class FaultReporter {
  readonly #queue: FaultQueue;
  readonly #fault: Fault = {
    cause: 0,
    transactionType: 0,
    deviceId: 0,
    processId: NO_PROCESS,
    privileged: false,
    page: 0,
    offset: 0,
    guestPage: 0,
    guestOffset: 0,
  };
  /** Faults, whether or not a record of them could be written. */
  readonly count: Float64Array = new Float64Array(1);

  constructor(queue: FaultQueue) {
    this.#queue = queue;
  }
  /** @param quiet `tc.DTF` of the device, or false while its context was not found. */
  report(request: Request, cause: number, quiet: boolean, guestPage = 0, guestOffset = 0): void {
    this.count[0] = this.count[0]! + 1;
    if (quiet && !isReportedAlways(cause)) return;
    const fault = this.#fault;
    fault.cause = cause;
    fault.transactionType = transactionTypeOf(request);
    fault.deviceId = request.deviceId;
    fault.processId = request.processId;
    fault.privileged = request.privileged;
    fault.page = request.ioPage;
    fault.offset = 0;
    fault.guestPage = guestPage;
    fault.guestOffset = guestOffset;
    this.#queue.report(fault);
  }
  /** §5.28: cause 273 with TTYP 0: nobody took a message of the IOMMU itself, whose address `iotval` holds. */
  reportMessage(page: number, offset: number): void {
    this.#reportOwn(reg.CAUSE_MSI_WRITE_ACCESS_FAULT, reg.TTYP_NONE, 0, NO_PROCESS, page, offset);
  }
  /** A PCIe message that was refused: `iotval` holds the message code. */
  reportPcieMessage(cause: number, deviceId: number, processId: number, quiet: boolean, code: number): void {
    if (quiet && !isReportedAlways(cause)) this.count[0] = this.count[0]! + 1;
    else this.#reportOwn(cause, reg.TTYP_MESSAGE_REQUEST, deviceId, processId, 0, code);
  }
  #reportOwn(cause: number, type: number, deviceId: number, processId: number, page: number, offset: number): void {
    this.count[0] = this.count[0]! + 1;
    const fault = this.#fault;
    fault.cause = cause;
    fault.transactionType = type;
    fault.deviceId = deviceId;
    fault.processId = processId;
    fault.privileged = false;
    fault.page = page;
    fault.offset = offset;
    fault.guestPage = 0;
    fault.guestOffset = 0;
    this.#queue.report(fault);
  }
}

function isReportedAlways(cause: number): boolean {
  switch (cause) {
    case reg.CAUSE_ALL_INBOUND_TRANSACTIONS_DISALLOWED:
    case reg.CAUSE_DDT_ENTRY_LOAD_ACCESS_FAULT:
    case reg.CAUSE_DDT_ENTRY_NOT_VALID:
    case reg.CAUSE_DDT_ENTRY_MISCONFIGURED:
    case reg.CAUSE_DDT_DATA_CORRUPTION:
    case reg.CAUSE_INTERNAL_DATA_PATH_ERROR:
    case reg.CAUSE_MSI_WRITE_ACCESS_FAULT:
      return true;
    default:
      return false;
  }
}
