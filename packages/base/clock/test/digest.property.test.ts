import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Digest } from '../src/index.ts';

const digestOf = (...words: number[]): string => {
  const digest = new Digest();
  for (const word of words) digest.word(word);
  return digest.toString();
};

describe('a digest', () => {
  it('is 16 hexadecimal digits, at every length', () => {
    fc.assert(fc.property(fc.array(fc.integer()), (words) => /^[0-9a-f]{16}$/.test(digestOf(...words))));
  });
  it('tells apart streams that differ in one bit anywhere', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), fc.nat(), fc.nat(31), (words, place, bit) => {
        const changed = words.with(place % words.length, words[place % words.length]! ^ (1 << bit));
        expect(digestOf(...changed)).not.toBe(digestOf(...words));
      }),
    );
  });
  it('tells order and length', () => {
    expect(digestOf(1, 2)).not.toBe(digestOf(2, 1));
    expect(digestOf(0)).not.toBe(digestOf(0, 0));
  });
  it('of a number sees its high half', () => {
    const numbers = [5, 2 ** 32 + 5, 2 ** 52 + 5].map((value) => {
      const digest = new Digest();
      digest.number(value);
      return digest.toString();
    });
    expect(new Set(numbers).size).toBe(3);
  });
  it('of bytes sees their length, and nothing behind it', () => {
    const bytesDigest = (bytes: number[], lenBytes: number): string => {
      const digest = new Digest();
      digest.bytes(Uint8Array.from(bytes), lenBytes);
      return digest.toString();
    };
    expect(bytesDigest([1, 2, 3], 2)).toBe(bytesDigest([1, 2, 9], 2));
    expect(bytesDigest([0], 1)).not.toBe(bytesDigest([0, 0], 2));
  });
});
