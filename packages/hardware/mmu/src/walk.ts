/**
 * The page-table walk of Sv39, Sv48 and Sv57.
 *
 * Follows Privileged ISA 20211203 §4.3.2 "Virtual Address Translation Process" with PTESIZE = 8 and LEVELS = 3, 4 or 5
 * (§4.4.1, §4.5.1, §4.6.1 "Addressing and Memory Protection"). The numbered comments are the specification's own steps.
 *
 * Allocates nothing and never throws: it returns the physical page number, or a negative fault. A PPN has 44 bits and a
 * page number of Sv57 has 45, so both are built with * and +; << and | would cut them to 32 and alias one page onto
 * another. Where the page numbers are those of Sv39 and of the first 16 GiB, all of it is arithmetic of 32 bits.
 *
 * CHOICE: a clear A or D bit faults (what is now called Svade), or is set when the machine asks for it (Svadu).
 * CHOICE: no cache but a TLB of leaves stands between the walk and memory, and a walk is one moment of simulated time.
 * So step 7's comparison of the entry with memory cannot fail, and nothing returns to step 2.
 */
import type { PhysicalMemoryPort } from '@bulkhead/ports';
import * as reg from '@bulkhead/riscv-datasheet';
import { SPAN_PAGES } from './modes.ts';
import * as permissions from './permissions.ts';

/** In place of a page number; delivered as exception 12, 13 or 15 by the kind of access. */
export const PAGE_FAULT = -1;
/** A table, or in Bare mode the page itself, is not in physical memory; delivered as exception 1, 5 or 7. */
export const ACCESS_FAULT = -2;

// The walk reads these at every step: a constant of this module costs the host nothing, another's a look-up.
const { PTE_A, PTE_D, PTE_G, PTE_HI_RESERVED, PTE_PPN_SHIFT, PTE_R, PTE_U, PTE_V, PTE_W, PTE_X, VPN_BITS } = reg;
const { PERMITTED, STORES } = permissions;
const SPANS: Float64Array = Float64Array.from(SPAN_PAGES);
/** Levels whose index a shift of 32 bits reaches: those of Sv39. */
const NARROW_LEVELS = reg.LEVELS;
const INDEX_MASK = (1 << VPN_BITS) - 1;
const LOW_BYTE = 0xff;
/** The PPN's share of an entry's high word begins above 22 bits in the low one. */
const PPN_HI_SCALE = 0x400000;
const PAGE_WORDS = 1024;
/** A pointer to the next table: V alone. */
const POINTER_MASK: number = PTE_V | PTE_R | PTE_W | PTE_X | PTE_U | PTE_A | PTE_D;
const IS_LEAF: number = PTE_R | PTE_X;

export interface WalkerOptions {
  readonly memory: PhysicalMemoryPort;
  readonly updatesMarks: boolean;
  readonly isReadOnly: (page: number) => boolean;
}

/** What a walk finds beside the page: valid after a walk that did not fault. */
export class Walker {
  /** LEVELS. */
  levels: number = NARROW_LEVELS;
  /** Of the leaf: 0 for 4 KiB, 1 for 2 MiB, … */
  level = 0;
  /** The leaf is in every address space: its G bit, or one above it, is set. */
  global = false;
  /** `PERMITTED` of the leaf. */
  permitted = 0;
  /** Entries read, and entries whose A or D was set, since construction. */
  readCount = 0;
  updateCount = 0;
  readonly #words: Int32Array;
  readonly #basePage: number;
  readonly #pageCount: number;
  readonly #updatesMarks: boolean;
  readonly #isReadOnly: (page: number) => boolean;

  constructor({ memory, updatesMarks, isReadOnly }: WalkerOptions) {
    this.#words = memory.words;
    this.#basePage = memory.basePage;
    this.#pageCount = memory.pageCount;
    this.#updatesMarks = updatesMarks;
    this.#isReadOnly = isReadOnly;
  }

  /**
   * @param vpn the signed virtual page number; canonical form is checked by the caller.
   * @param need the bit of `PERMITTED` that the access needs.
   */
  walk(rootPage: number, vpn: number, need: number): number {
    const words = this.#words;
    const basePage = this.#basePage;
    const pageCount = this.#pageCount;
    let page = rootPage - basePage; // 1.
    let seen = 0;
    for (let level = this.levels - 1; level >= 0; level--) {
      if (!(page >= 0 && page < pageCount)) return ACCESS_FAULT; // 2.
      this.readCount++;
      const at = page * PAGE_WORDS + indexOf(vpn, level) * 2;
      const lo = words[at]!;
      const hi = words[at + 1]!;
      if (hi !== 0 && (hi & PTE_HI_RESERVED) !== 0) return PAGE_FAULT; // 3. All faults of this step are the same.
      const ppn = hi === 0 ? lo >>> PTE_PPN_SHIFT : hi * PPN_HI_SCALE + (lo >>> PTE_PPN_SHIFT);
      seen |= lo;
      if ((lo & POINTER_MASK) !== PTE_V) return this.#leaf(vpn, level, ppn, need, lo, seen, at);
      page = ppn - basePage; // 4.
    }
    return PAGE_FAULT; // 4. i < 0
  }

  /** No pointer: steps 3 and 5 to 8. @param at where in memory the leaf stands. */
  #leaf(vpn: number, level: number, ppn: number, need: number, lo: number, seen: number, at: number): number {
    if ((lo & PTE_V) === 0 || (lo & (PTE_R | PTE_W)) === PTE_W) return PAGE_FAULT; // 3.
    if ((lo & IS_LEAF) === 0) return PAGE_FAULT; // 3. U, A and D are reserved in a pointer.
    let permitted = PERMITTED[lo & LOW_BYTE]!;
    if ((permitted & need) === 0 && !this.#updatesMarks) return PAGE_FAULT; // 5. and 7.
    if (level !== 0 && !isAligned(ppn, level)) return PAGE_FAULT; // 6. Steps 5, 6 and 7 raise the same fault.
    if ((permitted & need) === 0) {
      const marked = lo | PTE_A | ((need & STORES) !== 0 ? PTE_D : 0);
      permitted = PERMITTED[marked & LOW_BYTE]!;
      if ((permitted & need) === 0) return PAGE_FAULT; // 5.
      if (this.#isReadOnly(Math.floor(at / PAGE_WORDS) + this.#basePage)) return ACCESS_FAULT; // 7.
      this.#words[at] = marked;
      this.updateCount++;
    }
    this.level = level;
    this.global = (seen & PTE_G) !== 0; // §4.3.1: a pointer's G makes all below it global
    this.permitted = permitted;
    return level === 0 ? ppn : ppn + offsetIn(vpn, level); // 8.
  }
}

/** `va.vpn[level]`. A shift takes a number modulo 2^32, which holds the fields of the lowest three levels. */
const indexOf = (vpn: number, level: number): number =>
  (level < NARROW_LEVELS ? vpn >>> (VPN_BITS * level) : Math.floor(vpn / SPANS[level]!)) & INDEX_MASK;

/** Step 6: `ppn[level-1:0]` is 0. */
const isAligned = (ppn: number, level: number): boolean =>
  level < NARROW_LEVELS ? (ppn & ((1 << (VPN_BITS * level)) - 1)) === 0 : ppn % SPANS[level]! === 0;

/** @returns how many pages into its leaf a page stands: `va.vpn[level-1:0]`. */
export const offsetIn = (vpn: number, level: number): number =>
  level < NARROW_LEVELS ? vpn & ((1 << (VPN_BITS * level)) - 1) : vpn - Math.floor(vpn / SPANS[level]!) * SPANS[level]!;
