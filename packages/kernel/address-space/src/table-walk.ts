/**
 * Going down a page table, as everything here that reads or changes one does it. Nothing is believed: a pointer that
 * leads out of RAM ends the descent as if it were none.
 */
import type { PhysicalMemoryPort } from '@bulkhead/ports';
import { PTE_PPN_SHIFT, PTE_R, PTE_V, PTE_W, PTE_X, VPN_BITS } from '@bulkhead/riscv-datasheet';

export const TABLE_ENTRIES = 512;
const ROOT_LEVEL = 2;
const PAGE_WORDS = TABLE_ENTRIES * 2;
/** A PPN has 44 bits; the low word of an entry holds its lowest 22. */
const PPN_LOW_SPAN = 0x400000;

/** Privileged ISA 20211203 §4.3.1: R, W and X clear in a valid entry make it a pointer. */
export const isPointer = (low: number): boolean => (low & (PTE_V | PTE_R | PTE_W | PTE_X)) === PTE_V;
export const isLeaf = (low: number): boolean => (low & PTE_V) !== 0 && (low & (PTE_R | PTE_X)) !== 0;

/** @returns pages under one entry of a table of `level`. */
export const spanOf = (level: number): number => 1 << (VPN_BITS * level);

export class TableWalk {
  readonly #memory: PhysicalMemoryPort;
  #table = 0;
  #word = 0;
  /** Level of the entry at which the last descent ended. */
  level = 0;

  constructor(memory: PhysicalMemoryPort) {
    this.#memory = memory;
  }

  /**
   * Follows the pointers for `vpn` (signed) to the entry at `level`, or to the first entry on the way that is no pointer.
   * @param root a page that RAM holds @param level 0, 1 or 2
   * @returns the entry's low word
   */
  descend(root: number, vpn: number, level: number): number {
    const memory = this.#memory;
    let table = root;
    for (let at = ROOT_LEVEL; ; at--) {
      const word = ((vpn >> (VPN_BITS * at)) & (TABLE_ENTRIES - 1)) * 2;
      const low = memory.word(table, word);
      this.#table = table;
      this.#word = word;
      this.level = at;
      if (at === level || !isPointer(low)) return low;
      const next = this.ppn;
      if (!memory.holdsPage(next)) return low;
      table = next;
    }
  }

  /** Where the entry leads. */
  get ppn(): number {
    const low = this.#memory.word(this.#table, this.#word);
    return this.#memory.word(this.#table, this.#word + 1) * PPN_LOW_SPAN + (low >>> PTE_PPN_SHIFT);
  }
  write(ppn: number, flags: number): void {
    this.#memory.setWord(this.#table, this.#word + 1, Math.floor(ppn / PPN_LOW_SPAN));
    this.#memory.setWord(this.#table, this.#word, (ppn << PTE_PPN_SHIFT) | flags);
  }
  clear(): void {
    this.#memory.setWord(this.#table, this.#word, 0);
    this.#memory.setWord(this.#table, this.#word + 1, 0);
  }

  /** Copies the entries of the upper half from one root to another: the kernel is in every address space. */
  shareUpperHalf(from: number, to: number): void {
    for (let word = PAGE_WORDS / 2; word < PAGE_WORDS; word++)
      this.#memory.setWord(to, word, this.#memory.word(from, word));
  }
  /** Makes a table empty. */
  clearTable(page: number): void {
    for (let word = 0; word < PAGE_WORDS; word++) this.#memory.setWord(page, word, 0);
  }
}
