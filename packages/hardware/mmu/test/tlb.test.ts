import { InvariantError } from '@bulkhead/result';
import { PTE_D, PTE_G, PTE_R, PTE_U, PTE_W, PTE_X, SATP_MODE_SV39 } from '@bulkhead/riscv-datasheet';
import { describe, expect, it } from 'vitest';
import { FETCH, LOAD, Mmu, type MmuOptions, PAGE_FAULT, STORE } from '../src/index.ts';
import { BASE, createMemory, pointTo, RW, setPte } from './tables.ts';

const [ROOT_1, ROOT_2, MIDDLE, LOW] = [BASE, BASE + 1, BASE + 2, BASE + 3];
const [OLD, NEW] = [BASE + 8, BASE + 9];
/** The pages of one table of each size, in the same place of both address spaces. */
const PAGE = 5;
const MEGAPAGE = 7 * 512;
const GIGAPAGE = -(2 ** 18);
const GLOBAL_PAGE = 6;
const GLOBAL_GIGAPAGE = -(2 ** 19);

/** Two address spaces over the same tables: what differs between them is only their ASID. */
function create(options: Partial<MmuOptions> = {}) {
  const memory = createMemory();
  for (const root of [ROOT_1, ROOT_2]) pointTo(memory, root, 0, MIDDLE);
  pointTo(memory, MIDDLE, 0, LOW);
  const mmu = new Mmu({ memory, ...options });
  const map = (vpn: number, old: boolean, flags = RW): void => {
    if (vpn === PAGE) setPte(memory, LOW, 5, old ? OLD : NEW, flags);
    else if (vpn === GLOBAL_PAGE) setPte(memory, LOW, 6, old ? OLD : NEW, flags | PTE_G);
    else if (vpn === MEGAPAGE) setPte(memory, MIDDLE, 7, old ? 0x200 : 0x400, flags);
    else {
      const flag = vpn === GLOBAL_GIGAPAGE ? PTE_G : 0;
      const index = vpn === GIGAPAGE ? 511 : 510;
      for (const root of [ROOT_1, ROOT_2]) setPte(memory, root, index, old ? 0x40000 : 0x80000, flags | flag);
    }
  };
  const enter = (asid: number): void => mmu.setAddressSpace(asid, asid === 2 ? ROOT_2 : ROOT_1, SATP_MODE_SV39);
  const isStale = (asid: number, vpn: number): boolean => {
    enter(asid);
    const misses = mmu.missCount;
    mmu.translate(vpn, LOAD);
    return mmu.missCount === misses;
  };
  enter(1);
  return { memory, mmu, map, enter, isStale };
}
const PLACES = [PAGE, MEGAPAGE, GIGAPAGE, GLOBAL_PAGE, GLOBAL_GIGAPAGE];

/** Everything cached under both address spaces, then everything remapped. */
function createStale(options: Partial<MmuOptions> = {}) {
  const machine = create(options);
  for (const vpn of PLACES) machine.map(vpn, true);
  for (const asid of [1, 2]) {
    machine.enter(asid);
    for (const vpn of PLACES) machine.mmu.translate(vpn, LOAD);
  }
  for (const vpn of PLACES) machine.map(vpn, false);
  return machine;
}

