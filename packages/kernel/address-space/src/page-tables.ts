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
import { PTE_A, PTE_D, PTE_G, PTE_R, PTE_U, PTE_V, PTE_W, PTE_X } from '@bulkhead/riscv-datasheet';
import { TableWalk } from './table-walk.ts';

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

export class PageTables {
  readonly #walk: TableWalk;
  /** After MISSING_TABLE: the level of the table that is missing. */
  missingLevel = 0;

  constructor(memory: PhysicalMemoryPort) {
    this.#walk = new TableWalk(memory);
  }

  /**
   * Writes a leaf for `vpn` at `level`.
   * @param access bits of ACCESS_*, and PTE_X or PTE_G where they are wanted.
   * @returns 0, MISSING_TABLE or OCCUPIED. The caller aligns `vpn` and `ppn` to the level.
   */
  map(rootPage: number, vpn: number, ppn: number, level: number, access: number): number {
    const low = this.#walk.descend(rootPage, vpn, level);
    if (this.#walk.level !== level) return this.#refuse(low);
    if (low !== 0) return OCCUPIED;
    this.#walk.write(ppn, leafFlags(access));
    return 0;
  }
  /** Hangs an empty table of `level` (0 or 1) into the one above it, for `vpn`. @returns 0, MISSING_TABLE or OCCUPIED. */
  installTable(rootPage: number, vpn: number, tablePage: number, level: number): number {
    const low = this.#walk.descend(rootPage, vpn, level + 1);
    if (this.#walk.level !== level + 1) return this.#refuse(low);
    if (low !== 0) return OCCUPIED;
    this.#walk.write(tablePage, PTE_V);
    return 0;
  }
  /** Clears the leaf of `vpn`. The caller fences. @returns 0 or NOT_MAPPED. */
  unmap(rootPage: number, vpn: number, level: number): number {
    const low = this.#walk.descend(rootPage, vpn, level);
    if (this.#walk.level !== level || (low & (PTE_R | PTE_X)) === 0) return NOT_MAPPED;
    this.#walk.clear();
    return 0;
  }
  /** Copies the entries of the upper half from one root to another: the kernel is in every address space. */
  shareUpperHalf(fromRoot: number, toRoot: number): void {
    this.#walk.shareUpperHalf(fromRoot, toRoot);
  }

  /** The descent ended above where it was to go. A pointer that a stray store bent is in the way like a leaf. */
  #refuse(low: number): number {
    if ((low & PTE_V) !== 0) return OCCUPIED;
    this.missingLevel = this.#walk.level - 1;
    return MISSING_TABLE;
  }
}

/** A leaf's flags: what `access` says, and A and D set ahead. */
export const leafFlags = (access: number): number => PTE_V | PTE_A | ((access & PTE_W) !== 0 ? PTE_D : 0) | access;

/** Global leaves keep their translation across address spaces. */
export const GLOBAL: number = PTE_G;
