import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FlatMemory, type MemoryPort, Window } from '../src/index.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const PAGE_COUNT = 4;

describe('Window', () => {
  it('is a base address: offset 0 is where it was put', () => {
    const memory = new FlatMemory(PAGE_COUNT);
    new Window(memory, 1, 16, 64).store32(4, -2);
    expect(memory.load32(1, 20)).toBe(-2);
    expect(memory.load32(0, 4096 + 20)).toBe(-2);
  });
  it('checks no offset: what lies before and behind it is reached', () => {
    const memory = new FlatMemory(PAGE_COUNT);
    const window = new Window(memory, 1, 0, 16);
    window.store8(-1, 7);
    window.store16(4096, 0xbeef);
    expect(memory.load8(0, 4095)).toBe(7);
    expect(memory.load16(2, 0)).toBe(0xbeef);
  });
  it('wraps an offset to 32 bits, as the machine’s addressing would, and passes the page untouched', () => {
    const seen: [number, number][] = [];
    const memory = { load8: (page: number, offset: number) => seen.push([page, offset]) } as unknown as MemoryPort;
    new Window(memory, -3, 0x7fff_ffff, 1).load8(1);
    expect(seen).toEqual([[-3, -0x8000_0000]]);
  });
  it('at: windows of windows add up', () => {
    const memory = new FlatMemory(PAGE_COUNT);
    const window = new Window(memory, 1, 8, 100).at(16, 32).at(4, 8);
    expect([window.page, window.base, window.lenBytes]).toEqual([1, 28, 8]);
  });
  it('copies from another window of the same address space', () => {
    const memory = new FlatMemory(PAGE_COUNT);
    const source = new Window(memory, 0, 100, 8);
    source.storeBytes(2, Uint8Array.of(9, 1, 2, 3), 1, 3);
    new Window(memory, 2, 0, 8).copyFrom(1, source, 2, 3);
    const bytes = new Uint8Array(5);
    new Window(memory, 2, 0, 8).loadBytes(0, bytes, 0, 5);
    expect([...bytes]).toEqual([0, 1, 2, 3, 0]);
  });
  it('fills', () => {
    const memory = new FlatMemory(PAGE_COUNT);
    new Window(memory, 0, 4, 8).fill(1, 0xaa, 2);
    expect([4, 5, 6, 7].map((at) => memory.load8(0, at))).toEqual([0, 0xaa, 0xaa, 0]);
  });
});

describe('FlatMemory', () => {
  it('is little-endian; loads of 8 and 16 bits are unsigned, of 32 signed', () => {
    const memory = new FlatMemory(PAGE_COUNT);
    memory.store32(0, 0, 0xfffe_fdfc);
    expect([memory.load8(0, 0), memory.load16(0, 2), memory.load32(0, 0)]).toEqual([0xfc, 0xfffe, 0xfffe_fdfc | 0]);
    memory.store16(0, 1, 0x1_2345);
    memory.store8(0, 0, 0x1ff);
    expect(memory.load32(0, 0)).toBe(0xff23_45ff | 0);
  });
  it.each([
    ['loads', (memory: FlatMemory) => memory.load32(PAGE_COUNT, 0)],
    ['stores', (memory: FlatMemory) => memory.store8(0, -1, 1)],
    ['copies', (memory: FlatMemory) => memory.copy(PAGE_COUNT - 1, 4090, 0, 0, 7)],
    ['fills', (memory: FlatMemory) => memory.fill(-1, 0, 0, 1)],
    ['sums', (memory: FlatMemory) => memory.sum16(PAGE_COUNT, -1, 2, 0)],
  ])('throws RangeError when it %s beyond its end', (_, access) => {
    expect(() => access(new FlatMemory(PAGE_COUNT))).toThrow(RangeError);
  });
});

describe('sum16 (RFC 1071 §1, §2 "Calculating the Checksum")', () => {
  /** The definition, word by word, without deferred carries. */
  const slowSum = (bytes: readonly number[], start: number): number => {
    let sum = start;
    for (let i = 0; i < bytes.length; i += 2) {
      sum += bytes[i]! * 256 + (bytes[i + 1] ?? 0);
      if (sum > 0xffff) sum -= 0xffff;
    }
    return sum;
  };
  it('gives the RFC’s own example: 00 01 f2 03 f4 f5 f6 f7 sum to ddf2 (§3 "Numerical Examples")', () => {
    const memory = new FlatMemory(1);
    memory.storeBytes(0, 0, Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7), 0, 8);
    expect(memory.sum16(0, 0, 8, 0)).toBe(0xddf2);
  });
  it('agrees with the sum word by word, at any offset and of any length', () => {
    const bytes = fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 300 });
    fc.assert(
      fc.property(bytes, fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 0xffff }), (data, at, start) => {
        const memory = new FlatMemory(PAGE_COUNT);
        memory.storeBytes(0, at, Uint8Array.from(data), 0, data.length);
        expect(memory.sum16(0, at, data.length, start)).toBe(slowSum(data, start));
      }),
      { numRuns: 200 * EFFORT },
    );
  });
  it('goes on where it stopped, when the first part is even', () => {
    const memory = new FlatMemory(1);
    memory.fill(0, 0, 0xee, 99);
    expect(memory.sum16(0, 40, 59, memory.sum16(0, 0, 40, 0))).toBe(memory.sum16(0, 0, 99, 0));
  });
});
