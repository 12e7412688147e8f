import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyWrite, bit, bits, type Field, get, has, set } from '../src/index.ts';

const RUNS = { numRuns: 300 * Number(process.env.BULKHEAD_EFFORT ?? 1) };
/** Any 32-bit word, signed or unsigned: both forms occur. */
const word = fc.oneof(fc.integer(), fc.nat(0xffffffff));
const range = fc
  .tuple(fc.nat(31), fc.nat(31))
  .map(([a, b]): [high: number, low: number] => [Math.max(a, b), Math.min(a, b)]);

/** A slow reference: the word as 32 characters, bit 31 first. */
const digits = (value: number): string => (value >>> 0).toString(2).padStart(32, '0');
const referenceGet = (value: number, high: number, low: number): number =>
  Number.parseInt(digits(value).slice(31 - high, 32 - low), 2);
const referenceSet = (value: number, high: number, low: number, field: number): number => {
  const inserted = digits(field).slice(32 - (high - low + 1));
  return Number.parseInt(digits(value).slice(0, 31 - high) + inserted + digits(value).slice(32 - low), 2);
};

describe('a bit field, as the specification prints it', () => {
  it('bits(15, 12) of 0xa5c3 is 0xa', () => {
    expect(get(0xa5c3, bits(15, 12))).toBe(0xa);
  });
  it('bits(31, 0) is the whole word, unsigned', () => {
    expect(get(-1, bits(31, 0))).toBe(0xffffffff);
  });
  it('bit(31) is read as 1, not as -1', () => {
    expect(get(0x80000000 | 0, bit(31))).toBe(1);
  });
  it('get agrees with reading the digits', () => {
    fc.assert(
      fc.property(word, range, (value, [high, low]) => {
        expect(get(value, bits(high, low))).toBe(referenceGet(value, high, low));
      }),
      RUNS,
    );
  });
  it('set agrees with replacing the digits, and takes the low bits of the value', () => {
    fc.assert(
      fc.property(word, range, word, (value, [high, low], field) => {
        expect(set(value, bits(high, low), field) >>> 0).toBe(referenceSet(value, high, low, field));
      }),
      RUNS,
    );
  });
  it('has says whether any bit of it is set', () => {
    fc.assert(
      fc.property(word, range, (value, [high, low]) => {
        expect(has(value, bits(high, low))).toBe(referenceGet(value, high, low) !== 0);
      }),
      RUNS,
    );
  });
});

describe('a write rule', () => {
  const bitOf = (value: number, position: number): number => get(value, bit(position) satisfies Field);

  it('read-write takes the written bit, write-one-to-clear is cleared by a 1, all others stay', () => {
    fc.assert(
      fc.property(word, word, word, word, (current, written, readWrite, clear) => {
        const writeOneToClear = clear & ~readWrite;
        const after = applyWrite(current, written, { readWrite, writeOneToClear });
        for (let i = 0; i < 32; i++) {
          const cleared = bitOf(writeOneToClear, i) === 1 && bitOf(written, i) === 1;
          const kept = cleared ? 0 : bitOf(current, i);
          expect(bitOf(after, i)).toBe(bitOf(readWrite, i) === 1 ? bitOf(written, i) : kept);
        }
      }),
      RUNS,
    );
  });
});
