/**
 * First-stage Sv39 tables of devices in the kernel's memory, written as a kernel writes them; the IOMMU alone reads
 * them. RISC-V IOMMU 1.0 §2.1.3.4 "First-Stage context (fsc)"; Privileged ISA 20211203 §4.4.1 "Addressing and Memory
 * Protection".
 *
 * A leaf has U, for a device's request asks for no supervisor privilege, and A and D set ahead, for the IOMMU need not
 * set them (capabilities.AMO_HWAD).
 *
 * Only tables in the lent memory are followed: what a stray store bent ends the walk.
 */
import {
  LEVELS,
  PTE_A,
  PTE_D,
  PTE_PPN_SHIFT,
  PTE_R,
  PTE_U,
  PTE_V,
  PTE_W,
  PTE_X,
  VPN_BITS,
} from '@bulkhead/riscv-datasheet';

/** Where a walk ended without a leaf's entry: the table of `missingLevel` is not there. */
export const MISSING_TABLE = -1;
/** A leaf, or a pointer out of the memory, stands where a table should. */
export const NO_TABLE = -2;

const TABLE_WORDS = 1024;
const INDEX_MASK = 0x1ff;
/** A PPN has 44 bits; the low word of an entry holds its lowest 22. */
const PPN_LOW_SPAN = 0x400000;

export class IoTables {
  readonly #words: Int32Array;
  readonly #basePage: number;
  /** After MISSING_TABLE: the level of the first table that is missing. */
  missingLevel = 0;

  constructor(words: Int32Array, basePage: number) {
    this.#words = words;
    this.#basePage = basePage;
  }

  /** @returns the index of the first word of the entry that maps `ioPage`, MISSING_TABLE or NO_TABLE. */
  leafEntry(rootPage: number, ioPage: number): number {
    return this.#entryAt(rootPage, ioPage, 0);
  }
  /** @returns the index of the entry that should point to the table of `level` (0 or 1), MISSING_TABLE or NO_TABLE. */
  pointerEntry(rootPage: number, ioPage: number, level: number): number {
    return this.#entryAt(rootPage, ioPage, level + 1);
  }
  /** @returns the index of the entry that points to `table` on the way to `ioPage`, or MISSING_TABLE. */
  entryOfTable(rootPage: number, ioPage: number, table: number): number {
    for (let level = LEVELS - 2; level >= 0; level--) {
      const entry = this.#entryAt(rootPage, ioPage, level + 1);
      if (entry < 0) return MISSING_TABLE;
      if (this.isPointer(entry) && this.pageOf(entry) === table) return entry;
    }
    return MISSING_TABLE;
  }

  isUsed(entry: number): boolean {
    return (this.#words[entry]! & PTE_V) !== 0;
  }
  isPointer(entry: number): boolean {
    return (this.#words[entry]! & (PTE_V | PTE_R | PTE_W | PTE_X)) === PTE_V;
  }
  isLeaf(entry: number): boolean {
    return (this.#words[entry]! & PTE_V) !== 0 && (this.#words[entry]! & (PTE_R | PTE_X)) !== 0;
  }
  /** The page that an entry names. */
  pageOf(entry: number): number {
    return this.#words[entry + 1]! * PPN_LOW_SPAN + (this.#words[entry]! >>> PTE_PPN_SHIFT);
  }
  setLeaf(entry: number, page: number, mayWrite: boolean): void {
    this.#write(entry, page, PTE_V | PTE_U | PTE_R | PTE_A | (mayWrite ? PTE_W | PTE_D : 0));
  }
  setPointer(entry: number, page: number): void {
    this.#write(entry, page, PTE_V);
  }
  clear(entry: number): void {
    this.#words[entry] = 0;
    this.#words[entry + 1] = 0;
  }
  /** Empties a table. */
  zero(page: number): void {
    if (this.holdsTable(page)) this.#words.fill(0, this.#wordOf(page), this.#wordOf(page) + TABLE_WORDS);
  }
  holdsTable(page: number): boolean {
    const word = this.#wordOf(page);
    return word >= 0 && word + TABLE_WORDS <= this.#words.length;
  }

  #entryAt(rootPage: number, ioPage: number, level: number): number {
    let table = rootPage;
    for (let at = LEVELS - 1; ; at--) {
      if (!this.holdsTable(table)) return NO_TABLE;
      const entry = this.#wordOf(table) + ((ioPage >>> (VPN_BITS * at)) & INDEX_MASK) * 2;
      if (at === level) return entry;
      if (!this.isUsed(entry)) {
        this.missingLevel = at - 1;
        return MISSING_TABLE;
      }
      if (!this.isPointer(entry)) return NO_TABLE;
      table = this.pageOf(entry);
    }
  }
  #wordOf(page: number): number {
    return (page - this.#basePage) * TABLE_WORDS;
  }
  /** The low word, with V, last: a device may walk the table meanwhile. */
  #write(entry: number, page: number, flags: number): void {
    this.#words[entry + 1] = Math.floor(page / PPN_LOW_SPAN);
    this.#words[entry] = (page << PTE_PPN_SHIFT) | flags;
  }
}
