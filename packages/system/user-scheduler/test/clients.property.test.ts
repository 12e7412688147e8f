import { message } from '@bulkhead/ipc';
import type { Program, ThreadContext } from '@bulkhead/kernel-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { earliestDeadlineFirst, jobDone, rateMonotonic, register, roundRobin } from '../src/index.ts';
import { run, START } from './support.ts';

const EFFORT = Number(process.env['BULKHEAD_EFFORT'] ?? 1);
const TIME = 90_000;

/** What a client may do, by number. */
const act = fc.tuple(
  fc.integer({ min: 0, max: 6 }),
  fc.integer({ min: 0, max: 40 }),
  fc.integer({ min: 0, max: 9000 }),
);
function take(t: ThreadContext, entry: number, [what, label, time]: readonly [number, number, number]): number {
  switch (what) {
    case 0:
      return t.call(entry, message.messageTag(label, 0, 0, label % 6));
    case 1:
      return t.send(entry, message.messageTag(label, 0, 0, label % 6));
    case 2:
      return t.nbSend(entry, message.messageTag(label, 0, 0, label % 6));
    case 3:
      return register(t, entry, { period: 1000 + 100 * label, budget: time / 2, first: START + time });
    case 4:
      return jobDone(t, entry);
    default:
      return t.spend(time);
  }
}

describe('clients that ask anything', () => {
  it.each([earliestDeadlineFirst, rateMonotonic])('$name: take nothing from one that keeps its word', (policy) => {
    const acts = fc.array(fc.array(act, { maxLength: 30 }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(acts, (lists) => {
        const code =
          (list: (readonly [number, number, number])[]) =>
          (entry: number): Program =>
            function* (t) {
              for (const one of list) yield take(t, entry, one);
            };
        const others = lists.map((list) => ({ work: 0, budget: 0, period: 0, code: code(list) }));
        const good = { work: 500, budget: 2000, period: 4000 };
        const { count } = run(policy, [good, ...others], TIME, { capacity: 0.65 });
        expect([count('missed', 0), count('overrun', 0)]).toEqual([0, 0]);
        expect(count('done', 0)).toBe(Math.floor((TIME - 500) / good.period) + 1);
      }),
      { numRuns: 40 * EFFORT, seed: 49 },
    );
  });
  it('and the scheduler goes on answering, whatever the policy', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), fc.integer({ min: 20, max: 2000 }), (list, slice) => {
        const code = (entry: number): Program =>
          function* (t) {
            for (const one of list) yield take(t, entry, one);
          };
        const good = { work: 500, budget: 2000, period: 4000 };
        const { count } = run(roundRobin(slice), [good, { work: 0, budget: 0, period: 0, code }], TIME);
        expect(count('done', 0)).toBeGreaterThan(10);
      }),
      { numRuns: 40 * EFFORT, seed: 50 },
    );
  });
});
