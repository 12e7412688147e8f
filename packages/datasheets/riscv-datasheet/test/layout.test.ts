import { type Field, get } from '@bulkhead/bits';
import { describe, expect, it } from 'vitest';
import * as reg from '../src/index.ts';

const disjoint = (masks: readonly number[]): boolean => {
  let seen = 0;
  return masks.every((mask) => {
    const free = (seen & mask) === 0;
    seen |= mask;
    return free;
  });
};
const masksOf = (fields: readonly Field[]): number[] => fields.map((field) => field.mask);

describe('Sv39 page-table entry (Privileged ISA 20211203 §4.4.1)', () => {
  it('has eight flag bits, the RSW field and the PPN, none over another, and no gap', () => {
    const flags = [reg.PTE_V, reg.PTE_R, reg.PTE_W, reg.PTE_X, reg.PTE_U, reg.PTE_G, reg.PTE_A, reg.PTE_D];
    const ppnLo = -1 << reg.PTE_PPN_SHIFT;
    expect(disjoint([...flags, reg.PTE_RSW, ppnLo])).toBe(true);
    expect([...flags, reg.PTE_RSW, ppnLo].reduce((all, mask) => all | mask, 0)).toBe(-1);
  });
  it('leaves a 44-bit PPN between bit 10 and the reserved bits', () => {
    const reservedFrom = 64 - Math.clz32(~reg.PTE_HI_RESERVED);
    expect(reservedFrom).toBe(54);
    expect(reservedFrom - reg.PTE_PPN_SHIFT).toBe(reg.PPN_BITS);
  });
  it('makes a virtual address of three indices and an offset, and a table of one page', () => {
    expect(reg.LEVELS * reg.VPN_BITS + 12).toBe(reg.VIRTUAL_ADDRESS_BITS);
    expect(reg.TABLE_ENTRIES).toBe(1 << reg.VPN_BITS);
    expect(reg.TABLE_ENTRIES * reg.PTE_SIZE_BYTES).toBe(4096);
  });
});

describe('Sv48 and Sv57 (Privileged ISA 20211203 §4.5.1, §4.6.1)', () => {
  it('add an index to a virtual address for each level that they add', () => {
    expect(reg.SV48_LEVELS * reg.VPN_BITS + 12).toBe(reg.SV48_VIRTUAL_ADDRESS_BITS);
    expect(reg.SV57_LEVELS * reg.VPN_BITS + 12).toBe(reg.SV57_VIRTUAL_ADDRESS_BITS);
    expect([reg.LEVELS, reg.SV48_LEVELS, reg.SV57_LEVELS]).toEqual([3, 4, 5]);
  });
});

describe('satp (Privileged ISA 20211203 §4.1.11)', () => {
  it('fills its high lane with MODE, ASID and the upper PPN', () => {
    const masks = masksOf([reg.SATP_HI_MODE, reg.SATP_HI_ASID, reg.SATP_HI_PPN]);
    expect(disjoint(masks)).toBe(true);
    expect(masks.reduce((all, mask) => all | mask, 0)).toBe(-1);
  });
  it('reads as the three numbers that the canonical Sv39 value holds', () => {
    const hi = 0x8abcd123 | 0; // MODE 8, ASID 0xabcd, PPN[43:32] 0x123
    expect(get(hi, reg.SATP_HI_MODE)).toBe(reg.SATP_MODE_SV39);
    expect(get(hi, reg.SATP_HI_ASID)).toBe(0xabcd);
    expect(get(hi, reg.SATP_HI_PPN)).toBe(0x123);
  });
});

describe('interrupts (Privileged ISA 20211203 §4.1.3, §4.1.8)', () => {
  it('have their code as bit number in sip and in sie', () => {
    for (const [code, sip, sie] of [
      [reg.S_SOFTWARE_INTERRUPT, reg.SIP_SSIP, reg.SIE_SSIE],
      [reg.S_TIMER_INTERRUPT, reg.SIP_STIP, reg.SIE_STIE],
      [reg.S_EXTERNAL_INTERRUPT, reg.SIP_SEIP, reg.SIE_SEIE],
    ] as const) {
      expect(sip.mask).toBe(1 << code);
      expect(sie.mask).toBe(1 << code);
    }
  });
});

describe('exceptions (Privileged ISA 20211203 §4.1.8)', () => {
  it('pair the access fault and the page fault of each kind of access', () => {
    expect([reg.INSTRUCTION_ACCESS_FAULT, reg.LOAD_ACCESS_FAULT, reg.STORE_ACCESS_FAULT]).toEqual([1, 5, 7]);
    expect([reg.INSTRUCTION_PAGE_FAULT, reg.LOAD_PAGE_FAULT, reg.STORE_PAGE_FAULT]).toEqual([12, 13, 15]);
    expect([reg.ECALL_U, reg.ECALL_S, reg.ECALL_M]).toEqual([8, 9, 11]);
  });
});

describe('CSR numbers (Privileged ISA 20211203 §2.1)', () => {
  it('say by bits 9:8 that S-mode is the lowest mode of the supervisor registers', () => {
    const supervisor = [reg.SSTATUS, reg.SIE, reg.STVEC, reg.SEPC, reg.SCAUSE, reg.STVAL, reg.SIP, reg.SATP];
    for (const csr of [...supervisor, reg.STIMECMP, reg.SISELECT, reg.SIREG, reg.STOPEI, reg.STOPI]) {
      expect(get(csr, reg.CSR_LOWEST_MODE)).toBe(reg.MODE_SUPERVISOR);
    }
  });
  it('say by bits 11:10 that the counters and stopi are read-only', () => {
    for (const csr of [reg.CYCLE, reg.TIME, reg.INSTRET, reg.STOPI]) {
      expect(get(csr, reg.CSR_ACCESS)).toBe(reg.CSR_ACCESS_READ_ONLY);
    }
    expect(get(reg.SATP, reg.CSR_ACCESS)).not.toBe(reg.CSR_ACCESS_READ_ONLY);
  });
});
