/**
 * A hart that remembers every translation it ever found, that there was none included, and forgets only what is fenced
 * (Privileged ISA 20211203 §4.2.1). Its walk is its own: 64-bit entries, one at a time.
 *
 * It also looks ahead: after a fence it may at once read the tables to which `satp` still points.
 */
import type { PhysicalMemoryPort } from '@bulkhead/ports';

export interface Found {
  /** Level of the entry at which the walk ended. */
  readonly level: number;
  /** The leaf, or null where a hart would fault. */
  readonly entry: bigint | null;
  readonly root: number;
}

const spanOf = (level: number): number => 512 ** level;
const indexOf = (vpn: number, level: number): number => Math.floor(vpn / spanOf(level)) % 512;

export function walk(memory: PhysicalMemoryPort, root: number, vpn: number): Found {
  let table = root;
  for (let level = 2; ; level--) {
    const at = (table - memory.basePage) * 4096 + indexOf(vpn, level) * 8;
    const inRam = at >= 0 && at + 8 <= memory.bytes.length;
    const entry = inRam ? new DataView(memory.bytes.buffer).getBigUint64(at, true) : 0n;
    const isPointer = (entry & 0xfn) === 1n;
    if (isPointer && level > 0) table = Number(entry >> 10n);
    else return { level, entry: (entry & 1n) === 1n && !isPointer ? entry : null, root };
  }
}
const isSame = (a: Found, b: Found): boolean => a.entry === b.entry && (a.entry === null || a.level === b.level);

export class ShadowTlb {
  readonly #memory: PhysicalMemoryPort;
  readonly #probes: readonly number[];
  /** By ASID, then by virtual page. */
  readonly #cached = new Map<number, Map<number, Found>>();
  /** What `satp` says; a hart that does not look ahead has none. */
  satp: { readonly root: number; readonly asid: number } | null = null;

  constructor(memory: PhysicalMemoryPort, probes: readonly number[]) {
    this.#memory = memory;
    this.#probes = probes;
  }
  /** Remembers what it has not found before. */
  fill(asid: number, root: number): void {
    const space = this.#cached.get(asid) ?? new Map<number, Found>();
    this.#cached.set(asid, space);
    for (const vpn of this.#probes) if (!space.has(vpn)) space.set(vpn, walk(this.#memory, root, vpn));
  }
  lookAhead(): void {
    if (this.satp !== null) this.fill(this.satp.asid, this.satp.root);
  }
  fence(vpn: number, asid: number): void {
    for (const [of, space] of this.#cached) {
      if (asid >= 0 && of !== asid) continue;
      for (const [page, found] of space) if (vpn < 0 || this.#isCovered(page, found, vpn)) space.delete(page);
    }
  }
  /** The fence of a page covers the leaf; that a pointer came where there was nothing is not covered. */
  #isCovered(page: number, { level, entry, root }: Found, vpn: number): boolean {
    const span = spanOf(level);
    if (Math.floor(page / span) !== Math.floor(vpn / span)) return false;
    return entry !== null || walk(this.#memory, root, page).level >= level;
  }
  /** @returns a page that is remembered otherwise than the tables now say, or -1. */
  staleIn(asid: number, root: number): number {
    for (const [vpn, found] of this.#cached.get(asid) ?? [])
      if (!isSame(found, walk(this.#memory, root, vpn))) return vpn;
    return -1;
  }
  /** ASIDs of which anything is remembered. */
  remembered(): number[] {
    return [...this.#cached].filter(([, { size }]) => size > 0).map(([asid]) => asid);
  }
}
