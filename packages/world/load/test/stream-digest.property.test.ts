import { Digest } from '@bulkhead/clock';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StreamDigest } from '../src/stream-digest.ts';

const EFFORT: number = Number(process.env.BULKHEAD_EFFORT ?? 1);

function digestOf(bytes: Uint8Array, pieces: readonly number[]): string {
  const stream = new StreamDigest();
  let at = 0;
  for (const piece of [...pieces, bytes.length]) {
    const to = Math.min(bytes.length, at + piece);
    stream.add(bytes, at, to);
    at = to;
  }
  const digest = new Digest();
  stream.mixInto(digest);
  return digest.toString();
}
const bytes = fc.uint8Array({ maxLength: 100 });

describe('the digest of a stream', () => {
  it('is the same in whatever pieces it came', () => {
    const pieces = fc.array(fc.nat(9), { maxLength: 30 });
    const property = fc.property(bytes, pieces, (stream, cuts) => {
      expect(digestOf(stream, cuts)).toBe(digestOf(stream, []));
    });
    fc.assert(property, { numRuns: 300 * EFFORT });
  });
  it('is another when a byte is another, is missing, or is more', () => {
    const property = fc.property(bytes, fc.nat(), fc.integer({ min: 1, max: 255 }), (stream, where, flip) => {
      const digest = digestOf(stream, []);
      expect(digestOf(Uint8Array.of(...stream, 0), [])).not.toBe(digest);
      if (stream.length === 0) return;
      const at = where % stream.length;
      expect(digestOf(stream.with(at, stream[at]! ^ flip), [])).not.toBe(digest);
      expect(
        digestOf(
          stream.filter((_, i) => i !== at),
          [],
        ),
      ).not.toBe(digest);
    });
    fc.assert(property, { numRuns: 300 * EFFORT });
  });
});
