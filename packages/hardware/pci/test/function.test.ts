import * as pci from '@bulkhead/pci-datasheet';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bench, EXPRESS, MSIX, PM } from './bench.ts';

describe('type 0 header (PCIe Base 5.0 §7.5.1)', () => {
  it('identifies itself, and its identity cannot be written', () => {
    const bench = new Bench();
    for (let offset = 0; offset < 0x40; offset += 4) {
      if (offset !== pci.COMMAND) bench.write(offset, 0xffff_ffff);
    }
    expect(bench.read(pci.VENDOR_ID)).toBe(0x5678_1234);
    expect(bench.read(pci.REVISION_ID)).toBe(0x0200_0003);
    expect(bench.read(pci.SUBSYSTEM_VENDOR_ID)).toBe(0xef01_abcd);
    expect(bench.read(pci.HEADER_TYPE, 1)).toBe(0);
    expect(bench.read(pci.INTERRUPT_PIN, 1)).toBe(0);
    expect(bench.read(pci.INTERRUPT_LINE, 1)).toBe(0xff);
    expect(bench.read(pci.STATUS, 2)).toBe(pci.STATUS_CAPABILITIES_LIST.mask);
  });

  it('BARs answer sizing with their type and size (§7.5.1.2.1)', () => {
    const bench = new Bench();
    const sized: number[] = [];
    for (let bar = 0; bar < pci.BAR_COUNT; bar++) {
      bench.write(pci.BAR0 + bar * 4, pci.BAR_SIZING);
      sized.push(bench.read(pci.BAR0 + bar * 4));
    }
    expect(sized).toEqual([0xfffe_0000, 0, 0xffff_ffe1, 0, 0xffff_c004, 0xffff_ffff]);
  });

  it('every size that is a power of two is what sizing finds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 31 }), fc.boolean(), (log2, isWide) => {
        const idle = { read: () => 0, write: () => {} };
        const kind = isWide ? 'mem64' : 'mem32';
        const bench = new Bench({ bars: [{ index: 0, kind, sizeBytes: 2 ** log2, device: idle }], msix: undefined! });
        bench.write(pci.BAR0, 0xffff_ffff);
        const mask = bench.read(pci.BAR0) & ~0xf;
        expect((~mask >>> 0) + 1).toBe(2 ** log2);
      }),
    );
  });

  it('the capability list leads to every capability once and ends', () => {
    const bench = new Bench();
    const found: [number, number][] = [];
    let at = bench.read(pci.CAPABILITIES_POINTER, 1);
    while (at !== 0 && found.length < 48) {
      found.push([bench.read(at, 1), at]);
      at = bench.read(at + pci.CAPABILITY_NEXT, 1);
    }
    expect(found).toEqual([
      [pci.CAPABILITY_POWER_MANAGEMENT, PM],
      [pci.CAPABILITY_PCI_EXPRESS, EXPRESS],
      [pci.CAPABILITY_MSIX, MSIX],
    ]);
  });

  it('extended configuration space holds an empty list (§7.6.3)', () => {
    expect(new Bench().read(pci.EXTENDED_CAPABILITIES_START)).toBe(0);
  });
});

describe('bus mastering and resets', () => {
  it('Bus Master Enable gates DMA and messages (§7.5.1.1.3)', () => {
    const bench = new Bench();
    const bytes = new Uint8Array(4);
    expect(bench.function.dma.read(0, 0, bytes, 0, 4)).toBeLessThan(0);
    expect(bench.function.dma.write(0, 0, bytes, 0, 4)).toBeLessThan(0);
    bench.command(pci.COMMAND_BUS_MASTER_ENABLE.mask);
    expect(bench.function.dma.read(0, 0, bytes, 0, 4)).toBe(0);
    expect(bench.masterings).toBe(1);
    bench.command(0);
    expect(bench.function.dma.write(0, 0, bytes, 0, 4)).toBeLessThan(0);
  });

  it('in D3hot it neither decodes memory nor masters the bus; an unsupported state is ignored (§7.5.2.2)', () => {
    const bench = new Bench();
    bench.command(6);
    bench.write(PM + pci.PMCSR, pci.PMCSR_POWER_STATE_D3_HOT, 2);
    expect([bench.function.busMasterEnabled, bench.function.decodes(false)]).toEqual([false, false]);
    bench.write(PM + pci.PMCSR, 1, 2);
    expect(bench.read(PM + pci.PMCSR, 2) & 3).toBe(3);
    bench.write(PM + pci.PMCSR, 0, 2);
    expect([bench.function.busMasterEnabled, bench.function.decodes(false)]).toEqual([true, true]);
  });

  it.each([[2, 8, 0x8000] as const, [4, 8, 0x8000] as const, [1, 9, 0x80] as const])(
    'function level reset by a write of %i bytes returns everything to its initial state (§6.6.2)',
    (width, offset, value) => {
      const bench = new Bench();
      const before = Array.from({ length: 1024 }, (_, word) => bench.read(word * 4));
      bench.command(7);
      bench.write(pci.BAR0, 0x4000_0000);
      bench.write(MSIX + pci.MSIX_MESSAGE_CONTROL, 0xc000, 2);
      bench.write(EXPRESS + offset, value, width);
      expect(Array.from({ length: 1024 }, (_, word) => bench.read(word * 4))).toEqual(before);
      expect([bench.resets, bench.function.busMasterEnabled, bench.function.msixEnabled]).toEqual([1, false, false]);
    },
  );

  it('no write of any width changes a bit that has no rule, and none throws', () => {
    const write = fc.tuple(fc.nat({ max: 0xfff }), fc.constantFrom(1, 2, 4), fc.nat({ max: 0xffff_ffff }));
    const others = [
      pci.COMMAND,
      pci.CACHE_LINE_SIZE,
      pci.INTERRUPT_LINE,
      MSIX,
      PM + pci.PMCSR,
      EXPRESS + pci.DEVICE_CONTROL,
    ];
    const isWritable = (offset: number): boolean =>
      others.includes(offset) || (offset >= pci.BAR0 && offset <= pci.BAR5);
    fc.assert(
      fc.property(fc.array(write, { maxLength: 50 }), (writes) => {
        const bench = new Bench();
        const before = Array.from({ length: 1024 }, (_, word) => bench.read(word * 4));
        for (const [offset, width, value] of writes) {
          bench.write(offset - (offset % width), value, width as 1 | 2 | 4);
        }
        before.forEach((value, word) => {
          if (!isWritable(word * 4)) expect(bench.read(word * 4)).toBe(value);
        });
      }),
      { numRuns: 50 * Number(process.env.BULKHEAD_EFFORT ?? 1) },
    );
  });
});
