import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PRIORITY_COUNT, ReadyQueues } from '../src/index.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const THREADS = 24;

/** One sorted array: what the queues are, said slowly. */
class Naive {
  readonly entries: { thread: number; priority: number }[] = [];

  enqueue(thread: number, priority: number): void {
    const at = this.entries.findIndex((entry) => entry.priority < priority);
    this.entries.splice(at < 0 ? this.entries.length : at, 0, { thread, priority });
  }
  enqueueFront(thread: number, priority: number): void {
    const at = this.entries.findIndex((entry) => entry.priority <= priority);
    this.entries.splice(at < 0 ? this.entries.length : at, 0, { thread, priority });
  }
  dequeue(thread: number): void {
    const at = this.entries.findIndex((entry) => entry.thread === thread);
    if (at >= 0) this.entries.splice(at, 1);
  }
}

const priority = fc.oneof(fc.integer({ min: 0, max: PRIORITY_COUNT - 1 }), fc.constantFrom(0, 31, 32, 63, 64, 255));
const steps = fc.array(
  fc.tuple(
    fc.constantFrom('enqueue', 'enqueue', 'enqueueFront', 'dequeue', 'dequeueHighest'),
    fc.nat(THREADS - 1),
    priority,
  ),
  { maxLength: 200, size: 'max' },
);

describe('ready queues (seL4 reference manual §6.1 "Thread Control Blocks")', () => {
  it('agree with one sorted array, step by step', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const queues = new ReadyQueues(THREADS);
        const naive = new Naive();
        for (const [step, thread, at] of sequence) {
          const target = step === 'dequeueHighest' ? queues.highest() : thread;
          if (step === 'dequeue' || step === 'dequeueHighest') {
            if (target >= 0) queues.dequeue(target);
            naive.dequeue(target);
          } else if (!queues.isQueued(target)) {
            queues[step](target, at);
            naive[step](target, at);
          }
          expect(queues.highest()).toBe(naive.entries[0]?.thread ?? -1);
          expect(queues.highestPriority()).toBe(naive.entries[0]?.priority ?? -1);
          for (let i = 0; i < THREADS; i++)
            expect(queues.priorityOf(i)).toBe(naive.entries.find((entry) => entry.thread === i)?.priority ?? -1);
        }
        const drained: number[] = [];
        for (let first = queues.highest(); first >= 0; first = queues.highest()) {
          drained.push(first);
          queues.dequeue(first);
        }
        expect(drained).toEqual(naive.entries.map((entry) => entry.thread));
      }),
      { numRuns: 60 * EFFORT, seed: 11 },
    );
  });

  it('serves one priority in the order of arrival, and who comes to the front first', () => {
    const queues = new ReadyQueues(4);
    queues.enqueue(2, 7);
    queues.enqueue(0, 7);
    queues.enqueueFront(3, 7);
    const order = [3, 2, 0].map((expected) => {
      const first = queues.highest();
      queues.dequeue(first);
      return first === expected;
    });
    expect(order).toEqual([true, true, true]);
    expect(queues.highest()).toBe(-1);
  });

  it('refuses a thread that is queued, does not exist, or has no such priority: a bug of the caller', () => {
    const queues = new ReadyQueues(2);
    queues.enqueue(1, 3);
    expect(() => queues.enqueue(1, 4)).toThrow('queued already');
    expect(() => queues.enqueue(2, 4)).toThrow('does not exist');
    expect(() => queues.enqueue(0, 256)).toThrow('no priority');
  });
});
