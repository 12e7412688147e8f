/**
 * Process contexts: found in a device's process directory, checked, and cached until IODIR says otherwise.
 * RISC-V IOMMU 1.0 §2.3.2 "Process to locate the Process-context", whose steps the comments number; §2.2.4
 * "Process-context configuration checks".
 *
 * CHOICE: a guest page fault on the directory itself is one of a read, whatever the transaction was, for step 2 calls
 * these accesses implicit reads; an access fault of the second stage there is cause 265.
 */
import { type Field, get, has } from '@bulkhead/bits';
import type { PhysicalMemoryPort } from '@bulkhead/ports';
import * as reg from '@bulkhead/riscv-iommu-datasheet';
import { BARE, type DeviceContext, hasIosatpMode, levelsOf, pointerAt } from './device-context.ts';
import { PAGE_FAULT } from './pte.ts';
import type { Recent } from './recent.ts';
import type { Registers } from './registers.ts';
import { DMA_READ } from './request.ts';
import type { SecondStage } from './second-stage.ts';

const ENTRIES = 64;
const FREE = -1;
const INDICES: readonly Field[] = [reg.PDI0, reg.PDI1, reg.PDI2];
const FSC: number = reg.PC_FSC / 4;
const PC_WORDS: number = reg.PC_SIZE_BYTES / 4;

export class ProcessContext {
  deviceId: number = FREE;
  processId = 0;
  /** Supervisor requests are allowed, and may touch user pages. */
  supervisor = false;
  sum = false;
  pscid = 0;
  levels: number = BARE;
  root = 0;
}

export class ProcessDirectory {
  readonly #registers: Registers;
  readonly #memory: PhysicalMemoryPort;
  readonly #second: SecondStage;
  readonly #recent: Recent;
  readonly #contexts: readonly ProcessContext[] = Array.from({ length: ENTRIES }, () => new ProcessContext());
  /** Contexts that were read from memory. */
  readonly loads: Float64Array = new Float64Array(1);
  /** Why the last `locate` found nothing, and for a guest page fault where. */
  cause = 0;
  guestPage = 0;
  guestOffset = 0;

  constructor(registers: Registers, memory: PhysicalMemoryPort, second: SecondStage, recent: Recent) {
    this.#registers = registers;
    this.#memory = memory;
    this.#second = second;
    this.#recent = recent;
  }

  /** @returns the process's context, or null and its `cause`. */
  locate(device: DeviceContext, processId: number): ProcessContext | null {
    const context = this.#contexts[indexOf(device.deviceId, processId)]!;
    if (context.deviceId === device.deviceId && context.processId === processId) return context;
    return this.#load(device, processId, context);
  }
  /** IODIR.INVAL_PDT; and IODIR.INVAL_DDT with -1 for any. */
  invalidate(deviceId: number, processId: number): void {
    this.#recent.clear();
    for (const context of this.#contexts) {
      if (deviceId >= 0 && context.deviceId !== deviceId) continue;
      if (processId < 0 || context.processId === processId) context.deviceId = FREE;
    }
  }

  #load(device: DeviceContext, processId: number, into: ProcessContext): ProcessContext | null {
    let guestPage = device.root; // 1.
    for (let level = device.pdtpMode - 1; level > 0; level--) {
      const at = get(processId, INDICES[level]!) * 2;
      const page = this.#reach(device, guestPage, at); // 2., 4.
      if (page < 0) return null;
      const lo = this.#memory.word(page, at);
      const hi = this.#memory.word(page, at + 1);
      if (!has(lo, reg.PDTE_V)) return this.#fail(reg.CAUSE_PDT_ENTRY_NOT_VALID); // 6.
      if (has(lo, reg.PDTE_LO_RESERVED) || has(hi, reg.PDTE_HI_RESERVED))
        return this.#fail(reg.CAUSE_PDT_ENTRY_MISCONFIGURED); // 7.
      guestPage = get(hi, reg.PDTE_PPN_HI) * 0x400000 + get(lo, reg.PDTE_PPN_LO); // 8.
    }
    const at = get(processId, reg.PDI0) * PC_WORDS;
    const page = this.#reach(device, guestPage, at); // 2., 9.
    return page < 0 ? null : this.#take(device, processId, page, at, into);
  }
  #take(
    device: DeviceContext,
    processId: number,
    page: number,
    at: number,
    into: ProcessContext,
  ): ProcessContext | null {
    const memory = this.#memory;
    const ta = memory.word(page, at);
    if (!has(ta, reg.PC_TA_V)) return this.#fail(reg.CAUSE_PDT_ENTRY_NOT_VALID); // 10.
    if (this.#isMisconfigured(page, at)) return this.#fail(reg.CAUSE_PDT_ENTRY_MISCONFIGURED); // 11.
    this.loads[0] = this.loads[0]! + 1;
    if (into.deviceId !== FREE) this.#recent.clear();
    into.deviceId = device.deviceId;
    into.processId = processId;
    into.supervisor = has(ta, reg.PC_TA_ENS);
    into.sum = has(ta, reg.PC_TA_SUM);
    into.pscid = get(ta, reg.PC_TA_PSCID);
    into.levels = levelsOf(get(memory.word(page, at + FSC + 1), reg.IOSATP_HI_MODE));
    into.root = pointerAt(memory, page, at + FSC);
    return into; // 12.
  }
  /** Step 2 and the access checks of steps 4 and 9. @returns the page, or -1 and a cause. */
  #reach(device: DeviceContext, guestPage: number, word: number): number {
    const page = this.#second.translate(device, guestPage, DMA_READ);
    if (page >= 0 && this.#memory.holdsPage(page)) return page;
    this.cause = page === PAGE_FAULT ? reg.CAUSE_READ_GUEST_PAGE_FAULT : reg.CAUSE_PDT_ENTRY_LOAD_ACCESS_FAULT;
    this.guestPage = guestPage;
    this.guestOffset = (word * 4) | reg.FAULT_IOTVAL2_IMPLICIT.mask;
    return -1;
  }
  #fail(cause: number): null {
    this.cause = cause;
    return null;
  }
  #isMisconfigured(page: number, at: number): boolean {
    const fsc = this.#memory.word(page, at + FSC + 1);
    return (
      has(this.#memory.word(page, at), reg.PC_TA_RESERVED) ||
      this.#memory.word(page, at + 1) !== 0 ||
      has(fsc, reg.IOSATP_HI_RESERVED) ||
      !hasIosatpMode(get(fsc, reg.IOSATP_HI_MODE), this.#registers.word(reg.CAPABILITIES))
    );
  }
}

const indexOf = (deviceId: number, processId: number): number => (processId ^ (deviceId * 37)) & (ENTRIES - 1);
