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
  readonly space: number;
  /** Where it begins, and how many pages it has. */
  readonly vpn: number;
  readonly span: number;
  readonly page: number;
  readonly flags: number;
}

export class Translation {
  readonly #memory: PhysicalMemoryPort;
  #cache: Leaf[] = [];

  constructor(memory: PhysicalMemoryPort) {
    this.#memory = memory;
  }

  /** What is cached of the leaf at a page, or with -1 of all pages, of a space, or with -1 of all spaces, is forgotten. */
  forget(vpn: number, space: number): void {
    this.#cache = this.#cache.filter(
      (leaf) => (space !== -1 && leaf.space !== space) || (vpn !== -1 && !holds(leaf, vpn)),
    );
  }

  /** @returns the word in memory, or -1: a fault. */
  find(root: number, space: number, address: number, access: Access): number {
    const vpn = Math.floor(address / 4096);
    if (vpn < 0 || vpn >= 2 ** 26) return -1;
    const cached = this.#cache.find((leaf) => leaf.space === space && holds(leaf, vpn));
    const leaf = cached ?? this.#walk(root, space, vpn);
    if (leaf === undefined) return -1;
    if (cached === undefined) this.#cache.push(leaf);
    if ((leaf.flags & NEEDED[access]) === 0 || (leaf.flags & USER) === 0) return -1;
    const page = leaf.page + vpn - leaf.vpn;
    if (!this.#memory.holdsPage(page)) return -1;
    return (page - this.#memory.basePage) * 1024 + ((address % 4096) >> 2);
  }
  #walk(root: number, space: number, vpn: number): Leaf | undefined {
    let table = root;
    for (let level = 2; level >= 0; level--) {
      const span = 2 ** (9 * level);
      const index = Math.floor(vpn / span) % 512;
      const flags = this.#memory.word(table, index * 2);
      const page = this.#memory.word(table, index * 2 + 1) * 0x400000 + (flags >>> 10);
      if ((flags & 1) === 0) return undefined;
      if ((flags & LEAF) !== 0) return { space, vpn: vpn - (vpn % span), span, page, flags };
      if (!this.#memory.holdsPage(page)) return undefined;
      table = page;
    }
    return undefined;
  }
}

const holds = (leaf: Leaf, vpn: number): boolean => vpn >= leaf.vpn && vpn < leaf.vpn + leaf.span;
