import * as reg from '@bulkhead/riscv-iommu-datasheet';
import { describe, expect, it } from 'vitest';
import { DMA_READ } from '../src/index.ts';
import { Bench, DIRECTORY, FREE, ROOT } from './bench.ts';

const DEVICE = 0x18;
const working = (): Bench => {
  const bench = new Bench();
  bench.context(DEVICE, ROOT, 7);
  bench.map(5, FREE);
  bench.mode(reg.DDTP_MODE_1LVL);
  return bench;
};

describe('Device-context configuration checks (RISC-V IOMMU 1.0 §2.1.4)', () => {
  it.each([
    ['EN_ATS', reg.TC_EN_ATS.mask],
    ['EN_PRI', reg.TC_EN_PRI.mask],
    ['T2GPA', reg.TC_T2GPA.mask],
    ['PRPR', reg.TC_PRPR.mask],
    ['GADE', reg.TC_GADE.mask],
    ['SADE', reg.TC_SADE.mask],
    ['DPE without PDTV', reg.TC_DPE.mask],
    ['SBE', reg.TC_SBE.mask],
    ['SXL', reg.TC_SXL.mask],
    ['the lowest reserved bit', 1 << 12],
    ['the highest reserved bit', 1 << 23],
    ['PDTV with a mode that has no process directory', reg.TC_PDTV.mask],
  ])('%s is misconfigured here', (_, bits) => {
    const bench = working();
    bench.context(DEVICE, ROOT, 7, reg.TC_V.mask | bits);
    expect(bench.iommu.translate(DEVICE, 5, DMA_READ)).toBe(-259);
  });
  it('bits for custom use, and DTF, are not', () => {
    const bench = working();
    bench.context(DEVICE, ROOT, 7, reg.TC_V.mask | reg.TC_DTF.mask | (0xff << 24));
    expect(bench.iommu.translate(DEVICE, 5, DMA_READ)).toBe(FREE);
  });
  it('PDTV with pdtp.MODE Bare translates nothing, with DPE or without', () => {
    for (const dpe of [0, reg.TC_DPE.mask]) {
      const bench = working();
      bench.context(DEVICE, 0, 7, reg.TC_V.mask | reg.TC_PDTV.mask | dpe);
      expect(bench.iommu.translate(DEVICE, 5, DMA_READ)).toBe(5);
    }
  });
  it.each([
    ['tc, high word', 1, 1],
    ['a second stage', 3, 8 << 28],
    ['ta, low', 4, 0x7001],
    ['ta, high word', 5, 1],
    ['iosatp, a reserved bit', 7, (8 << 28) | (1 << 12)],
    ['iosatp, Sv48', 7, 9 << 28],
  ])('%s is misconfigured here', (_, word, value) => {
    const bench = working();
    bench.ram.setWord(DIRECTORY, DEVICE * 8 + word, value);
    expect(bench.iommu.translate(DEVICE, 5, DMA_READ)).toBe(-259);
  });
});
