import { A_TO_B, B_TO_A } from '@bulkhead/link';
import { ENDED } from '@bulkhead/net-stack-api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { B, HTTP, Pair, Stream } from './pair.ts';

const EFFORT: number = Number(process.env.BULKHEAD_EFFORT ?? 1);

const bytesOf = (lenBytes: number): Uint8Array => Uint8Array.from({ length: lenBytes }, (_, i) => (i * 151) >>> 3);

function carry(pair: Pair, bytes: Uint8Array, chunk = 4096): Stream {
  const stream = new Stream(pair, bytes, chunk);
  stream.start();
  pair.run(60e9, () => stream.isOver);
  return stream;
}

describe('two far ends on a link', () => {
  it('carry a stream whole and in order, over a link of any rate, delay and queue', () => {
    const link = fc.record({
      bitsPerSecond: fc.constantFrom(1e7, 1e9, 1e10),
      delayNs: fc.constantFrom(0, 5000, 3_000_000),
      queueFrames: fc.constantFrom(3, 16, 256),
    });
    let dropped = 0;
    const property = fc.property(
      link,
      fc.nat(60_000),
      fc.integer({ min: 1, max: 4096 }),
      (options, lenBytes, chunk) => {
        const pair = new Pair(options);
        const bytes = bytesOf(lenBytes);
        const { received, isOver } = carry(pair, bytes, Math.max(chunk, lenBytes >>> 6, 1));
        expect(isOver).toBe(true);
        expect(Uint8Array.from(received)).toEqual(bytes);
        dropped += pair.link.dropped(A_TO_B) + pair.link.dropped(B_TO_A);
      },
    );
    fc.assert(property, { numRuns: 12 * EFFORT });
    const narrow = new Pair({ queueFrames: 3, bitsPerSecond: 1e7, delayNs: 100_000 });
    expect(carry(narrow, bytesOf(60_000)).received.length).toBe(60_000);
    dropped += narrow.link.dropped(A_TO_B);
    expect(dropped).toBeGreaterThan(0);
  });
  it('do the same again with the same seed, frame by frame in the same time, and otherwise with another', () => {
    const digestOf = (seed: number): string => {
      const pair = new Pair({}, seed);
      carry(pair, bytesOf(20_000));
      return pair.digest();
    };
    expect(digestOf(1)).toBe(digestOf(1));
    expect(digestOf(2)).not.toBe(digestOf(1));
  });
  it('live in simulated time: the first byte takes a handshake, and each frame a delay', () => {
    const pair = new Pair({ delayNs: 1_000_000 });
    const stream = new Stream(pair, bytesOf(1), 1);
    stream.start();
    expect(pair.clock.now).toBe(0);
    pair.run(1e9, () => stream.received.length > 0);
    const delays = 3; // SYN, SYN-ACK, and data; before them, finding each other's Ethernet address
    expect(pair.clock.nowNs).toBeGreaterThan(delays * 1_000_000);
    expect(pair.clock.nowNs).toBeLessThan((delays + 3) * 1_000_000);
  });
  it('retransmit what the link lost, when the time has come', () => {
    const pair = new Pair();
    let lost = 0;
    const stream = new Stream(pair, bytesOf(3000), 3000);
    const { transmit } = pair.link.a;
    Object.assign(pair.link.a, {
      transmit: (frame: Uint8Array, lenBytes: number) => {
        if (lenBytes > 500 && lost < 2) lost++;
        else transmit(frame, lenBytes);
      },
    });
    stream.start();
    pair.run(10e9, () => stream.isOver);
    expect(Uint8Array.from(stream.received)).toEqual(bytesOf(3000));
    expect(lost).toBe(2);
    expect(pair.clock.nowNs).toBeGreaterThan(200_000_000); // the least retransmission timeout
  });
  it('a connection to nobody ends by itself, and the alarm wakes nobody before its time', () => {
    const pair = new Pair();
    let seen = 0;
    pair.onReady = (_at, _socket, what) => {
      seen |= what;
    };
    expect(pair.a.sockets.connect(0x0a00_0063, 80)).toBeGreaterThanOrEqual(0);
    pair.a.settle();
    pair.run(300e9, () => (seen & ENDED) !== 0);
    expect(seen & ENDED).toBe(ENDED);
    expect(pair.events).toBeLessThan(100);
  });
});

describe('settle', () => {
  it('sends what calls from outside left; without it nothing leaves', () => {
    const pair = new Pair();
    pair.run(1e9);
    const before = pair.link.carried(A_TO_B);
    pair.a.sockets.connect(B, HTTP);
    pair.run(1e6);
    expect(pair.link.carried(A_TO_B)).toBe(before);
    pair.a.settle();
    pair.run(1e6);
    expect(pair.link.carried(A_TO_B)).toBeGreaterThan(before);
  });
});
