import { InvariantError } from '@bulkhead/result';
import {
  PTE_A,
  PTE_D,
  PTE_G,
  PTE_R,
  PTE_U,
  PTE_V,
  PTE_X,
  SATP_MODE_BARE,
  SATP_MODE_SV39,
  SATP_MODE_SV48,
  SATP_MODE_SV57,
} from '@bulkhead/riscv-datasheet';
import { describe, expect, it } from 'vitest';
import { ACCESS_FAULT, FETCH, isCanonical, LOAD, Mmu, type MmuOptions, PAGE_FAULT, STORE } from '../src/index.ts';
import { BASE, createMemory, pointTo, RW, setPte } from './tables.ts';

/** A leaf of `level` at the indices 1, 2, 3, … from the root downward, and the page that is all of them. */
function create(mode: number, levels: number, level: number, ppn: number, options: Partial<MmuOptions> = {}) {
  const memory = createMemory();
  let vpn = 0;
  for (let at = levels - 1; at >= 0; at--) {
    const index = levels - at;
    vpn = vpn * 512 + index;
    if (at > level) pointTo(memory, BASE + levels - 1 - at, index, BASE + levels - at);
    if (at === level) setPte(memory, BASE + levels - 1 - at, index, ppn, RW);
  }
  const mmu = new Mmu({ memory, ...options });
  mmu.setAddressSpace(1, BASE, mode);
  const leaf = { table: BASE + levels - 1 - level, index: levels - level };
  return { memory, mmu, vpn, leaf };
}
const SCHEMES = [
  ['Sv39', SATP_MODE_SV39, 3],
  ['Sv48', SATP_MODE_SV48, 4],
  ['Sv57', SATP_MODE_SV57, 5],
] as const;

describe.each(SCHEMES)('%s (Privileged ISA 20211203 §4.4.1, §4.5.1, §4.6.1)', (_name, mode, levels) => {
  const SIZES = Array.from({ length: levels }, (_, level) => level);

  it.each(SIZES)('has leaves of level %i: the page numbers below it pass through', (level) => {
    const span = 512 ** level;
    const { mmu, vpn } = create(mode, levels, level, 3 * span);
    const inside = vpn % span;
    for (const offset of [0, 1 % span, inside, span - 1])
      expect(mmu.translate(vpn - inside + offset, LOAD)).toBe(3 * span + offset);
    expect(mmu.statistics).toMatchObject({ walks: 1, reads: levels - level });
  });
  it.each(SIZES.slice(1))('faults on a leaf of level %i that is not aligned to its size, by any bit', (level) => {
    for (let bit = 0; bit < 9 * level; bit++) {
      const { mmu, vpn } = create(mode, levels, level, 512 ** level + 2 ** bit);
      expect(mmu.translate(vpn, LOAD)).toBe(PAGE_FAULT);
    }
  });
  it('faults unless all bits above the topmost equal it', () => {
    const { memory, mmu } = create(mode, levels, 0, 7);
    const half = 512 ** levels / 2;
    setPte(memory, BASE, 255, 0, RW);
    setPte(memory, BASE, 256, 0, RW);
    expect([half - 1, -half].map((vpn) => mmu.translate(vpn, LOAD) >= 0)).toEqual([true, true]);
    expect([half - 1, -half].map((vpn) => isCanonical(vpn, mode))).toEqual([true, true]);
    for (const vpn of [half, -half - 1, 2 * half, 2 ** 51 - 1, -(2 ** 51)]) {
      expect(isCanonical(vpn, mode)).toBe(false);
      expect(mmu.translate(vpn, LOAD)).toBe(PAGE_FAULT);
    }
  });
  it('faults on a pointer at the last level, and reads no further', () => {
    const { memory, mmu, vpn, leaf } = create(mode, levels, 0, 7);
    pointTo(memory, leaf.table, leaf.index, BASE);
    expect(mmu.translate(vpn, LOAD)).toBe(PAGE_FAULT);
    expect(mmu.statistics).toMatchObject({ reads: levels, faults: 1 });
  });
  it('does not mistake a page for another whose number differs above bit 31', () => {
    const { memory, mmu, vpn } = create(mode, levels, 0, 7);
    for (let index = 8; index < 256; index += 8) setPte(memory, BASE, index, 0, RW);
    const others = Array.from(
      { length: 31 },
      (_, i) => (i + 1) * 8 * 512 ** (levels - 1) + (vpn % 512 ** (levels - 1)),
    );
    const mapped = others.map((other) => other % 512 ** (levels - 1));
    for (let turn = 0; turn < 2; turn++) {
      expect(mmu.translate(vpn, LOAD)).toBe(7);
      expect(others.map((other) => mmu.translate(other, LOAD))).toEqual(mapped);
    }
  });
});

