import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteCopier } from '../src/index.ts';

const runs = 300 * Number(process.env.BULKHEAD_EFFORT ?? 1);

describe('a byte copier', () => {
  it('agrees with a loop over bytes at every length and alignment, and touches nothing else', () => {
    const copier = new ByteCopier();
    const at = fc.nat(40);
    fc.assert(
      fc.property(
        at,
        at,
        fc.nat(100),
        fc.nat(7),
        fc.nat(7),
        fc.nat(255),
        (toAt, fromAt, lenBytes, toSkip, skip, seed) => {
          const from = new Uint8Array(256).map((_, i) => i * 7 + seed).subarray(skip);
          const to = new Uint8Array(256).fill(0xee).subarray(toSkip);
          const expected = to.slice();
          for (let i = 0; i < lenBytes; i++) expected[toAt + i] = from[fromAt + i]!;
          copier.copy(to, toAt, from, fromAt, lenBytes);
          expect(to).toEqual(expected);
        },
      ),
      { numRuns: runs },
    );
  });
  it('keeps arrays apart, however many take turns', () => {
    const copier = new ByteCopier();
    const arrays = Array.from({ length: 21 }, (_, i) => new Uint8Array(64).fill(i));
    for (let step = 0; step < 200; step++) {
      const to = new Uint8Array(64);
      const from = arrays[(step * step) % arrays.length]!;
      copier.copy(to, 0, from, 0, 64);
      expect(to).toEqual(from);
    }
  });
  it('reaches the last byte of both arrays', () => {
    const from = new Uint8Array(33).map((_, i) => i + 1);
    const to = new Uint8Array(33);
    new ByteCopier().copy(to, 0, from, 0, 33);
    expect(to).toEqual(from);
  });
});
