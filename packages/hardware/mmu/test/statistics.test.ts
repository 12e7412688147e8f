import { SATP_MODE_SV39 } from '@bulkhead/riscv-datasheet';
import { describe, expect, it } from 'vitest';
import { LOAD, Mmu, STORE, translationCycles } from '../src/index.ts';
import { BASE, createMemory, pointTo, RW, setPte } from './tables.ts';

/** 512 pages of 4 KiB, all of 2 MiB after them, and 8 entries in 2 ways. */
function create(): Mmu {
  const memory = createMemory();
  pointTo(memory, BASE, 0, BASE + 1);
  pointTo(memory, BASE + 1, 0, BASE + 2);
  for (let index = 0; index < 512; index++) setPte(memory, BASE + 2, index, index, RW);
  for (let index = 1; index < 512; index++) setPte(memory, BASE + 1, index, index * 512, RW);
  const mmu = new Mmu({ memory, tlbEntries: 8, tlbWays: 2, superpageTlbEntries: 2 });
  mmu.setAddressSpace(1, BASE, SATP_MODE_SV39);
  return mmu;
}
const touch = (mmu: Mmu, pages: readonly number[]): void => {
  for (const page of pages) mmu.translate(page, LOAD);
};

describe('statistics', () => {
  it('begin at zero, and are counted neither in Bare mode nor by a look at the last answers that finds none', () => {
    const mmu = new Mmu({ memory: createMemory() });
    mmu.translate(5, STORE);
    mmu.recall(6, LOAD);
    expect(mmu.statistics).toEqual({ hits: 0, walks: 0, reads: 0, updates: 0, evictions: 0, faults: 0 });
  });
  it('count every translation once: as a hit, a walk, or a fault before either', () => {
    const mmu = create();
    touch(mmu, [0, 1, 0, 1, 600, 601, 2 ** 18]);
    mmu.translate(2 ** 26, LOAD);
    expect(mmu.statistics).toEqual({ hits: 3, walks: 4, reads: 3 + 3 + 2 + 1, updates: 0, evictions: 0, faults: 2 });
  });
  it('count an entry that goes for another, not one that a fence takes', () => {
    const mmu = create();
    touch(mmu, [0, 4, 8]);
    expect(mmu.statistics.evictions).toBe(1);
    touch(mmu, [512, 1024, 1536]);
    expect(mmu.statistics.evictions).toBe(2);
    mmu.flushAll();
    touch(mmu, [0, 4, 512, 1024]);
    expect(mmu.statistics.evictions).toBe(2);
  });
  it('give what a machine pays for them', () => {
    const counted = { hits: 1000, walks: 10, reads: 30, updates: 2, evictions: 7, faults: 1 };
    expect(translationCycles(counted, { read: 4 })).toBe(30 * 4 + 2 * 4);
    expect(translationCycles(counted, { hit: 1, walk: 5, read: 4, update: 20 })).toBe(1000 + 50 + 120 + 40);
  });
});
