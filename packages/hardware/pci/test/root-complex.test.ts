import * as pci from '@bulkhead/pci-datasheet';
import { describe, expect, it } from 'vitest';
import { PciFunction, RootComplex } from '../src/index.ts';
import { Bench, WINDOW } from './bench.ts';

describe('ECAM (PCIe Base 5.0 §7.2.2)', () => {
  it('an absent function, device or bus reads all ones and ignores writes (§2.3.2)', () => {
    const { bus } = new Bench();
    for (const offset of [0, 1 << 12, 3 << 15, 1 << 20, 255 << 20]) {
      bus.write(offset, 4, 0);
      expect([bus.read(offset, 4), bus.read(offset, 2), bus.read(offset, 1)]).toEqual([0xffff_ffff, 0xffff, 0xff]);
    }
  });

  it('all ones of a width that the port does not know are 32', () => {
    const { bus } = new Bench();
    for (const space of [bus, bus.memory, bus.io]) expect(space.read(1 << 20, 8 as 4)).toBe(0xffff_ffff);
  });

  it('gives the function its requester ID', () => {
    expect(new Bench().function.requesterId).toBe(2 << 3);
  });

  it('marks the functions of a device that has several (§7.5.1.1.9)', () => {
    const bus = new RootComplex({ windowBase: 0x4_0000 });
    const create = (): PciFunction =>
      new PciFunction({
        vendorId: 1,
        deviceId: 2,
        classCode: 3,
        revision: 4,
        subsystem: { vendorId: 0, id: 0 },
        bars: [],
        onReset: () => {},
      });
    bus.attach(create(), { device: 0, function: 0 });
    expect(bus.read(pci.HEADER_TYPE, 1)).toBe(0);
    bus.attach(create(), { device: 0, function: 3 });
    expect([bus.read(pci.HEADER_TYPE, 1), bus.read((3 << 12) + pci.HEADER_TYPE, 1)]).toEqual([0x80, 0x80]);
    expect(() => bus.attach(create(), { device: 0, function: 3 })).toThrow('slot 0.3 is taken');
  });
});

describe('memory and I/O windows', () => {
  it('an access reaches the BAR that is programmed to claim it, from the BAR’s start', () => {
    const bench = new Bench();
    bench.write(pci.BAR0, WINDOW + 0x2_0000);
    bench.command(pci.COMMAND_MEMORY_SPACE_ENABLE.mask);
    bench.bus.memory.write(0x2_0004, 4, 7);
    bench.bus.memory.write(0x3_fffc, 4, 8);
    bench.bus.memory.write(0x4_0000, 4, 9);
    bench.bus.memory.write(0x1_fffc, 4, 9);
    expect(bench.accesses).toEqual([
      { bar: '0', offset: 4, value: 7 },
      { bar: '0', offset: 0x1_fffc, value: 8 },
    ]);
  });

  it('unclaimed reads, and all reads while Memory Space Enable is clear, are all ones', () => {
    const bench = new Bench();
    bench.write(pci.BAR0, WINDOW);
    expect(bench.bus.memory.read(0, 4)).toBe(0xffff_ffff);
    bench.command(2);
    expect(bench.bus.memory.read(0, 4)).toBe(0x55);
    expect(bench.bus.memory.read(0x10_0000, 2)).toBe(0xffff);
    bench.command(0);
    expect(bench.bus.memory.read(0, 1)).toBe(0xff);
  });

  it('a BAR that moves takes its accesses along; a 64-bit one reaches above 4 GiB', () => {
    const bench = new Bench();
    bench.command(2);
    bench.write(pci.BAR4, WINDOW + 0x10_0000);
    expect(bench.bus.memory.read(0x10_3000, 4)).toBe(0x55);
    bench.write(pci.BAR4 + 4, 1);
    expect(bench.bus.memory.read(0x10_3000, 4)).toBe(0xffff_ffff);
    expect(bench.bus.memory.read(0x1_0010_3000, 4)).toBe(0x55);
  });

  it('I/O space has an enable and addresses of its own', () => {
    const bench = new Bench();
    bench.write(pci.BAR2, 0x1000);
    expect(bench.bus.io.read(0x1004, 4)).toBe(0xffff_ffff);
    bench.command(pci.COMMAND_IO_SPACE_ENABLE.mask);
    expect(bench.bus.io.read(0x1004, 4)).toBe(0x55);
    expect(bench.accesses).toEqual([{ bar: '2', offset: 4, value: 0 }]);
  });

  it('where BARs overlap the first function answers', () => {
    const bench = new Bench();
    bench.write(pci.BAR0, WINDOW);
    bench.write(pci.BAR4, WINDOW);
    bench.command(2);
    bench.bus.memory.write(0x3000, 4, 1);
    expect(bench.accesses).toEqual([{ bar: '0', offset: 0x3000, value: 1 }]);
  });
});
