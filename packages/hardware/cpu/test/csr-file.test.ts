import { LOAD, PAGE_FAULT } from '@bulkhead/mmu';
import * as reg from '@bulkhead/riscv-datasheet';
import { describe, expect, it } from 'vitest';
import { BASE, createMachine } from './machine.ts';

const bit = (index: number): bigint => 1n << BigInt(index);
const ALL = (1n << 64n) - 1n;
/** SIE, SPIE and SPP of `sstatus`. */
const STACK = bit(1) | bit(5) | bit(8);
const UXL = 2n << 32n;
const [SSI, STI, SEI] = [bit(1), bit(5), bit(9)];

describe('satp (Privileged ISA 20211203 §4.1.11)', () => {
  it('is written in Sv39 mode, with all 16 bits of ASID and 44 of PPN', () => {
    const { hart, read } = createMachine();
    hart.writeSatp(0xabcd, 0xfed_1234_5678);
    expect(read(reg.SATP)).toBe((8n << 60n) | (0xabcdn << 44n) | 0xfed_1234_5678n);
  });
  it('counts the writes that changed it, and only those reach the MMU', () => {
    const { hart, write } = createMachine();
    for (const [asid, root] of [
      [1, BASE],
      [1, BASE],
      [2, BASE],
      [2, BASE + 1],
      [2, BASE + 1],
    ] as const) {
      hart.writeSatp(asid, root);
    }
    expect(hart.satpWriteCount).toBe(3);
    write(reg.SATP, (8n << 60n) | (2n << 44n) | BigInt(BASE + 1));
    expect(hart.satpWriteCount).toBe(3);
  });
  it('ignores a write whose MODE is not supported, as a whole', () => {
    const { hart, read, write } = createMachine();
    hart.writeSatp(1, BASE);
    const before = read(reg.SATP);
    for (const mode of [1n, 7n, 11n, 12n, 15n]) expect(write(reg.SATP, (mode << 60n) | 77n)).toBe(true);
    expect(read(reg.SATP)).toBe(before);
    expect(hart.satpWriteCount).toBe(1);
  });
  it.each([
    [reg.SATP_MODE_SV39, [8n]],
    [reg.SATP_MODE_SV48, [8n, 9n]],
    [reg.SATP_MODE_SV57, [8n, 9n, 10n]],
  ])('keeps the modes that the MMU has, up to %i, and no other', (widestMode, modes) => {
    for (let mode = 1n; mode < 16n; mode++) {
      const { read, write } = createMachine({ widestMode });
      write(reg.SATP, (mode << 60n) | (3n << 44n) | 77n);
      expect(read(reg.SATP)).toBe(modes.includes(mode) ? (mode << 60n) | (3n << 44n) | 77n : 0n);
    }
  });
  it('translates by the scheme that MODE says: the same root, three levels or four', () => {
    const { memory, mmu, write } = createMachine();
    const leaf = reg.PTE_V | reg.PTE_R | reg.PTE_A;
    memory.setWord(BASE, 0, ((BASE + 1) << 10) | reg.PTE_V);
    memory.setWord(BASE + 1, 0, (0x40001 << 10) | leaf);
    write(reg.SATP, (8n << 60n) | BigInt(BASE));
    expect(mmu.translate(5, LOAD)).toBe(PAGE_FAULT); // a misaligned leaf of 2 MiB
    memory.setWord(BASE + 1, 0, (0x80000 << 10) | leaf);
    expect(mmu.translate(5, LOAD)).toBe(0x80005);
    expect(mmu.translate(2 ** 26, LOAD)).toBe(PAGE_FAULT); // not canonical in Sv39
    mmu.flushAll();
    write(reg.SATP, (9n << 60n) | BigInt(BASE));
    expect(mmu.translate(600, LOAD)).toBe(0x80000 + 600); // a leaf of 1 GiB
    expect(mmu.translate(-1, LOAD)).toBe(PAGE_FAULT);
  });
  it('turns translation off with MODE = Bare', () => {
    const { hart, mmu, write } = createMachine();
    hart.writeSatp(1, BASE);
    expect(mmu.translate(5, LOAD)).toBe(PAGE_FAULT);
    write(reg.SATP, 0n);
    expect(mmu.translate(5, LOAD)).toBe(5);
  });
  it('keeps ASID 0 on a machine without ASIDs: ASIDLEN is found by writing ones', () => {
    const { read, write } = createMachine({ tagged: false });
    write(reg.SATP, (8n << 60n) | (0xffffn << 44n));
    expect(read(reg.SATP)).toBe(8n << 60n);
  });
});

