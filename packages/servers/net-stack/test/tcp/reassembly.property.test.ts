import { CREDITS } from '@bulkhead/nic-driver-api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Trace } from '../trace.ts';

describe('RFC 9293 §3.10.7.4, seventh: reassembly', () => {
  it('agrees with a reference that marks bytes one by one, whatever the order and overlap', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ at: fc.nat(900), lenBytes: fc.integer({ min: 1, max: 200 }), read: fc.nat(300) }), {
          maxLength: 40,
        }),
        (segments) => {
          const t = new Trace({ receiveBufferBytes: 4096 });
          const [, socket] = t.establish();
          const stream = Uint8Array.from({ length: 1200 }, (_, i) => (i * 7 + (i >> 8)) & 0xff);
          const has = new Uint8Array(1200);
          let read = 0;
          for (const { at, lenBytes, read: wanted } of segments) {
            t.send({ control: 'A', seq: 1 + at, ack: 1, text: stream.slice(at, at + lenBytes) });
            has.fill(1, at, at + lenBytes);
            const inOrder = has.indexOf(0);
            const ack = t.sent().at(-1)?.split('ack ')[1];
            if (ack !== undefined) expect(Number(ack)).toBe(1 + inOrder);
            if (wanted === 0 || inOrder === read) continue;
            const taken = t.read(socket, wanted);
            const expected = stream.slice(read, Math.min(inOrder, read + wanted));
            expect(Buffer.from(String(taken), 'latin1').equals(expected)).toBe(true);
            read += expected.length;
          }
        },
      ),
      { numRuns: 60 * Number(process.env.BULKHEAD_EFFORT ?? 1) },
    );
  });
  it('a peer who sends single bytes to a reader who does not read takes few buffers', () => {
    const t = new Trace();
    t.establish();
    const before = t.lone.stack.inspection.buffers.freeCount;
    for (let i = 0; i < 4000; i++) t.send({ control: 'A', seq: 1 + i, ack: 1, text: Uint8Array.of(i) });
    expect(before - t.lone.stack.inspection.buffers.freeCount).toBeLessThanOrEqual(3);
  });
  it('readers who do not read never take the reserve of reception', () => {
    const t = new Trace({ receiveBufferBytes: 0x100000 });
    const listener = t.lone.sockets.listen(80, 64);
    for (let peer = 0; peer < 20; peer++) {
      const peerPort = 50_000 + peer;
      t.send({ control: 'S', seq: 0, peerPort, options: [2, 4, 5, 0xb4, 1, 3, 3, 0] });
      t.sent();
      t.send({ control: 'A', seq: 1, ack: 1, peerPort });
      t.lone.sockets.accept(listener);
      const text = new Uint8Array(1460);
      for (let i = 0; i < 100; i++) t.send({ control: 'A', seq: 1 + i * 1460, ack: 1, peerPort, text });
      t.sent();
    }
    const { buffers } = t.lone.stack.inspection;
    expect(t.lone.stack.counter('noBuffer')).toBeGreaterThan(0);
    expect(buffers.suppliedCount).toBe(CREDITS);
    expect(buffers.freeCount).toBeGreaterThan(0);
  });
});
