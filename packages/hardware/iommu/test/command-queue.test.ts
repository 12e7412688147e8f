import * as reg from '@bulkhead/riscv-iommu-datasheet';
import { describe, expect, it } from 'vitest';
import { DMA_READ, DMA_WRITE } from '../src/index.ts';
import { A, Bench, COMMANDS, FREE, G, LEAF, MSI_PAGE, R, ROOT, U, V } from './bench.ts';

const DEVICE = 0x18;
const AV: number = reg.IOTINVAL_0_AV.mask;
const invalidateVma = (bench: Bench, { page = -1, pscid = -1 }): void =>
  bench.command(
    reg.OPCODE_IOTINVAL | (page >= 0 ? AV : 0) | (pscid >= 0 ? pscid << 12 : 0),
    pscid >= 0 ? reg.IOTINVAL_1_PSCV.mask : 0,
    Math.max(page, 0) << 10,
    Math.floor(Math.max(page, 0) / 0x400000),
  );
const working = (): Bench => {
  const bench = new Bench();
  bench.context(DEVICE, ROOT, 7);
  bench.mode(reg.DDTP_MODE_1LVL);
  bench.commandQueue();
  bench.map(5, FREE);
  return bench;
};

describe('IOMMU Page-Table cache invalidation commands (RISC-V IOMMU 1.0 §3.1.1)', () => {
  it('an unmapped page stays reachable until IOTINVAL.VMA, and no longer', () => {
    const bench = working();
    expect(bench.iommu.translate(DEVICE, 5, DMA_READ)).toBe(FREE);
    bench.map(5, 0, 0);
    expect(bench.iommu.translate(DEVICE, 5, DMA_READ)).toBe(FREE);
    expect(bench.iommu.walkCount).toBe(1);
    invalidateVma(bench, { page: 5, pscid: 7 });
    expect(bench.iommu.translate(DEVICE, 5, DMA_READ)).toBe(-13);
    expect(bench.iommu.invalidationCount).toBe(1);
  });
  it.each([
    ['another address', { page: 6 }, false],
    ['another process', { pscid: 8 }, false],
    ['this address, another process', { page: 5, pscid: 8 }, false],
    ['everything', {}, true],
    ['this address', { page: 5 }, true],
    ['this process', { pscid: 7 }, true],
  ])('%s', (_, operands, gone) => {
    const bench = working();
    bench.iommu.translate(DEVICE, 5, DMA_READ);
    bench.map(5, 0, 0);
    invalidateVma(bench, operands);
    expect(bench.iommu.translate(DEVICE, 5, DMA_READ)).toBe(gone ? -13 : FREE);
  });
  it('a global mapping survives a command with PSCV', () => {
    const bench = working();
    bench.map(5, FREE, LEAF | G);
    bench.iommu.translate(DEVICE, 5, DMA_READ);
    bench.map(5, 0, 0);
    invalidateVma(bench, { page: 5, pscid: 7 });
    expect(bench.iommu.translate(DEVICE, 5, DMA_READ)).toBe(FREE);
    invalidateVma(bench, { page: 5 });
    expect(bench.iommu.translate(DEVICE, 5, DMA_READ)).toBe(-13);
  });
  it('one walk serves a whole superpage of 2 MiB, and any address in it invalidates it', () => {
    const bench = working();
    bench.entry(ROOT + 1, 1, 0x90000, LEAF);
    for (let page = 0x200; page < 0x400; page++)
      expect(bench.iommu.translate(DEVICE, page, DMA_WRITE)).toBe(0x90000 + page - 0x200);
    expect(bench.iommu.walkCount).toBe(1);
    bench.entry(ROOT + 1, 1, 0, 0);
    invalidateVma(bench, { page: 0x3ff });
    expect(bench.iommu.translate(DEVICE, 0x200, DMA_READ)).toBe(-13);
  });
  it('any address in a superpage of 1 GiB invalidates all that is held of it', () => {
    const bench = working();
    bench.entry(ROOT, 2, 0x40000, LEAF);
    expect(bench.iommu.translate(DEVICE, 0x80000, DMA_READ)).toBe(0x40000);
    expect(bench.iommu.translate(DEVICE, 0x81234, DMA_READ)).toBe(0x41234);
    bench.entry(ROOT, 2, 0, 0);
    invalidateVma(bench, { page: 0xbffff });
    expect(bench.iommu.translate(DEVICE, 0x80000, DMA_READ)).toBe(-13);
    expect(bench.iommu.translate(DEVICE, 0x81234, DMA_READ)).toBe(-13);
  });
  it('a page held for reading is walked again for a write', () => {
    const bench = working();
    bench.map(5, FREE, V | R | U | A);
    expect(bench.iommu.translate(DEVICE, 5, DMA_READ)).toBe(FREE);
    expect(bench.iommu.translate(DEVICE, 5, DMA_WRITE)).toBe(-15);
    bench.map(5, FREE, LEAF);
    expect(bench.iommu.translate(DEVICE, 5, DMA_WRITE)).toBe(FREE);
  });
  it('commands for guests touch nothing of the host', () => {
    const bench = working();
    bench.iommu.translate(DEVICE, 5, DMA_READ);
    bench.map(5, 0, 0);
    bench.command(reg.OPCODE_IOTINVAL, reg.IOTINVAL_1_GV.mask);
    bench.command(reg.OPCODE_IOTINVAL | (1 << 7));
    expect(bench.iommu.translate(DEVICE, 5, DMA_READ)).toBe(FREE);
    expect(bench.read(reg.CQH)).toBe(2);
  });
});

