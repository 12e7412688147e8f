import {
  PTE_A,
  PTE_D,
  PTE_G,
  PTE_R,
  PTE_RSW,
  PTE_U,
  PTE_V,
  PTE_W,
  PTE_X,
  SATP_MODE_BARE,
  SATP_MODE_SV39,
} from '@bulkhead/riscv-datasheet';
import { describe, expect, it } from 'vitest';
import { ACCESS_FAULT, FETCH, isCanonical, LOAD, Mmu, PAGE_FAULT, STORE } from '../src/index.ts';
import { BASE, createMemory, pointTo, RW, setPte } from './tables.ts';

const [ROOT, MIDDLE, LOW] = [BASE, BASE + 1, BASE + 2];
const TARGET = BASE + 9;
/** Indices 1, 2, 3. */
const VPN = (1 << 18) | (2 << 9) | 3;

/** One 4 KiB page at VPN. */
function create(flags = RW, hiBits = 0, target = TARGET) {
  const memory = createMemory();
  pointTo(memory, ROOT, 1, MIDDLE);
  pointTo(memory, MIDDLE, 2, LOW);
  setPte(memory, LOW, 3, target, flags, hiBits);
  const mmu = new Mmu({ memory });
  mmu.setAddressSpace(1, ROOT, SATP_MODE_SV39);
  return { memory, mmu };
}

