/** An address space: three levels of tables in RAM. RISC-V Privileged ISA 20211203 §4.4 "Sv39". */
import { LEVELS, PTE_PPN_SHIFT, PTE_V, TABLE_ENTRIES, VPN_BITS } from '@bulkhead/riscv-datasheet';

/** Entries are 8 bytes; ours have nothing in the high word, because all RAM lies below page 2^22. */
const WORDS_PER_ENTRY = 2;

export class PageTables {
  /** @param allocate gives a zeroed page */
  constructor(ram, allocate) {
    this.ram = ram;
    this.allocate = allocate;
    this.rootPage = allocate();
  }

  /** @returns the leaf of a virtual page, 0 when there is none */
  entry(page) {
    const place = this.place(page, false);
    return place === undefined ? 0 : this.ram.word(place.table, place.index);
  }
  /** @param flags permissions, A and D: this MMU sets neither by itself */
  map(page, physicalPage, flags) {
    const { table, index } = this.place(page, true);
    this.ram.setWord(table, index, (physicalPage << PTE_PPN_SHIFT) | flags | PTE_V);
  }

  /** The word of a page's leaf: one step down a level, and the missing tables are made on the way if wanted. */
  place(page, make) {
    let table = this.rootPage;
    for (let level = LEVELS - 1; ; level--) {
      const index = ((page >>> (VPN_BITS * level)) % TABLE_ENTRIES) * WORDS_PER_ENTRY;
      if (level === 0) return { table, index };
      const pointer = this.ram.word(table, index);
      if (pointer === 0 && !make) return undefined;
      const next = pointer === 0 ? this.allocate() : pointer >>> PTE_PPN_SHIFT;
      if (pointer === 0) this.ram.setWord(table, index, (next << PTE_PPN_SHIFT) | PTE_V);
      table = next;
    }
  }
}
