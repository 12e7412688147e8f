/**
 * Configuration writes of any width, offset and value, against a model that says for each byte which bits software may
 * write and which it may clear. The model is a list written from the specification's tables, not from the code.
 */
import * as pci from '@bulkhead/pci-datasheet';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPciBridge, createRootPort, type PciFunction, RootComplex } from '../src/index.ts';
import { Bench, MSIX, PM } from './bench.ts';
import { endpoint } from './tree.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);

const WORDS = Array.from({ length: 1024 }, (_, word) => word * 4);

type Width = 1 | 2 | 4;
/** Offset, bytes, bits that can be written, bits that a written 1 clears. */
type Rule = readonly [offset: number, widthBytes: Width, writable: number, clearable?: number];

const COMMON: readonly Rule[] = [
  [0x04, 2, 0x0547],
  [0x06, 2, 0, 0xf900],
  [0x0c, 1, 0xff],
  [0x3c, 1, 0xff],
];
/** The power state is left out: what it does is not only to be stored. */
const EXPRESS = (at: number): Rule[] => [
  [at + 8, 2, 0x78ff],
  [at + 10, 2, 0, 0x000f],
];
const AER: readonly Rule[] = [
  [0x104, 4, 0, 0x001f_f010],
  [0x108, 4, 0x001f_f010],
  [0x10c, 4, 0x001f_f010],
  [0x110, 4, 0, 0x31c1],
  [0x114, 4, 0x31c1],
];
const TYPE_1: readonly Rule[] = [
  [0x18, 1, 0xff],
  [0x19, 1, 0xff],
  [0x1a, 1, 0xff],
  [0x1c, 1, 0xf0],
  [0x1d, 1, 0xf0],
  [0x1e, 2, 0, 0xf900],
  [0x20, 2, 0xfff0],
  [0x22, 2, 0xfff0],
  [0x24, 2, 0xfff0],
  [0x26, 2, 0xfff0],
  [0x28, 4, 0xffff_ffff],
  [0x2c, 4, 0xffff_ffff],
  [0x3e, 2, 0x0043],
];

class Model {
  readonly #values = new Uint8Array(4096);
  readonly #writable = new Uint8Array(4096);
  readonly #clearable = new Uint8Array(4096);

