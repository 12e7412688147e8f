/** A processor's and an IOMMU's way through page tables, with a cache that forgets only what it is told to. */
import type { PhysicalMemoryPort } from '@bulkhead/ports';

const LEAF = 0b1110;
const READ = 0b10;
const WRITE = 0b100;
const EXECUTE = 0b1000;
const USER = 0b10000;

export type Access = 'load' | 'store' | 'fetch';
const NEEDED = { load: READ, store: WRITE, fetch: EXECUTE } as const;

interface Leaf {
  readonly page: number;
  readonly flags: number;
}

export class Translation {
  readonly #memory: PhysicalMemoryPort;
  /** By space, then by page. */
  readonly #cache: Map<number, Map<number, Leaf>> = new Map();

  constructor(memory: PhysicalMemoryPort) {
    this.#memory = memory;
  }

  /** What is cached of a page, or with -1 of all pages, of a space, or with -1 of all spaces, is forgotten. */
  forget(vpn: number, space: number): void {
    for (const [key, entries] of this.#cache) {
      if (space !== -1 && key !== space) continue;
      if (vpn === -1) entries.clear();
      // An entry of a larger page is cached under each page of it: whoever names one means all.
      else
        for (const [page, leaf] of entries)
          if (page === vpn || leaf.page - page === (entries.get(vpn)?.page ?? NaN) - vpn) entries.delete(page);
    }
  }

  /** @returns the word in memory, or -1: a fault. */
  find(root: number, space: number, address: number, access: Access): number {
    const vpn = Math.floor(address / 4096);
    if (vpn < 0 || vpn >= 2 ** 26) return -1;
    const entries = this.#cache.get(space) ?? new Map<number, Leaf>();
    this.#cache.set(space, entries);
    const leaf = entries.get(vpn) ?? this.#walk(root, vpn);
    if (leaf === undefined) return -1;
    entries.set(vpn, leaf);
    if ((leaf.flags & NEEDED[access]) === 0 || (leaf.flags & USER) === 0) return -1;
    if (!this.#memory.holdsPage(leaf.page)) return -1;
    return (leaf.page - this.#memory.basePage) * 1024 + ((address % 4096) >> 2);
  }
  #walk(root: number, vpn: number): Leaf | undefined {
    let table = root;
    for (let level = 2; level >= 0; level--) {
      const index = Math.floor(vpn / 2 ** (9 * level)) % 512;
      const low = this.#memory.word(table, index * 2);
      const page = this.#memory.word(table, index * 2 + 1) * 0x400000 + (low >>> 10);
      if ((low & 1) === 0) return undefined;
      if ((low & LEAF) !== 0) return { page: page + (vpn % 2 ** (9 * level)), flags: low };
      if (!this.#memory.holdsPage(page)) return undefined;
      table = page;
    }
    return undefined;
  }
}