describe('IOMMU directory cache invalidation commands (RISC-V IOMMU 1.0 §3.1.3)', () => {
  it('a device context that was taken away is used until IODIR.INVAL_DDT', () => {
    const bench = working();
    bench.iommu.translate(DEVICE, 5, DMA_READ);
    bench.context(DEVICE, 0, 0, 0);
    expect(bench.iommu.translate(DEVICE, 5, DMA_READ)).toBe(FREE);
    bench.command(reg.OPCODE_IODIR, reg.IODIR_1_DV.mask | ((DEVICE + 1) << 8));
    expect(bench.iommu.translate(DEVICE, 5, DMA_READ)).toBe(FREE);
    bench.command(reg.OPCODE_IODIR, reg.IODIR_1_DV.mask | (DEVICE << 8));
    expect(bench.iommu.translate(DEVICE, 5, DMA_READ)).toBe(-258);
    expect(bench.iommu.contextLoadCount).toBe(1);
  });
  it('without DV all contexts go, and pages stay', () => {
    const bench = working();
    bench.iommu.translate(DEVICE, 5, DMA_READ);
    bench.map(5, 0, 0);
    bench.command(reg.OPCODE_IODIR);
    expect(bench.iommu.translate(DEVICE, 5, DMA_READ)).toBe(FREE);
    expect(bench.iommu.contextLoadCount).toBe(2);
  });
});

describe('IOMMU Command-queue Fence commands (RISC-V IOMMU 1.0 §3.1.2)', () => {
  it('with AV it stores DATA to memory when all before it is done', () => {
    const bench = working();
    const address = (FREE + 1) * 4096 + 0x20;
    bench.command(reg.OPCODE_IOFENCE | reg.IOFENCE_0_AV.mask, 0xcafe, address / 4, 0);
    expect(bench.ram.word(FREE + 1, 8)).toBe(0xcafe);
    expect(bench.read(reg.CQH)).toBe(1);
  });
  it('it may write to an interrupt file', () => {
    const bench = working();
    bench.command(reg.OPCODE_IOFENCE | reg.IOFENCE_0_AV.mask, 9, (MSI_PAGE * 4096) / 4);
    expect(bench.messages).toEqual([{ page: MSI_PAGE, offset: 0, data: 9 }]);
  });
  it('a store that nobody takes sets cqmf and stops the queue', () => {
    const bench = working();
    bench.command(reg.OPCODE_IOFENCE | reg.IOFENCE_0_AV.mask, 9, 0x1000);
    expect(bench.read(reg.CQCSR) & reg.CQCSR_CQMF.mask).not.toBe(0);
    expect(bench.read(reg.CQH)).toBe(0);
  });
});

