/** What the tables should hold: leaves and tables by level and prefix, in a Map. */
import { MISSING_TABLE, NOT_MAPPED, OCCUPIED } from '../src/index.ts';
import type { Translation } from './reader.ts';

interface Leaf {
  readonly ppn: number;
  readonly flags: string;
}

const keyOf = (vpn: number, level: number): string => `${level}/${Math.floor(vpn / 512 ** level)}`;

export class Model {
  readonly #leaves = new Map<string, Leaf>();
  readonly #tables = new Set<string>();
  missingLevel = 0;

  /** Tables of `level` that hang below the root. */
  #hasTable(vpn: number, level: number): boolean {
    return level === 2 || this.#tables.has(keyOf(vpn, level + 1));
  }
  #blocked(vpn: number, level: number): number {
    for (let above = 2; above > level; above--) {
      if (this.#leaves.has(keyOf(vpn, above))) return OCCUPIED;
      if (this.#hasTable(vpn, above - 1)) continue;
      this.missingLevel = above - 1;
      return MISSING_TABLE;
    }
    return 0;
  }
  #isTaken(vpn: number, level: number): boolean {
    const key = keyOf(vpn, level);
    return this.#leaves.has(key) || this.#tables.has(key);
  }

  map(vpn: number, ppn: number, level: number, flags: string): number {
    const blocked = this.#blocked(vpn, level);
    if (blocked < 0) return blocked;
    if (this.#isTaken(vpn, level)) return OCCUPIED;
    this.#leaves.set(keyOf(vpn, level), { ppn, flags });
    return 0;
  }
  install(vpn: number, level: number): number {
    const blocked = this.#blocked(vpn, level + 1);
    if (blocked < 0) return blocked;
    if (this.#isTaken(vpn, level + 1)) return OCCUPIED;
    this.#tables.add(keyOf(vpn, level + 1));
    return 0;
  }
  unmap(vpn: number, level: number): number {
    if (this.#blocked(vpn, level) < 0) return NOT_MAPPED;
    return this.#leaves.delete(keyOf(vpn, level)) ? 0 : NOT_MAPPED;
  }
  translate(vpn: number): Translation | null {
    for (let level = 2; level >= 0; level--) {
      const leaf = this.#leaves.get(keyOf(vpn, level));
      if (leaf === undefined) continue;
      const below = ((vpn % 512 ** level) + 512 ** level) % 512 ** level;
      return { ppn: BigInt(leaf.ppn + below), level, flags: leaf.flags };
    }
    return null;
  }
}
