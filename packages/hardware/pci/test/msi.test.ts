import * as pci from '@bulkhead/pci-datasheet';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MASTER_REFUSED, type MsiOptions, SIGNAL_DISABLED } from '../src/index.ts';
import { Bench } from './bench.ts';

const ENABLE = pci.MSI_CONTROL_ENABLE.mask;

class MsiBench extends Bench {
  readonly at: number;
  readonly #is64Bit: boolean;

  constructor(msi: MsiOptions) {
    super({ msi });
    this.at = this.find(pci.CAPABILITY_MSI);
    this.#is64Bit = msi.is64Bit ?? true;
    this.command(pci.COMMAND_BUS_MASTER_ENABLE.mask);
  }
  enable(log2Given = 0): void {
    this.control(ENABLE | (log2Given << pci.MSI_CONTROL_MULTIPLE_MESSAGE_ENABLE.shift));
  }
  control(value: number): void {
    this.write(this.at + pci.MSI_MESSAGE_CONTROL, value, 2);
  }
  target(low: number, high: number, data: number): void {
    this.write(this.at + pci.MSI_MESSAGE_ADDRESS, low);
    if (this.#is64Bit) this.write(this.at + pci.MSI_MESSAGE_UPPER_ADDRESS, high);
    this.write(this.at + (this.#is64Bit ? pci.MSI_MESSAGE_DATA_64 : pci.MSI_MESSAGE_DATA_32), data, 2);
  }
  mask(vectors: number): void {
    this.write(this.at + (this.#is64Bit ? pci.MSI_MASK_BITS_64 : pci.MSI_MASK_BITS_32), vectors);
  }
  get pending(): number {
    return this.read(this.at + (this.#is64Bit ? pci.MSI_PENDING_BITS_64 : pci.MSI_PENDING_BITS_32));
  }
}

describe('MSI (PCIe Base 5.0 §7.7.1)', () => {
  it.each([
    [{}, 0x0080],
    [{ vectors: 32 }, 0x008a],
    [{ vectors: 4, is64Bit: false }, 0x0004],
    [{ vectors: 2, perVectorMasking: true }, 0x0182],
  ] as const)('announces what it can: %o', (options, control) => {
    const bench = new MsiBench(options);
    expect(bench.read(bench.at + pci.MSI_MESSAGE_CONTROL, 2)).toBe(control);
    bench.control(0xffff);
    expect(bench.read(bench.at + pci.MSI_MESSAGE_CONTROL, 2)).toBe(control | 0x71);
  });
  it('sends its data to its address, upper half included, as a dword whose upper half is 0', () => {
    const bench = new MsiBench({});
    bench.target(0x1234_5677, 2, 0xffff_beef);
    expect(bench.function.signalMsi(0)).toBe(SIGNAL_DISABLED);
    bench.enable();
    expect(bench.function.signalMsi(0)).toBe(0);
    expect(bench.messages).toEqual([{ page: 0x20_0000 + 0x1_2345, offset: 0x674, data: 0xbeef }]);
  });
  it('without 64-bit addresses the register behind the address is the data', () => {
    const bench = new MsiBench({ is64Bit: false });
    bench.target(0x8000_0010, 0, 0x1234);
    bench.enable();
    bench.function.signalMsi(0);
    expect(bench.messages).toEqual([{ page: 0x8_0000, offset: 0x10, data: 0x1234 }]);
  });
  it('the vector stands in the low bits of the data; fewer vectors given share what there is', () => {
    const bench = new MsiBench({ vectors: 8 });
    bench.target(0x1000, 0, 0x40ff);
    for (const given of [0, 1, 3, 7]) {
      bench.enable(given);
      for (const vector of [0, 3, 5, 7]) bench.function.signalMsi(vector);
    }
    const sent = bench.messages.map(({ data }) => data);
    const eight = [0x40f8, 0x40fb, 0x40fd, 0x40ff];
    expect(sent).toEqual([0x40ff, 0x40ff, 0x40ff, 0x40ff, 0x40fe, 0x40ff, 0x40ff, 0x40ff, ...eight, ...eight]);
    expect([bench.function.signalMsi(8), bench.function.signalMsi(-1)]).toEqual([SIGNAL_DISABLED, SIGNAL_DISABLED]);
  });
  it('MSI-X enabled too silences MSI', () => {
    const bench = new MsiBench({});
    bench.enable();
    bench.write(bench.find(pci.CAPABILITY_MSIX) + pci.MSIX_MESSAGE_CONTROL, pci.MSIX_CONTROL_ENABLE.mask, 2);
    expect(bench.function.signalMsi(0)).toBe(SIGNAL_DISABLED);
  });
  it('without Bus Master Enable a message is refused, and a pending one waits for it', () => {
    const bench = new MsiBench({ perVectorMasking: true });
    bench.enable();
    bench.mask(1);
    bench.function.signalMsi(0);
    bench.command(0);
    bench.mask(0);
    expect([bench.function.signalMsi(0), bench.pending, bench.messages.length]).toEqual([MASTER_REFUSED, 1, 0]);
    bench.command(pci.COMMAND_BUS_MASTER_ENABLE.mask);
    expect([bench.pending, bench.messages.length]).toEqual([0, 1]);
  });
  it('agrees with a slow model of masks, pending bits and messages (§6.1.4.5)', () => {
    const step = fc.tuple(fc.constantFrom('signal', 'mask', 'unmask', 'clear'), fc.nat({ max: 31 }));
    fc.assert(
      fc.property(fc.boolean(), fc.array(step, { maxLength: 80 }), (is64Bit, steps) => {
        const bench = new MsiBench({ vectors: 32, is64Bit, perVectorMasking: true });
        bench.enable(5);
        const masked = new Set<number>();
        const pending = new Set<number>();
        const expected: number[] = [];
        const maskBits = (): number => [...masked].reduce((bits, vector) => bits + 2 ** vector, 0);
        for (const [kind, vector] of steps) {
          if (kind === 'signal') bench.function.signalMsi(vector);
          if (kind === 'clear') bench.function.clearMsiPending(vector);
          if (kind === 'signal') pending.add(vector);
          if (kind === 'clear') pending.delete(vector);
          if (kind === 'mask') masked.add(vector);
          if (kind === 'unmask') masked.delete(vector);
          if (kind === 'mask' || kind === 'unmask') bench.mask(maskBits());
          for (const one of [...pending].sort((a, b) => a - b)) {
            if (masked.has(one)) continue;
            pending.delete(one);
            expected.push(one);
          }
        }
        expect(bench.messages.map(({ data }) => data)).toEqual(expected);
        expect(bench.pending).toBe([...pending].reduce((bits, vector) => bits + 2 ** vector, 0));
      }),
      { numRuns: 50 * Number(process.env.BULKHEAD_EFFORT ?? 1) },
    );
  });
});
