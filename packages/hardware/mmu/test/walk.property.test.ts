import type { Ram } from '@bulkhead/memory';
import { SATP_MODE_SV39 } from '@bulkhead/riscv-datasheet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Mmu } from '../src/index.ts';
import { type Access, referenceWalk } from './reference.ts';
import { addressOfPage, BASE, createMemory, KINDS, numberOf, randomOf, setPte } from './tables.ts';

const effort = Number(process.env.BULKHEAD_EFFORT ?? 1);
const TABLES = 6;
const WALKS_PER_TABLE = 400;

type Random = ReturnType<typeof randomOf>;

/** Entries that get far: mostly pointers and sound leaves, some with one bit flipped, some noise. */
function fillTables(memory: Ram, random: Random): void {
  for (let table = BASE; table < BASE + TABLES; table++) {
    for (let index = 0; index < 512; index++) {
      const kind = random(16);
      if (kind < 7) setPte(memory, table, index, BASE + random(TABLES + (kind === 0 ? 1000 : 0)), 0x01);
      else if (kind < 13) setPte(memory, table, index, random(64) * 2 ** (9 * random(3)), 0xc1 | (random(32) << 1));
      else setPte(memory, table, index, random(2 ** 22) * 2 ** random(22), random(0x400));
      if (random(12) !== 0) continue;
      const bit = random(64);
      const word = index * 2 + (bit >> 5);
      memory.setWord(table, word, memory.word(table, word) ^ (1 << (bit & 31)));
    }
  }
}
const anyVpn = (random: Random): number => {
  const vpn = (random(2 ** 27) << 5) >> 5;
  return random(20) === 0 ? vpn * 2 ** random(26) : vpn;
};

describe('Sv39 walk (Privileged ISA 20211203 §4.3.2)', () => {
  it('agrees with a bigint reference on random page tables, every outcome met', () => {
    const met: Record<string, number> = {};
    fc.assert(
      fc.property(fc.integer({ min: 1 }), (seed) => {
        const random = randomOf(seed);
        const memory = createMemory(TABLES);
        fillTables(memory, random);
        const mmu = new Mmu({ memory });
        mmu.setAddressSpace(1, BASE, SATP_MODE_SV39);
        for (let i = 0; i < WALKS_PER_TABLE; i++) {
          const access: Access = {
            kind: KINDS[random(3)]!,
            user: random(2) === 0,
            sum: random(2) === 0,
            mxr: random(2) === 0,
          };
          const vpn = anyVpn(random);
          mmu.flushAll();
          mmu.setUser(access.user);
          mmu.setSum(access.sum);
          mmu.setMxr(access.mxr);
          const outcome = referenceWalk(memory, BASE, addressOfPage(vpn, random(4096)), access);
          expect(mmu.translate(vpn, KINDS.indexOf(access.kind))).toBe(numberOf(outcome));
          const name = outcome.fault === 'none' ? `${outcome.level} ${access.kind}` : outcome.fault;
          met[name] = (met[name] ?? 0) + 1;
        }
      }),
      { numRuns: 60 * effort },
    );
    const outcomes = [0, 1, 2].flatMap((level) => KINDS.map((kind) => `${level} ${kind}`));
    for (const name of [...outcomes, 'page', 'access']) expect(met[name], name).toBeGreaterThan(20);
    expect(Object.values(met).reduce((sum, count) => sum + count)).toBeGreaterThanOrEqual(20_000);
  });
});
