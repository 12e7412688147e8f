/**
 * The page tables of one device: Sv39, as the IOMMU walks them. Privileged ISA 20211203 §4.4 "Sv39".
 *
 * The tables are the record of what is mapped: a free entry is a free IO page. All mappings stand in the first GiB:
 *
 *     pages 0…15          never used: a device that follows a null pointer faults
 *     pages 16…31         where the device's interrupts go, one page a vector
 *     up to SMALL_END     frames of 4 KiB, first fit
 *     up to 1 GiB         frames of 2 MiB, first fit
 *
 * and, where messages are not translated, the page of the interrupt file at its own address.
 */
import {
  PTE_A,
  PTE_D,
  PTE_PPN_SHIFT,
  PTE_R,
  PTE_U,
  PTE_V,
  PTE_W,
  PTE_X,
  TABLE_ENTRIES,
  VPN_BITS,
} from '@bulkhead/riscv-datasheet';
import type { TablePages } from './table-pages.ts';

const LEVEL_MASK: number = TABLE_ENTRIES - 1;
const LARGE_PAGES: number = TABLE_ENTRIES;
export const FIRST_FILE_IO_PAGE = 16;
const FIRST_IO_PAGE = 32;
const FIRST_LARGE_ENTRY = 8;
const SMALL_END: number = FIRST_LARGE_ENTRY * LARGE_PAGES;
/** Pages in the first GiB. */
export const IO_PAGES: number = TABLE_ENTRIES * LARGE_PAGES;

const LEAF: number = PTE_V | PTE_R | PTE_U | PTE_A;
const WRITABLE: number = PTE_W | PTE_D;
const IS_LEAF: number = PTE_R | PTE_X;
/** An entry that is not valid is software's but for bit 0. This bit of RSW keeps an unmapped page from being given again. */
const TAKEN = 0x100;

export const NOWHERE = -1;

export class IoSpace {
  readonly #tables: TablePages;

  constructor(tables: TablePages) {
    this.#tables = tables;
  }

  /** Where the search for a small page of a fresh space begins. */
  get firstHint(): number {
    return FIRST_IO_PAGE;
  }
  /** @returns a free IO page of 4 KiB, not below `hint`, whose table exists; or NOWHERE. */
  findSmall(root: number, hint: number, use: number): number {
    let ioPage = hint;
    while (ioPage < SMALL_END) {
      const table = this.#tableOf(root, ioPage, 0, use);
      if (table < 0) return NOWHERE;
      do {
        if (this.#tables.low(table, ioPage & LEVEL_MASK) === 0) return ioPage;
        ioPage++;
      } while ((ioPage & LEVEL_MASK) !== 0);
    }
    return NOWHERE;
  }
  /** @returns a free, aligned range of 2 MiB, or NOWHERE. */
  findLarge(root: number, use: number): number {
    const table = this.#tableOf(root, 0, 1, use);
    if (table < 0) return NOWHERE;
    for (let entry = FIRST_LARGE_ENTRY; entry < TABLE_ENTRIES; entry++)
      if (this.#tables.low(table, entry) === 0) return entry * LARGE_PAGES;
    return NOWHERE;
  }
  /** Writes the leaf at `level` (0 or 1). @returns false when there is no page left for a table on the way. */
  map(root: number, ioPage: number, physical: number, writable: boolean, level: number, use: number): boolean {
    const table = this.#tableOf(root, ioPage, level, use);
    if (table < 0) return false;
    const flags = writable ? LEAF | WRITABLE : LEAF;
    this.#setPte(table, (ioPage >>> (level * VPN_BITS)) & LEVEL_MASK, physical, flags);
    return true;
  }
  /**
   * @param taken the page is not to be given again before `release`.
   * @returns 0 or 1, the level of the leaf that began at `ioPage` and is gone now; or NOWHERE.
   */
  unmap(root: number, ioPage: number, taken: boolean): number {
    return this.#replace(root, ioPage, IS_LEAF, taken ? TAKEN : 0);
  }
  /** @returns the level of the page, which was `taken` and may be given again; or NOWHERE. */
  release(root: number, ioPage: number): number {
    return this.#replace(root, ioPage, TAKEN, 0);
  }
  /** Writes `low` over the entry that has one of the bits of `kind` and covers exactly what begins at `ioPage`. */
  #replace(root: number, ioPage: number, kind: number, low: number): number {
    for (let level = 1, table = this.#follow(root, (ioPage >>> (2 * VPN_BITS)) & LEVEL_MASK); ; level--) {
      if (table < 0) return NOWHERE;
      const entry = (ioPage >>> (level * VPN_BITS)) & LEVEL_MASK;
      if ((this.#tables.low(table, entry) & kind) !== 0) {
        if (level === 1 && (ioPage & LEVEL_MASK) !== 0) return NOWHERE;
        this.#tables.setEntry(table, entry, low, 0);
        return level;
      }
      if (level === 0) return NOWHERE;
      table = this.#follow(table, entry);
    }
  }

  /** @returns the table at `level` that `ioPage` goes through, made where it is missing; or NOWHERE. */
  #tableOf(root: number, ioPage: number, level: number, use: number): number {
    let table = root;
    for (let above = 2; above > level; above--) {
      const entry = (ioPage >>> (above * VPN_BITS)) & LEVEL_MASK;
      const next =
        this.#tables.low(table, entry) === 0 ? this.#addTable(table, entry, use) : this.#follow(table, entry);
      if (next < 0) return NOWHERE;
      table = next;
    }
    return table;
  }
  #addTable(table: number, entry: number, use: number): number {
    const page = this.#tables.allocate(use);
    if (page >= 0) this.#setPte(table, entry, this.#tables.physical(page), PTE_V);
    return page;
  }
  #setPte(table: number, entry: number, physical: number, flags: number): void {
    this.#tables.setEntry(table, entry, (physical << PTE_PPN_SHIFT) | flags, physical >>> (32 - PTE_PPN_SHIFT));
  }
  /** @returns the table behind a pointer, or NOWHERE when the entry is none of ours. */
  #follow(table: number, entry: number): number {
    const low = this.#tables.low(table, entry);
    if ((low & PTE_V) === 0 || (low & IS_LEAF) !== 0) return NOWHERE;
    const high = this.#tables.high(table, entry);
    return this.#tables.pageAt((high << (32 - PTE_PPN_SHIFT)) | (low >>> PTE_PPN_SHIFT));
  }
}
