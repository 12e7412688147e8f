import * as reg from '@bulkhead/riscv-iommu-datasheet';
import { describe, expect, it } from 'vitest';
import { DMA_READ, DMA_WRITE } from '../src/index.ts';
import { Bench, FAULTS, LEAF, MSI_PAGE, ROOT } from './bench.ts';

const DEVICE = 0x18;
const bench1Lvl = (): Bench => {
  const bench = new Bench();
  bench.context(DEVICE, ROOT);
  bench.mode(reg.DDTP_MODE_1LVL);
  bench.write(reg.ICVEC, 3 << 4);
  bench.message(3, 77);
  bench.faultQueue();
  return bench;
};

describe('Fault/Event-Queue (RISC-V IOMMU 1.0 §3.2)', () => {
  it('a record holds cause, device, transaction type and IOVA', () => {
    const bench = bench1Lvl();
    expect(bench.iommu.translate(DEVICE, 0x12345, DMA_WRITE)).toBe(-reg.CAUSE_WRITE_PAGE_FAULT);
    const page = 2 ** 52 - 7;
    expect(bench.iommu.translate(DEVICE, page, DMA_READ)).toBe(-reg.CAUSE_READ_PAGE_FAULT);
    expect(bench.read(reg.FQT)).toBe(2);
    expect(bench.record(0)).toEqual({ cause: 15, type: 3, deviceId: DEVICE, page: 0x12345, offset: 0 });
    expect(bench.record(1)).toEqual({ cause: 13, type: 2, deviceId: DEVICE, page, offset: 0 });
    expect(bench.iommu.faultCount).toBe(2);
  });
  it('every mode but Bare refuses a device without a context: 256 when off, 258 with a directory', () => {
    const bench = new Bench();
    bench.message(0, 1);
    bench.faultQueue();
    expect(bench.iommu.translate(5, 1, DMA_READ)).toBe(-256);
    bench.mode(reg.DDTP_MODE_BARE);
    expect(bench.iommu.translate(5, 1, DMA_READ)).toBe(1);
    bench.mode(reg.DDTP_MODE_1LVL);
    expect(bench.iommu.translate(5, 1, DMA_READ)).toBe(-258);
    expect([bench.record(0).cause, bench.record(1).cause]).toEqual([256, 258]);
  });
  it('DTF keeps faults of translation out of the queue, and refuses all the same', () => {
    const bench = bench1Lvl();
    bench.context(DEVICE, ROOT, 1, reg.TC_V.mask | reg.TC_DTF.mask);
    expect(bench.iommu.translate(DEVICE, 1, DMA_READ)).toBe(-13);
    expect(bench.read(reg.FQT)).toBe(0);
    expect(bench.iommu.faultCount).toBe(1);
    bench.context(DEVICE + 1, ROOT, 1, reg.TC_V.mask | reg.TC_DTF.mask | reg.TC_SXL.mask);
    expect(bench.iommu.translate(DEVICE + 1, 1, DMA_READ)).toBe(-259);
    expect(bench.read(reg.FQT)).toBe(1);
  });
  it('a full queue sets fqof, drops this record and all further ones until software clears the bit', () => {
    const bench = bench1Lvl();
    bench.faultQueue(2);
    for (let i = 0; i < 6; i++) bench.iommu.translate(DEVICE, i, DMA_READ);
    expect(bench.read(reg.FQT)).toBe(3);
    expect(bench.read(reg.FQCSR) & reg.FQCSR_FQOF.mask).not.toBe(0);
    bench.write(reg.FQH, 3);
    bench.iommu.translate(DEVICE, 9, DMA_READ);
    expect(bench.read(reg.FQT)).toBe(3);
    bench.write(reg.FQCSR, reg.FQCSR_FQEN.mask | reg.FQCSR_FIE.mask | reg.FQCSR_FQOF.mask);
    bench.iommu.translate(DEVICE, 10, DMA_READ);
    expect(bench.read(reg.FQT)).toBe(0);
    expect(bench.record(3).page).toBe(10);
  });
  it('memory that is not there sets fqmf', () => {
    const bench = bench1Lvl();
    bench.faultQueue(2, 0x1000);
    bench.iommu.translate(DEVICE, 1, DMA_READ);
    expect(bench.read(reg.FQCSR) & reg.FQCSR_FQMF.mask).not.toBe(0);
    expect(bench.read(reg.FQT)).toBe(0);
    expect(bench.read(reg.IPSR)).toBe(reg.IPSR_FIP.mask);
  });
  it('a large queue goes on in the next page', () => {
    const bench = bench1Lvl();
    bench.faultQueue(8, FAULTS);
    for (let i = 0; i < 130; i++) bench.iommu.translate(DEVICE, i, DMA_READ);
    expect(bench.ram.word(FAULTS + 1, 8 + 4) >>> 12).toBe(129);
  });
  it('switched off, it writes nothing and shows head, tail and errors as 0', () => {
    const bench = bench1Lvl();
    bench.faultQueue(1);
    bench.iommu.translate(DEVICE, 1, DMA_READ);
    bench.iommu.translate(DEVICE, 1, DMA_READ);
    bench.write(reg.FQCSR, 0);
    expect(bench.read(reg.FQCSR)).toBe(0);
    expect(bench.read(reg.FQT)).toBe(0);
    bench.iommu.translate(DEVICE, 1, DMA_READ);
    expect(bench.read(reg.FQT)).toBe(0);
  });
});