describe('Command-queue (RISC-V IOMMU 1.0 §3.1, §5.15)', () => {
  it.each([
    ['opcode 0', [0]],
    ['a reserved opcode', [5]],
    ['a custom opcode', [64]],
    ['ATS.INVAL without capabilities.ATS', [reg.OPCODE_ATS]],
    ['IODIR.INVAL_PDT without process directories', [reg.OPCODE_IODIR | (1 << 7), reg.IODIR_1_DV.mask]],
    ['IOTINVAL.GVMA with PSCV', [reg.OPCODE_IOTINVAL | (1 << 7), reg.IOTINVAL_1_PSCV.mask]],
    ['a reserved function', [reg.OPCODE_IOTINVAL | (2 << 7)]],
    ['a reserved bit in word 0', [reg.OPCODE_IOTINVAL | (1 << 11)]],
    ['a reserved bit in word 1', [reg.OPCODE_IOTINVAL, 1 << 5]],
    ['a reserved bit in word 2', [reg.OPCODE_IOTINVAL, 0, 1]],
    ['a reserved bit in word 3', [reg.OPCODE_IOTINVAL, 0, 0, 1 << 31]],
    ['IOFENCE.C with WSI where no wire is', [reg.OPCODE_IOFENCE | reg.IOFENCE_0_WSI.mask]],
    ['a device wider than the mode', [reg.OPCODE_IODIR, reg.IODIR_1_DV.mask | (0x80 << 8)]],
    ['IODIR.INVAL_DDT with PID', [reg.OPCODE_IODIR | (1 << 12)]],
  ])('%s is illegal: cmd_ill is set, cqh stays, an interrupt is pending', (_, [word0, ...words]) => {
    const bench = working();
    bench.message(0, 55);
    bench.command(word0!, ...words);
    expect(bench.read(reg.CQCSR) & reg.CQCSR_CMD_ILL.mask).not.toBe(0);
    expect(bench.read(reg.CQH)).toBe(0);
    expect(bench.read(reg.IPSR)).toBe(reg.IPSR_CIP.mask);
    expect(bench.messages).toEqual([{ page: MSI_PAGE, offset: 0, data: 55 }]);
  });
  it('goes on from the same command when software mended it and cleared cmd_ill', () => {
    const bench = working();
    bench.command(0);
    bench.command(reg.OPCODE_IOTINVAL);
    expect(bench.iommu.invalidationCount).toBe(0);
    bench.ram.setWord(COMMANDS, 0, reg.OPCODE_IODIR);
    bench.write(reg.CQCSR, reg.CQCSR_CQEN.mask | reg.CQCSR_CIE.mask | reg.CQCSR_CMD_ILL.mask);
    expect(bench.read(reg.CQH)).toBe(2);
    expect(bench.iommu.invalidationCount).toBe(2);
  });
  it('wraps at its size', () => {
    const bench = working();
    bench.commandQueue(2);
    for (let i = 0; i < 6; i++) bench.command(reg.OPCODE_IOTINVAL);
    expect(bench.iommu.invalidationCount).toBe(6);
    expect(bench.read(reg.CQH)).toBe(2);
  });
  it('a queue that is not in memory sets cqmf', () => {
    const bench = working();
    bench.write(reg.CQCSR, 0);
    bench.base(reg.CQB, 0x1000, 3);
    bench.write(reg.CQCSR, reg.CQCSR_CQEN.mask);
    bench.write(reg.CQT, 1);
    expect(bench.read(reg.CQCSR) & reg.CQCSR_CQMF.mask).not.toBe(0);
  });
  it('switched off it runs nothing, and switched on it starts at 0', () => {
    const bench = working();
    bench.command(reg.OPCODE_IOTINVAL);
    bench.write(reg.CQCSR, 0);
    bench.command(reg.OPCODE_IOTINVAL);
    expect(bench.iommu.invalidationCount).toBe(1);
    bench.write(reg.CQCSR, reg.CQCSR_CQEN.mask);
    expect([bench.read(reg.CQH), bench.read(reg.CQT)]).toEqual([0, 0]);
    expect(bench.read(reg.CQCSR)).toBe(reg.CQCSR_CQEN.mask | reg.CQCSR_CQON.mask);
  });
});
