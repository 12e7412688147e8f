/**
 * A builder of page tables, for whoever uses an MMU alone: it writes them, in memory that it was lent, as an operating
 * system would, and knows nothing of the MMU that reads them.
 *
 * Invariant: an entry is zero, a pointer to a table of the lent pages, or a leaf; no table but the root is empty.
 * Whoever changes a mapping fences it: Privileged ISA 20211203 §4.2.1 "Supervisor Memory-Management Fence Instruction".
 */
import type { PhysicalMemoryPort } from '@bulkhead/ports';
import { err, invariant, ok, type Result } from '@bulkhead/result';
import * as reg from '@bulkhead/riscv-datasheet';
import { isCanonical, levelsOf, SPAN_PAGES } from './modes.ts';
import { TablePages } from './table-pages.ts';

export interface PageTablesOptions {
  readonly memory: PhysicalMemoryPort;
  /** SATP_MODE_SV39, SATP_MODE_SV48 or SATP_MODE_SV57. */
  readonly mode: number;
  /** The pages that are lent for tables, the root among them. */
  readonly firstPage: number;
  readonly pageCount: number;
}

/** In the order of the checks. */
export type MapError = 'no-such-level' | 'no-leaf' | 'not-canonical' | 'misaligned' | 'occupied' | 'no-memory';
export type ProtectError = 'no-leaf' | 'not-mapped';
export type UnmapError = 'not-mapped';

/** What one page is mapped to. */
export interface Mapping {
  /** Of its leaf: 0 for 4 KiB, 1 for 2 MiB, 2 for 1 GiB, 3 for 512 GiB, 4 for 256 TiB. */
  readonly level: number;
  readonly ppn: number;
  /** The low ten bits of the leaf: PTE_V to PTE_D, and PTE_RSW. */
  readonly flags: number;
}

const { PTE_PPN_SHIFT, PTE_R, PTE_V, PTE_W, PTE_X, TABLE_ENTRIES } = reg;
const FLAGS_MASK = (1 << PTE_PPN_SHIFT) - 1;
/** The low word of an entry holds the low 22 bits of a page number. */
const PPN_LOW_SPAN: number = 2 ** (32 - PTE_PPN_SHIFT);
const PPN_LIMIT: number = 2 ** reg.PPN_BITS;

export class PageTables {
  readonly rootPage: number;
  readonly mode: number;
  readonly #memory: PhysicalMemoryPort;
  readonly #pages: TablePages;
  readonly #levels: number;
  /** The tables of the last descent, by level. */
  readonly #tables: number[] = [0, 0, 0, 0, 0];

