import * as reg from '@bulkhead/riscv-iommu-datasheet';
import { describe, expect, it } from 'vitest';
import { ALL_CAPABILITIES, DMA_READ } from '../src/index.ts';
import { Bench, COMMANDS, FREE, ROOT } from './bench.ts';

/** Register, what it shows of all ones, and what it shows at reset. */
const WRITABLE: readonly (readonly [string, number, number, number])[] = [
  ['capabilities', reg.CAPABILITIES, 0x210, 0x210],
  ['capabilities, high', reg.CAPABILITIES + 4, 56, 56],
  ['fctl', reg.FCTL, 0, 0],
  ['ddtp', reg.DDTP, 0xfffffc00, 0],
  ['ddtp, high', reg.DDTP + 4, 0x3fffff, 0],
  ['cqb', reg.CQB, 0xfffffc0f, 0],
  ['cqb, high', reg.CQB + 4, 0x3fffff, 0],
  ['cqh', reg.CQH, 0, 0],
  ['fqb', reg.FQB, 0xfffffc0f, 0],
  ['fqt', reg.FQT, 0, 0],
  ['pqb', reg.PQB, 0, 0],
  ['pqcsr', reg.PQCSR, 0, 0],
  ['ipsr', reg.IPSR, 0, 0],
  ['iohpmcycles', reg.IOHPMCYCLES, 0, 0],
  ['tr_req_ctl', reg.TR_REQ_CTL, 0, 0],
  ['icvec', reg.ICVEC, 0xff, 0],
  ['msi_addr_15', reg.MSI_CFG_TBL + 240, 0xfffffffc, 0],
  ['msi_addr_15, high', reg.MSI_CFG_TBL + 244, 0xffffff, 0],
  ['msi_data_15', reg.MSI_CFG_TBL + 248, 0xffffffff, 0],
  ['msi_vec_ctl_15', reg.MSI_CFG_TBL + 252, 1, 0],
  ['beyond the table', 1024, 0, 0],
];

/** The same of an IOMMU with everything. */
const WITH_ALL: readonly (readonly [string, number, number, number])[] = [
  ['capabilities', reg.CAPABILITIES, ALL_CAPABILITIES.lo >>> 0, ALL_CAPABILITIES.lo >>> 0],
  ['capabilities, high', reg.CAPABILITIES + 4, ALL_CAPABILITIES.hi, ALL_CAPABILITIES.hi],
  ['fctl', reg.FCTL, reg.FCTL_WSI.mask, 0],
  ['pqb', reg.PQB, 0xfffffc0f, 0],
  ['pqb, high', reg.PQB + 4, 0x3fffff, 0],
  ['pqt', reg.PQT, 0, 0],
  ['pqcsr', reg.PQCSR, 0x10003, 0],
  ['icvec', reg.ICVEC, 0xffff, 0],
  ['iocountovf', reg.IOCOUNTOVF, 0, 0],
  ['iocountinh', reg.IOCOUNTINH, 0xff, 0],
  ['iohpmcycles', reg.IOHPMCYCLES, 0xffffffff, 0],
  ['iohpmctr1', reg.IOHPMCTR_1, 0xffffffff, 0],
  ['iohpmctr7, high', reg.IOHPMCTR_1 + 52, 0xffffffff, 0],
  ['iohpmctr8', reg.IOHPMCTR_1 + 56, 0, 0],
  ['iohpmevt1', reg.IOHPMEVT_1, 0xffff8000, 0],
  ['iohpmevt7, high', reg.IOHPMEVT_1 + 52, 0xffffffff, 0],
  ['iohpmevt8', reg.IOHPMEVT_1 + 56, 0, 0],
  ['tr_req_iova', reg.TR_REQ_IOVA, 0xfffff000, 0],
  ['tr_req_iova, high', reg.TR_REQ_IOVA + 4, 0xffffffff, 0],
  ['tr_req_ctl', reg.TR_REQ_CTL, 0xfffff00e, 0],
  ['tr_req_ctl, high', reg.TR_REQ_CTL + 4, 0xffffff01, 0],
  ['tr_response, high', reg.TR_RESPONSE + 4, 0, 0],
];

