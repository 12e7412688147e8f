import { createRam } from '@bulkhead/memory';
import * as reg from '@bulkhead/riscv-iommu-datasheet';
import { beforeEach, describe, expect, it } from 'vitest';
import { ALL_CAPABILITIES, createIommu, DMA_READ } from '../src/index.ts';
import { NO_PROCESS, Request, UNTRANSLATED } from '../src/request.ts';
import { Bench, FREE, RAM_BASE, ROOT } from './bench.ts';

const DEVICE = 0x18;
const OTHER = 0x1a;
const PROCESSES: number = FREE + 11;
let bench: Bench;
const selector = (counter: number): number => reg.IOHPMEVT_1 + (counter - 1) * 8;
const select = (counter: number, event: number, high = 0, low = 0): void => {
  bench.write(selector(counter), 0);
  bench.write(selector(counter) + 4, high);
  bench.write(selector(counter), event | low);
};
const count = (counter: number): number => bench.read(reg.IOHPMCTR_1 + (counter - 1) * 8);
const ask = (device: number = DEVICE, page = 5): number => bench.iommu.translate(device, page, DMA_READ);
const askAs = (process: number): number => {
  const request = new Request(OTHER, process, false, UNTRANSLATED);
  request.ioPage = 5;
  return bench.iommu.request(request);
};
const DV = 1 << 29;
const PV = 1 << 28;
const IDT = 1 << 30;

beforeEach(() => {
  bench = new Bench(ALL_CAPABILITIES);
  bench.extendedContext(DEVICE, { root: ROOT, pscid: 3 });
  bench.extendedContext(OTHER, { tc: 0x21, root: PROCESSES, mode: 1 });
  [0x9001, 0, ROOT, 8 << 28].forEach((word, i) => {
    for (const process of [6, 7]) bench.ram.setWord(PROCESSES, process * 4 + i, word);
  });
  bench.map(5, FREE);
  bench.mode(reg.DDTP_MODE_1LVL);
  bench.message(0, 0);
});

describe('Performance-monitoring event counters (RISC-V IOMMU 1.0 §5.22, §5.23)', () => {
  it('each standard event is counted once where it happens', () => {
    for (let event = 1; event <= 7; event++) select(event, event);
    for (let i = 0; i < 3; i++) ask();
    askAs(6);
    bench.iommu.requestTranslation({
      ...{ deviceId: DEVICE, processId: NO_PROCESS, ioPage: 5 },
      ...{ privileged: false, execute: false, noWrite: true },
    });
    expect([1, 2, 3, 4, 5, 6, 7].map(count)).toEqual([4, 0, 1, 2, 2, 1, 2]);
  });
  it('filters by device, by part of a device_id, by process, by PSCID', () => {
    select(1, reg.EVENT_UNTRANSLATED_REQUEST, DV | (DEVICE << 4));
    select(2, reg.EVENT_UNTRANSLATED_REQUEST, DV | (0x1b << 4), reg.IOHPMEVT_DMASK.mask);
    select(3, reg.EVENT_UNTRANSLATED_REQUEST, PV, 7 << 16);
    select(4, reg.EVENT_FIRST_STAGE_WALK, IDT | PV, 9 << 16);
    select(5, reg.EVENT_UNTRANSLATED_REQUEST, IDT);
    select(6, reg.EVENT_FIRST_STAGE_WALK, IDT | DV);
    ask();
    askAs(6);
    askAs(7);
    expect([1, 2, 3, 4, 5, 6].map(count)).toEqual([1, 3, 1, 1, 0, 0]);
  });
  it('an inhibited counter stands still', () => {
    select(1, reg.EVENT_UNTRANSLATED_REQUEST);
    bench.write(reg.IOCOUNTINH, 2);
    ask();
    bench.write(reg.IOCOUNTINH, 0);
    ask();
    expect([count(1), bench.read(reg.IOCOUNTINH)]).toEqual([1, 0]);
  });
  it('an overflow sets OF, its shadow and pmip, once until OF is cleared', () => {
    select(1, reg.EVENT_UNTRANSLATED_REQUEST);
    for (let i = 0; i < 2; i++) {
      bench.write(reg.IOHPMCTR_1, 0xffffffff);
      bench.write(reg.IOHPMCTR_1 + 4, 0xffffffff);
      ask();
      expect(count(1)).toBe(0);
      expect(bench.read(reg.IOCOUNTOVF)).toBe(2);
      expect(bench.read(reg.IPSR)).toBe(i === 0 ? reg.IPSR_PMIP.mask : 0);
      bench.write(reg.IPSR, 0xf);
    }
    bench.write(selector(1) + 4, 0);
    expect(bench.read(reg.IOCOUNTOVF)).toBe(0);
  });
  it('there are seven; a selector keeps no event that is not defined', () => {
    select(7, 9);
    bench.write(selector(8), 1);
    expect([bench.read(selector(7)), bench.read(selector(8))]).toEqual([0, 0]);
  });
  it('a request that the memory of translations would answer is counted too', () => {
    ask();
    ask();
    select(1, reg.EVENT_UNTRANSLATED_REQUEST);
    for (let i = 0; i < 5; i++) ask();
    expect(count(1)).toBe(5);
  });
});

describe('Performance-monitoring cycles counter (RISC-V IOMMU 1.0 §5.21)', () => {
  const cycles = (): readonly number[] => [bench.read(reg.IOHPMCYCLES), bench.read(reg.IOHPMCYCLES + 4)];
  it('counts the cycles that pass, and none while it is inhibited', () => {
    bench.now = 1000;
    expect(cycles()).toEqual([1000, 0]);
    bench.write(reg.IOCOUNTINH, 1);
    bench.now = 5000;
    expect(cycles()).toEqual([1000, 0]);
    bench.write(reg.IOCOUNTINH, 0);
    bench.now = 5000 + 2 ** 40;
    expect(cycles()).toEqual([1000, 256]);
  });
  it('wraps after 63 bits, sets OF and pmip, and keeps counting', () => {
    bench.write(reg.IOHPMCYCLES, 0xfffffff0);
    bench.write(reg.IOHPMCYCLES + 4, 0x7fffffff);
    bench.now = 0x20;
    expect(cycles()).toEqual([0x10, 0x80000000]);
    expect([bench.read(reg.IOCOUNTOVF), bench.read(reg.IPSR)]).toEqual([1, reg.IPSR_PMIP.mask]);
  });
  it('without a source of time there is no performance monitor', () => {
    const iommu = createIommu({ memory: createRam({ basePage: RAM_BASE, pageCount: 1 }), message: () => 0 });
    expect(iommu.read(reg.CAPABILITIES, 4) & reg.CAPABILITIES_HPM.mask).toBe(0);
    iommu.write(reg.IOHPMCYCLES, 4, 5);
    iommu.write(reg.IOCOUNTINH, 4, 5);
    expect([iommu.read(reg.IOHPMCYCLES, 4), iommu.read(reg.IOCOUNTINH, 4)]).toEqual([0, 0]);
  });
});
