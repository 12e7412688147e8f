import { NOT_MAPPED } from '@bulkhead/iommu-driver-api';
import { describe, expect, it } from 'vitest';
import { countersOf, iommuDriver } from '../src/index.ts';
import { type Bench, NIC, NIC_DRIVER, OTHER_DRIVER, pageOfFrame, SUPERVISOR, started } from './bench.ts';

const ALARM = 1;
const deferred = (deferPages = 32): Bench => started({ invalidation: 'deferred', deferUs: 700, deferPages });
const unmap = ({ handlers }: Bench, page: number): number => handlers.iommu.unmap(NIC_DRIVER, NIC, page) as number;

describe('Deferred invalidation', () => {
  it('an unmap is answered without a fence, and the device reaches what it reached until the batch is told', () => {
    const bench = deferred();
    const page = bench.map(7);
    bench.iommu.translate(NIC, page, true);
    const before = bench.iommu.commands.length;
    expect(unmap(bench, page)).toBe(0);
    expect(bench.iommu.commands.length).toBe(before);
    expect(bench.iommu.translate(NIC, page, true)).toBe(pageOfFrame(7));
    bench.handlers.kernel.notified(ALARM);
    expect(bench.iommu.commands.slice(before)).toEqual([`iotinval 1 ${page}`, 'iofence']);
    expect(bench.iommu.translate(NIC, page, true)).toBe('not mapped');
  });
  it('strict: the device does not reach it when the answer is given', () => {
    const bench = started();
    const page = bench.map(7);
    bench.iommu.translate(NIC, page, true);
    expect(unmap(bench, page)).toBe(0);
    expect(bench.iommu.translate(NIC, page, true)).toBe('not mapped');
    expect(countersOf(bench.word).exposedPages).toBe(0);
  });
  it('the alarm is set when the first page begins to wait, and again for the next batch', () => {
    const bench = deferred();
    const pages = [bench.map(1), bench.map(2), bench.map(3)];
    unmap(bench, pages[0]!);
    unmap(bench, pages[1]!);
    bench.handlers.kernel.notified(ALARM);
    unmap(bench, pages[2]!);
    expect(bench.calls.filter((call) => call.startsWith('alarm'))).toEqual(['alarm 1 700', 'alarm 1 700']);
  });
  it('without an alarm nothing is deferred: the window would have no end', () => {
    const bench = started({ invalidation: 'deferred' }, `alarm ${ALARM} 1000`);
    const page = bench.map(7);
    bench.iommu.translate(NIC, page, true);
    unmap(bench, page);
    expect(bench.iommu.translate(NIC, page, true)).toBe('not mapped');
  });
  it('as many pages as may wait are told at once', () => {
    const bench = deferred(3);
    const pages = [1, 2, 3].map((n) => bench.map(n));
    const before = bench.iommu.commands.length;
    for (const page of pages) unmap(bench, page);
    expect(bench.iommu.commands.slice(before)).toEqual([...pages.map((page) => `iotinval 1 ${page}`), 'iofence']);
  });
  it('a page that waits is not mapped, and not given again before it was told', () => {
    const bench = deferred();
    const page = bench.map(7);
    unmap(bench, page);
    expect(unmap(bench, page)).toBe(NOT_MAPPED);
    expect(bench.map(8)).toBe(page + 1);
    expect(bench.map(9)).toBe(page);
  });
  it('large pages wait like small ones', () => {
    const bench = deferred();
    const large = bench.map(0x200, 3, 21);
    bench.iommu.translate(NIC, large + 5, true);
    unmap(bench, large);
    expect(bench.iommu.translate(NIC, large + 5, true)).toBe(pageOfFrame(0x205));
    bench.handlers.kernel.notified(ALARM);
    expect(bench.iommu.translate(NIC, large + 5, true)).toBe('not mapped');
    expect(bench.map(0x200, 3, 21)).toBe(large);
  });
  it('nothing of a reclaimed device waits: at death there is no window', () => {
    const bench = deferred();
    const pages = [bench.map(1), bench.map(2)];
    for (const page of pages) bench.iommu.translate(NIC, page, true);
    unmap(bench, pages[0]!);
    expect(bench.handlers.iommu.reclaimFrom(SUPERVISOR, NIC_DRIVER)).toBe(1);
    for (const page of pages) expect(bench.iommu.translate(NIC, page, true)).toBe('no context');
    const commands = bench.iommu.commands.length;
    bench.handlers.kernel.notified(ALARM);
    expect(bench.iommu.commands.length).toBe(commands);
  });
  it('nor does a new owner meet a page of the last one that still waits', () => {
    const bench = deferred();
    const page = bench.map(1);
    bench.iommu.translate(NIC, page, true);
    unmap(bench, page);
    bench.owners.set(NIC, OTHER_DRIVER);
    expect(bench.map(2, 3, 12, NIC, OTHER_DRIVER)).toBe(page);
    expect(bench.iommu.translate(NIC, page, true)).toBe(pageOfFrame(2));
  });
  it('the window of exposure is counted and measured: pages, the most at once, the longest', () => {
    const bench = deferred();
    const pages = [1, 2, 3, 4].map((n) => bench.map(n));
    bench.time.nowUs = 100;
    unmap(bench, pages[0]!);
    bench.time.nowUs = 150;
    unmap(bench, pages[1]!);
    bench.time.nowUs = 180;
    bench.handlers.kernel.notified(ALARM);
    bench.time.nowUs = 1000;
    unmap(bench, pages[2]!);
    bench.time.nowUs = 1030;
    bench.map(9); // its fence tells of what waits, too
    expect(countersOf(bench.word)).toMatchObject({
      exposedPages: 3,
      exposedAtOnce: 2,
      exposedLongestUs: 80,
      batches: 2,
    });
  });
  it('the measure holds over the wrap of the clock', () => {
    const bench = deferred();
    const page = bench.map(1);
    bench.time.nowUs = 0x7fffffff;
    unmap(bench, page);
    bench.time.nowUs = -0x80000000 + 4;
    bench.handlers.kernel.notified(ALARM);
    expect(countersOf(bench.word).exposedLongestUs).toBe(5);
  });
  it.each([{ deferUs: 0 }, { deferUs: 1.5 }, { deferPages: 0 }, { deferPages: 65 }])(
    '%o is refused when the driver is made',
    (config) => {
      expect(() => started({ invalidation: 'deferred', ...config })).toThrow(RangeError);
    },
  );
  it('is not what a system gets that says nothing', () => {
    expect(iommuDriver.config.invalidation).toBe('strict');
  });
});