describe('Interrupts of the IOMMU (RISC-V IOMMU 1.0 §5.18, §5.27, §5.28)', () => {
  it('fip goes from 0 to 1 once, and one message leaves by the vector of icvec.fiv', () => {
    const bench = bench1Lvl();
    bench.iommu.translate(DEVICE, 1, DMA_READ);
    bench.iommu.translate(DEVICE, 2, DMA_READ);
    expect(bench.read(reg.IPSR)).toBe(reg.IPSR_FIP.mask);
    expect(bench.messages).toEqual([{ page: MSI_PAGE, offset: 0, data: 77 }]);
    expect(bench.attentions).toBe(1);
    bench.write(reg.IPSR, reg.IPSR_FIP.mask);
    expect(bench.read(reg.IPSR)).toBe(0);
    bench.iommu.translate(DEVICE, 3, DMA_READ);
    expect(bench.messages.length).toBe(2);
  });
  it('without fie nothing is pending', () => {
    const bench = bench1Lvl();
    bench.write(reg.FQCSR, reg.FQCSR_FQEN.mask);
    bench.iommu.translate(DEVICE, 1, DMA_READ);
    expect(bench.read(reg.FQT)).toBe(1);
    expect(bench.read(reg.IPSR)).toBe(0);
  });
  it('a cleared bit whose condition still stands is set again, with a message', () => {
    const bench = bench1Lvl();
    bench.faultQueue(1);
    for (let i = 0; i < 3; i++) bench.iommu.translate(DEVICE, 1, DMA_READ);
    const before = bench.messages.length;
    bench.write(reg.IPSR, reg.IPSR_FIP.mask);
    expect(bench.read(reg.IPSR)).toBe(reg.IPSR_FIP.mask);
    expect(bench.messages.length).toBe(before + 1);
  });
  it('a masked vector keeps its message until it is unmasked', () => {
    const bench = bench1Lvl();
    const control = reg.MSI_CFG_TBL + 3 * 16 + reg.MSI_VEC_CTL;
    bench.write(control, 1);
    bench.iommu.translate(DEVICE, 1, DMA_READ);
    expect(bench.messages).toEqual([]);
    bench.write(control, 0);
    expect(bench.messages.length).toBe(1);
    bench.write(control, 1);
    bench.write(control, 0);
    expect(bench.messages.length).toBe(1);
  });
  it('a message that nobody takes is fault 273 with TTYP 0 and the address in iotval', () => {
    const bench = bench1Lvl();
    bench.write(reg.MSI_CFG_TBL + 3 * 16, 0x1234008);
    bench.iommu.translate(DEVICE, 1, DMA_READ);
    expect(bench.record(1)).toEqual({ cause: 273, type: 0, deviceId: 0, page: 0x1234, offset: 8 });
  });
  it('a message into RAM is a store', () => {
    const bench = bench1Lvl();
    bench.write(reg.MSI_CFG_TBL + 3 * 16, (ROOT + 5) * 4096 + 16);
    bench.iommu.translate(DEVICE, 1, DMA_READ);
    expect(bench.ram.word(ROOT + 5, 4)).toBe(77);
  });
  it('a mapped page raises nothing', () => {
    const bench = bench1Lvl();
    bench.map(1, 0x12345, LEAF);
    expect(bench.iommu.translate(DEVICE, 1, DMA_WRITE)).toBe(0x12345);
    expect(bench.iommu.faultCount).toBe(0);
    expect(bench.iommu.translationCount).toBe(1);
  });
});
