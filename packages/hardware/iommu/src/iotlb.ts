/**
 * A cache of leaves: one for the first stage, by GSCID, PSCID and IOVA, and one for the second, by GSCID and guest
 * address. RISC-V IOMMU 1.0 §2.8 "Caching in-memory data structures", §3.1.1 "IOMMU Page-Table cache invalidation
 * commands". An entry stays until a command removes it or another takes its place: whoever changes a page table and
 * sends no command is served the old page.
 *
 * Two direct-mapped halves, for 4 KiB and for 2 MiB; a larger leaf is held as the pieces of 2 MiB that were used, and a
 * contiguous region of 64 KiB as its pages. Each remembers the size of its leaf, for an address inside the leaf
 * invalidates all of them.
 *
 * CHOICE: entries with G are held under the PSCID that brought them in, and survive commands with PSCV as they must.
 * CHOICE: an entry that denies an access counts as a miss; the tables in memory say the last word.
 */
import type { Recent } from './recent.ts';

const HALF_ENTRIES = 256;
const LARGE_LOG2 = 9;
const LARGE_PAGES = 512;
const FREE = -1;
/** Stands for any, in `invalidate`. */
export const ANY = -2;

export class Iotlb {
  readonly #key: Float64Array = new Float64Array(2 * HALF_ENTRIES).fill(FREE);
  readonly #gscid: Int32Array = new Int32Array(2 * HALF_ENTRIES);
  readonly #pscid: Int32Array = new Int32Array(2 * HALF_ENTRIES);
  readonly #page: Float64Array = new Float64Array(2 * HALF_ENTRIES);
  readonly #permissions: Uint8Array = new Uint8Array(2 * HALF_ENTRIES);
  readonly #log2Pages: Uint8Array = new Uint8Array(2 * HALF_ENTRIES);
  readonly #global: Uint8Array = new Uint8Array(2 * HALF_ENTRIES);
  readonly #recent: Recent;
  readonly #isFirstStage: boolean;

  constructor(recent: Recent, isFirstStage: boolean) {
    this.#recent = recent;
    this.#isFirstStage = isFirstStage;
  }

  /** @returns the page, or -1 when no entry has all of `required` and nothing of `denied`. */
  lookup(gscid: number, pscid: number, page: number, required: number, denied: number): number {
    const small = indexOf(gscid, pscid, page | 0, 0);
    if (this.#key[small] === page && this.#allows(small, gscid, pscid, required, denied)) return this.#page[small]!;
    const large = indexOf(gscid, pscid, page | 0, 1);
    const inside = page & (LARGE_PAGES - 1);
    if (this.#key[large] === (page - inside) / LARGE_PAGES && this.#allows(large, gscid, pscid, required, denied))
      return this.#page[large]! + inside;
    return -1;
  }
  /** Holds the leaf of 2^log2Pages pages that made `page` into `to`. */
  fill(
    gscid: number,
    pscid: number,
    page: number,
    to: number,
    permissions: number,
    log2Pages: number,
    global: boolean,
  ): void {
    const half = log2Pages < LARGE_LOG2 ? 0 : 1;
    const index = indexOf(gscid, pscid, page | 0, half);
    const inside = page & (LARGE_PAGES - 1);
    if (this.#key[index] !== FREE) this.#replace(index);
    this.#key[index] = half === 0 ? page : (page - inside) / LARGE_PAGES;
    this.#gscid[index] = gscid;
    this.#pscid[index] = pscid;
    this.#page[index] = half === 0 ? to : to - inside;
    this.#permissions[index] = permissions;
    this.#log2Pages[index] = log2Pages;
    this.#global[index] = global ? 1 : 0;
  }
  /** Another entry takes the place of this one. Only a first stage's small leaf is known by the page that a device issued. */
  #replace(index: number): void {
    if (this.#isFirstStage && index < HALF_ENTRIES && this.#log2Pages[index] === 0)
      this.#recent.forget(this.#key[index]!);
    else this.#recent.clear();
  }
  /** Removes what matches all three. @param pscid when given, spares what is global. @param page ANY for AV = 0. */
  invalidate(gscid: number, pscid: number, page: number): void {
    this.#recent.clear();
    for (let index = 0; index < 2 * HALF_ENTRIES; index++) {
      if (gscid !== ANY && this.#gscid[index] !== gscid) continue;
      if (pscid !== ANY && (this.#pscid[index] !== pscid || this.#global[index] === 1)) continue;
      if (page === ANY || this.#covers(index, page)) this.#key[index] = FREE;
    }
  }

  #allows(index: number, gscid: number, pscid: number, required: number, denied: number): boolean {
    const permissions = this.#permissions[index]!;
    return (
      this.#pscid[index] === pscid &&
      this.#gscid[index] === gscid &&
      (permissions & required) === required &&
      (permissions & denied) === 0
    );
  }
  /** Whether the leaf behind the entry maps `page`, by any of its pieces. */
  #covers(index: number, page: number): boolean {
    if (this.#key[index] === FREE) return false;
    const first = index < HALF_ENTRIES ? this.#key[index]! : this.#key[index]! * LARGE_PAGES;
    const span = 2 ** this.#log2Pages[index]!;
    return Math.floor(first / span) === Math.floor(page / span);
  }
}

/** @param page the low 32 bits. A guest's entries stand elsewhere than the host's, whose GSCID is -1. */
const indexOf = (gscid: number, pscid: number, page: number, half: number): number =>
  half * HALF_ENTRIES + (((page >>> (half * LARGE_LOG2)) ^ (pscid * 37) ^ ((gscid + 1) * 101)) & (HALF_ENTRIES - 1));
