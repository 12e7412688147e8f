import { InvariantError } from '@bulkhead/result';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRam } from '../src/index.ts';

const runs = 300 * Number(process.env.BULKHEAD_EFFORT ?? 1);

describe('RAM (PhysicalMemoryPort)', () => {
  it('holds the pages from basePage on and no others', () => {
    const ram = createRam({ basePage: 0x80000, pageCount: 4 });
    expect([0x7ffff, 0x80000, 0x80003, 0x80004, -1, 2 ** 43].map((page) => ram.holdsPage(page))).toEqual([
      false,
      true,
      true,
      false,
      false,
      false,
    ]);
  });
  it('is zero at first', () => {
    expect(createRam({ basePage: 1, pageCount: 2 }).bytes.every((byte) => byte === 0)).toBe(true);
  });
  it('reads signed words back, where the bytes show them little-endian (Unprivileged ISA 20191213 §1.4)', () => {
    const ram = createRam({ basePage: 0x80000, pageCount: 2 });
    ram.setWord(0x80001, 1023, 0x8899aabb);
    expect(ram.word(0x80001, 1023)).toBe(0x8899aabb | 0);
    expect([...ram.bytes.subarray(8188)]).toEqual([0xbb, 0xaa, 0x99, 0x88]);
    expect(ram.words[2047]).toBe(0x8899aabb | 0);
  });
  it('agrees with a map from address to byte', () => {
    const write = fc.tuple(fc.nat(2), fc.nat(1023), fc.integer());
    fc.assert(
      fc.property(fc.array(write, { maxLength: 20 }), (writes) => {
        const ram = createRam({ basePage: 7, pageCount: 3 });
        const model = new Map<number, number>();
        for (const [page, index, value] of writes) {
          ram.setWord(7 + page, index, value);
          for (let i = 0; i < 4; i++) model.set(page * 4096 + index * 4 + i, (value >>> (8 * i)) & 0xff);
        }
        for (const [at, byte] of model) expect(ram.bytes[at]).toBe(byte);
        expect(ram.bytes.reduce((sum, byte) => sum + byte, 0)).toBe([...model.values()].reduce((a, b) => a + b, 0));
      }),
      { numRuns: runs / 10 },
    );
  });
  it('refuses to be built where no memory can be', () => {
    expect(() => createRam({ basePage: -1, pageCount: 1 })).toThrow(InvariantError);
    expect(() => createRam({ basePage: 0, pageCount: 0 })).toThrow(InvariantError);
    expect(() => createRam({ basePage: 0.5, pageCount: 1 })).toThrow(InvariantError);
  });
});
