/** Settings under which nothing that a connection sends depends on how fast the machine is. */
import { describe, expect, it } from 'vitest';
import { initialSequence, keyedHash } from '../../src/tcp/isn.ts';
import { pattern, Trace, text } from '../trace.ts';

describe('a stack whose frames are compared', () => {
  it('delayedAckMs 0: acknowledges every segment before its handler ends, a short one too', () => {
    const t = new Trace({ delayedAckMs: 0 });
    t.establish();
    t.send({ control: 'A', seq: 1, ack: 1, text: pattern(1460) });
    expect(t.sent()).toEqual(['A 1:1 ack 1461']);
    t.send({ control: 'A', seq: 1461, ack: 1, text: text('!') });
    expect(t.sent()).toEqual(['A 1:1 ack 1462']);
  });
  it('RFC 6528 §3 without its M: the same four-tuple and seed give the same number at any time', () => {
    const hash = keyedHash(3, 1, 80, 2, 5000);
    expect(initialSequence(hash, 0)).toBe(hash | 0);
    expect(initialSequence(hash, 4_000_000)).not.toBe(hash | 0);
    const sequences = [0, 250].map((delayMs) => {
      const t = new Trace({ clockedSequence: false });
      t.wait(delayMs);
      t.establish();
      return t.iss;
    });
    expect(sequences[0]).toBe(sequences[1]);
  });
});