describe('a cached translation (Privileged ISA 20211203 §4.2.1)', () => {
  it('outlives a change of its page table until it is fenced', () => {
    const { mmu, map } = create();
    map(PAGE, true);
    expect(mmu.translate(PAGE, LOAD)).toBe(OLD);
    map(PAGE, false);
    expect(mmu.translate(PAGE, LOAD)).toBe(OLD);
    mmu.flushPage(PAGE, 1);
    expect(mmu.translate(PAGE, LOAD)).toBe(NEW);
  });
  it('outlives the removal of its mapping, which is why a kernel must fence before it reuses a page', () => {
    const { memory, mmu, map } = create();
    map(PAGE, true);
    mmu.translate(PAGE, STORE);
    setPte(memory, LOW, 5, 0, 0);
    expect(mmu.translate(PAGE, STORE)).toBe(OLD);
    mmu.flushAll();
    expect(mmu.translate(PAGE, STORE)).toBe(PAGE_FAULT);
  });
  it('forbids what it forbade when it was cached, until it is fenced. CHOICE', () => {
    const { mmu, map } = create();
    map(PAGE, true, RW & ~(PTE_W | PTE_D));
    expect(mmu.translate(PAGE, LOAD)).toBe(OLD);
    map(PAGE, true);
    expect(mmu.translate(PAGE, STORE)).toBe(PAGE_FAULT);
    mmu.flushPageAllAsids(PAGE);
    expect(mmu.translate(PAGE, STORE)).toBe(OLD);
  });
  it('is never made of an entry that faulted', () => {
    const { mmu, map } = create();
    expect(mmu.translate(PAGE, LOAD)).toBe(PAGE_FAULT);
    map(PAGE, true, RW & ~PTE_D);
    expect(mmu.translate(PAGE, STORE)).toBe(PAGE_FAULT);
    map(PAGE, true);
    expect(mmu.translate(PAGE, STORE)).toBe(OLD);
    expect(mmu.missCount).toBe(3);
  });
  it.each([
    ['user', [PAGE_FAULT, OLD, OLD], true, false, RW | PTE_U],
    ['supervisor', [PAGE_FAULT, PAGE_FAULT, PAGE_FAULT], false, false, RW | PTE_U],
    ['supervisor with SUM', [PAGE_FAULT, OLD, OLD], false, true, RW | PTE_U],
    ['user', [PAGE_FAULT, PAGE_FAULT, PAGE_FAULT], true, false, RW],
  ])('is judged anew at every hit: %s sees %j', (_who, expected, user, sum, flags) => {
    const { mmu, map } = create();
    map(PAGE, true, flags);
    mmu.setUser((flags & PTE_U) !== 0);
    mmu.translate(PAGE, LOAD);
    mmu.setUser(user);
    mmu.setSum(sum);
    expect([FETCH, LOAD, STORE].map((access) => mmu.translate(PAGE, access))).toEqual(expected);
    expect(mmu.missCount).toBe(1);
  });
  it('is judged by MXR at every hit, for a superpage too', () => {
    const { mmu, map } = create();
    map(MEGAPAGE, true, (RW & ~(PTE_R | PTE_W)) | PTE_X);
    expect(mmu.translate(MEGAPAGE, FETCH)).toBe(0x200);
    expect(mmu.translate(MEGAPAGE, LOAD)).toBe(PAGE_FAULT);
    mmu.setMxr(true);
    expect(mmu.translate(MEGAPAGE, LOAD)).toBe(0x200);
    expect(mmu.missCount).toBe(1);
  });
});

