import { describe, expect, it } from 'vitest';
import { RingConsumer, RingProducer, ringSizeBytes } from '../src/index.ts';
import { explore, type MemoryModel, type Program, type Steps, type Verdict } from './explorer.ts';

const ITEMS = 2;
const SHAPE = { capacityEntries: 2, entryWords: 1 } as const;
const CONSUMER_SIGNALLED = 8;
const EXPECTED = 'produced consumed 1,2';

const producer =
  (fenced: boolean): Program =>
  (steps) => {
    const ring = new RingProducer({ port: steps, ...SHAPE, ...(fenced ? { fence: steps.fence } : {}) });
    for (let item = 1; item <= ITEMS; item++) {
      ring.produce(Int32Array.of(item));
      if (ring.mustSignal()) steps.signal();
    }
    return 'produced';
  };

type Sleep = (ring: RingConsumer, steps: Steps) => number;
const consumer =
  (fenced: boolean, sleep: Sleep): Program =>
  (steps) => {
    const ring = new RingConsumer({ port: steps, ...SHAPE, ...(fenced ? { fence: steps.fence } : {}) });
    const entry = new Int32Array(1);
    const got: number[] = [];
    while (got.length < ITEMS) {
      while (ring.consume(entry) === 1) got.push(entry[0]!);
      if (got.length < ITEMS && sleep(ring, steps) === 0) steps.wait();
    }
    return `consumed ${got.join(',')}`;
  };

const withRecheck: Sleep = (ring) => ring.sleep();
/** The mistake: asks for a signal and sleeps, without another look. */
const withoutRecheck: Sleep = (_ring, steps) => {
  steps.store32(CONSUMER_SIGNALLED, 0);
  steps.fence();
  return 0;
};

interface Case {
  readonly model: MemoryModel;
  readonly fences: readonly [producer: boolean, consumer: boolean];
  readonly sleep?: Sleep;
}
const run = ({ model, fences, sleep = withRecheck }: Case): Verdict =>
  explore([producer(fences[0]), consumer(fences[1], sleep)], EXPECTED, ringSizeBytes(2, 1) / 4, model);

describe('the signalling protocol, in every order of the steps of one producer and one consumer, two entries', () => {
  it('loses no wake-up under sequential consistency, without fences', () => {
    const verdict = run({ model: 'sequential', fences: [false, false] });
    expect([...verdict.outcomes]).toEqual([EXPECTED]);
    expect(verdict.states).toBeGreaterThan(100);
  });

  it('loses one when the consumer does not look again', () => {
    const verdict = run({ model: 'sequential', fences: [false, false], sleep: withoutRecheck });
    expect(verdict.lostAfter).toBeGreaterThan(0);
    expect(verdict.outcomes).toContain('produced stuck in wait');
  });

  it.each([
    ['neither side', [false, false]],
    ['only the producer', [true, false]],
    ['only the consumer', [false, true]],
  ] as const)('loses one under store buffering when %s has a fence', (_name, fences) => {
    const verdict = run({ model: 'store-buffers', fences });
    expect(verdict.outcomes).toContain('produced stuck in wait');
  });

  it('loses none under store buffering when both sides have a fence', () => {
    const verdict = run({ model: 'store-buffers', fences: [true, true] });
    expect([...verdict.outcomes]).toEqual([EXPECTED]);
  });

  it('loses one when a signal may overtake the store of the flag before it', () => {
    const verdict = run({ model: 'store-buffers-overtaken-by-signals', fences: [true, true] });
    expect(verdict.outcomes).toContain('produced stuck in wait');
  });

  it('loses one under store buffering, both fences or not, when the consumer does not look again', () => {
    const verdict = run({ model: 'store-buffers', fences: [true, true], sleep: withoutRecheck });
    expect(verdict.outcomes).toContain('produced stuck in wait');
  });
});
