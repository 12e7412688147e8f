import * as pci from '@bulkhead/pci-datasheet';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MASTER_REFUSED, SIGNAL_DISABLED } from '../src/index.ts';
import { Bench, MSIX, WINDOW } from './bench.ts';

const ENABLE = pci.MSIX_CONTROL_ENABLE.mask;
const MASKED = pci.MSIX_CONTROL_FUNCTION_MASK.mask;

class MsixBench extends Bench {
  constructor() {
    super();
    this.write(pci.BAR4, WINDOW);
    this.command(6);
    this.control(ENABLE);
  }
  control(value: number): void {
    this.write(MSIX + pci.MSIX_MESSAGE_CONTROL, value, 2);
  }
  setEntry(vector: number, word: number, value: number): void {
    this.bus.memory.write(vector * 16 + word * 4, 4, value >>> 0);
  }
  pending(word: number): number {
    return this.bus.memory.read(0x2000 + word * 4, 4);
  }
}

describe('MSI-X (PCIe Base 5.0 §7.7.2)', () => {
  it('announces table size, and where table and pending bits stand', () => {
    const bench = new MsixBench();
    expect(bench.read(MSIX + pci.MSIX_MESSAGE_CONTROL, 2)).toBe(ENABLE | 69);
    expect(bench.read(MSIX + pci.MSIX_TABLE)).toBe(4);
    expect(bench.read(MSIX + pci.MSIX_PBA)).toBe(0x2004);
  });

  it('sends the entry’s data to the entry’s address, upper half included', () => {
    const bench = new MsixBench();
    bench.setEntry(5, 0, 0x1234_5677);
    bench.setEntry(5, 1, 0x0000_0002);
    bench.setEntry(5, 2, 0xdead_beef);
    bench.setEntry(5, 3, 0);
    expect(bench.function.signal(5)).toBe(0);
    expect(bench.messages).toEqual([{ page: 0x20_0000 + 0x1_2345, offset: 0x674, data: 0xdead_beef }]);
  });

  it('every vector is masked after reset; a masked one is pending, and sends once when unmasked', () => {
    const bench = new MsixBench();
    expect(bench.function.signal(69)).toBe(0);
    expect(bench.function.signal(69)).toBe(0);
    expect([bench.messages.length, bench.pending(2)]).toEqual([0, 1 << 5]);
    bench.setEntry(69, 3, 0);
    expect([bench.messages.length, bench.pending(2)]).toEqual([1, 0]);
  });

  it('the function mask holds every vector back (§6.1.4.5)', () => {
    const bench = new MsixBench();
    for (const vector of [0, 33]) bench.setEntry(vector, 3, 0);
    bench.control(ENABLE | MASKED);
    bench.function.signal(33);
    bench.function.signal(0);
    expect([bench.messages.length, bench.pending(0), bench.pending(1)]).toEqual([0, 1, 2]);
    bench.control(ENABLE);
    expect([bench.messages.length, bench.pending(0), bench.pending(1)]).toEqual([2, 0, 0]);
  });

  it('signals nothing while MSI-X is off, or for a vector that is not there', () => {
    const bench = new MsixBench();
    expect(bench.function.signal(70)).toBe(SIGNAL_DISABLED);
    expect(bench.function.signal(-1)).toBe(SIGNAL_DISABLED);
    bench.control(0);
    expect(bench.function.signal(0)).toBe(SIGNAL_DISABLED);
  });

  it('without Bus Master Enable a message is refused, and a pending one stays pending', () => {
    const bench = new MsixBench();
    bench.function.signal(1);
    bench.command(2);
    bench.setEntry(1, 3, 0);
    expect(bench.pending(0)).toBe(2);
    expect(bench.function.signal(1)).toBe(MASTER_REFUSED);
    bench.command(6);
    expect([bench.messages.length, bench.pending(0)]).toEqual([1, 0]);
  });

  it('pending bits are read-only, narrow writes are ignored, the rest of the BAR is the device’s', () => {
    const bench = new MsixBench();
    bench.bus.memory.write(0x2000, 4, 0xffff_ffff);
    bench.bus.memory.write(0, 2, 0xffff);
    expect([bench.pending(0), bench.bus.memory.read(0, 4)]).toEqual([0, 0]);
    expect(bench.bus.memory.read(0x3000, 4)).toBe(0x55);
    expect(bench.accesses).toEqual([{ bar: '4', offset: 0x3000, value: 0 }]);
  });

  it('a misaligned write of four bytes, which covers no whole dword, is ignored', () => {
    const bench = new MsixBench();
    for (const offset of [13, 14, 15]) bench.bus.memory.write(offset, 4, 0);
    expect(bench.bus.memory.read(12, 4)).toBe(1);
  });

  it('agrees with a slow model of masks, pending bits and messages', () => {
    const step = fc.tuple(fc.constantFrom('signal', 'mask', 'unmask', 'function'), fc.nat({ max: 69 }), fc.boolean());
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const bench = new MsixBench();
        const masked = new Set(Array.from({ length: 70 }, (_, i) => i));
        const pending = new Set<number>();
        const expected: number[] = [];
        let functionMasked = false;
        for (let i = 0; i < 70; i++) bench.setEntry(i, 2, i);
        const settle = (): void => {
          for (const vector of [...pending].sort((a, b) => a - b)) {
            if (functionMasked || masked.has(vector)) continue;
            pending.delete(vector);
            expected.push(vector);
          }
        };
        for (const [kind, vector, flag] of steps) {
          if (kind === 'signal') {
            bench.function.signal(vector);
            pending.add(vector);
          } else if (kind === 'function') {
            bench.control(ENABLE | (flag ? MASKED : 0));
            functionMasked = flag;
          } else {
            bench.setEntry(vector, 3, kind === 'mask' ? 1 : 0);
            if (kind === 'mask') masked.add(vector);
            else masked.delete(vector);
          }
          settle();
        }
        expect(bench.messages.map((message) => message.data)).toEqual(expected);
        for (let i = 0; i < 70; i++) expect((bench.pending(i >> 5) >>> (i & 31)) & 1).toBe(pending.has(i) ? 1 : 0);
      }),
      { numRuns: 100 * Number(process.env.BULKHEAD_EFFORT ?? 1) },
    );
  });
});
