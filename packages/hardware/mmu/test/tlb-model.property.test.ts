/**
 * Which accesses miss is part of the machine, for every miss has a price. A model with the two TLBs and nothing else
 * must therefore count the same misses: whatever makes hits fast on the host may not show.
 */
import { PTE_G, SATP_MODE_SV39 } from '@bulkhead/riscv-datasheet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LOAD, Mmu } from '../src/index.ts';
import { BASE, createMemory, pointTo, RW, randomOf, setPte } from './tables.ts';

const effort = Number(process.env.BULKHEAD_EFFORT ?? 1);

interface Entry {
  readonly key: string;
  readonly space: number;
  readonly global: boolean;
}

/** One set: a free place first, then the places in turn. */
class ModelSet {
  readonly places: (Entry | undefined)[];
  #turn = 0;

  constructor(ways: number) {
    this.places = Array(ways).fill(undefined);
  }
  holds(key: string, space: number): boolean {
    return this.places.some((e) => e?.key === key && (e.global || e.space === space));
  }
  fill(entry: Entry): void {
    const free = this.places.indexOf(undefined);
    this.places[free >= 0 ? free : this.#turn] = entry;
    if (free < 0) this.#turn = (this.#turn + 1) % this.places.length;
  }
  remove(when: (entry: Entry) => boolean): void {
    this.places.forEach((entry, place) => {
      if (entry !== undefined && when(entry)) this.places[place] = undefined;
    });
  }
}

/** Pages 0 to 511 are leaves of 4 KiB, the odd ones global; 512 and above are leaves of 2 MiB; below 0 of 1 GiB, global. */
const keyOf = (vpn: number): string => (vpn < 0 ? 'giga' : vpn < 512 ? `page ${vpn}` : `mega ${vpn >> 9}`);
const isGlobal = (vpn: number): boolean => vpn < 0 || (vpn < 512 && vpn % 2 === 1);

function createMapped(tlbEntries: number, tlbWays: number, superpageTlbEntries: number) {
  const memory = createMemory();
  for (const root of [BASE, BASE + 1]) {
    pointTo(memory, root, 0, BASE + 2);
    setPte(memory, root, 511, 0x40000, RW | PTE_G);
  }
  pointTo(memory, BASE + 2, 0, BASE + 3);
  for (let index = 0; index < 512; index++) setPte(memory, BASE + 3, index, index, RW | (index % 2 === 1 ? PTE_G : 0));
  for (let index = 1; index < 512; index++) setPte(memory, BASE + 2, index, index * 512, RW);
  return new Mmu({ memory, tlbEntries, tlbWays, superpageTlbEntries });
}

describe('missCount', () => {
  it('is that of a set-associative TLB and a fully associative superpage TLB, and of nothing else', () => {
    const sizes = fc.constantFrom(
      [64, 4, 16] as const,
      [4, 2, 2] as const,
      [8, 1, 1] as const,
      [4, 4, 3] as const,
      [10, 5, 2] as const,
    );
    fc.assert(
      fc.property(fc.integer({ min: 1 }), sizes, (seed, [entries, ways, superpages]) => {
        const random = randomOf(seed);
        const mmu = createMapped(entries, ways, superpages);
        const sets = Array.from({ length: entries / ways }, () => new ModelSet(ways));
        const large = new ModelSet(superpages);
        const removeAll = (when: (entry: Entry) => boolean): void => {
          for (const set of [...sets, large]) set.remove(when);
        };
        let misses = 0;
        let space = 1;
        for (let i = 0; i < 600; i++) {
          const action = random(60);
          const vpn = [random(48), 512 + random(4096), -1 - random(2 ** 18), random(4) * 16][random(4)]!;
          if (action < 3) space = 1 + random(2);
          mmu.setAddressSpace(space, BASE + space - 1, SATP_MODE_SV39);
          if (action === 3) {
            mmu.flushPage(vpn, space);
            removeAll((entry) => entry.key === keyOf(vpn) && !entry.global && entry.space === space);
          } else if (action === 4) {
            mmu.flushPageAllAsids(vpn);
            removeAll((entry) => entry.key === keyOf(vpn));
          } else if (action === 5) {
            mmu.flushAsid(space);
            removeAll((entry) => !entry.global && entry.space === space);
          } else if (action === 6 && random(4) === 0) {
            mmu.flushAll();
            removeAll(() => true);
          }
          mmu.translate(vpn, LOAD);
          const set = vpn >= 0 && vpn < 512 ? sets[vpn % sets.length]! : large;
          if (!set.holds(keyOf(vpn), space)) {
            misses++;
            set.fill({ key: keyOf(vpn), space, global: isGlobal(vpn) });
          }
          expect(mmu.missCount).toBe(misses);
        }
      }),
      { numRuns: 60 * effort },
    );
  });
});
