import { get } from '@bulkhead/bits';
import * as pci from '@bulkhead/pci-datasheet';
import { describe, expect, it } from 'vitest';
import { Bench } from './bench.ts';

const RW16 = { readWrite: 0xffff, writeOneToClear: 0 };

/** ID, version and place of each, as software finds them. */
function extended(bench: Bench): [id: number, version: number, at: number][] {
  const found: [number, number, number][] = [];
  for (let at = 0x100; at !== 0 && found.length < 100; ) {
    const header = bench.read(at);
    if (header === 0) break;
    found.push([get(header, pci.EXTENDED_CAPABILITY_ID), get(header, pci.EXTENDED_CAPABILITY_VERSION), at]);
    at = get(header, pci.EXTENDED_CAPABILITY_NEXT);
  }
  return found;
}

describe('capabilities that a device describes (PCIe Base 5.0 §7.9.4)', () => {
  it('stand in the list, each register with its rule, and tell their device of reads and writes', () => {
    const log: string[] = [];
    const bench = new Bench({
      capabilities: [
        {
          id: pci.CAPABILITY_VENDOR_SPECIFIC,
          sizeBytes: 16,
          registers: [
            { offset: 2, widthBytes: 1, initial: 16 },
            { offset: 4, widthBytes: 2, initial: 0x1234, rule: RW16 },
          ],
          onRead: (offset, width) => log.push(`read ${offset} ${width}`),
          onWrite: (offset, width) => log.push(`write ${offset} ${width}`),
        },
      ],
    });
    const at = bench.find(pci.CAPABILITY_VENDOR_SPECIFIC);
    log.length = 0;
    bench.write(at + 4, 0xffff_5678);
    expect([bench.read(at + 4), bench.read(at + 2, 1), bench.read(at + 16)]).toEqual([0x5678, 16, 0]);
    expect(log).toEqual(['write 4 4', 'read 4 4', 'read 2 1']);
  });
  it('may not overlap', () => {
    const one = { id: 9, sizeBytes: 8, registers: [] };
    const overlapping = [
      { ...one, at: 0x40 },
      { ...one, at: 0x44 },
    ];
    expect(() => new Bench({ capabilities: overlapping })).toThrow('overlap');
    expect(() => new Bench({ capabilities: [{ ...one, at: 0x42 }] })).toThrow('aligned');
    expect(() => new Bench({ capabilities: [{ ...one, at: 0xfc }] })).toThrow('fits');
  });
});

describe('extended capabilities (PCIe Base 5.0 §7.6)', () => {
  it('the first stands at 0x100, each leads to the next, the last ends the list', () => {
    const one = { id: 0xb, sizeBytes: 12, registers: [{ offset: 4, widthBytes: 4, initial: 7 }] } as const;
    const bench = new Bench({ serialNumber: { high: 1, low: 2 }, extendedCapabilities: [one, { ...one, version: 3 }] });
    expect(extended(bench)).toEqual([
      [pci.EXTENDED_CAPABILITY_DEVICE_SERIAL_NUMBER, 1, 0x100],
      [0xb, 1, 0x10c],
      [0xb, 3, 0x118],
    ]);
    expect([bench.read(0x104), bench.read(0x108), bench.read(0x11c)]).toEqual([2, 1, 7]);
  });
  it('a list whose first capability stands elsewhere starts with a null capability', () => {
    const bench = new Bench({ serialNumber: { high: 1, low: 2 }, capabilityOffsets: { serialNumber: 0x140 } });
    expect(extended(bench)).toEqual([
      [0, 1, 0x100],
      [pci.EXTENDED_CAPABILITY_DEVICE_SERIAL_NUMBER, 1, 0x140],
    ]);
  });
  it('sticky bits outlive a reset, others do not (§7.4)', () => {
    const register = { widthBytes: 4, initial: 0, rule: { readWrite: -1, writeOneToClear: 0 } } as const;
    const registers = [
      { ...register, offset: 4, sticky: 0xff },
      { ...register, offset: 8 },
    ];
    const bench = new Bench({ extendedCapabilities: [{ id: 0xb, sizeBytes: 12, registers }] });
    bench.write(0x104, 0x1234);
    bench.write(0x108, 0x1234);
    bench.function.reset();
    expect([bench.read(0x104), bench.read(0x108)]).toEqual([0x34, 0]);
  });
});