describe('satp.MODE (Privileged ISA 20211203 §4.1.11)', () => {
  it.each([
    [SATP_MODE_SV39, [true, true, false, false]],
    [SATP_MODE_SV48, [true, true, true, false]],
    [SATP_MODE_SV57, [true, true, true, true]],
  ])('of an MMU whose widest is %i: it has that and all below', (widestMode, expected) => {
    const mmu = new Mmu({ memory: createMemory(), widestMode });
    expect([SATP_MODE_BARE, 8, 9, 10].map((mode) => mmu.hasMode(mode))).toEqual(expected);
    for (const mode of [1, 7, 11, 15, -1, 0.5, Number.NaN]) expect(mmu.hasMode(mode)).toBe(false);
  });
  it('that is not there leaves the address space as it was', () => {
    const { mmu, vpn } = create(SATP_MODE_SV39, 3, 0, 7, { widestMode: SATP_MODE_SV39 });
    for (const mode of [SATP_MODE_SV48, SATP_MODE_SV57, 3]) mmu.setAddressSpace(2, BASE + 9, mode);
    expect(mmu.translate(vpn, LOAD)).toBe(7);
  });
  it('must be a scheme', () => {
    for (const widestMode of [SATP_MODE_BARE, 7, 11])
      expect(() => new Mmu({ memory: createMemory(), widestMode })).toThrow(InvariantError);
  });
  it('decides at once what is canonical, whatever the TLBs hold', () => {
    const { memory, mmu } = create(SATP_MODE_SV48, 4, 0, 7);
    setPte(memory, BASE, 9, 0, RW | PTE_G);
    const wide = 9 * 512 ** 3;
    expect([mmu.translate(wide, LOAD), mmu.translate(wide, LOAD)]).toEqual([0, 0]);
    mmu.setAddressSpace(1, BASE, SATP_MODE_SV39);
    expect([mmu.recall(wide, LOAD), mmu.translate(wide, LOAD)]).toEqual([-1, PAGE_FAULT]);
    mmu.setAddressSpace(1, BASE, SATP_MODE_SV48);
    expect(mmu.translate(wide, LOAD)).toBe(0);
    expect(mmu.missCount).toBe(1);
  });
});

