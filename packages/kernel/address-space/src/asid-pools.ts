/**
 * Which page table is the root of which address space: 8 pools of 512 ASIDs, each pool a page of somebody's memory that
 * records a root for each of its ASIDs. ASID 0 is the kernel's and never given out.
 *
 * Which pools there are stands in the lower half of the kernel's root table, which maps nothing. Both records have the
 * form of an entry that is not valid, whose other bits software may use (Privileged ISA 20211203 §4.3.1), so that no
 * walk follows them:
 *
 *     low word   page << 1      high word   1: in use, 0: free
 *
 * CHOICE: 8 pools, so an ASID has 12 of the 16 bits that the ISA allows.
 */
import type { PhysicalMemoryPort } from '@bulkhead/ports';

const POOL_COUNT = 8;
const POOL_BITS = 9;
const POOL_ENTRIES: number = 1 << POOL_BITS;
export const ASID_COUNT: number = POOL_COUNT * POOL_ENTRIES;
const KERNEL_ASID = 0;
const IN_USE = 1;

export class AsidPools {
  readonly #memory: PhysicalMemoryPort;
  readonly #table: number;

  /** @param kernelRootPage a page that RAM holds */
  constructor(memory: PhysicalMemoryPort, kernelRootPage: number) {
    this.#memory = memory;
    this.#table = kernelRootPage;
  }

  /** @returns the root page of an address space, or -1. It is in RAM, whatever the records hold. */
  rootOf(asid: number): number {
    if (!(asid > KERNEL_ASID && asid < ASID_COUNT)) return -1;
    const pool = this.#read(this.#table, asid >>> POOL_BITS);
    return pool < 0 ? -1 : this.#read(pool, asid & (POOL_ENTRIES - 1));
  }
  /** Forgets the root of an ASID that has one. */
  release(asid: number): void {
    const pool = this.#read(this.#table, asid >>> POOL_BITS);
    if (pool >= 0) this.#write(pool, asid & (POOL_ENTRIES - 1), 0, 0);
  }

  /** @returns the number of the pool that stands on a page, or -1. */
  indexOf(page: number): number {
    for (let pool = 0; pool < POOL_COUNT; pool++) if (this.#read(this.#table, pool) === page) return pool;
    return -1;
  }
  /** @returns the number of a pool that does not exist yet, or -1. */
  freeIndex(): number {
    return this.#freeEntry(this.#table, 0, POOL_COUNT);
  }
  /** Makes a pool of a page of zeroes. @param pool a free number */
  add(pool: number, page: number): void {
    this.#write(this.#table, pool, page, IN_USE);
  }
  /** Ends a pool: all its address spaces lose their ASIDs. @returns whether there were any */
  remove(page: number): boolean {
    const pool = this.indexOf(page);
    if (pool < 0) return false;
    this.#write(this.#table, pool, 0, 0);
    for (let entry = 0; entry < POOL_ENTRIES; entry++) if (this.#read(page, entry) >= 0) return true;
    return false;
  }
  /** Gives a root the first free ASID of a pool. @returns the ASID, or -1 */
  assign(pool: number, poolPage: number, rootPage: number): number {
    const entry = this.#freeEntry(poolPage, pool === 0 ? KERNEL_ASID + 1 : 0, POOL_ENTRIES);
    if (entry < 0) return -1;
    this.#write(poolPage, entry, rootPage, IN_USE);
    return pool * POOL_ENTRIES + entry;
  }

  #freeEntry(page: number, from: number, to: number): number {
    for (let entry = from; entry < to; entry++) if (this.#memory.word(page, entry * 2 + 1) === 0) return entry;
    return -1;
  }
  #read(page: number, entry: number): number {
    if (this.#memory.word(page, entry * 2 + 1) !== IN_USE) return -1;
    const recorded = this.#memory.word(page, entry * 2) >>> 1;
    return this.#memory.holdsPage(recorded) ? recorded : -1;
  }
  #write(page: number, entry: number, recorded: number, use: number): void {
    this.#memory.setWord(page, entry * 2, recorded << 1);
    this.#memory.setWord(page, entry * 2 + 1, use);
  }
}