describe('sfence.vma (Privileged ISA 20211203 §4.2.1)', () => {
  const remaining = (fence: (mmu: Mmu) => void) => {
    const { mmu, isStale } = createStale();
    fence(mmu);
    // Global places first under ASID 1: asking caches anew, and a global entry would then answer under ASID 2 too.
    const globals = [GLOBAL_PAGE, GLOBAL_GIGAPAGE].filter((vpn) => isStale(1, vpn));
    const of = (asid: number) => [PAGE, MEGAPAGE, GIGAPAGE].filter((vpn) => isStale(asid, vpn));
    return { globals, 1: of(1), 2: of(2) };
  };
  const ALL = [PAGE, MEGAPAGE, GIGAPAGE];
  const GLOBALS = [GLOBAL_PAGE, GLOBAL_GIGAPAGE];

  it('is needed: without one, all of it is stale', () => {
    expect(remaining(() => undefined)).toEqual({ globals: GLOBALS, 1: ALL, 2: ALL });
  });
  it('rs1 = x0, rs2 = x0: forgets all address spaces and what is global', () => {
    expect(remaining((mmu) => mmu.flushAll())).toEqual({ globals: [], 1: [], 2: [] });
  });
  it('rs1 = x0, rs2 ≠ x0: forgets one address space; what is global survives', () => {
    expect(remaining((mmu) => mmu.flushAsid(1))).toEqual({ globals: GLOBALS, 1: [], 2: ALL });
    expect(remaining((mmu) => mmu.flushAsid(3))).toEqual({ globals: GLOBALS, 1: ALL, 2: ALL });
  });
  it('rs1 ≠ x0, rs2 = x0: forgets the leaf of one page everywhere, a global one too', () => {
    expect(remaining((mmu) => mmu.flushPageAllAsids(PAGE))).toEqual({
      globals: GLOBALS,
      1: [MEGAPAGE, GIGAPAGE],
      2: [MEGAPAGE, GIGAPAGE],
    });
    expect(remaining((mmu) => mmu.flushPageAllAsids(GLOBAL_PAGE)).globals).toEqual([GLOBAL_GIGAPAGE]);
    expect(remaining((mmu) => mmu.flushPageAllAsids(GLOBAL_GIGAPAGE + 77)).globals).toEqual([GLOBAL_PAGE]);
  });
  it('rs1 ≠ x0, rs2 ≠ x0: forgets the leaf of one page in one address space, unless it is global', () => {
    expect(remaining((mmu) => mmu.flushPage(PAGE, 1))).toEqual({ globals: GLOBALS, 1: [MEGAPAGE, GIGAPAGE], 2: ALL });
    expect(remaining((mmu) => mmu.flushPage(GLOBAL_PAGE, 1)).globals).toEqual(GLOBALS);
    expect(remaining((mmu) => mmu.flushPage(GLOBAL_GIGAPAGE, 1)).globals).toEqual(GLOBALS);
  });
  it('forgets a superpage by any page within it, and -1 is such a page', () => {
    expect(remaining((mmu) => mmu.flushPage(MEGAPAGE + 511, 2))[2]).toEqual([PAGE, GIGAPAGE]);
    expect(remaining((mmu) => mmu.flushPage(-1, 2))[2]).toEqual([PAGE, MEGAPAGE]);
    expect(remaining((mmu) => mmu.flushPage(MEGAPAGE + 512, 2))[2]).toEqual(ALL);
  });
  it('has no effect for an address that is not canonical', () => {
    expect(remaining((mmu) => mmu.flushPageAllAsids(PAGE + 2 ** 32))[1]).toEqual(ALL);
    expect(remaining((mmu) => mmu.flushPage(PAGE + 2 ** 27, 1))[1]).toEqual(ALL);
  });
  it('ignores the bits of rs2 above ASIDMAX', () => {
    expect(remaining((mmu) => mmu.flushAsid(0x10001))[1]).toEqual([]);
  });
});

