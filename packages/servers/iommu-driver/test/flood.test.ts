import { describe, expect, it } from 'vitest';
import { countersOf } from '../src/index.ts';
import { type Bench, NIC, NIC_DRIVER, OTHER_DRIVER, SUPERVISOR, started } from './bench.ts';
import { drain, report } from './fault-queue.ts';

const OTHER = 0x20;
/** The queue holds 128 records, of which one stays free. */
const FULL = 127;
const TOLD = 8;
const of = (bench: Bench, device: number): number => bench.faults.filter(([, from]) => from === device).length;

describe('A flood of faults from one device', () => {
  it('is told of so often and no more, and then its context says not to report them (§2.1.3.1 DTF)', () => {
    const bench = started();
    bench.map(1);
    expect(bench.iommu.isQuiet(NIC)).toBe(false);
    for (let i = 0; i < FULL; i++) report(bench, NIC, 15, i);
    drain(bench);
    expect(of(bench, NIC)).toBe(TOLD);
    expect(bench.iommu.isQuiet(NIC)).toBe(true);
    expect(countersOf(bench.word)).toMatchObject({ faultsUntold: FULL - TOLD, devicesHushed: 1 });
  });
  it('takes nothing from what the device reaches, and gives it nothing', () => {
    const bench = started();
    const page = bench.map(1);
    const reached = bench.iommu.translate(NIC, page, true);
    for (let i = 0; i < TOLD; i++) report(bench, NIC, 15, i);
    drain(bench);
    expect(bench.iommu.translate(NIC, page, true)).toBe(reached);
    expect(bench.iommu.translate(NIC, page + 1, true)).toBe('not mapped');
  });
  it('does not keep the fault of another from being told, in the same batch and after an overflow', () => {
    const bench = started();
    bench.owners.set(OTHER, OTHER_DRIVER);
    bench.map(1);
    bench.map(2, 3, 12, OTHER, OTHER_DRIVER);
    for (let i = 0; i < FULL - 1; i++) report(bench, NIC, 15, i);
    report(bench, OTHER, 13, 7);
    bench.iommu.setRegister(76, bench.iommu.register(76) | 0x200);
    drain(bench);
    expect(bench.faults.at(-1)).toEqual([SUPERVISOR, OTHER, 13, 7, 0]);
    expect(countersOf(bench.word).faultOverflows).toBe(1);
    report(bench, OTHER, 13, 8);
    drain(bench);
    expect(bench.faults.at(-1)).toEqual([SUPERVISOR, OTHER, 13, 8, 0]);
  });
  it('from a device without an IO space ends with an empty and quiet one: what has no context is always reported', () => {
    const bench = started();
    for (let i = 0; i < TOLD; i++) report(bench, NIC, 258, i);
    drain(bench);
    expect(bench.iommu.isQuiet(NIC)).toBe(true);
    for (const page of [0, 16, 0x28000, 0x80000]) expect(bench.iommu.translate(NIC, page, false)).toBe('not mapped');
    expect(bench.map(1)).toBeGreaterThan(0);
    expect(bench.iommu.isQuiet(NIC)).toBe(false);
  });
  it('is counted anew in a new tenure', () => {
    const bench = started();
    bench.map(1);
    for (let i = 0; i < TOLD; i++) report(bench, NIC, 15, i);
    drain(bench);
    bench.tenures.set(NIC, 2);
    bench.map(1);
    expect(bench.iommu.isQuiet(NIC)).toBe(false);
    for (let i = 0; i < TOLD; i++) report(bench, NIC, 15, 100 + i);
    drain(bench);
    expect(of(bench, NIC)).toBe(2 * TOLD);
  });
  it('devices that only fault keep no other from having an IO space', () => {
    const bench = started();
    for (let i = 0; i < 40; i++) report(bench, 0x200 + i, 258, i);
    drain(bench);
    expect(bench.map(1)).toBeGreaterThan(0);
    expect(bench.handlers.iommu.reclaimFrom(SUPERVISOR, NIC_DRIVER)).toBe(1);
  });
});
