import { EXHAUSTED, NO_SUCH_DEVICE, NOBODY } from '@bulkhead/pci-bus-driver-api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bench, DRIVER, NIC_ID, nic, started, WINDOW_PAGE } from './bench.ts';
import type { FakeBar, FakeFunctionOptions } from './fake-bus.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);

describe('enumeration (PCIe Base 5.0 §7.5.1.1.1 "Vendor ID Register", §7.5.1.1.9 "Header Type Register")', () => {
  it('finds function 0 of every device on bus 0, in order', () => {
    const { pci } = started([nic(0x20), nic(0xf8), nic(0x08)]);
    expect([0, 1, 2, 3].map((nth) => pci.find(DRIVER, NIC_ID, nth))).toEqual([0x08, 0x20, 0xf8, NO_SUCH_DEVICE]);
  });
  it('looks at functions 1 to 7 only where function 0 says that the device has several', () => {
    const { pci } = started([nic(0x08), nic(0x09), nic(0x10, { multiFunction: true }), nic(0x17)]);
    expect([0, 1, 2].map((nth) => pci.find(DRIVER, NIC_ID, nth))).toEqual([0x08, 0x10, 0x17]);
    expect(pci.ownerOf(DRIVER, 0x09)).toBe(NO_SUCH_DEVICE);
  });
  it('passes over bridges', () => {
    const { pci } = started([nic(0x08, { bars: [], behind: [] }), nic(0x10)]);
    expect(pci.ownerOf(DRIVER, 0x08)).toBe(NO_SUCH_DEVICE);
    expect(pci.ownerOf(DRIVER, 0x10)).toBe(NOBODY);
  });
  it('leaves every function with decoding and bus mastering off', () => {
    const { bus } = started([nic(0x08)]);
    expect(bus.functions[0]!.command & 0x7).toBe(0);
  });
  it('ends when a capability list runs in a circle', () => {
    const { bus, start } = bench([nic(0x08)]);
    bus.functions[0]!.bytes.setUint8(0xe1, 0xc8);
    start();
    expect(bus.functions[0]!.barAddress(3)).toBeGreaterThan(0);
  });
  it('charges one piece of work a function', () => {
    const { spent } = started([nic(0x08), nic(0x10)]);
    expect(spent).toEqual(['init', 'init']);
  });
  it('throws when the kernel refuses configuration space: without it there is nothing to drive', () => {
    const { kernel, start } = bench([]);
    kernel.refuseMap = true;
    expect(start).toThrow('refuses to map configuration space');
  });
});

describe('memory BARs (PCIe Base 5.0 §7.5.1.2.1 "Base Address Registers")', () => {
  it('puts the larger before the smaller, from the start of the window', () => {
    const { bus } = started([nic(0x08)]);
    const start = WINDOW_PAGE * 4096;
    expect([0, 1, 3].map((index) => bus.functions[0]!.barAddress(index))).toEqual([
      start,
      start + 0x2_0000,
      start + 0x4_0000,
    ]);
  });
  it('sizes and writes them while nothing decodes', () => {
    const { bus } = started([nic(0x08), nic(0x10)]);
    expect(bus.movedWhileDecoding).toBe(false);
  });
  it('gives a BAR below a page a whole page', () => {
    const { bus, pci } = started([
      nic(0x08, {
        bars: [
          { index: 0, sizeBytes: 0x80, kind: 'mem32' },
          { index: 1, sizeBytes: 0x100, kind: 'mem32' },
        ],
        msix: { vectors: 1, bar: 1, offset: 0 },
      }),
    ]);
    pci.claim(DRIVER, 0x08);
    expect(pci.bar(DRIVER, 0x08, 0)).toBe(1);
    expect(bus.functions[0]!.barAddress(1) - bus.functions[0]!.barAddress(0)).toBe(4096);
  });
  it('places a 64-bit BAR above 4 GiB when the window is there, and no 32-bit BAR', () => {
    const wide: FakeFunctionOptions = {
      id: 0x08,
      vendorDevice: NIC_ID,
      bars: [{ index: 2, sizeBytes: 0x10_0000, kind: 'mem64' }],
    };
    const { bus, pci } = started([wide, nic(0x10)], { windowPage: 0x40_0000 });
    expect(bus.functions[0]!.barAddress(2)).toBe(0x4_0000_0000);
    expect(bus.functions[1]!.barAddress(0)).toBe(0);
    expect(pci.claim(DRIVER, 0x08)).toBe(0);
  });

  it('keeps in step with the kernel when the window starts at no multiple of a BAR', () => {
    const { bus, pci, kernel, answer } = started([nic(0x08)], { windowPage: WINDOW_PAGE + 4 });
    pci.claim(DRIVER, 0x08);
    pci.bar(DRIVER, 0x08, 1);
    expect(kernel.caps[answer[1]!]!.page).toBe(WINDOW_PAGE + 0x40);
    expect(bus.functions[0]!.barAddress(1)).toBe((WINDOW_PAGE + 0x40) * 4096);
  });
  it('leaves a device off that has a BAR beyond every window, and its upper half is no BAR', () => {
    const huge: FakeBar = { index: 0, sizeBytes: 2 ** 36, kind: 'mem64' };
    const { bus, pci } = started([nic(0x08, { bars: [huge] })]);
    expect(pci.claim(DRIVER, 0x08)).toBe(EXHAUSTED);
    expect(bus.functions[0]!.barAddress(0)).toBe(0);
  });

  const bar = fc.record({
    sizeBits: fc.integer({ min: 4, max: 22 }),
    kind: fc.constantFrom('mem32' as const, 'mem64' as const, 'io' as const),
  });
  const device = fc.array(bar, { maxLength: 3 });
  it('never overlap, are aligned to their size, and stand where the kernel carved the right to them', () => {
    fc.assert(
      fc.property(fc.array(device, { maxLength: 6 }), (devices) => {
        const functions = devices.map((bars, number) => ({
          id: number * 8,
          vendorDevice: NIC_ID,
          bars: bars.map(({ sizeBits, kind }, i): FakeBar => ({ index: i * 2, sizeBytes: 2 ** sizeBits, kind })),
        }));
        const { bus, kernel, pci, answer } = started(functions);
        const taken: [number, number][] = [];
        for (const one of bus.functions) {
          expect(pci.claim(DRIVER, one.id)).toBe(0);
          for (const { index, sizeBytes, kind } of one.bars) {
            const pages = pci.bar(DRIVER, one.id, index);
            expect(pages).toBe(kind === 'io' ? -21 : Math.ceil(sizeBytes / 4096));
            if (kind === 'io') continue;
            const address = one.barAddress(index);
            expect(address % Math.max(sizeBytes, 4096)).toBe(0);
            expect(kernel.caps[answer[1]!]).toMatchObject({ kind: 'untyped', page: address / 4096 });
            taken.push([address, address + pages * 4096]);
          }
        }
        taken.sort((a, b) => a[0] - b[0]);
        for (let i = 1; i < taken.length; i++) expect(taken[i]![0]).toBeGreaterThanOrEqual(taken[i - 1]![1]);
      }),
      { numRuns: 50 * EFFORT },
    );
  });
});
