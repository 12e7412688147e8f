import { LOAD, PAGE_FAULT } from '@bulkhead/mmu';
import * as reg from '@bulkhead/riscv-datasheet';
import { describe, expect, it } from 'vitest';
import { BASE, createMachine } from './machine.ts';

const bit = (index: number): bigint => 1n << BigInt(index);
const ALL = (1n << 64n) - 1n;
const [SIE, SPIE, SPP] = [bit(1), bit(5), bit(8)];
const STACK = SIE | SPIE | SPP;
const UXL = 2n << 32n;

describe('a hart out of reset', () => {
  it('is in S-mode with Bare translation and interrupts masked. CHOICE', () => {
    const { hart, mmu, read } = createMachine();
    expect(hart.mode).toBe(reg.MODE_SUPERVISOR);
    expect(read(reg.SATP)).toBe(0n);
    expect(mmu.translate(5, LOAD)).toBe(5);
    expect([read(reg.SIE), read(reg.SIP), read(reg.SSTATUS)]).toEqual([0n, 0n, UXL]);
    expect(read(reg.STIMECMP)).toBe(ALL);
    expect([hart.trapCount, hart.satpWriteCount, hart.pendingInterrupt()]).toEqual([0, 0, -1]);
  });
  it('has 32 registers of two lanes, all zero', () => {
    const { hart } = createMachine();
    expect([...hart.lo, ...hart.hi]).toEqual(Array(64).fill(0));
  });
});

describe('a trap into S-mode (Privileged ISA 20211203 §4.1.1, §4.1.7 to §4.1.9)', () => {
  it('from U-mode clears SPP, moves SIE to SPIE, clears SIE', () => {
    const { hart, read, write } = createMachine();
    write(reg.SSTATUS, SPIE);
    hart.sret(); // to U-mode with SIE = 1
    hart.trap(reg.ECALL_U, false, 0, 0);
    expect(hart.mode).toBe(reg.MODE_SUPERVISOR);
    expect(read(reg.SSTATUS)! & STACK).toBe(SPIE);
  });
  it('from S-mode sets SPP, and SPIE is what SIE was', () => {
    const { hart, read, write } = createMachine();
    write(reg.SSTATUS, SPIE);
    hart.trap(reg.BREAKPOINT, false, 0, 0);
    expect(read(reg.SSTATUS)! & STACK).toBe(SPP);
    write(reg.SSTATUS, SIE);
    hart.trap(reg.BREAKPOINT, false, 0, 0);
    expect(read(reg.SSTATUS)! & STACK).toBe(SPP | SPIE);
  });
  it('leaves SUM and MXR alone', () => {
    const { hart, read, write } = createMachine();
    write(reg.SSTATUS, bit(18) | bit(19));
    hart.trap(reg.ECALL_U, false, 0, 0);
    expect(read(reg.SSTATUS)! & (bit(18) | bit(19))).toBe(bit(18) | bit(19));
  });
  it('sets scause: the code, and bit 63 for an interrupt', () => {
    const { hart, read } = createMachine();
    hart.trap(reg.STORE_PAGE_FAULT, false, 0, 0);
    expect(read(reg.SCAUSE)).toBe(15n);
    hart.trap(reg.S_EXTERNAL_INTERRUPT, true, 0, 0);
    expect(read(reg.SCAUSE)).toBe(bit(63) | 9n);
    hart.trap(reg.ECALL_U, false, 0, 0);
    expect(read(reg.SCAUSE)).toBe(8n);
  });
  it.each([
    [0, 0, 0n],
    [0x80000, 0xabc, 0x80000abcn],
    [2 ** 26 - 1, 4095, 0x3f_ffff_ffffn],
    [-1, 4095, ALL],
    [-(2 ** 26), 8, 0xffff_ffc0_0000_0008n],
    [2 ** 51 - 1, 0, 0x7fff_ffff_ffff_f000n],
    [-(2 ** 51), 1, 0x8000_0000_0000_0001n],
  ])('sets stval to the address of page %i, offset %i', (page, offset, expected) => {
    const { hart, read } = createMachine();
    hart.trap(reg.LOAD_PAGE_FAULT, false, page, offset);
    expect(read(reg.STVAL)).toBe(expected);
  });
  it('saves pc in sepc, with bit 0 clear', () => {
    const { hart, read, setPc } = createMachine();
    setPc(0xffff_ffc0_8000_1235n);
    hart.trap(reg.ILLEGAL_INSTRUCTION, false, 0, 0);
    expect(read(reg.SEPC)).toBe(0xffff_ffc0_8000_1234n);
  });
  it('goes to stvec.BASE, and for an interrupt in vectored mode to BASE + 4 × cause (§4.1.2)', () => {
    const { hart, write, pc } = createMachine();
    write(reg.STVEC, 0xffff_ffc0_8000_0000n);
    hart.trap(reg.S_TIMER_INTERRUPT, true, 0, 0);
    expect(pc()).toBe(0xffff_ffc0_8000_0000n);
    write(reg.STVEC, 0xffff_ffff_ffff_fffcn | 1n);
    hart.trap(reg.ECALL_U, false, 0, 0);
    expect(pc()).toBe(0xffff_ffff_ffff_fffcn);
    hart.trap(reg.S_TIMER_INTERRUPT, true, 0, 0);
    expect(pc()).toBe(16n); // modulo 2^64
  });
  it('is counted', () => {
    const { hart } = createMachine();
    hart.trap(reg.ECALL_U, false, 0, 0);
    hart.trap(reg.S_TIMER_INTERRUPT, true, 0, 0);
    expect(hart.trapCount).toBe(2);
  });
});