describe('Sv39 walk (Privileged ISA 20211203 §4.3.2)', () => {
  it('step 1: starts at the root of the current address space', () => {
    const { memory, mmu } = create();
    mmu.setAddressSpace(2, MIDDLE, SATP_MODE_SV39);
    expect(mmu.translate(VPN, LOAD)).toBe(PAGE_FAULT);
    setPte(memory, MIDDLE, 1, 1 << 18, RW);
    expect(mmu.translate(VPN, LOAD)).toBe((1 << 18) + (2 << 9) + 3);
  });
  it('step 2: an entry outside physical memory is an access fault, whatever the access', () => {
    const { memory, mmu } = create();
    pointTo(memory, MIDDLE, 2, BASE + 16);
    expect([FETCH, LOAD, STORE].map((access) => mmu.translate(VPN, access))).toEqual(Array(3).fill(ACCESS_FAULT));
    mmu.setAddressSpace(1, 2 ** 43, SATP_MODE_SV39);
    expect(mmu.translate(VPN, LOAD)).toBe(ACCESS_FAULT);
  });
  it('step 3: faults on V = 0, whatever the other bits', () => {
    expect(create(RW & ~PTE_V).mmu.translate(VPN, LOAD)).toBe(PAGE_FAULT);
  });
  it('step 3: faults on W without R', () => {
    expect(create(PTE_V | PTE_W | PTE_A | PTE_D).mmu.translate(VPN, STORE)).toBe(PAGE_FAULT);
    expect(create(PTE_V | PTE_W | PTE_X | PTE_A | PTE_D).mmu.translate(VPN, FETCH)).toBe(PAGE_FAULT);
  });
  it('step 3: faults on each of the reserved bits 63:54, in a leaf and in a pointer', () => {
    for (let bit = 54; bit < 64; bit++) {
      const { memory, mmu } = create(RW, 1 << (bit - 32));
      expect(mmu.translate(VPN, LOAD)).toBe(PAGE_FAULT);
      setPte(memory, LOW, 3, TARGET, RW);
      setPte(memory, MIDDLE, 2, LOW, PTE_V, 1 << (bit - 32));
      expect(mmu.translate(VPN, LOAD)).toBe(PAGE_FAULT);
    }
  });
  it.each([PTE_U, PTE_A, PTE_D])('step 3: faults on U, A or D in a pointer (§4.4.1): %i', (flag) => {
    const { memory, mmu } = create();
    pointTo(memory, MIDDLE, 2, LOW, flag);
    expect(mmu.translate(VPN, LOAD)).toBe(PAGE_FAULT);
  });
  it('step 4: faults on a pointer at the last level', () => {
    expect(create(PTE_V).mmu.translate(VPN, LOAD)).toBe(PAGE_FAULT);
  });
  it('ignores RSW, in a leaf and in a pointer', () => {
    const { memory, mmu } = create(RW | PTE_RSW);
    pointTo(memory, MIDDLE, 2, LOW, PTE_RSW);
    expect(mmu.translate(VPN, STORE)).toBe(TARGET);
  });
  it('step 5: X is for fetches, R for loads, W for stores', () => {
    const marks = PTE_V | PTE_A | PTE_D;
    const verdicts = (flags: number): boolean[] =>
      [FETCH, LOAD, STORE].map((access) => create(flags | marks).mmu.translate(VPN, access) === TARGET);
    expect(verdicts(PTE_R)).toEqual([false, true, false]);
    expect(verdicts(PTE_R | PTE_W)).toEqual([false, true, true]);
    expect(verdicts(PTE_X)).toEqual([true, false, false]);
    expect(verdicts(PTE_R | PTE_X)).toEqual([true, true, false]);
    expect(verdicts(PTE_R | PTE_W | PTE_X)).toEqual([true, true, true]);
  });
  it('step 5: MXR lets loads read what is executable, and nothing else (§4.1.1.2)', () => {
    const { mmu } = create(PTE_V | PTE_X | PTE_A);
    mmu.setMxr(true);
    expect([FETCH, LOAD, STORE].map((access) => mmu.translate(VPN, access))).toEqual([TARGET, TARGET, PAGE_FAULT]);
    expect(create(PTE_V | PTE_A | PTE_D).mmu.translate(VPN, LOAD)).toBe(PAGE_FAULT);
  });
  it('step 5: the user may only what has U, the supervisor only what has not', () => {
    const user = create(RW | PTE_U).mmu;
    expect(user.translate(VPN, LOAD)).toBe(PAGE_FAULT);
    user.setUser(true);
    expect(user.translate(VPN, LOAD)).toBe(TARGET);
    const supervisor = create(RW).mmu;
    supervisor.setUser(true);
    expect(supervisor.translate(VPN, LOAD)).toBe(PAGE_FAULT);
  });
  it('step 5: SUM lets the supervisor load and store user pages, but never execute them (§4.3.1)', () => {
    const { mmu } = create(RW | PTE_X | PTE_U);
    mmu.setSum(true);
    expect([FETCH, LOAD, STORE].map((access) => mmu.translate(VPN, access))).toEqual([PAGE_FAULT, TARGET, TARGET]);
  });
  it('step 5: SUM changes nothing for the user', () => {
    const { mmu } = create(RW);
    mmu.setSum(true);
    mmu.setUser(true);
    expect(mmu.translate(VPN, LOAD)).toBe(PAGE_FAULT);
  });
  it('step 6: faults on a misaligned superpage of either size', () => {
    const { memory, mmu } = create();
    setPte(memory, MIDDLE, 2, BASE + 0x100, RW);
    expect(mmu.translate(VPN, LOAD)).toBe(PAGE_FAULT);
    setPte(memory, ROOT, 1, BASE + 0x200, RW);
    expect(mmu.translate(VPN, LOAD)).toBe(PAGE_FAULT);
  });
  it('step 7: faults on A = 0, and on a store with D = 0; a load does not need D. CHOICE', () => {
    expect(create(RW & ~PTE_A).mmu.translate(VPN, LOAD)).toBe(PAGE_FAULT);
    expect(create(RW & ~PTE_D).mmu.translate(VPN, STORE)).toBe(PAGE_FAULT);
    expect(create(RW & ~PTE_D).mmu.translate(VPN, LOAD)).toBe(TARGET);
  });
  it('step 7: never writes a page table', () => {
    const { memory, mmu } = create(RW & ~(PTE_A | PTE_D));
    const before = memory.bytes.slice();
    for (const access of [FETCH, LOAD, STORE]) mmu.translate(VPN, access);
    expect(memory.bytes).toEqual(before);
  });
  it('step 8: passes the low VPN bits through a superpage of 2 MiB and of 1 GiB', () => {
    const { memory, mmu } = create();
    setPte(memory, MIDDLE, 2, 0x4_0000, RW);
    expect(mmu.translate(VPN, LOAD)).toBe(0x4_0003);
    setPte(memory, ROOT, 1, 0x8_0000, RW);
    mmu.flushAll();
    expect(mmu.translate(VPN, LOAD)).toBe(0x8_0000 + (2 << 9) + 3);
  });
  it('step 8: keeps all 44 bits of a PPN, in the walk and in the hit after it', () => {
    for (const ppn of [0xfff_ffff_ffff, 0x800_0000_0000, 0x3f_ffff, 0x40_0000]) {
      const { mmu } = create(RW, 0, ppn);
      expect([mmu.translate(VPN, LOAD), mmu.translate(VPN, LOAD)]).toEqual([ppn, ppn]);
    }
  });
});

