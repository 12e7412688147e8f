/**
 * The producer's side of the command queue. RISC-V IOMMU 1.0 §3.1 "Command-Queue (CQ)".
 *
 * Whatever was appended is done when `fence` returns: its IOFENCE.C stores a number that this side waits for.
 */
import { set } from '@bulkhead/bits';
import * as reg from '@bulkhead/riscv-iommu-datasheet';
import type { Window } from '@bulkhead/runtime';
import * as layout from './layout.ts';
import type { TablePages } from './table-pages.ts';

const PAGE_SIZE_BYTES = 4096;
const ENTRIES: number = PAGE_SIZE_BYTES / reg.COMMAND_SIZE_BYTES;
const FENCE_OFFSET: number = layout.FENCE_PAGE * PAGE_SIZE_BYTES;
/** How often the fence's word is looked at before the queue counts as broken. */
const PATIENCE = 1000;

const FENCE_0: number = set(
  set(set(reg.OPCODE_IOFENCE | reg.IOFENCE_0_AV.mask, reg.IOFENCE_0_PR, 1), reg.IOFENCE_0_PW, 1),
  reg.COMMAND_FUNC3,
  reg.IOFENCE_C,
);

export class Commands {
  readonly #heap: Window;
  readonly #tables: TablePages;
  readonly #registers: Window;

  constructor(heap: Window, tables: TablePages, registers: Window) {
    this.#heap = heap;
    this.#tables = tables;
    this.#registers = registers;
  }

  /** §5.15: a queue that is switched on begins at 0. */
  start(): void {
    this.#heap.store32(layout.COMMAND_TAIL, 0);
    this.#registers.store32(reg.CQCSR, 0);
    const page = this.#tables.physical(layout.COMMAND_PAGE);
    this.#registers.store32(reg.CQB + 4, page >>> 22);
    this.#registers.store32(reg.CQB, (page << 10) | (31 - Math.clz32(ENTRIES) - 1));
    this.#registers.store32(reg.CQCSR, reg.CQCSR_CQEN.mask);
  }
  /** IOTINVAL.VMA for one page of one address space. */
  invalidatePage(pscid: number, ioPage: number): void {
    const word0 = set(reg.OPCODE_IOTINVAL | reg.IOTINVAL_0_AV.mask, reg.IOTINVAL_0_PSCID, pscid);
    this.#append(word0, reg.IOTINVAL_1_PSCV.mask, ioPage << 10, ioPage >>> 22);
  }
  /** IOTINVAL.VMA for all of one address space. */
  invalidateSpace(pscid: number): void {
    this.#append(set(reg.OPCODE_IOTINVAL, reg.IOTINVAL_0_PSCID, pscid), reg.IOTINVAL_1_PSCV.mask, 0, 0);
  }
  /**
   * IOTINVAL.GVMA for everything: entries of MSI page tables are invalidated by the command of second stages, §6.3.3
   * "Changing MSI page table entry". Without a second stage a device has no GSCID to name; an IOMMU
   * that keeps such entries with those of the first stage loses them by `invalidateSpace`.
   */
  invalidateMessages(): void {
    this.#append(set(reg.OPCODE_IOTINVAL, reg.COMMAND_FUNC3, reg.IOTINVAL_GVMA), 0, 0, 0);
  }
  /** IODIR.INVAL_DDT for one device. */
  invalidateDevice(device: number): void {
    this.#append(reg.OPCODE_IODIR, set(reg.IODIR_1_DV.mask, reg.IODIR_1_DID, device), 0, 0);
  }
  /** Everything, of every device. */
  invalidateAll(): void {
    this.#append(reg.OPCODE_IOTINVAL, 0, 0, 0);
    this.#append(reg.OPCODE_IODIR, 0, 0, 0);
  }
  /** Makes what was appended visible and waits for its end. @throws when the IOMMU does not do it. */
  fence(): void {
    const number = (this.#heap.load32(layout.FENCE_NUMBER) + 1) | 0;
    this.#heap.store32(layout.FENCE_NUMBER, number);
    const page = this.#tables.physical(layout.FENCE_PAGE);
    this.#append(FENCE_0, number, page << 10, page >>> 22);
    this.#registers.store32(reg.CQT, this.#heap.load32(layout.COMMAND_TAIL));
    for (let look = 0; look < PATIENCE; look++) if (this.#tables.window.load32(FENCE_OFFSET) === number) return;
    throw new Error(`iommu-driver: the command queue stands still, cqcsr ${this.#registers.load32(reg.CQCSR)}`);
  }

  #append(word0: number, word1: number, word2: number, word3: number): void {
    const tail = this.#heap.load32(layout.COMMAND_TAIL);
    const at = layout.COMMAND_PAGE * PAGE_SIZE_BYTES + tail * reg.COMMAND_SIZE_BYTES;
    this.#tables.window.store32(at, word0);
    this.#tables.window.store32(at + 4, word1);
    this.#tables.window.store32(at + 8, word2);
    this.#tables.window.store32(at + 12, word3);
    this.#heap.store32(layout.COMMAND_TAIL, (tail + 1) & (ENTRIES - 1));
  }
}
