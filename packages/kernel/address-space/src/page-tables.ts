/**
 * Sv39 page tables in simulated memory, written as a kernel writes them; the MMU alone reads them.
 *
 * A table is never made here: when one is missing, `map` says at which level, and the caller installs a page of its own
 * memory there. So the memory of every table is somebody's, and a reservation can be a guarantee.
 *
 * Invariant: an entry is zero, or a pointer, or a leaf; every leaf has A set, and D exactly when it is writable
 * (CHOICE: nothing here waits for a page to be touched, Privileged ISA 20211203 §4.3.1 allows to set them ahead).
 */
import type { PhysicalMemoryPort } from '@bulkhead/ports';
import {
  PTE_A,
  PTE_D,
  PTE_G,
  PTE_PPN_SHIFT,
  PTE_R,
  PTE_U,
  PTE_V,
  PTE_W,
  PTE_X,
  VPN_BITS,
} from '@bulkhead/riscv-datasheet';

/** What a mapping allows, as bits of a PTE. */
export const ACCESS_READ: number = PTE_R;
export const ACCESS_WRITE: number = PTE_R | PTE_W;
/** The user may; without it, only the supervisor. */
export const ACCESS_USER: number = PTE_U;

/** Level of a leaf: 4 KiB, 2 MiB, 1 GiB. */
export const LEVEL_PAGE = 0;
export const LEVEL_MEGA = 1;
export const LEVEL_GIGA = 2;

/** `map` found no table at `missingLevel`. */
export const MISSING_TABLE = -1;
/** Something is mapped there already. */
export const OCCUPIED = -2;
export const NOT_MAPPED = -3;

const TABLE_ENTRIES = 512;
const ROOT_LEVEL = 2;
/** A PPN has 44 bits; the low word of an entry holds its lowest 22. */
const PPN_LOW_SPAN = 0x400000;

export class PageTables {
  readonly #memory: PhysicalMemoryPort;
  /** After MISSING_TABLE: the level of the table that is missing. */
  missingLevel = 0;

  constructor(memory: PhysicalMemoryPort) {
    this.#memory = memory;
  }

  /**
   * Writes a leaf for `vpn` at `level`.
   * @param access bits of ACCESS_*, and PTE_X or PTE_G where they are wanted.
   * @returns 0, MISSING_TABLE or OCCUPIED. The caller aligns `vpn` and `ppn` to the level.
   */
  map(rootPage: number, vpn: number, ppn: number, level: number, access: number): number {
    const table = this.#tableAt(rootPage, vpn, level);
    if (table < 0) return table;
    const index = indexOf(vpn, level);
    if (this.#lo(table, index) !== 0) return OCCUPIED;
    const dirty = (access & PTE_W) !== 0 ? PTE_D : 0;
    this.#write(table, index, ppn, PTE_V | PTE_A | dirty | access);
    return 0;
  }
  /** Hangs an empty table of `level` (0 or 1) into the one above it, for `vpn`. @returns 0, MISSING_TABLE or OCCUPIED. */
  installTable(rootPage: number, vpn: number, tablePage: number, level: number): number {
    const parent = this.#tableAt(rootPage, vpn, level + 1);
    if (parent < 0) return parent;
    const index = indexOf(vpn, level + 1);
    if (this.#lo(parent, index) !== 0) return OCCUPIED;
    this.#write(parent, index, tablePage, PTE_V);
    return 0;
  }
  /** Clears the leaf of `vpn`. The caller fences. @returns 0 or NOT_MAPPED. */
  unmap(rootPage: number, vpn: number, level: number): number {
    const table = this.#tableAt(rootPage, vpn, level);
    if (table < 0) return NOT_MAPPED;
    const index = indexOf(vpn, level);
    if ((this.#lo(table, index) & (PTE_R | PTE_X)) === 0) return NOT_MAPPED;
    this.#memory.setWord(table, index * 2, 0);
    this.#memory.setWord(table, index * 2 + 1, 0);
    return 0;
  }
  /** Copies the entries of the upper half from one root to another: the kernel is in every address space. */
  shareUpperHalf(fromRoot: number, toRoot: number): void {
    for (let word = TABLE_ENTRIES; word < TABLE_ENTRIES * 2; word++) {
      this.#memory.setWord(toRoot, word, this.#memory.word(fromRoot, word));
    }
  }

  /** The table that holds the entry of `vpn` at `level`. A pointer that a stray store bent ends the walk as missing. */
  #tableAt(rootPage: number, vpn: number, level: number): number {
    let table = rootPage;
    for (let at = ROOT_LEVEL; at > level; at--) {
      const index = indexOf(vpn, at);
      const lo = this.#lo(table, index);
      if ((lo & PTE_V) === 0) {
        this.missingLevel = at - 1;
        return MISSING_TABLE;
      }
      if ((lo & (PTE_R | PTE_X)) !== 0) return OCCUPIED;
      const next = this.#memory.word(table, index * 2 + 1) * PPN_LOW_SPAN + (lo >>> PTE_PPN_SHIFT);
      if (!this.#memory.holdsPage(next)) return OCCUPIED;
      table = next;
    }
    return table;
  }
  #lo(table: number, index: number): number {
    return this.#memory.word(table, index * 2);
  }
  #write(table: number, index: number, ppn: number, flags: number): void {
    this.#memory.setWord(table, index * 2 + 1, Math.floor(ppn / PPN_LOW_SPAN));
    this.#memory.setWord(table, index * 2, (ppn << PTE_PPN_SHIFT) | flags);
  }
}

/** The index of `vpn` (signed: negative in the upper half) in a table of `level`. */
const indexOf = (vpn: number, level: number): number => (vpn >> (VPN_BITS * level)) & (TABLE_ENTRIES - 1);

/** Global leaves keep their translation across address spaces. */
export const GLOBAL: number = PTE_G;