  constructor({ memory, mode, firstPage, pageCount }: PageTablesOptions) {
    this.#levels = levelsOf(mode);
    invariant(this.#levels > 0, 'page tables are those of Sv39, Sv48 or Sv57');
    this.mode = mode;
    this.#memory = memory;
    this.#pages = new TablePages(memory, firstPage, pageCount);
    this.rootPage = this.#pages.take();
  }

  /** Lent pages that are no table. */
  get freePages(): number {
    return this.#pages.freeCount;
  }

  /**
   * Writes a leaf, and the tables that are missing above it.
   * @param vpn the first page, signed @param ppn the first physical page
   * @param flags PTE_R, PTE_W, PTE_X, PTE_U, PTE_G, PTE_A, PTE_D, PTE_RSW; V is added
   */
  map(vpn: number, ppn: number, level: number, flags: number): Result<void, MapError> {
    if (!(Number.isInteger(level) && level >= 0 && level < this.#levels)) return err('no-such-level');
    if (!isLeaf(flags)) return err('no-leaf');
    if (!isCanonical(vpn, this.mode)) return err('not-canonical');
    const span = SPAN_PAGES[level]!;
    if (vpn % span !== 0 || ppn % span !== 0 || ppn < 0 || ppn >= PPN_LIMIT) return err('misaligned');
    const reached = this.#descend(vpn, level);
    if (this.#low(vpn, reached) !== 0) return err('occupied');
    if (reached - level > this.#pages.freeCount) return err('no-memory');
    for (let at = reached; at > level; at--) {
      const table = this.#pages.take();
      this.#write(vpn, at, table, PTE_V);
      this.#tables[at - 1] = table;
    }
    this.#write(vpn, level, ppn, flags | PTE_V);
    return ok(undefined);
  }

  /** Gives the leaf of a page, of whatever size, other flags. */
  protect(vpn: number, flags: number): Result<void, ProtectError> {
    if (!isLeaf(flags)) return err('no-leaf');
    const level = this.#leafLevel(vpn);
    if (level < 0) return err('not-mapped');
    this.#write(vpn, level, this.#ppn(vpn, level), flags | PTE_V);
    return ok(undefined);
  }

  /**
   * Clears the leaf of a page, of whatever size, and gives back the tables that are empty then.
   * @returns how many: when not 0, pointers have changed too, and only a fence without an address orders that
   */
  unmap(vpn: number): Result<number, UnmapError> {
    let level = this.#leafLevel(vpn);
    if (level < 0) return err('not-mapped');
    this.#write(vpn, level, 0, 0);
    let emptied = 0;
    for (; level + 1 < this.#levels && this.#isEmpty(this.#tables[level]!); level++) {
      this.#pages.giveBack(this.#tables[level]!);
      this.#write(vpn, level + 1, 0, 0);
      emptied++;
    }
    return ok(emptied);
  }

  /** @returns what a page is mapped to, whoever may access it, or undefined. */
  find(vpn: number): Mapping | undefined {
    const level = this.#leafLevel(vpn);
    if (level < 0) return undefined;
    const span = SPAN_PAGES[level]!;
    const offset = vpn - Math.floor(vpn / span) * span;
    return { level, ppn: this.#ppn(vpn, level) + offset, flags: this.#low(vpn, level) & FLAGS_MASK };
  }

  /** @returns the level of a page's leaf, whose tables are noted, or -1. */
  #leafLevel(vpn: number): number {
    if (!isCanonical(vpn, this.mode)) return -1;
    const level = this.#descend(vpn, 0);
    return isLeaf(this.#low(vpn, level)) ? level : -1;
  }
  /** Follows pointers to a table of `level`, or to the first entry that is none. @returns the level that was reached. */
  #descend(vpn: number, level: number): number {
    let at = this.#levels - 1;
    this.#tables[at] = this.rootPage;
    for (; at > level; at--) {
      const low = this.#low(vpn, at);
      const next = this.#ppn(vpn, at);
      if ((low & (PTE_V | PTE_R | PTE_W | PTE_X)) !== PTE_V || !this.#pages.holds(next)) return at;
      this.#tables[at - 1] = next;
    }
    return at;
  }
  #isEmpty(table: number): boolean {
    for (let index = 0; index < TABLE_ENTRIES; index++) if (this.#memory.word(table, index * 2) !== 0) return false;
    return true;
  }
  #low(vpn: number, level: number): number {
    return this.#memory.word(this.#tables[level]!, wordOf(vpn, level));
  }
  #ppn(vpn: number, level: number): number {
    const high = this.#memory.word(this.#tables[level]!, wordOf(vpn, level) + 1);
    return high * PPN_LOW_SPAN + (this.#low(vpn, level) >>> PTE_PPN_SHIFT);
  }
  /** The high word first, so that the entry is valid no sooner than it is whole. */
  #write(vpn: number, level: number, ppn: number, flags: number): void {
    const [table, word] = [this.#tables[level]!, wordOf(vpn, level)];
    this.#memory.setWord(table, word + 1, Math.floor(ppn / PPN_LOW_SPAN));
    this.#memory.setWord(table, word, (ppn << PTE_PPN_SHIFT) | (flags & FLAGS_MASK));
  }
}

/** Where the entry for a page stands in its table of `level`. */
const wordOf = (vpn: number, level: number): number => (Math.floor(vpn / SPAN_PAGES[level]!) & (TABLE_ENTRIES - 1)) * 2;
/** §4.3.1: R or X; W without R is reserved. */
const isLeaf = (flags: number): boolean => (flags & (PTE_R | PTE_X)) !== 0 && (flags & (PTE_R | PTE_W)) !== PTE_W;