describe('A and D by hardware (Privileged ISA 20211203 §4.3.1, §4.3.2 step 7)', () => {
  const update = { marks: 'update' } as const;
  const low = (machine: ReturnType<typeof create>): number =>
    machine.memory.word(machine.leaf.table, machine.leaf.index * 2) & 0x3ff;
  const clear = (machine: ReturnType<typeof create>, flags: number): void =>
    setPte(machine.memory, machine.leaf.table, machine.leaf.index, 0, flags);

  it.each(SCHEMES)('are set in %s, in a leaf of any level: A by all, D by a store', (_name, mode, levels) => {
    for (let level = 0; level < levels; level++) {
      const machine = create(mode, levels, level, 0, update);
      clear(machine, RW & ~(PTE_A | PTE_D));
      expect(machine.mmu.translate(machine.vpn, LOAD)).toBeGreaterThanOrEqual(0);
      expect(low(machine)).toBe(RW & ~PTE_D);
      expect(machine.mmu.translate(machine.vpn, STORE)).toBeGreaterThanOrEqual(0);
      expect(low(machine)).toBe(RW);
      expect(machine.mmu.statistics).toMatchObject({ walks: 2, updates: 2, faults: 0 });
    }
  });
  it('are both set by a first store, and nothing is set twice', () => {
    const machine = create(SATP_MODE_SV39, 3, 0, 7, update);
    clear(machine, RW & ~(PTE_A | PTE_D));
    for (const access of [STORE, LOAD, STORE]) machine.mmu.translate(machine.vpn, access);
    expect(machine.mmu.statistics).toMatchObject({ hits: 2, walks: 1, updates: 1 });
  });
  it('are not set by an access that the leaf forbids, and a cached clean leaf forbids it without a walk', () => {
    const machine = create(SATP_MODE_SV39, 3, 0, 7, update);
    clear(machine, (RW & ~(PTE_A | PTE_D)) | PTE_U);
    expect(machine.mmu.translate(machine.vpn, STORE)).toBe(PAGE_FAULT);
    expect(low(machine)).toBe((RW & ~(PTE_A | PTE_D)) | PTE_U);
    machine.mmu.setUser(true);
    machine.mmu.translate(machine.vpn, LOAD);
    machine.mmu.setUser(false);
    expect(machine.mmu.translate(machine.vpn, STORE)).toBe(PAGE_FAULT);
    expect(machine.mmu.statistics).toMatchObject({ walks: 2, hits: 1, updates: 1, faults: 2 });
  });
  it('are not set in a misaligned superpage: step 6 is before step 7', () => {
    const machine = create(SATP_MODE_SV39, 3, 1, 1, update);
    setPte(machine.memory, machine.leaf.table, machine.leaf.index, 1, RW & ~PTE_D);
    expect(machine.mmu.translate(machine.vpn, STORE)).toBe(PAGE_FAULT);
    expect(low(machine)).toBe(RW & ~PTE_D);
  });
  it('are an access fault where no store is possible, after steps 5 and 6, and only when something is to be set', () => {
    const machine = create(SATP_MODE_SV39, 3, 0, 7, { ...update, isReadOnly: (page) => page === BASE + 2 });
    clear(machine, PTE_V | PTE_R | PTE_A);
    expect([FETCH, LOAD, STORE].map((access) => machine.mmu.translate(machine.vpn, access))).toEqual([
      PAGE_FAULT,
      0,
      PAGE_FAULT,
    ]);
    machine.mmu.flushAll();
    clear(machine, PTE_V | PTE_R | PTE_X);
    expect([FETCH, LOAD, STORE].map((access) => machine.mmu.translate(machine.vpn, access))).toEqual([
      ACCESS_FAULT,
      ACCESS_FAULT,
      PAGE_FAULT,
    ]);
    expect(low(machine)).toBe(PTE_V | PTE_R | PTE_X);
  });
  it('of a changed entry: a store that finds its cached leaf clean looks at memory again', () => {
    const machine = create(SATP_MODE_SV39, 3, 0, 7, update);
    clear(machine, RW & ~PTE_D);
    machine.mmu.translate(machine.vpn, LOAD);
    setPte(machine.memory, machine.leaf.table, machine.leaf.index, 5, RW & ~PTE_D);
    expect([machine.mmu.translate(machine.vpn, STORE), machine.mmu.translate(machine.vpn, LOAD)]).toEqual([5, 5]);
    setPte(machine.memory, machine.leaf.table, machine.leaf.index, 6, RW & ~PTE_D);
    expect(machine.mmu.translate(machine.vpn, STORE)).toBe(5); // it is dirty now, and not fenced
  });
  it('of a global leaf: every address space sees the new one', () => {
    const machine = create(SATP_MODE_SV39, 3, 0, 7, update);
    clear(machine, (RW | PTE_G) & ~PTE_D);
    machine.mmu.translate(machine.vpn, LOAD);
    machine.mmu.setAddressSpace(2, BASE, SATP_MODE_SV39);
    setPte(machine.memory, machine.leaf.table, machine.leaf.index, 5, (RW | PTE_G) & ~PTE_D);
    machine.mmu.translate(machine.vpn, STORE);
    machine.mmu.setAddressSpace(1, BASE, SATP_MODE_SV39);
    expect(machine.mmu.translate(machine.vpn, LOAD)).toBe(5);
  });
});
