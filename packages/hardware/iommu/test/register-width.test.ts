import * as reg from '@bulkhead/riscv-iommu-datasheet';
import { beforeEach, describe, expect, it } from 'vitest';
import { ALL_CAPABILITIES, DMA_READ } from '../src/index.ts';
import { Bench, COMMANDS, DIRECTORY, FREE, MSI_PAGE, ROOT } from './bench.ts';

const DEVICE = 0x18;
const GO = reg.TR_REQ_CTL_GO_BUSY.mask;
const ANSWER = (FREE << 10) >>> 0;
let bench: Bench;

/** Low word, high word. */
function read8(offset: number): readonly [number, number] {
  const words = new Int32Array(2);
  bench.iommu.readDoubleword(offset, words);
  return [words[0]! >>> 0, words[1]! >>> 0];
}
const write8 = (offset: number, lo: number, hi: number): void => bench.iommu.writeDoubleword(offset, lo, hi);
const response = (): readonly number[] => [bench.read(reg.TR_RESPONSE), bench.read(reg.TR_RESPONSE + 4)];

beforeEach(() => {
  bench = new Bench(ALL_CAPABILITIES);
  bench.extendedContext(DEVICE, { root: ROOT });
  bench.map(5, FREE);
  bench.faultQueue();
});

describe('Memory-mapped register interface (RISC-V IOMMU 1.0 chapter 5)', () => {
  it('an access of 8 bytes reads and writes a whole register', () => {
    expect(read8(reg.CAPABILITIES)).toEqual([ALL_CAPABILITIES.lo >>> 0, ALL_CAPABILITIES.hi]);
    write8(reg.CQB, (COMMANDS << 10) | 7, 1);
    expect([bench.read(reg.CQB), bench.read(reg.CQB + 4)]).toEqual([((COMMANDS << 10) | 7) >>> 0, 1]);
    expect(read8(reg.CQB)).toEqual([((COMMANDS << 10) | 7) >>> 0, 1]);
    write8(reg.DDTP, 0xffff_ffff, 0xffff_ffff);
    expect(read8(reg.DDTP)).toEqual([0xffff_fc00, 0x3f_ffff]);
  });
  it('ddtp: 8 bytes turn the directory on, with the PPN of both halves', () => {
    write8(reg.DDTP, (DIRECTORY << 10) | reg.DDTP_MODE_1LVL, 0);
    expect(bench.iommu.translate(DEVICE, 5, DMA_READ)).toBe(FREE);
    write8(reg.DDTP, (DIRECTORY << 10) | reg.DDTP_MODE_1LVL, 1);
    bench.commandQueue();
    bench.invalidateAll();
    expect(bench.iommu.translate(DEVICE, 5, DMA_READ)).toBe(-257); // the directory is beyond RAM now
  });
  it('tr_req_ctl: Go is seen with the device_id of the high half, by 8 bytes', () => {
    bench.mode(reg.DDTP_MODE_1LVL);
    write8(reg.TR_REQ_IOVA, 0x5000, 0);
    write8(reg.TR_REQ_CTL, GO, DEVICE << 8);
    expect(read8(reg.TR_RESPONSE)).toEqual([ANSWER, 0]);
    expect(read8(reg.TR_REQ_CTL)).toEqual([0, DEVICE << 8]);
    expect(bench.iommu.faultCount).toBe(0);
  });
  it('two halves by software, the high one first: nothing happens before the low one is written', () => {
    bench.mode(reg.DDTP_MODE_1LVL);
    write8(reg.TR_REQ_IOVA, 0x5000, 0);
    bench.write(reg.TR_REQ_CTL + 4, DEVICE << 8);
    expect([response(), bench.iommu.translationCount]).toEqual([[0, 0], 0]);
    bench.write(reg.TR_REQ_CTL, GO);
    expect(response()).toEqual([ANSWER, 0]);
    // The low half again: another request, with the same high half.
    bench.map(5, FREE + 1);
    bench.write(reg.TR_REQ_CTL, GO);
    expect(response()).toEqual([((FREE + 1) << 10) >>> 0, 0]);
  });
  it('a high half that comes last belongs to the next request', () => {
    bench.mode(reg.DDTP_MODE_1LVL);
    write8(reg.TR_REQ_IOVA, 0x5000, 0);
    bench.write(reg.TR_REQ_CTL, GO); // device 0 has no context
    bench.write(reg.TR_REQ_CTL + 4, DEVICE << 8);
    expect(response()[0]).toBe(1);
    expect(bench.record(0).deviceId).toBe(0);
  });
  it('a high half alone sets nothing going in any register', () => {
    bench.commandQueue();
    bench.mode(reg.DDTP_MODE_1LVL);
    const before = [bench.messages.length, bench.attentions, bench.wires.size, bench.iommu.translationCount];
    for (const register of [reg.DDTP, reg.CQB, reg.FQB, reg.PQB, reg.IOHPMCYCLES, reg.IOHPMCTR_1, reg.IOHPMEVT_1])
      bench.write(register + 4, 0xffff_ffff);
    for (const register of [reg.TR_REQ_IOVA, reg.TR_REQ_CTL, reg.ICVEC, reg.MSI_CFG_TBL + reg.MSI_ADDR])
      bench.write(register + 4, 0xffff_ffff);
    expect([bench.messages.length, bench.attentions, bench.wires.size, bench.iommu.translationCount]).toEqual(before);
    expect(bench.read(reg.IPSR)).toBe(0);
  });
  it('msi_addr: 8 bytes; a message goes to both halves', () => {
    write8(reg.MSI_CFG_TBL + reg.MSI_ADDR, MSI_PAGE * 4096, 0);
    bench.write(reg.MSI_CFG_TBL + reg.MSI_DATA, 9);
    bench.write(reg.MSI_CFG_TBL + reg.MSI_VEC_CTL, 0);
    bench.iommu.translate(1, 1, DMA_READ);
    expect(bench.messages).toEqual([{ page: MSI_PAGE, offset: 0, data: 9 }]);
  });
  it('iohpmcycles: 8 bytes are of one moment, and a value with OF is written whole', () => {
    write8(reg.IOHPMCYCLES, 0xffff_ffff, 1);
    expect(read8(reg.IOHPMCYCLES)).toEqual([0xffff_ffff, 1]);
    bench.now++;
    expect(read8(reg.IOHPMCYCLES)).toEqual([0, 2]);
    write8(reg.IOHPMCYCLES, 5, 0x8000_0000);
    expect([read8(reg.IOHPMCYCLES), bench.read(reg.IOCOUNTOVF), bench.read(reg.IPSR)]).toEqual([
      [5, 0x8000_0000],
      1,
      0,
    ]);
  });
  it('iohpmevt: 8 bytes select an event with its filter', () => {
    bench.mode(reg.DDTP_MODE_1LVL);
    const filter = reg.IOHPMEVT_HI_DV.mask | ((DEVICE + 1) << reg.IOHPMEVT_HI_DID.shift);
    write8(reg.IOHPMEVT_1, reg.EVENT_UNTRANSLATED_REQUEST, filter);
    bench.iommu.translate(DEVICE, 5, DMA_READ);
    bench.iommu.translate(DEVICE + 1, 5, DMA_READ);
    expect(read8(reg.IOHPMCTR_1)).toEqual([1, 0]);
  });
  it('two registers of 4 bytes under one access (UNSPECIFIED): two accesses, the high one first', () => {
    bench.commandQueue();
    bench.ram.setWord(COMMANDS, 0, reg.OPCODE_IOTINVAL);
    write8(reg.CQH, 0xffff_ffff, 1);
    expect(read8(reg.CQH)).toEqual([1, 1]);
    expect(read8(reg.FCTL)).toEqual([0, 0]);
  });
  it('misaligned or outside (UNSPECIFIED): reads 0 and writes nothing', () => {
    for (const offset of [reg.DDTP + 4, reg.DDTP + 1, -8, reg.REGISTERS_SIZE_BYTES - 4, reg.REGISTERS_SIZE_BYTES]) {
      write8(offset, -1, -1);
      expect(read8(offset)).toEqual([0, 0]);
    }
    expect(read8(reg.DDTP)).toEqual([0, 0]);
  });
});
