import { createRam } from '@bulkhead/memory';
import type { RegisterDevice, WidthBytes } from '@bulkhead/ports';
import { InvariantError } from '@bulkhead/result';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BUS_ACCESS_FAULT, Bus } from '../src/index.ts';

const effort = Number(process.env.BULKHEAD_EFFORT ?? 1);

/** Remembers what reached it; reads as `answer`. */
class Probe implements RegisterDevice {
  readonly seen: string[] = [];
  answer = 0;
  read(offset: number, widthBytes: WidthBytes): number {
    this.seen.push(`read ${offset} ${widthBytes}`);
    return this.answer;
  }
  write(offset: number, widthBytes: WidthBytes, value: number): void {
    this.seen.push(`write ${offset} ${widthBytes} ${value}`);
  }
}

const createBus = () => {
  const memory = createRam({ basePage: 0x80000, pageCount: 2 });
  const bus = new Bus({ memory });
  const [uart, ecam] = [new Probe(), new Probe()];
  bus.attach(0x10000, 1, uart);
  bus.attach(0x30000, 0x10000, ecam);
  return { memory, bus, uart, ecam };
};

describe('routing', () => {
  it('gives a device the offset from the start of its range', () => {
    const { bus, ecam } = createBus();
    ecam.answer = 0x8086;
    expect(bus.load(0x30008, 0x10, 2)).toBe(0x8086);
    expect(bus.store(0x3ffff, 0xffc, 4, 1)).toBe(0);
    expect(ecam.seen).toEqual([`read ${0x8010} 2`, `write ${0xffffffc} 4 1`]);
  });
  it('answers an access to nobody with an access fault, and reaches nobody', () => {
    const { bus, uart, ecam } = createBus();
    for (const page of [0, 0xffff, 0x10001, 0x2ffff, 0x40000, 0x7ffff, 0x80002, -1, 2 ** 43]) {
      expect(bus.load(page, 0, 4)).toBe(BUS_ACCESS_FAULT);
      expect(bus.store(page, 0, 4, 1)).toBe(BUS_ACCESS_FAULT);
      expect(bus.holds(page)).toBe(false);
    }
    expect([...uart.seen, ...ecam.seen]).toEqual([]);
  });
  it('holds exactly the pages of RAM and devices', () => {
    const { bus } = createBus();
    for (const page of [0x10000, 0x30000, 0x3ffff, 0x80000, 0x80001]) expect(bus.holds(page)).toBe(true);
  });
  it('refuses a range that overlaps RAM or another device: a wrong board', () => {
    const { bus, uart } = createBus();
    expect(() => bus.attach(0x7ffff, 2, uart)).toThrow(InvariantError);
    expect(() => bus.attach(0x3ffff, 1, uart)).toThrow(InvariantError);
    expect(() => bus.attach(0xffff, 2, uart)).toThrow(InvariantError);
    bus.attach(0x10001, 1, uart);
  });
});