describe('address-space identifiers (Privileged ISA 20211203 §4.1.11)', () => {
  it('keep the translations of two address spaces apart, and both cached', () => {
    const { memory, mmu, enter } = create();
    setPte(memory, ROOT_1, 1, 0x40000, RW);
    setPte(memory, ROOT_2, 1, 0x80000, RW);
    for (let round = 0; round < 3; round++) {
      enter(1);
      expect(mmu.translate(2 ** 18, LOAD)).toBe(0x40000);
      enter(2);
      expect(mmu.translate(2 ** 18, LOAD)).toBe(0x80000);
    }
    expect(mmu.missCount).toBe(2);
  });
  it('answer for an old root under a recycled ASID until it is fenced', () => {
    const { memory, mmu } = create();
    setPte(memory, ROOT_1, 1, 0x40000, RW);
    setPte(memory, ROOT_2, 1, 0x80000, RW);
    mmu.setAddressSpace(3, ROOT_1, SATP_MODE_SV39);
    mmu.translate(2 ** 18, LOAD);
    mmu.setAddressSpace(3, ROOT_2, SATP_MODE_SV39);
    expect(mmu.translate(2 ** 18, LOAD)).toBe(0x40000);
    mmu.flushAsid(3);
    expect(mmu.translate(2 ** 18, LOAD)).toBe(0x80000);
  });
  it('are absent from a machine without them: a change of address space forgets all but what is global', () => {
    const { isStale } = createStale({ tagged: false });
    expect([GLOBAL_PAGE, GLOBAL_GIGAPAGE].filter((vpn) => isStale(1, vpn))).toEqual([GLOBAL_PAGE, GLOBAL_GIGAPAGE]);
    expect([PAGE, MEGAPAGE, GIGAPAGE].filter((vpn) => isStale(1, vpn))).toEqual([]);
    expect(new Mmu({ memory: createMemory(), tagged: false }).asidBits).toBe(0);
  });
  it('are all ASID 0 on a machine without them', () => {
    const { mmu, map } = create({ tagged: false });
    map(PAGE, true);
    mmu.translate(PAGE, LOAD);
    map(PAGE, false);
    mmu.flushPage(PAGE, 77);
    expect(mmu.translate(PAGE, LOAD)).toBe(NEW);
  });
});

describe('capacity', () => {
  const touch = (mmu: Mmu, pages: readonly number[]): number => {
    const before = mmu.missCount;
    for (const vpn of pages) mmu.translate(vpn, LOAD);
    return mmu.missCount - before;
  };
  const createFull = (options: Partial<MmuOptions>) => {
    const machine = create(options);
    for (let index = 0; index < 512; index++) setPte(machine.memory, LOW, index, 0x1000 + index, RW);
    return machine;
  };
  const upTo = (count: number, stride = 1): number[] => Array.from({ length: count }, (_, i) => i * stride);

  it('is 64 pages in 4 ways unless the machine says otherwise', () => {
    const { mmu } = createFull({});
    expect([touch(mmu, upTo(64)), touch(mmu, upTo(64))]).toEqual([64, 0]);
    // The ways are replaced in turn, so five pages of one set push each other out.
    expect([touch(mmu, [64]), touch(mmu, upTo(65))]).toEqual([1, 5]);
  });
  it('is reached sooner by pages of one set', () => {
    const { mmu } = createFull({});
    expect([touch(mmu, upTo(4, 16)), touch(mmu, upTo(4, 16)), touch(mmu, upTo(5, 16))]).toEqual([4, 0, 1]);
  });
  it('can be one direct-mapped entry', () => {
    const { mmu } = createFull({ tlbEntries: 1, tlbWays: 1 });
    expect(touch(mmu, [1, 1, 2, 2, 1])).toBe(3);
  });
  it('counts a superpage once, in a TLB of its own', () => {
    const { mmu, map } = createFull({ superpageTlbEntries: 1 });
    map(MEGAPAGE, true);
    map(GIGAPAGE, true);
    expect(
      touch(
        mmu,
        upTo(512).map((i) => MEGAPAGE + i),
      ),
    ).toBe(1);
    expect(touch(mmu, upTo(64))).toBe(64);
    expect(touch(mmu, [MEGAPAGE, ...upTo(64)])).toBe(0);
    expect(touch(mmu, [GIGAPAGE, GIGAPAGE + 12345, MEGAPAGE])).toBe(2);
  });
  it('must be a power of two of sets', () => {
    const memory = createMemory();
    expect(() => new Mmu({ memory, tlbEntries: 12, tlbWays: 4 })).toThrow(InvariantError);
    expect(() => new Mmu({ memory, superpageTlbEntries: 0 })).toThrow(InvariantError);
    expect(() => new Mmu({ memory, tlbWays: 0 })).toThrow(InvariantError);
  });
});
