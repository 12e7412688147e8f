import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { initRing, RING_CORRUPTED, RingConsumer, type RingPort, RingProducer, ringSizeBytes } from '../src/index.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const SHAPE = { capacityEntries: 4, entryWords: 2 } as const;

class ArrayPort implements RingPort {
  readonly words = new Int32Array(ringSizeBytes(SHAPE.capacityEntries, SHAPE.entryWords) / 4);
  load32(offset: number): number {
    return this.words[offset >>> 2]!;
  }
  store32(offset: number, value: number): void {
    this.words[offset >>> 2] = value;
  }
}
const actions = fc.array(fc.constantFrom('produce', 'consume', 'sleep', 'signal'), { maxLength: 200, size: 'max' });
/** Free-running indices that pass 2^31 and 2^32 on the way. */
const starts = fc.constantFrom(0, 0x7ffffffe, -3, -1);

describe('a ring', () => {
  it('is a bounded queue, wherever its indices started', () => {
    fc.assert(
      fc.property(actions, starts, (sequence, start) => {
        const port = new ArrayPort();
        initRing(port);
        port.words[0] = start;
        port.words[1] = start;
        const producer = new RingProducer({ port, ...SHAPE });
        const consumer = new RingConsumer({ port, ...SHAPE });
        const naive: number[][] = [];
        const entry = new Int32Array(2);
        let count = 0;
        for (const action of sequence) {
          expect(producer.free()).toBe(4 - naive.length);
          expect(consumer.available()).toBe(naive.length);
          if (action === 'produce') {
            count++;
            const fits = naive.length < 4;
            expect(producer.produce(Int32Array.of(count, -count))).toBe(fits ? 1 : 0);
            if (fits) naive.push([count, -count]);
          } else if (action === 'consume') {
            expect(consumer.consume(entry)).toBe(naive.length > 0 ? 1 : 0);
            if (naive.length > 0) expect([...entry]).toEqual(naive.shift());
          } else if (action === 'sleep') {
            expect(consumer.sleep()).toBe(naive.length);
            expect(port.words[2]).toBe(naive.length > 0 ? 1 : 0);
          } else {
            const asked = port.words[2] === 0;
            expect(producer.mustSignal()).toBe(asked);
            expect(producer.mustSignal()).toBe(false);
          }
        }
      }),
      { numRuns: 100 * EFFORT, seed: 5 },
    );
  });

  it('believes no index of the other side that lies beyond the capacity', () => {
    fc.assert(
      fc.property(fc.integer({ min: -0x80000000, max: 0x7fffffff }), (wild) => {
        const port = new ArrayPort();
        const producer = new RingProducer({ port, ...SHAPE });
        const consumer = new RingConsumer({ port, ...SHAPE });
        for (let i = 0; i < 3; i++) producer.produce(Int32Array.of(i, i));
        port.words[0] = wild;
        const isPossible = wild >= 0 && wild <= 4;
        expect(consumer.available()).toBe(isPossible ? wild : RING_CORRUPTED);
        if (!isPossible) {
          expect(consumer.consume(new Int32Array(2))).toBe(RING_CORRUPTED);
          expect(consumer.sleep()).toBe(RING_CORRUPTED);
        }
        port.words[1] = wild;
        const used = (3 - wild) | 0;
        expect(producer.free()).toBe(used >= 0 && used <= 4 ? 4 - used : RING_CORRUPTED);
      }),
      { numRuns: 200 * EFFORT, seed: 6 },
    );
  });

  it('goes on where memory says that the side before stopped', () => {
    const port = new ArrayPort();
    new RingProducer({ port, ...SHAPE }).produce(Int32Array.of(7, 8));
    new RingProducer({ port, ...SHAPE }).produce(Int32Array.of(9, 10));
    const entry = new Int32Array(2);
    new RingConsumer({ port, ...SHAPE }).consume(entry);
    expect([...entry]).toEqual([7, 8]);
    new RingConsumer({ port, ...SHAPE }).consume(entry);
    expect([...entry]).toEqual([9, 10]);
  });

  it('is not affected by what the other side writes over its own index', () => {
    const port = new ArrayPort();
    const producer = new RingProducer({ port, ...SHAPE });
    producer.produce(Int32Array.of(1, 1));
    port.words[0] = 12345;
    producer.produce(Int32Array.of(2, 2));
    expect(port.words[0]).toBe(2);
  });
});
