import { describe, expect, it } from 'vitest';
import { type Bench, MSI_PAGE, NIC, SUPERVISOR, started } from './bench.ts';
import { PAGE_OF } from './fake-iommu.ts';

const FQB = 40;
const FQH = 48;
const FQT = 52;
const FQCSR = 76;
const IPSR = 84;

/** Writes a record as the IOMMU does, by the physical page in `fqb`. */
function report({ iommu }: Bench, device: number, cause: number, ioPage: number, type = 3): void {
  const tail = iommu.register(FQT);
  const virtual = PAGE_OF.get(iommu.register(FQB) >>> 10)!;
  iommu.store32(virtual, tail * 32, cause);
  iommu.store32(virtual, tail * 32 + 4, (device << 8) | (type << 2));
  iommu.store32(virtual, tail * 32 + 16, ioPage << 12);
  iommu.store32(virtual, tail * 32 + 20, Math.floor(ioPage / 0x100000));
  iommu.setRegister(FQT, (tail + 1) & 127);
  iommu.setRegister(IPSR, 2);
}

describe('The interrupt of the fault queue (RISC-V IOMMU 1.0 §3.2)', () => {
  it('every record is told to the supervisor, in order, and the interrupt acknowledged', () => {
    const bench = started();
    report(bench, NIC, 15, 0x12345);
    report(bench, 0x820, 258, MSI_PAGE, 2);
    bench.handlers.kernel.notified(0);
    expect(bench.faults).toEqual([
      [SUPERVISOR, NIC, 15, 0x12345],
      [SUPERVISOR, 0x820, 258, MSI_PAGE],
    ]);
    expect(bench.iommu.register(FQH)).toBe(2);
    expect(bench.iommu.register(IPSR)).toBe(0);
    expect(bench.calls.at(-1)).toBe('acknowledge 700');
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
    for (let i = 0; i < 100; i++) report(bench, NIC, 15, i);
    bench.handlers.kernel.notified(0);
    for (let i = 0; i < 100; i++) report(bench, NIC, 15, 1000 + i);
    bench.iommu.setRegister(FQCSR, bench.iommu.register(FQCSR) | 0x200);
    bench.handlers.kernel.notified(0);
    expect(bench.faults.length).toBe(200);
    expect(bench.faults.at(-1)).toEqual([SUPERVISOR, NIC, 15, 1099]);
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
