/**
 * IO virtual pages to guest pages, or to physical ones where there is no second stage. Privileged ISA 20211203 §4.3.2
 * "Virtual Address Translation Process" with PTESIZE = 8 and LEVELS = 3, 4 or 5 (§4.4.1, §4.5.1, §4.6.1); the numbered
 * comments are its steps. §8.5 "Two-Stage Address Translation": the tables themselves lie at guest addresses, which the
 * second stage translates as implicit accesses.
 *
 * Allocates nothing and never throws: gives a page, or one of the three faults.
 */
import type { PhysicalMemoryPort } from '@bulkhead/ports';
import { PTE_G } from '@bulkhead/riscv-datasheet';
import * as reg from '@bulkhead/riscv-iommu-datasheet';
import type { DeviceContext } from './device-context.ts';
import * as pte from './pte.ts';
import { ACCESS_FAULT, GUEST_PAGE_FAULT, PAGE_FAULT, SPAN } from './pte.ts';
import { DMA_READ, DMA_WRITE } from './request.ts';
import type { SecondStage } from './second-stage.ts';

/** What is imported is looked up at every use. */
const READ: number = DMA_READ;
const GLOBAL: number = PTE_G;
const SPANS: readonly number[] = SPAN;

/** One walk: whose tables, and what is asked of the leaf. */
export interface Walk {
  context: DeviceContext;
  levels: number;
  root: number;
  /** DMA_READ, DMA_WRITE, DMA_EXECUTE: decides about A and D. */
  access: number;
  /** Permissions that the leaf must have, and must not have. */
  required: number;
  denied: number;
}

export class FirstStage {
  readonly #memory: PhysicalMemoryPort;
  readonly #second: SecondStage;
  readonly #hasMemoryTypes: boolean;
  /** Of the last walk that gave a page: what its leaf allows and maps, and G anywhere on the way. */
  permissions = 0;
  lastingPermissions = 0;
  log2Pages = 0;
  memoryType = 0;
  global = false;
  /** Of the last GUEST_PAGE_FAULT: the guest address that the walk needed, and what for. */
  guestPage = 0;
  guestOffset = 0;
  implicitWrite = false;

  constructor(memory: PhysicalMemoryPort, second: SecondStage, hasMemoryTypes: boolean) {
    this.#memory = memory;
    this.#second = second;
    this.#hasMemoryTypes = hasMemoryTypes;
  }

  walk({ context, levels, root, access, required, denied }: Walk, ioPage: number): number {
    if (!isCanonical(ioPage, levels)) return PAGE_FAULT;
    const memory = this.#memory;
    let guestTable = root; // 1.
    let global = 0;
    for (let level = levels - 1; level >= 0; level--) {
      const index = pte.indexOf(ioPage, level) * 2;
      const table = this.#reach(context, guestTable, index, READ);
      if (table < 0) return table;
      if (!memory.holdsPage(table)) return ACCESS_FAULT; // 2.
      const lo = memory.word(table, index);
      const hi = memory.word(table, index + 1);
      if (pte.isInvalid(lo, hi, level, this.#hasMemoryTypes)) return PAGE_FAULT; // 3.
      global |= lo & GLOBAL;
      if (pte.isLeaf(lo)) {
        if (pte.isRefused(lo, hi, level, required, denied)) return PAGE_FAULT; // 5., 6.
        const marks = pte.missingMarks(lo, access); // 7.
        const fault = marks === 0 ? 0 : this.#mark(context, guestTable, index, lo | marks);
        return fault < 0 ? fault : this.#finish(ioPage, lo | marks, hi, level, global !== 0); // 8.
      }
      guestTable = pte.pageOf(lo, hi); // 4.
    }
    return PAGE_FAULT; // 4. i < 0
  }

  /** An implicit access to a word of a table. @returns where the table is, or a fault. */
  #reach(context: DeviceContext, guestTable: number, index: number, access: number): number {
    const table = this.#second.translate(context, guestTable, access);
    if (table !== PAGE_FAULT) return table;
    this.guestPage = guestTable;
    this.guestOffset = index * 4;
    this.implicitWrite = access === DMA_WRITE;
    return GUEST_PAGE_FAULT;
  }
  /** Sets A and D, where `tc.SADE` says so. RISC-V IOMMU 1.0 §2.4. @returns 0 or a fault. */
  #mark(context: DeviceContext, guestTable: number, index: number, lo: number): number {
    if (!context.has(reg.TC_SADE)) return PAGE_FAULT;
    const table = this.#reach(context, guestTable, index, DMA_WRITE);
    if (table < 0) return table;
    if (!this.#memory.holdsPage(table)) return ACCESS_FAULT;
    this.#memory.setWord(table, index, lo);
    return 0;
  }
  #finish(ioPage: number, lo: number, hi: number, level: number, global: boolean): number {
    this.permissions = pte.permissionsOf(lo);
    this.lastingPermissions = pte.lastingPermissionsOf(lo);
    this.log2Pages = pte.log2PagesOf(hi, level);
    this.memoryType = pte.memoryTypeOf(hi);
    this.global = global;
    return pte.translated(lo, hi, level, ioPage);
  }
}

/** All bits above the topmost translated one equal it. @param ioPage below 2^52. */
function isCanonical(ioPage: number, levels: number): boolean {
  const half = SPANS[levels - 1]! * 256;
  return ioPage < half || ioPage >= 2 ** 52 - half;
}
