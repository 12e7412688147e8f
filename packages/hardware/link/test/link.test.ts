import { Clock } from '@bulkhead/clock';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { A_TO_B, B_TO_A, createLink, type Link, type LinkOptions, WIRE_OVERHEAD_BYTES } from '../src/index.ts';

interface Seen {
  readonly direction: number;
  readonly at: number;
  readonly bytes: readonly number[];
}

/** 1 cycle = 1 ns; 1 Gb/s is 8 cycles a byte. */
class Bench {
  readonly clock: Clock = new Clock(1e9);
  readonly seen: Seen[] = [];
  readonly link: Link;

  constructor(options: Partial<LinkOptions> = {}) {
    this.link = createLink({ clock: this.clock, bitsPerSecond: 1e9, delayNs: 5000, queueFrames: 8, ...options });
    this.link.b.connect((frame, lenBytes) => this.#see(A_TO_B, frame, lenBytes));
    this.link.a.connect((frame, lenBytes) => this.#see(B_TO_A, frame, lenBytes));
  }
  until(at: number): void {
    while (this.clock.due <= at) {
      this.clock.advance(this.clock.due - this.clock.now);
      this.clock.runDue();
    }
    this.clock.advance(at - this.clock.now);
  }
  #see(direction: number, frame: Uint8Array, lenBytes: number): void {
    this.seen.push({ direction, at: this.clock.now, bytes: [...frame.slice(0, lenBytes)] });
  }
}

const frameOf = (lenBytes: number, seed: number): Uint8Array => new Uint8Array(lenBytes).map((_, i) => i * 7 + seed);
const wire = (lenBytes: number): number => (lenBytes + WIRE_OVERHEAD_BYTES) * 8;

describe('link (IEEE 802.3-2018 §3.1.1, §4.4.2)', () => {
  it('delivers when the last bit, its overhead and the propagation delay are over', () => {
    const bench = new Bench();
    bench.link.a.transmit(frameOf(60, 0), 60);
    bench.until(1e6);
    expect(bench.seen).toEqual([{ direction: A_TO_B, at: (60 + 24) * 8 + 5000, bytes: [...frameOf(60, 0)] }]);
  });

  it('frames follow each other at line rate, and both directions at once', () => {
    const bench = new Bench();
    for (let i = 0; i < 3; i++) bench.link.a.transmit(frameOf(100, i), 100);
    bench.link.b.transmit(frameOf(100, 9), 100);
    bench.until(1e6);
    const at = (direction: number): number[] => bench.seen.filter((s) => s.direction === direction).map((s) => s.at);
    expect(at(A_TO_B)).toEqual([1, 2, 3].map((n) => n * wire(100) + 5000));
    expect(at(B_TO_A)).toEqual([wire(100) + 5000]);
  });

  it('drops at the tail when the queue is full, and counts', () => {
    const bench = new Bench({ queueFrames: 2 });
    for (let i = 0; i < 5; i++) bench.link.a.transmit(frameOf(100, i), 100);
    bench.until(wire(100)); // one has left, and is still on its way
    bench.link.a.transmit(frameOf(100, 5), 100);
    bench.link.a.transmit(frameOf(100, 6), 100);
    bench.until(1e6);
    expect(bench.seen.map((s) => s.bytes[0])).toEqual([0, 1, 5]);
    expect([bench.link.carried(A_TO_B), bench.link.dropped(A_TO_B), bench.link.carried(B_TO_A)]).toEqual([3, 4, 0]);
    expect(bench.link.carriedBytes(A_TO_B)).toBe(300);
  });

  it('drops frames longer than the longest', () => {
    const bench = new Bench({ maxFrameBytes: 1000 });
    bench.link.a.transmit(frameOf(1001, 0), 1001);
    bench.until(1e6);
    expect([bench.seen.length, bench.link.dropped(A_TO_B)]).toEqual([0, 1]);
  });

  it('the sender may reuse its buffer at once, of any alignment', () => {
    const bench = new Bench();
    const buffer = new Uint8Array(203);
    for (const skip of [0, 1, 4]) {
      const frame = buffer.subarray(skip, skip + 101);
      frame.set(frameOf(101, skip));
      bench.link.a.transmit(frame, 101);
      frame.fill(0xff);
    }
    bench.until(1e6);
    expect(bench.seen.map((s) => s.bytes)).toEqual([0, 1, 4].map((skip) => [...frameOf(101, skip)]));
  });

  it('the tap sees each frame once, before its receiver, with the time of its arrival', () => {
    const taps: Seen[] = [];
    const bench = new Bench({
      tap: (direction, at, frame, lenBytes) => taps.push({ direction, at, bytes: [...frame.slice(0, lenBytes)] }),
    });
    bench.link.a.transmit(frameOf(60, 1), 60);
    bench.link.b.transmit(frameOf(70, 2), 70);
    bench.until(1e6);
    expect(taps).toEqual(bench.seen);
  });

  it('a receiver may answer at once', () => {
    const bench = new Bench();
    bench.link.b.connect((frame, lenBytes) => bench.link.b.transmit(frame, lenBytes));
    bench.link.a.transmit(frameOf(60, 3), 60);
    bench.until(1e6);
    expect(bench.seen).toEqual([{ direction: B_TO_A, at: 2 * (wire(60) + 5000), bytes: [...frameOf(60, 3)] }]);
  });

  it('agrees with a slow model on times, order and drops', () => {
    const send = fc.record({ wait: fc.nat({ max: 20_000 }), lenBytes: fc.integer({ min: 1, max: 1514 }) });
    const setting = fc.record({
      delayNs: fc.constantFrom(0, 5000, 200_000),
      bitsPerSecond: fc.constantFrom(1e9, 3e8, 1e10),
      queueFrames: fc.integer({ min: 1, max: 5 }),
    });
    fc.assert(
      fc.property(fc.array(send, { maxLength: 60 }), setting, (sends, { delayNs, bitsPerSecond, queueFrames }) => {
        const bench = new Bench({ delayNs, bitsPerSecond, queueFrames });
        const departs: number[] = [];
        const expected: Seen[] = [];
        let now = 0;
        sends.forEach(({ wait, lenBytes }, seed) => {
          now += wait;
          bench.until(now);
          bench.link.a.transmit(frameOf(lenBytes, seed), lenBytes);
          if (departs.filter((at) => at > now).length >= queueFrames) return;
          const start = Math.max(now, departs.at(-1) ?? 0);
          departs.push(start + Math.ceil(((lenBytes + 24) * 8e9) / bitsPerSecond));
          const at = departs.at(-1)! + delayNs;
          expected.push({ direction: A_TO_B, at, bytes: [...frameOf(lenBytes, seed)] });
        });
        bench.until(now + 1e7);
        expect(bench.seen).toEqual(expected);
        expect(bench.link.dropped(A_TO_B)).toBe(sends.length - expected.length);
      }),
      { numRuns: 60 * Number(process.env.BULKHEAD_EFFORT ?? 1) },
    );
  });
});