describe('virtual addresses (Privileged ISA 20211203 §4.4.1)', () => {
  it('fault unless bits 63:39 equal bit 38', () => {
    const { memory, mmu } = create();
    for (const index of [0, 255, 256, 511]) setPte(memory, ROOT, index, index << 18, RW);
    expect(mmu.translate(2 ** 26 - 1, LOAD)).toBe(2 ** 26 - 1);
    expect(mmu.translate(-(2 ** 26), LOAD)).toBe(256 << 18);
    expect(mmu.translate(-1, LOAD)).toBe((511 << 18) + 0x3ffff);
    for (const vpn of [2 ** 26, -(2 ** 26) - 1, 2 ** 27, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 51 - 1, -(2 ** 51)]) {
      expect(mmu.translate(vpn, LOAD)).toBe(PAGE_FAULT);
      expect(isCanonical(vpn)).toBe(false);
    }
  });
  it('are walked only when they are canonical', () => {
    const { mmu } = create();
    mmu.translate(2 ** 26, LOAD);
    expect(mmu.missCount).toBe(0);
  });
});

describe('Bare mode (Privileged ISA 20211203 §4.1.11)', () => {
  it('passes physical page numbers through, without protection and without a walk', () => {
    const { mmu } = create();
    mmu.setAddressSpace(0, 0, SATP_MODE_BARE);
    mmu.setUser(true);
    expect([0, BASE, 2 ** 44 - 1].map((page) => mmu.translate(page, STORE))).toEqual([0, BASE, 2 ** 44 - 1]);
    expect(mmu.missCount).toBe(0);
  });
  it('answers what is no physical address with an access fault', () => {
    const { mmu } = create();
    mmu.setAddressSpace(0, 0, SATP_MODE_BARE);
    expect([-1, 2 ** 44].map((page) => mmu.translate(page, LOAD))).toEqual([ACCESS_FAULT, ACCESS_FAULT]);
  });
  it('is what an MMU begins in', () => {
    expect(new Mmu({ memory: createMemory() }).translate(5, LOAD)).toBe(5);
  });
});

describe('global mappings (Privileged ISA 20211203 §4.3.1)', () => {
  it.each([
    ['the leaf', 0, 0, PTE_G],
    ['the middle pointer', 0, PTE_G, 0],
    ['the root pointer', PTE_G, 0, 0],
  ])('are those whose G is set in %s', (_name, root, middle, leaf) => {
    const { memory, mmu } = create(RW | leaf);
    pointTo(memory, ROOT, 1, MIDDLE, root);
    pointTo(memory, MIDDLE, 2, LOW, middle);
    mmu.translate(VPN, LOAD);
    mmu.setAddressSpace(2, BASE + 15, SATP_MODE_SV39);
    expect(mmu.translate(VPN, LOAD)).toBe(TARGET);
    expect(mmu.missCount).toBe(1);
  });
  it('are not inherited from another walk', () => {
    const { memory, mmu } = create(RW);
    setPte(memory, LOW, 4, TARGET, RW | PTE_G);
    mmu.translate(VPN + 1, LOAD);
    mmu.translate(VPN, LOAD);
    mmu.setAddressSpace(2, BASE + 15, SATP_MODE_SV39);
    expect(mmu.translate(VPN, LOAD)).toBe(PAGE_FAULT);
  });
});
