/**
 * An IOMMU for tests, as forgetful as the specification allows and no more: it keeps device contexts, leaves and the
 * pointers that led to them until it is told to drop them. RISC-V IOMMU 1.0 §2.4 "Caching in-memory data structures",
 * §3.1.1 "IOMMU Page-Table cache invalidation commands"; Privileged ISA 20211203 §4.3.2, §4.4.
 *
 * It reads tables with bigint, as the documents draw them, and shares no code with what is tested.
 */
import { ALL_PAGES, type IommuPort } from '../src/index.ts';

interface Context {
  readonly root: number;
  readonly domain: number;
}
interface Leaf {
  readonly page: number;
  readonly write: boolean;
}
/** What the port may forget to do, to see whether that shows. */
export interface Swallowed {
  readonly pages?: boolean;
  readonly all?: boolean;
  readonly detach?: boolean;
}
export const FAULT = -1;

export class TestIommu implements IommuPort {
  readonly #words: Int32Array;
  readonly #basePage: number;
  readonly #swallowed: Swallowed;
  /** The directory in memory, and what is cached of it. */
  readonly #directory: Map<number, Context> = new Map();
  readonly #contexts: Map<number, Context> = new Map();
  readonly #leaves: Map<number, Map<number, Leaf>> = new Map();
  readonly #pointers: Map<number, Map<string, number>> = new Map();
  /** Calls of the port, as text. */
  readonly log: string[] = [];

  constructor(words: Int32Array, basePage = 0, swallowed: Swallowed = {}) {
    this.#words = words;
    this.#basePage = basePage;
    this.#swallowed = swallowed;
  }
  attach(device: number, root: number, domain: number): void {
    this.log.push(`attach ${device} ${domain}`);
    this.#directory.set(device, { root, domain });
  }
  detach(device: number): void {
    this.log.push(`detach ${device}`);
    this.#directory.delete(device);
    if (this.#swallowed.detach !== true) this.#contexts.delete(device);
  }
  invalidate(domain: number, ioPage: number): void {
    this.log.push(`invalidate ${domain} ${ioPage}`);
    if (ioPage === ALL_PAGES) {
      if (this.#swallowed.all === true) return;
      this.#leaves.delete(domain);
      this.#pointers.delete(domain);
    } else if (this.#swallowed.pages !== true) this.#leaves.get(domain)?.delete(ioPage);
  }

  /** @returns the page that a device's access reaches, or FAULT. */
  access(device: number, ioPage: number, write: boolean): number {
    const context = this.#contexts.get(device) ?? this.#directory.get(device);
    if (context === undefined) return FAULT;
    this.#contexts.set(device, context);
    const leaves = cacheOf(this.#leaves, context.domain);
    const held = leaves.get(ioPage);
    if (held !== undefined && (held.write || !write)) return held.page;
    const leaf = this.#walk(context, ioPage);
    if (leaf === undefined) return FAULT;
    leaves.set(ioPage, leaf);
    return leaf.write || !write ? leaf.page : FAULT;
  }

  #walk({ root, domain }: Context, ioPage: number): Leaf | undefined {
    const pointers = cacheOf(this.#pointers, domain);
    let table = root;
    for (const level of [2, 1]) {
      const key = `${level} ${ioPage >>> (9 * level)}`;
      const entry = this.#entry(table, (ioPage >>> (9 * level)) & 511);
      const next = pointers.get(key) ?? ((entry & 0xfn) === 1n ? Number((entry >> 10n) & 0xfffffffffffn) : undefined);
      if (next === undefined) return undefined;
      pointers.set(key, next);
      table = next;
    }
    const entry = this.#entry(table, ioPage & 511);
    const [valid, read, write, user] = [1n, 2n, 4n, 16n].map((bit) => (entry & bit) !== 0n);
    const touched = (entry & 0x40n) !== 0n;
    if (!valid || !read || !user || !touched || entry >> 54n !== 0n) return undefined;
    return { page: Number((entry >> 10n) & 0xfffffffffffn), write: write === true && (entry & 0x80n) !== 0n };
  }
  #entry(page: number, index: number): bigint {
    const at = (page - this.#basePage) * 1024 + index * 2;
    if (at < 0 || at + 1 >= this.#words.length) return 0n;
    return (BigInt(this.#words[at + 1]! >>> 0) << 32n) | BigInt(this.#words[at]! >>> 0);
  }
}

function cacheOf<K, V>(caches: Map<number, Map<K, V>>, domain: number): Map<K, V> {
  const cache = caches.get(domain) ?? new Map<K, V>();
  caches.set(domain, cache);
  return cache;
}