describe('stimecmp (Sstc 1.0.0 §2.1)', () => {
  it('makes STIP pending from the cycle that it holds', () => {
    const { hart, read, pass } = createMachine();
    hart.setTimer(100);
    pass(99);
    expect(read(reg.SIP)).toBe(0n);
    pass(1);
    expect(read(reg.SIP)).toBe(STI);
    pass(1000);
    expect(read(reg.SIP)).toBe(STI);
  });
  it('clears STIP when it is moved into the future, and sets it at once when moved into the past', () => {
    const { hart, read, pass } = createMachine();
    pass(50);
    hart.setTimer(50);
    expect(read(reg.SIP)).toBe(STI);
    hart.setTimer(51);
    expect(read(reg.SIP)).toBe(0n);
    hart.setTimer(0);
    expect(read(reg.SIP)).toBe(STI);
  });
  it('moved before it comes, does not come at its old time', () => {
    const { hart, read, pass } = createMachine();
    hart.setTimer(10);
    hart.setTimer(20);
    pass(15);
    expect(read(reg.SIP)).toBe(0n);
    pass(5);
    expect(read(reg.SIP)).toBe(STI);
  });
  it('is 64 bits, compared as unsigned: all ones never comes', () => {
    const { clock, read, write, pass } = createMachine();
    write(reg.STIMECMP, 0x1_0000_0010n);
    expect(clock.due).toBe(0x1_0000_0010);
    pass(0x1_0000_000f);
    expect(read(reg.SIP)).toBe(0n);
    pass(1);
    expect(read(reg.SIP)).toBe(STI);
    write(reg.STIMECMP, ALL);
    expect(read(reg.SIP)).toBe(0n);
    expect(clock.due).toBe(Number.MAX_SAFE_INTEGER);
  });
  it('reads back what setTimer set', () => {
    const { hart, read } = createMachine();
    hart.setTimer(0x12_3456_789a_bcde);
    expect(read(reg.STIMECMP)).toBe(0x12_3456_789a_bcden);
  });
});

describe('CSR fields (Privileged ISA 20211203 §2.3)', () => {
  it.each([
    ['sstatus: SIE, SPIE, SPP, SUM, MXR; UXL is 2', reg.SSTATUS, STACK | bit(18) | bit(19) | UXL, UXL],
    ['sie: SSIE, STIE, SEIE', reg.SIE, SSI | STI | SEI, 0n],
    ['stvec: MODE is 0 or 1', reg.STVEC, ALL & ~2n, 0n],
    ['scounteren: CY, TM', reg.SCOUNTEREN, 3n, 0n],
    ['sscratch: all', reg.SSCRATCH, ALL, 0n],
    ['sepc: all but bit 0', reg.SEPC, ALL & ~1n, 0n],
    ['scause: codes to 63 and the interrupt bit', reg.SCAUSE, bit(63) | 63n, 0n],
    ['stval: all', reg.STVAL, ALL, 0n],
    ['stimecmp: all', reg.STIMECMP, ALL, 0n],
  ])('keep a legal value: %s', (_name, csr, ones, zeros) => {
    const { read, write } = createMachine();
    expect(write(csr, ALL)).toBe(true);
    expect(read(csr)).toBe(ones);
    expect(write(csr, 0n)).toBe(true);
    expect(read(csr)).toBe(zeros);
  });
});

describe('CSR access (Privileged ISA 20211203 §2.1)', () => {
  it('is illegal below the mode in bits 9:8, and changes nothing', () => {
    const { hart, read, write } = createMachine();
    hart.sret();
    expect([read(reg.SSTATUS), write(reg.SSCRATCH, 1n), read(reg.SATP)]).toEqual([undefined, false, undefined]);
    hart.trap(reg.ILLEGAL_INSTRUCTION, false, 0, 0);
    expect(read(reg.SSCRATCH)).toBe(0n);
  });
  it('is illegal to what does not exist: M-mode’s registers, and numbers of nobody', () => {
    const { read, write } = createMachine();
    for (const csr of [0x300, 0x342, 0x1ff, 0, 0xfff, reg.SISELECT, reg.STOPEI, reg.INSTRET]) {
      expect([read(csr), write(csr, 0n)]).toEqual([undefined, false]);
    }
  });
  it('reads time and cycle from the clock, and writes neither: bits 11:10 are 3', () => {
    const { read, write, pass } = createMachine();
    pass(0x3_0000_0007);
    expect([read(reg.TIME), read(reg.CYCLE)]).toEqual([0x3_0000_0007n, 0x3_0000_0007n]);
    expect([write(reg.TIME, 0n), write(reg.CYCLE, 0n)]).toEqual([false, false]);
  });
  it('to a counter from U-mode is as scounteren says (§4.1.5)', () => {
    const { hart, read, write } = createMachine();
    write(reg.SCOUNTEREN, 2n);
    hart.sret();
    expect([read(reg.CYCLE), read(reg.TIME)]).toEqual([undefined, 0n]);
  });
});
