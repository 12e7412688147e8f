import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alignUp, isPowerOfTwo, log2, swap16, swap32 } from '../src/index.ts';

describe('byte order', () => {
  it('swap16 exchanges two bytes', () => {
    expect(swap16(0x1234)).toBe(0x3412);
    expect(swap16(0xff00)).toBe(0x00ff);
  });
  it('swap32 reverses four, signed', () => {
    expect(swap32(0x12345678)).toBe(0x78563412);
    expect(swap32(0x000000ff)).toBe(0xff000000 | 0);
  });
  it('both undo themselves', () => {
    fc.assert(fc.property(fc.nat(0xffff), (value) => swap16(swap16(value)) === value));
    fc.assert(fc.property(fc.integer(), (value) => swap32(swap32(value)) === value));
  });
  it('swap32 agrees with a DataView', () => {
    const view = new DataView(new ArrayBuffer(4));
    fc.assert(
      fc.property(fc.integer(), (value) => {
        view.setInt32(0, value, true);
        expect(swap32(value)).toBe(view.getInt32(0, false));
      }),
    );
  });
});

describe('powers of two', () => {
  it('are the 32 that fit a word, and nothing beside them', () => {
    for (let exponent = 0; exponent < 32; exponent++) {
      expect(isPowerOfTwo(2 ** exponent)).toBe(true);
      expect(log2(2 ** exponent)).toBe(exponent);
      if (exponent > 1) expect(isPowerOfTwo(2 ** exponent - 1)).toBe(false);
      if (exponent > 0) expect(isPowerOfTwo(2 ** exponent + 1)).toBe(false);
    }
    for (const value of [0, -1, -2, -(2 ** 31), 2 ** 32, 2 ** 33]) expect(isPowerOfTwo(value)).toBe(false);
  });
});

describe('alignUp', () => {
  it('is the smallest multiple that is not below', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 31 - 1), fc.integer({ min: 1, max: 2 ** 21 }), (value, alignment) => {
        const aligned = alignUp(value, alignment);
        expect(aligned % alignment).toBe(0);
        expect(aligned >= value && aligned - value < alignment).toBe(true);
      }),
    );
  });
  it('holds above 2^32', () => {
    expect(alignUp(2 ** 40 + 1, 4096)).toBe(2 ** 40 + 4096);
  });
});
