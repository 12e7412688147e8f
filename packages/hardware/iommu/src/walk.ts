/**
 * The first-stage page-table walk, Sv39. Privileged ISA 20211203 §4.3.2 "Virtual Address Translation Process" with
 * LEVELS = 3 and PTESIZE = 8 (§4.4.1); the numbered comments are its steps. RISC-V IOMMU 1.0 §2.3 "Process to translate
 * an IOVA", step 17: a request without process_id asks for no supervisor privilege, so a leaf needs U.
 *
 * Allocates nothing and never throws: gives the physical page, or a negative fault.
 *
 * CHOICE: `capabilities.AMO_HWAD` is 0: a clear A, or D for a write, is a page fault and is never set here.
 */
import type { PhysicalMemoryPort } from '@bulkhead/ports';
import {
  LEVELS,
  PTE_A,
  PTE_D,
  PTE_G,
  PTE_HI_RESERVED,
  PTE_R,
  PTE_U,
  PTE_V,
  PTE_W,
  PTE_X,
  VPN_BITS,
} from '@bulkhead/riscv-datasheet';

/** What a request wants of memory, and what a leaf allows. */
export const DMA_READ = 1;
export const DMA_WRITE = 2;

export const PAGE_FAULT = -1;
export const ACCESS_FAULT = -2;

/** @returns DMA_READ, DMA_WRITE, both or neither: what the leaf's low word lets an unprivileged request do. */
const permissionsOf = (lo: number): number => {
  if ((lo & (PTE_U | PTE_A)) !== (PTE_U | PTE_A)) return 0;
  const read = (lo & PTE_R) === 0 ? 0 : DMA_READ;
  return (lo & (PTE_W | PTE_D)) === (PTE_W | PTE_D) ? read | DMA_WRITE : read;
};

export class Walker {
  readonly #memory: PhysicalMemoryPort;
  /** Of the last walk that gave a page: what else its leaf allows, its level (1 is 2 MiB), and G anywhere on the way. */
  permissions = 0;
  level = 0;
  global = false;

  constructor(memory: PhysicalMemoryPort) {
    this.#memory = memory;
  }

  /** @param vpn the 27-bit page number; canonical form is checked by the caller. */
  walk(rootPage: number, vpn: number, access: number): number {
    const memory = this.#memory;
    let table = rootPage; // 1.
    let global = 0;
    for (let level = LEVELS - 1; level >= 0; level--) {
      if (!memory.holdsPage(table)) return ACCESS_FAULT; // 2.
      const shift = VPN_BITS * level;
      const index = ((vpn >>> shift) & 0x1ff) * 2;
      const lo = memory.word(table, index);
      const hi = memory.word(table, index + 1);

      if ((lo & PTE_V) === 0 || (lo & (PTE_R | PTE_W)) === PTE_W) return PAGE_FAULT; // 3.
      if ((hi & PTE_HI_RESERVED) !== 0) return PAGE_FAULT;
      global |= lo & PTE_G;

      const page = hi * 0x400000 + (lo >>> 10);
      if ((lo & (PTE_R | PTE_X)) === 0) {
        if ((lo & (PTE_U | PTE_A | PTE_D)) !== 0) return PAGE_FAULT; // 3. reserved in a pointer
        table = page; // 4.
        continue;
      }
      const permissions = permissionsOf(lo);
      if ((permissions & access) !== access) return PAGE_FAULT; // 5. and 7.
      const offsetMask = (1 << shift) - 1;
      if ((page & offsetMask) !== 0) return PAGE_FAULT; // 6. misaligned superpage
      this.permissions = permissions;
      this.level = level;
      this.global = global !== 0;
      return page + (vpn & offsetMask); // 8.
    }
    return PAGE_FAULT; // 4. i < 0
  }
}