  constructor(target: PciFunction, rules: readonly Rule[]) {
    for (let at = 0; at < 4096; at++) this.#values[at] = target.readConfig(at, 1);
    for (const [offset, width, writable, clearable = 0] of rules) {
      for (let i = 0; i < width; i++) {
        this.#writable[offset + i] = writable >>> (8 * i);
        this.#clearable[offset + i] = clearable >>> (8 * i);
      }
    }
  }
  write(offset: number, width: Width, value: number): void {
    for (let i = 0; i < width; i++) {
      const byte = (value >>> (8 * i)) & 0xff;
      const at = offset + i;
      const stored = (this.#values[at]! & ~this.#writable[at]!) | (byte & this.#writable[at]!);
      this.#values[at] = stored & ~(byte & this.#clearable[at]!);
    }
  }
  read(offset: number, width: Width): number {
    let value = 0;
    for (let i = width - 1; i >= 0; i--) value = value * 256 + this.#values[offset + i]!;
    return value;
  }
}

const width = fc.constantFrom<Width>(1, 2, 4);
/** Mostly where registers are. */
const offset = fc.oneof(fc.nat({ max: 0x3f }), fc.nat({ max: 0x13f }), fc.nat({ max: 0xfff }));
const value = fc.oneof(fc.constantFrom(0, 0xffff_ffff), fc.integer({ min: 0, max: 0xffff_ffff }));
const access = fc.tuple(width, offset, value, fc.boolean());

function agrees(create: () => readonly [PciFunction, readonly Rule[]], skip: readonly number[]): void {
  fc.assert(
    fc.property(fc.array(access, { maxLength: 60 }), (accesses) => {
      const [target, rules] = create();
      const model = new Model(target, rules);
      for (const [bytes, anywhere, written, isWrite] of accesses) {
        const at = anywhere - (anywhere % bytes);
        if (isWrite && !skip.some((register) => register >= at - (at % 4) && register < at - (at % 4) + 4)) {
          target.writeConfig(at, bytes, written);
          model.write(at, bytes, written);
        }
        expect(target.readConfig(at, bytes)).toBe(model.read(at, bytes));
      }
      const wrong = WORDS.filter((at) => target.readConfig(at, 4) !== model.read(at, 4));
      expect(wrong).toEqual([]);
    }),
    { numRuns: 60 * EFFORT },
  );
}

describe('which bits a configuration write changes (PCIe Base 5.0 §7.4, §7.5.1)', () => {
  it('type 0, with MSI, MSI-X, advanced errors and an expansion ROM', () => {
    const idle = { read: () => 0, write: () => {} };
    const create = (): readonly [PciFunction, readonly Rule[]] => {
      const bench = new Bench({
        interruptPin: 1,
        msi: { vectors: 4, perVectorMasking: true },
        advancedErrors: true,
        expansionRom: { sizeBytes: 0x1_0000, device: idle },
      });
      const bars: Rule[] = [
        [0x10, 4, 0xfffe_0000],
        [0x18, 4, 0xffff_ffe0],
        [0x20, 4, 0xffff_c000],
        [0x24, 4, 0xffff_ffff],
        [0x30, 4, 0xffff_0001],
      ];
      const msi = bench.find(pci.CAPABILITY_MSI);
      const messages: Rule[] = [
        [msi + 2, 2, 0x0071],
        [msi + 4, 4, 0xffff_fffc],
        [msi + 8, 4, 0xffff_ffff],
        [msi + 12, 2, 0xffff],
        [msi + 16, 4, 0x0000_000f],
        [MSIX + 2, 2, 0xc000],
      ];
      const express = bench.find(pci.CAPABILITY_PCI_EXPRESS);
      return [bench.function, [...COMMON, ...bars, ...messages, ...EXPRESS(express), ...AER]];
    };
    agrees(create, [0xe0 + 8, PM + 4]); // a write there may reset the function, or change its power state
  });
  it('type 1, of a root port', () => {
    const create = (): readonly [PciFunction, readonly Rule[]] => {
      const port = createRootPort();
      new RootComplex({ windowBase: 0x4_0000 }).attachBridge(port, { device: 0, function: 0 });
      const at = port.function.expressAt;
      const msi = 0x48;
      const rules: Rule[] = [
        [msi + 2, 2, 0x0071],
        [msi + 4, 4, 0xffff_fffc],
        [msi + 8, 4, 0xffff_ffff],
        [msi + 12, 2, 0xffff],
        [at + 0x10, 2, 0x00cb],
        [at + 0x1c, 2, 0x000f],
        [at + 0x20, 4, 0, 0x0001_0000],
        [0x12c, 4, 0x7],
        [0x130, 4, 0, 0x7f],
      ];
      return [port.function, [...COMMON, ...TYPE_1, ...EXPRESS(at), ...AER, ...rules]];
    };
    agrees(create, [0x44]);
  });
  it('type 1, of a conventional bridge', () => {
    const create = (): readonly [PciFunction, readonly Rule[]] => [createPciBridge().function, [...COMMON, ...TYPE_1]];
    agrees(create, [0x44]);
  });
});

describe('sizing (§7.5.1.2.1, §7.5.1.2.4)', () => {
  const kind = fc.constantFrom('mem32' as const, 'mem64' as const, 'io' as const);
  it('tells every size that a BAR can have, its kind, and whether it is prefetchable', () => {
    const idle = { read: () => 0, write: () => {} };
    fc.assert(
      fc.property(kind, fc.nat({ max: 52 }), fc.boolean(), fc.nat({ max: 5 }), (what, exponent, flag, index) => {
        const least = what === 'io' ? 2 : 4;
        const most = what === 'mem64' ? 52 : 31;
        const log2 = least + (exponent % (most - least + 1));
        const at = what === 'mem64' ? Math.min(index, 4) : index;
        const prefetchable = what !== 'io' && flag;
        const options = { index: at, kind: what, sizeBytes: 2 ** log2, device: idle, prefetchable };
        const one = endpoint({}, [options]);
        const word = (i: number): bigint => BigInt(one.readConfig(pci.BAR0 + i * 4, 4));
        for (let i = 0; i < 6; i++) one.writeConfig(pci.BAR0 + i * 4, 4, 0xffff_ffff);
        const isWide = what === 'mem64';
        const all = word(at) | ((isWide ? word(at + 1) : 0xffff_ffffn) << 32n);
        const base = all & ~(what === 'io' ? 3n : 15n);
        expect(BigInt.asUintN(64, -base)).toBe(2n ** BigInt(log2));
        expect(word(at) & (what === 'io' ? 3n : 15n)).toBe(
          what === 'io' ? 1n : (isWide ? 4n : 0n) | (prefetchable ? 8n : 0n),
        );
        for (let i = 0; i < 6; i++) if (i !== at && !(isWide && i === at + 1)) expect(word(i)).toBe(0n);
      }),
      { numRuns: 300 * EFFORT },
    );
  });
  it('refuses what no BAR can be', () => {
    const idle = { read: () => 0, write: () => {} };
    const wrong = [
      { index: 0, kind: 'mem32', sizeBytes: 24 },
      { index: 0, kind: 'mem32', sizeBytes: 8 },
      { index: 0, kind: 'mem32', sizeBytes: 2 ** 32 },
      { index: 0, kind: 'mem64', sizeBytes: 2 ** 33 + 2 ** 32 },
      { index: 5, kind: 'mem64', sizeBytes: 16 },
      { index: 6, kind: 'mem32', sizeBytes: 16 },
      { index: 0, kind: 'io', sizeBytes: 16, prefetchable: true },
    ] as const;
    for (const options of wrong) expect(() => endpoint({}, [{ ...options, device: idle }])).toThrow(/BAR/);
  });
  it('an expansion ROM tells its size, answers while its own bit and Memory Space Enable are set, and is never written', () => {
    const writes: number[] = [];
    const device = { read: (at: number) => at, write: (at: number) => void writes.push(at) };
    const bench = new Bench({ expansionRom: { sizeBytes: 0x1_0000, device } });
    bench.write(pci.EXPANSION_ROM_BASE_ADDRESS, 0xffff_f800);
    expect(bench.read(pci.EXPANSION_ROM_BASE_ADDRESS)).toBe(0xffff_0000);
    bench.write(pci.EXPANSION_ROM_BASE_ADDRESS, 0x4000_0000);
    bench.command(pci.COMMAND_MEMORY_SPACE_ENABLE.mask);
    const reads = [bench.bus.memory.read(8, 4)];
    bench.write(pci.EXPANSION_ROM_BASE_ADDRESS, 0x4000_0001);
    reads.push(bench.bus.memory.read(8, 4));
    bench.bus.memory.write(8, 4, 1);
    bench.command(0);
    reads.push(bench.bus.memory.read(8, 4));
    expect([reads, writes]).toEqual([[0xffff_ffff, 8, 0xffff_ffff], []]);
  });
});