describe('sret (Privileged ISA 20211203 §3.3.2, §4.1.1)', () => {
  it('goes to the mode in SPP, moves SPIE to SIE, sets SPIE, and clears SPP', () => {
    const { hart, read, write } = createMachine();
    write(reg.SSTATUS, SPP | SPIE);
    hart.sret();
    expect(hart.mode).toBe(reg.MODE_SUPERVISOR);
    expect(read(reg.SSTATUS)! & STACK).toBe(SIE | SPIE);
    write(reg.SSTATUS, SIE);
    hart.sret();
    expect(hart.mode).toBe(reg.MODE_USER);
    hart.trap(reg.ECALL_U, false, 0, 0);
    expect(read(reg.SSTATUS)! & STACK).toBe(0n);
  });
  it('continues at sepc', () => {
    const { hart, write, pc } = createMachine();
    write(reg.SEPC, 0x1_0000_0007n);
    hart.sret();
    expect(pc()).toBe(0x1_0000_0006n);
  });
  it('goes to the mode that setPreviousMode chose', () => {
    const { hart } = createMachine();
    hart.setPreviousMode(reg.MODE_SUPERVISOR);
    hart.sret();
    expect(hart.mode).toBe(reg.MODE_SUPERVISOR);
    hart.setPreviousMode(reg.MODE_SUPERVISOR);
    hart.setPreviousMode(reg.MODE_USER);
    hart.sret();
    expect(hart.mode).toBe(reg.MODE_USER);
  });
  it('is what a trap undoes', () => {
    const { hart, pc, setPc } = createMachine();
    hart.sret();
    setPc(0x1234n);
    hart.trap(reg.S_TIMER_INTERRUPT, true, 0, 0);
    hart.sret();
    expect([hart.mode, pc()]).toEqual([reg.MODE_USER, 0x1234n]);
  });
});

describe('the mode and translation', () => {
  /** Page 1 is the user's, page 2 the supervisor's. */
  const createMapped = () => {
    const machine = createMachine();
    const leaf = (index: number, flags: number): void =>
      machine.memory.setWord(BASE + 2, index * 2, (BASE << 10) | flags);
    machine.memory.setWord(BASE, 0, ((BASE + 1) << 10) | reg.PTE_V);
    machine.memory.setWord(BASE + 1, 0, ((BASE + 2) << 10) | reg.PTE_V);
    leaf(1, reg.PTE_V | reg.PTE_X | reg.PTE_R | reg.PTE_A | reg.PTE_U);
    leaf(2, reg.PTE_V | reg.PTE_X | reg.PTE_A);
    machine.hart.writeSatp(1, BASE);
    return machine;
  };
  it('change together: a trap makes accesses the supervisor’s, sret the user’s', () => {
    const { hart, mmu } = createMapped();
    hart.sret();
    expect(mmu.translate(1, LOAD)).toBe(BASE);
    hart.trap(reg.ECALL_U, false, 0, 0);
    expect(mmu.translate(1, LOAD)).toBe(PAGE_FAULT);
  });
  it('hear of SUM and MXR at once, without a fence (§4.2.1)', () => {
    const { mmu, write } = createMapped();
    expect([mmu.translate(1, LOAD), mmu.translate(2, LOAD)]).toEqual([PAGE_FAULT, PAGE_FAULT]);
    write(reg.SSTATUS, bit(18));
    expect([mmu.translate(1, LOAD), mmu.translate(2, LOAD)]).toEqual([BASE, PAGE_FAULT]);
    write(reg.SSTATUS, bit(19));
    expect([mmu.translate(1, LOAD), mmu.translate(2, LOAD)]).toEqual([PAGE_FAULT, BASE]);
  });
});

describe('sfence.vma (Privileged ISA 20211203 §4.2.1)', () => {
  it.each([
    ['one page of one address space', 1, 1, true],
    ['one page of all', 1, -1, true],
    ['one address space', -1, 1, true],
    ['all', -1, -1, true],
    ['another page', 2, 1, false],
    ['another address space', -1, 2, false],
  ])('reaches the MMU: %s', (_name, vpn, asid, forgotten) => {
    const { hart, mmu, memory } = createMachine();
    memory.setWord(BASE, 0, ((BASE + 1) << 10) | reg.PTE_V);
    memory.setWord(BASE + 1, 0, ((BASE + 2) << 10) | reg.PTE_V);
    memory.setWord(BASE + 2, 2, (BASE << 10) | reg.PTE_V | reg.PTE_R | reg.PTE_A);
    hart.writeSatp(1, BASE);
    mmu.translate(1, LOAD);
    hart.sfence(vpn, asid);
    mmu.translate(1, LOAD);
    expect(mmu.missCount).toBe(forgotten ? 2 : 1);
  });
});