describe('accesses', () => {
  it('reach a device naturally aligned or not at all (Privileged ISA 20211203 §3.6.2)', () => {
    const { bus, uart } = createBus();
    expect(bus.load(0x10000, 2, 4)).toBe(BUS_ACCESS_FAULT);
    expect(bus.load(0x10000, 1, 2)).toBe(BUS_ACCESS_FAULT);
    expect(bus.store(0x10000, 4095, 2, 0)).toBe(BUS_ACCESS_FAULT);
    expect(uart.seen).toEqual([]);
    expect(bus.load(0x10000, 3, 1)).toBe(0);
    expect(uart.seen).toEqual(['read 3 1']);
  });
  it('carry unsigned values of the access width', () => {
    const { bus, uart } = createBus();
    uart.answer = -1;
    expect(bus.load(0x10000, 0, 4)).toBe(0xffffffff);
    bus.store(0x10000, 0, 4, -2);
    bus.store(0x10000, 0, 2, 0x12345);
    bus.store(0x10000, 0, 1, -1);
    expect(uart.seen.slice(1)).toEqual([`write 0 4 ${0xfffffffe}`, `write 0 2 ${0x2345}`, 'write 0 1 255']);
  });
  it('may be misaligned in RAM, but not cross a page, for that is two translations', () => {
    const { bus, memory } = createBus();
    expect(bus.store(0x80000, 4093, 2, 0xbeef)).toBe(0);
    expect(bus.load(0x80000, 4093, 2)).toBe(0xbeef);
    expect(bus.load(0x80000, 4093, 4)).toBe(BUS_ACCESS_FAULT);
    expect(bus.store(0x80000, 4095, 2, 1)).toBe(BUS_ACCESS_FAULT);
    expect(bus.load(0x80000, -1, 1)).toBe(BUS_ACCESS_FAULT);
    expect([...memory.bytes.subarray(4093, 4097)]).toEqual([0xef, 0xbe, 0, 0]);
  });
  it('of eight bytes are two of four, the low half first, for a device that does not say otherwise', () => {
    const { bus, uart } = createBus();
    const words = new Int32Array(2);
    uart.answer = 7;
    expect(bus.storeDoubleword(0x10000, 8, -1, 2)).toBe(0);
    expect([bus.loadDoubleword(0x10000, 8, words), ...words]).toEqual([0, 7, 7]);
    expect(uart.seen).toEqual(['write 8 4 4294967295', 'write 12 4 2', 'read 8 4', 'read 12 4']);
    expect(bus.accessCount).toBe(2);
  });
  it('of eight bytes reach a device at once that takes them', () => {
    const { bus } = createBus();
    const seen: number[] = [];
    bus.attach(0x20000, 2, {
      read: () => 0,
      write: () => {},
      readDoubleword: (offset, into) => into.set([offset, 1]),
      writeDoubleword: (...access) => seen.push(...access),
    });
    const words = new Int32Array(2);
    expect(bus.storeDoubleword(0x20001, 16, 3, -4)).toBe(0);
    expect([bus.loadDoubleword(0x20001, 16, words), ...words, ...seen]).toEqual([0, 4112, 1, 4112, 3, -4]);
  });
  it('of eight bytes are aligned to eight for a device, and anywhere within a page in RAM', () => {
    const { bus, uart } = createBus();
    const words = new Int32Array(2);
    const refused = [
      [0x10000, 4],
      [0x10000, 0x1000],
      [0x10001, 0],
      [0x80000, 0xff9],
      [0x80000, -1],
    ] as const;
    for (const [page, offset] of refused) {
      expect(bus.storeDoubleword(page, offset, 1, 2)).toBe(BUS_ACCESS_FAULT);
      expect(bus.loadDoubleword(page, offset, words)).toBe(BUS_ACCESS_FAULT);
    }
    expect(uart.seen).toEqual([]);
    expect(bus.storeDoubleword(0x80000, 0xff7, 0x0403_0201, -2)).toBe(0);
    expect([bus.loadDoubleword(0x80000, 0xff7, words), ...words]).toEqual([0, 0x0403_0201, -2]);
    expect(bus.load(0x80000, 0xffb, 4)).toBe(0xffff_fffe);
  });
  it('are counted when they reached a device, and only then', () => {
    const { bus } = createBus();
    bus.load(0x10000, 0, 4);
    bus.store(0x30000, 0, 1, 1);
    bus.load(0x80000, 0, 4);
    bus.load(0x10000, 1, 4);
    bus.load(0, 0, 4);
    expect(bus.accessCount).toBe(2);
  });
});

describe('RAM behind the bus', () => {
  it('agrees with a DataView for every offset, width and value', () => {
    const { bus, memory } = createBus();
    const view = new DataView(new ArrayBuffer(4096));
    const access = fc.tuple(fc.nat(4095), fc.constantFrom<WidthBytes>(1, 2, 4), fc.integer());
    fc.assert(
      fc.property(access, ([offset, width, value]) => {
        if (offset + width > 4096) return bus.store(0x80001, offset, width, value) === BUS_ACCESS_FAULT;
        if (width === 1) view.setUint8(offset, value);
        else if (width === 2) view.setUint16(offset, value, true);
        else view.setUint32(offset, value, true);
        expect(bus.store(0x80001, offset, width, value)).toBe(0);
        expect(bus.load(0x80001, offset, width)).toBe(width === 4 ? value >>> 0 : value & ((1 << (8 * width)) - 1));
        return true;
      }),
      { numRuns: 2000 * effort },
    );
    expect(memory.bytes.subarray(4096)).toEqual(new Uint8Array(view.buffer));
  });
});
