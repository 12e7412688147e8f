import { describe, expect, it } from 'vitest';
import { PATTERN_PERIOD_BYTES, patternByte } from '../src/index.ts';

const textOf = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => String.fromCharCode(patternByte(from + i))).join('');

describe('the pattern (RFC 864, "Data Syntax")', () => {
  it('begins as the document shows', () => {
    const lines = textOf(0, 3 * 74).split('\r\n');
    expect(lines.slice(0, 3)).toEqual([
      ' !"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefg',
      '!"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefgh',
      '"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghi',
    ]);
  });
  it('has on line N the characters N modulo 95 to N + 71 modulo 95 of the printing ones', () => {
    const ring = Array.from({ length: 95 }, (_, i) => String.fromCharCode(0x20 + i));
    const line = (n: number): string => Array.from({ length: 72 }, (_, i) => ring[(n + i) % 95]!).join('');
    const lines = textOf(0, 2 * PATTERN_PERIOD_BYTES).split('\r\n');
    expect(lines).toHaveLength(191);
    for (let n = 0; n < 190; n++) expect(lines[n]).toBe(line(n));
  });
  it('is the same at every offset beyond 32 bits', () => {
    const far = 1_000_000_000_000 * PATTERN_PERIOD_BYTES;
    for (let i = 0; i < 100; i++) expect(patternByte(far + i)).toBe(patternByte(i));
  });
});
