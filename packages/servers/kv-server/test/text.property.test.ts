import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ascii, integerOf, MAX_INTEGER_CHARACTERS, writeInteger } from '../src/text.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const written = (value: number): string => {
  const bytes = new Uint8Array(MAX_INTEGER_CHARACTERS + 2);
  return Buffer.from(bytes.subarray(1, 1 + writeInteger(value, bytes, 1))).toString();
};
const read = (text: string): number => integerOf(ascii(`#${text}#`), 1, text.length);

describe('an integer', () => {
  it('is written as JavaScript writes it, and read back', () => {
    const property = fc.property(fc.maxSafeInteger(), (value) => {
      expect(written(value)).toBe(String(value));
      expect(read(String(value))).toBe(value);
    });
    fc.assert(property, { numRuns: 500 * EFFORT });
    for (const value of [0, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER])
      expect(written(value)).toBe(String(value));
  });
  it.each([
    '',
    '-',
    '+1',
    ' 1',
    '1 ',
    '01',
    '-0',
    '1.5',
    '1e3',
    'x',
    '9007199254740992',
    '-9007199254740992',
    '9'.repeat(30),
  ])('is not %j', (text) => {
    expect(read(text)).toBeNaN();
  });
});