describe('Register layout with every capability (RISC-V IOMMU 1.0 §5.1)', () => {
  it.each(WITH_ALL)('%s keeps its writable bits and no others, and goes back at reset', (_, offset, kept, reset) => {
    const bench = new Bench(ALL_CAPABILITIES);
    expect(bench.read(offset)).toBe(reset);
    bench.write(offset, 0xffffffff);
    expect(bench.read(offset)).toBe(kept);
    bench.iommu.reset();
    expect(bench.read(offset)).toBe(reset);
  });
  it('what excludes itself is left out: Sv48 needs Sv39, MRIF needs flat, T2GPA needs ATS, IGS 3 is reserved', () => {
    const { lo, hi } = ALL_CAPABILITIES;
    const without = lo & ~(reg.CAPABILITIES_SV39.mask | reg.CAPABILITIES_MSI_FLAT.mask | reg.CAPABILITIES_ATS.mask);
    const bench = new Bench({ lo: without | reg.CAPABILITIES_IGS.mask | reg.CAPABILITIES_SV32.mask, hi: hi | 0x200 });
    const kept = bench.read(reg.CAPABILITIES);
    for (const gone of [
      reg.CAPABILITIES_SV48,
      reg.CAPABILITIES_SV57,
      reg.CAPABILITIES_MSI_MRIF,
      reg.CAPABILITIES_T2GPA,
      reg.CAPABILITIES_IGS,
      reg.CAPABILITIES_SV32,
    ])
      expect(kept & gone.mask).toBe(0);
    expect(bench.read(reg.CAPABILITIES + 4)).toBe(hi);
  });
});

describe('Register layout (RISC-V IOMMU 1.0 §5.1)', () => {
  it.each(WRITABLE)('%s keeps its writable bits and no others, and goes back at reset', (_, offset, kept, reset) => {
    const bench = new Bench();
    expect(bench.read(offset)).toBe(reset);
    bench.write(offset, 0xffffffff);
    expect(bench.read(offset)).toBe(kept);
    bench.iommu.reset();
    expect(bench.read(offset)).toBe(reset);
  });
  it('an encoding of iommu_mode without meaning leaves the mode', () => {
    const bench = new Bench();
    bench.mode(reg.DDTP_MODE_3LVL);
    bench.write(reg.DDTP, 9);
    expect(bench.read(reg.DDTP)).toBe(reg.DDTP_MODE_3LVL);
  });
  it('cqt and fqh keep the bits of an index into their queue', () => {
    const bench = new Bench();
    bench.base(reg.CQB, COMMANDS, 2);
    bench.base(reg.FQB, COMMANDS, 3);
    bench.write(reg.CQT, 0xffffffff);
    bench.write(reg.FQH, 0xffffffff);
    expect([bench.read(reg.CQT), bench.read(reg.FQH)]).toEqual([7, 15]);
  });
  it('a base register does not move while its queue is on', () => {
    const bench = new Bench();
    bench.commandQueue(3);
    bench.base(reg.CQB, FREE, 5);
    expect(bench.read(reg.CQB)).toBe(((COMMANDS << 10) | 2) >>> 0);
  });
  it('other widths and odd places read 0 and change nothing', () => {
    const bench = new Bench();
    bench.iommu.write(reg.DDTP, 1, 1);
    bench.iommu.write(reg.DDTP + 2, 4, 0xffffffff);
    bench.iommu.write(4096, 4, 1);
    expect(bench.read(reg.DDTP)).toBe(0);
    expect(bench.iommu.read(reg.CAPABILITIES, 2)).toBe(0);
    expect(bench.iommu.read(-4, 4)).toBe(0);
  });
  it('after a reset the caches hold nothing', () => {
    const bench = new Bench();
    bench.context(1, ROOT);
    bench.map(5, FREE);
    bench.mode(reg.DDTP_MODE_1LVL);
    bench.iommu.translate(1, 5, DMA_READ);
    bench.map(5, 0, 0);
    bench.iommu.reset();
    bench.mode(reg.DDTP_MODE_1LVL);
    expect(bench.iommu.translate(1, 5, DMA_READ)).toBe(-13);
  });
});
