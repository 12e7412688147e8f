/**
 * Guest physical pages to physical ones. Privileged ISA 20211203 §8.5.1 "Guest Physical Address Translation": Sv39x4,
 * Sv48x4 and Sv57x4 are the walk of §4.3.2 with a root of four pages and every access that of a user.
 * RISC-V IOMMU 1.0 §2.3, step 19.
 *
 * Allocates nothing and never throws: gives a page, PAGE_FAULT or ACCESS_FAULT.
 */
import type { PhysicalMemoryPort } from '@bulkhead/ports';
import * as reg from '@bulkhead/riscv-iommu-datasheet';
import { BARE, type DeviceContext } from './device-context.ts';
import type { Iotlb } from './iotlb.ts';
import * as pte from './pte.ts';
import { ACCESS_FAULT, PAGE_FAULT, SPAN } from './pte.ts';

/** What is imported is looked up at every use. */
const IS_BARE: number = BARE;

export class SecondStage {
  readonly #memory: PhysicalMemoryPort;
  readonly #tlb: Iotlb;
  readonly #hasMemoryTypes: boolean;
  readonly walks: Float64Array = new Float64Array(1);
  /** Of the last translation by a walk: what its leaf allows and how many pages it maps. */
  permissions = 0;
  log2Pages = 0;
  memoryType = 0;

  constructor(memory: PhysicalMemoryPort, tlb: Iotlb, hasMemoryTypes: boolean) {
    this.#memory = memory;
    this.#tlb = tlb;
    this.#hasMemoryTypes = hasMemoryTypes;
  }

  /** By the cache or by a walk, for an access that needs its own permission. */
  translate(context: DeviceContext, guestPage: number, access: number): number {
    if (context.guestLevels === IS_BARE) return guestPage;
    const held = this.#tlb.lookup(context.gscid, 0, guestPage, access | pte.USER, 0);
    return held >= 0 ? held : this.walk(context, guestPage, access, access | pte.USER);
  }
  /** @param required what the leaf must allow: a translation request asks for no more than USER. */
  walk(context: DeviceContext, guestPage: number, access: number, required: number): number {
    const levels = context.guestLevels;
    if (guestPage >= SPAN[levels - 1]! * 2048) return PAGE_FAULT;
    this.walks[0] = this.walks[0]! + 1;
    const memory = this.#memory;
    let table = context.guestRoot + Math.floor(guestPage / (SPAN[levels - 1]! * 512)); // 1.
    for (let level = levels - 1; level >= 0; level--) {
      if (!memory.holdsPage(table)) return ACCESS_FAULT; // 2.
      const index = pte.indexOf(guestPage, level) * 2;
      const lo = memory.word(table, index);
      const hi = memory.word(table, index + 1);
      if (pte.isInvalid(lo, hi, level, this.#hasMemoryTypes)) return PAGE_FAULT; // 3.
      if (pte.isLeaf(lo)) {
        if (pte.isRefused(lo, hi, level, required, 0)) return PAGE_FAULT; // 5., 6.
        const marks = pte.missingMarks(lo, access); // 7.
        if (marks !== 0 && !context.has(reg.TC_GADE)) return PAGE_FAULT;
        if (marks !== 0) memory.setWord(table, index, lo | marks);
        return this.#finish(context, guestPage, lo | marks, hi, level); // 8.
      }
      table = pte.pageOf(lo, hi); // 4.
    }
    return PAGE_FAULT; // 4. i < 0
  }
  #finish(context: DeviceContext, guestPage: number, lo: number, hi: number, level: number): number {
    const page = pte.translated(lo, hi, level, guestPage);
    this.permissions = pte.permissionsOf(lo);
    this.log2Pages = pte.log2PagesOf(hi, level);
    this.memoryType = pte.memoryTypeOf(hi);
    this.#tlb.fill(context.gscid, 0, guestPage, page, pte.lastingPermissionsOf(lo), this.log2Pages, false);
    return page;
  }
}
