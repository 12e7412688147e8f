/**
 * Sv39 page-table walk.
 *
 * Follows Privileged ISA 20211203 §4.3.2 "Virtual Address Translation Process" with LEVELS = 3 and PTESIZE = 8
 * (§4.4.1 "Addressing and Memory Protection"). The numbered comments are the specification's own steps.
 *
 * Allocates nothing and never throws: it returns the physical page number, or a negative fault. A PPN has 44 bits, so
 * it is built with * and +; << and | would cut it to 32 and alias one page onto another.
 *
 * CHOICE: step 7 faults on a clear A or D bit. Steps 5, 6 and 7 raise the same fault, so 7 is checked along with 5.
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
import { PERMITTED } from './permissions.ts';

/** In place of a page number; delivered as exception 12, 13 or 15 by the kind of access. */
export const PAGE_FAULT = -1;
/** A table, or in Bare mode the page itself, is not in physical memory; delivered as exception 1, 5 or 7. */
export const ACCESS_FAULT = -2;

const INDEX_MASK = (1 << VPN_BITS) - 1;
/** The PPN's share of an entry's low and high word: 22 and 22 bits. */
const PPN_LO_SHIFT = 10;
const PPN_HI_SCALE = 0x400000;

/** What a walk finds beside the page: valid after a walk that did not fault. */
export class Walker {
  /** Address bits below the leaf's index, less the page offset: 0 for 4 KiB, 9 for 2 MiB, 18 for 1 GiB. */
  shift = 0;
  /** The leaf is in every address space: its G bit, or one above it, is set. */
  global = false;
  /** `PERMITTED` of the leaf. */
  permitted = 0;
  readonly #memory: PhysicalMemoryPort;

  constructor(memory: PhysicalMemoryPort) {
    this.#memory = memory;
  }

  /**
   * @param vpn the signed 27-bit virtual page number; canonical form is checked by the caller.
   * @param need the bit of `PERMITTED` that the access needs.
   */
  walk(rootPage: number, vpn: number, need: number): number {
    const memory = this.#memory;
    let table = rootPage; // 1.
    let seen = 0;
    for (let shift = VPN_BITS * (LEVELS - 1); shift >= 0; shift -= VPN_BITS) {
      if (!memory.holdsPage(table)) return ACCESS_FAULT; // 2.
      const index = ((vpn >> shift) & INDEX_MASK) * 2;
      const lo = memory.word(table, index);
      const hi = memory.word(table, index + 1);

      if ((lo & PTE_V) === 0 || (lo & (PTE_R | PTE_W)) === PTE_W) return PAGE_FAULT; // 3.
      if ((hi & PTE_HI_RESERVED) !== 0) return PAGE_FAULT;

      const ppn = hi * PPN_HI_SCALE + (lo >>> PPN_LO_SHIFT);
      seen |= lo;
      if ((lo & (PTE_R | PTE_X)) === 0) {
        if ((lo & (PTE_U | PTE_A | PTE_D)) !== 0) return PAGE_FAULT; // 3. reserved in a pointer
        table = ppn; // 4.
        continue;
      }
      const permitted = PERMITTED[lo & 0xff]!;
      if ((permitted & need) === 0) return PAGE_FAULT; // 5. and 7.
      const offset = vpn & ((1 << shift) - 1);
      if ((lo >>> PPN_LO_SHIFT) & ((1 << shift) - 1)) return PAGE_FAULT; // 6.
      this.shift = shift;
      this.global = (seen & PTE_G) !== 0; // §4.3.1: a pointer's G makes all below it global
      this.permitted = permitted;
      return ppn + offset; // 8.
    }
    return PAGE_FAULT; // 4. i < 0
  }
}
