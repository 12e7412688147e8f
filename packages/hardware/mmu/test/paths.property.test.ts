/**
 * Every scheme, with and without hardware update, on tables made for one address each: the entries on its way are
 * mostly sound, and one of them often is not. What the walk must answer and store is the reference's to say.
 */
import type { Ram } from '@bulkhead/memory';
import { SATP_MODE_SV39, SATP_MODE_SV48, SATP_MODE_SV57 } from '@bulkhead/riscv-datasheet';
import { describe, expect, it } from 'vitest';
import { Mmu } from '../src/index.ts';
import { type Access, referenceWalk, type Scheme } from './reference.ts';
import { addressOfPage, BASE, createMemory, KINDS, numberOf, randomOf, setPte } from './tables.ts';

const effort = Number(process.env.BULKHEAD_EFFORT ?? 1);
const TABLES_EACH: number = 12_000 * effort;
const PAGES = 8;
/** The last two pages are as ROM: nothing is set there. */
const isReadOnly = (page: number): boolean => page >= BASE + 6;
type Random = ReturnType<typeof randomOf>;

/** Writes the entries for one address and forgets them again. */
class Path {
  readonly written: (readonly [table: number, index: number])[] = [];
  readonly memory: Ram;
  readonly random: Random;
  constructor(memory: Ram, random: Random) {
    this.memory = memory;
    this.random = random;
  }

  /** @returns a page of the address that the entries are for. */
  build(levels: number): number {
    const { random } = this;
    let table = BASE;
    let vpn = 0;
    const leafLevel = random(levels);
    for (let level = levels - 1; level >= 0; level--) {
      const index = random(512);
      vpn = vpn * 512 + index;
      const next = BASE + random(PAGES);
      if (level > leafLevel) this.#write(table, index, this.#pagePointed(next), this.#pointerFlags());
      else if (level === leafLevel) this.#write(table, index, this.#leafPage(level), this.#leafFlags());
      table = next;
    }
    const span = 512 ** levels;
    return vpn >= span / 2 ? vpn - span : vpn;
  }
  forget(): void {
    for (const [table, index] of this.written) setPte(this.memory, table, index, 0, 0);
    this.written.length = 0;
  }

  #write(table: number, index: number, ppn: number, flags: number): void {
    const { random, memory } = this;
    setPte(memory, table, index, ppn, flags);
    this.written.push([table, index]);
    if (random(24) !== 0) return;
    const word = index * 2 + random(2);
    memory.setWord(table, word, memory.word(table, word) ^ (1 << random(32)));
  }
  #pagePointed(next: number): number {
    return this.random(40) === 0 ? this.random(2 ** 22) * 2 ** this.random(23) : next;
  }
  #pointerFlags(): number {
    return 0x01 | (this.random(8) === 0 ? 0x20 : 0) | (this.random(4) << 8);
  }
  /** Aligned to its level, or nearly. */
  #leafPage(level: number): number {
    const aligned = this.random(256) * 512 ** level;
    const page = aligned < 2 ** 44 ? aligned : 512 ** level;
    return this.random(12) === 0 ? page + 2 ** this.random(9 * level + 1) : page;
  }
  #leafFlags(): number {
    const { random } = this;
    return random(6) === 0 ? random(0x100) : 0x03 | (random(16) << 2) | (random(4) === 0 ? random(4) << 6 : 0xc0);
  }
}

const anyAccess = (random: Random): Access => ({
  kind: KINDS[random(3)]!,
  user: random(2) === 0,
  sum: random(2) === 0,
  mxr: random(2) === 0,
});
/** The page itself, one near it, one of the same index fields with other bits above. */
function aim(random: Random, vpn: number, levels: number): number {
  const kind = random(16);
  if (kind < 12) return vpn;
  if (kind < 14) return Math.floor(vpn / 512) * 512 + random(512);
  return kind === 14 ? vpn + 2 ** (9 * levels) * (random(3) - 1) : (random(2 ** 26) - 2 ** 25) * 2 ** random(27);
}

interface Met {
  readonly outcomes: Map<string, number>;
  updates: number;
}
function check(memory: Ram, mmu: Mmu, scheme: Scheme, access: Access, vpn: number, met: Met): void {
  mmu.setUser(access.user);
  mmu.setSum(access.sum);
  mmu.setMxr(access.mxr);
  const outcome = referenceWalk(memory, BASE, addressOfPage(vpn), access, scheme);
  const expected = memory.words.slice();
  const name = outcome.fault === 'none' ? `${outcome.level} ${access.kind}` : outcome.fault;
  met.outcomes.set(name, (met.outcomes.get(name) ?? 0) + 1);
  if (outcome.fault === 'none' && outcome.update !== undefined) {
    const { address, pte } = outcome.update;
    const word = Number(address - BigInt(BASE) * 4096n) / 4;
    expected[word] = Number(BigInt.asIntN(32, pte));
    met.updates++;
  }
  mmu.flushAll();
  const got = mmu.translate(vpn, KINDS.indexOf(access.kind));
  if (got !== numberOf(outcome)) expect({ vpn, access, got }).toEqual({ vpn, access, got: numberOf(outcome) });
  if (!sameWords(memory.words, expected)) expect(memory.words).toEqual(expected);
}
function sameWords(a: Int32Array, b: Int32Array): boolean {
  return Buffer.compare(new Uint8Array(a.buffer), new Uint8Array(b.buffer)) === 0;
}

describe.each([
  ['Sv39', SATP_MODE_SV39, 3],
  ['Sv48', SATP_MODE_SV48, 4],
  ['Sv57', SATP_MODE_SV57, 5],
] as const)('%s (Privileged ISA 20211203 §4.3.2 "Virtual Address Translation Process")', (_name, mode, levels) => {
  it.each(['fault', 'update'] as const)('agrees with the reference where a clear A or D makes a %s', (marks) => {
    const random = randomOf(levels * 7919 + marks.length);
    const memory = createMemory(PAGES);
    const mmu = new Mmu({ memory, marks, isReadOnly });
    mmu.setAddressSpace(1, BASE, mode);
    const scheme: Scheme = {
      levels,
      updates: marks === 'update',
      isReadOnly: (address) => isReadOnly(Number(address / 4096n)),
    };
    const path = new Path(memory, random);
    const met: Met = { outcomes: new Map(), updates: 0 };
    for (let i = 0; i < TABLES_EACH; i++) {
      const vpn = path.build(levels);
      for (let j = 0; j < 2; j++) check(memory, mmu, scheme, anyAccess(random), aim(random, vpn, levels), met);
      path.forget();
    }
    for (let level = 0; level < levels; level++) {
      for (const kind of KINDS) expect(met.outcomes.get(`${level} ${kind}`), `${level} ${kind}`).toBeGreaterThan(100);
    }
    for (const fault of ['page', 'access']) expect(met.outcomes.get(fault), fault).toBeGreaterThan(100);
    expect(met.updates > 100).toBe(marks === 'update');
  });
});
