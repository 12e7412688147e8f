import * as reg from '@bulkhead/riscv-iommu-datasheet';
import { beforeEach, describe, expect, it } from 'vitest';
import { ALL_CAPABILITIES, SV39_CAPABILITIES } from '../src/index.ts';
import { Bench, D, FREE, LEAF, MSI_PAGE, ROOT } from './bench.ts';

const DEVICE = 0x18;
const GO = 1;
const [PRIV, NW] = [2, 8];
let bench: Bench;
const translate = (page: number, control = 0, processId = -1): readonly number[] => {
  bench.write(reg.TR_REQ_IOVA, (page << 12) | 0xfff);
  bench.write(reg.TR_REQ_IOVA + 4, Math.floor(page / 0x100000));
  bench.write(reg.TR_REQ_CTL + 4, (DEVICE << 8) | (processId >= 0 ? 1 : 0));
  bench.write(reg.TR_REQ_CTL, GO | control | (Math.max(processId, 0) << 12));
  return [bench.read(reg.TR_RESPONSE), bench.read(reg.TR_RESPONSE + 4)];
};

beforeEach(() => {
  bench = new Bench(ALL_CAPABILITIES);
  bench.extendedContext(DEVICE, { root: ROOT });
  bench.map(5, FREE);
  bench.mode(reg.DDTP_MODE_1LVL);
  bench.message(0, 0);
  bench.faultQueue();
});

describe('Debug support (RISC-V IOMMU 1.0 chapter 4, §5.24 to §5.26)', () => {
  it('answers with the page, and Go/Busy is 0 again', () => {
    expect(translate(5)).toEqual([(FREE << 10) >>> 0, 0]);
    expect(bench.read(reg.TR_REQ_CTL)).toBe(0);
    expect(bench.read(reg.TR_REQ_IOVA)).toBe(0x5000);
  });
  it('NW = 0 asks for write too; a fault is reported as usual and sets the fault bit', () => {
    bench.map(5, FREE, LEAF & ~D);
    expect(translate(5, NW)).toEqual([(FREE << 10) >>> 0, 0]);
    expect(translate(5)[0]).toBe(1);
    expect(bench.record(0)).toMatchObject({ cause: 15, type: 3, deviceId: DEVICE, page: 5 });
    expect(translate(6, NW)[0]).toBe(1);
    expect(bench.record(1)).toMatchObject({ cause: 13, type: 2, page: 6 });
  });
  it('gives the memory type of the leaf (Svpbmt)', () => {
    bench.ram.setWord(ROOT + 2, 11, 2 << 29);
    expect(translate(5)[0]).toBe(((FREE << 10) | (2 << 7)) >>> 0);
  });
  it('an interrupt file in memory is a transaction of a type that is not allowed (cause 260)', () => {
    bench.extendedContext(DEVICE, { msi: [FREE, 1 << 28, 0, 0, 5, 0] });
    bench.ram.setWord(FREE, 0, (FREE << 10) | 3);
    expect(translate(5)[0]).toBe(1);
    expect(bench.record(0)).toMatchObject({ cause: 260, page: 5 });
  });
  it('a process_id where there is no process directory is refused, with PID and privilege in the record', () => {
    expect(translate(5, PRIV, 0x1234)[0]).toBe(1);
    expect(bench.record(0).cause).toBe(260);
    const [word0, word1] = [0, 1].map((i) => bench.ram.word(FREE - 6, i));
    expect([word0! >>> 12, word1! & 3]).toEqual([0x1234, 3]);
  });
  it('is not there without capabilities.DBG', () => {
    bench = new Bench(SV39_CAPABILITIES);
    expect(translate(5)).toEqual([0, 0]);
    expect(bench.read(reg.TR_REQ_IOVA)).toBe(0);
    expect(bench.iommu.faultCount).toBe(0);
  });
});

describe('Wire-signaled interrupts (RISC-V IOMMU 1.0 §5.4, §5.18, §5.27)', () => {
  const high = (): number[] => [...bench.wires].sort();
  const fault = (): number => bench.iommu.translate(DEVICE, 99, 1);
  beforeEach(() => {
    bench.write(reg.FCTL, 0xffffffff);
    bench.write(reg.ICVEC, 0x4321);
    bench.commandQueue();
  });
  it('BE and GXL stay 0, WSI is writable where both ways are there', () => {
    expect(bench.read(reg.FCTL)).toBe(reg.FCTL_WSI.mask);
    const messagesOnly = new Bench(SV39_CAPABILITIES);
    messagesOnly.write(reg.FCTL, 7);
    expect(messagesOnly.read(reg.FCTL)).toBe(0);
  });
  it('a pending bit drives the wire that icvec selects until it is cleared, and sends no message', () => {
    bench.message(2, 5);
    fault();
    expect(high()).toEqual([2]);
    bench.write(reg.ICVEC, 0x4371);
    expect(high()).toEqual([7]);
    bench.write(reg.IPSR, reg.IPSR_FIP.mask);
    expect(high()).toEqual([]);
    expect(bench.messages).toEqual([]);
  });
  it('a condition that still stands sets the bit again: the wire stays up', () => {
    bench.command(0);
    expect(high()).toEqual([1]);
    bench.write(reg.IPSR, reg.IPSR_CIP.mask);
    expect([high(), bench.read(reg.IPSR)]).toEqual([[1], reg.IPSR_CIP.mask]);
    bench.write(reg.CQCSR, 0x703);
    bench.write(reg.IPSR, reg.IPSR_CIP.mask);
    expect(high()).toEqual([1]); // the command is still illegal
  });
  it('IOFENCE.C with WSI sets fence_w_ip, and is illegal while fctl.WSI is 0', () => {
    bench.command(reg.OPCODE_IOFENCE | reg.IOFENCE_0_WSI.mask);
    expect(bench.read(reg.CQCSR) & reg.CQCSR_FENCE_W_IP.mask).not.toBe(0);
    expect(high()).toEqual([1]);
    bench.write(reg.CQCSR, bench.read(reg.CQCSR));
    bench.write(reg.IPSR, reg.IPSR_CIP.mask);
    expect(high()).toEqual([]);
    bench.write(reg.FCTL, 0);
    bench.command(reg.OPCODE_IOFENCE | reg.IOFENCE_0_WSI.mask);
    expect(bench.read(reg.CQCSR) & reg.CQCSR_CMD_ILL.mask).not.toBe(0);
  });
  it('two causes on one vector hold one wire until both are cleared', () => {
    bench.write(reg.ICVEC, 0x0055);
    bench.command(0);
    fault();
    expect(high()).toEqual([5]);
    bench.write(reg.IPSR, reg.IPSR_FIP.mask);
    expect(high()).toEqual([5]);
  });
  it('with wires only, fctl.WSI is 1 from the start and msi_cfg_tbl is hardwired to 0', () => {
    const { lo, hi } = ALL_CAPABILITIES;
    const wires = new Bench({ lo: (lo & ~reg.CAPABILITIES_IGS.mask) | (1 << 28), hi });
    wires.message(3, 4);
    wires.write(reg.FCTL, 0);
    expect([wires.read(reg.FCTL), wires.read(reg.MSI_CFG_TBL + 48), MSI_PAGE > 0]).toEqual([2, 0, true]);
  });
});
