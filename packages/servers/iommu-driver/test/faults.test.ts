import { describe, expect, it } from 'vitest';
import { MSI_PAGE, NIC, SUPERVISOR, started } from './bench.ts';
import { FQCSR, FQH, IPSR, report } from './fault-queue.ts';

/** More devices than there are records: nobody counts their faults. */
const deviceOf = (i: number): number => 0x200 + i;

describe('The interrupt of the fault queue (RISC-V IOMMU 1.0 §3.2)', () => {
  it('every record is told to the supervisor, in order, and the interrupt acknowledged', () => {
    const bench = started();
    report(bench, NIC, 15, 0x12345);
    report(bench, 0x820, 258, MSI_PAGE, 2);
    bench.handlers.kernel.notified(0);
    expect(bench.faults).toEqual([
      [SUPERVISOR, NIC, 15, 0x12345, 0],
      [SUPERVISOR, 0x820, 258, MSI_PAGE, 0],
    ]);
    expect(bench.iommu.register(FQH)).toBe(2);
    expect(bench.iommu.register(IPSR)).toBe(0);
    expect(bench.calls.at(-1)).toBe('acknowledge 700');
  });
  it('an address of 64 bits is told whole: all 52 bits of its page', () => {
    const bench = started();
    for (const page of [2 ** 32 + 5, 2 ** 51 + 2 ** 31, 2 ** 52 - 1]) report(bench, NIC, 15, page);
    bench.handlers.kernel.notified(0);
    expect(bench.faults.map(([, , , low, high]) => high * 2 ** 32 + (low >>> 0))).toEqual([
      2 ** 32 + 5,
      2 ** 51 + 2 ** 31,
      2 ** 52 - 1,
    ]);
  });
  it('one fault over and over is told once', () => {
    const bench = started();
    for (let i = 0; i < 50; i++) report(bench, NIC, 15, 7);
    report(bench, NIC, 13, 7);
    bench.handlers.kernel.notified(0);
    expect(bench.faults.map(([, , cause]) => cause)).toEqual([15, 13]);
  });
  it('the queue wraps, and an overflow is cleared so that it goes on', () => {
    const bench = started();
    for (let i = 0; i < 100; i++) report(bench, deviceOf(i), 15, i);
    bench.handlers.kernel.notified(0);
    for (let i = 0; i < 100; i++) report(bench, deviceOf(i), 15, 1000 + i);
    bench.iommu.setRegister(FQCSR, bench.iommu.register(FQCSR) | 0x200);
    bench.handlers.kernel.notified(0);
    expect(bench.faults.length).toBe(200);
    expect(bench.faults.at(-1)).toEqual([SUPERVISOR, deviceOf(99), 15, 1099, 0]);
    expect(bench.iommu.register(FQH)).toBe(200 & 127);
    expect(bench.iommu.register(FQCSR)).toBe(3);
  });
  it('what is of no device is told to nobody', () => {
    const bench = started();
    report(bench, 0, 273, 0x1234, 0);
    bench.handlers.kernel.notified(0);
    expect(bench.faults).toEqual([]);
    expect(bench.iommu.register(FQH)).toBe(1);
  });
  it('without a supervisor the queue is emptied all the same', () => {
    const bench = started({ supervisor: 0xffff });
    report(bench, NIC, 15, 7);
    bench.handlers.kernel.notified(0);
    expect(bench.faults).toEqual([]);
    expect(bench.iommu.register(FQH)).toBe(1);
  });
});
