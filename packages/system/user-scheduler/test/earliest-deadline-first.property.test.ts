import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { earliestDeadlineFirst } from '../src/index.ts';
import { onPaper, type Task } from './paper.ts';
import { run, START } from './support.ts';

const EFFORT = Number(process.env['BULKHEAD_EFFORT'] ?? 1);
/** What a job costs besides its work, in system calls: its own, the scheduler's, and the alarm's. */
const OVERHEAD = 30;
/** How late the scheduler may hear of a release. */
const LATENESS = 30;

/** Sets of tasks of which the work and the overhead fill nearly all the time there is. */
const full = fc
  .array(fc.tuple(fc.integer({ min: 8, max: 60 }), fc.integer({ min: 1, max: 100 })), { minLength: 1, maxLength: 5 })
  .map((wanted): Task[] => {
    const shares = wanted.reduce((sum, [, share]) => sum + share, 0);
    return wanted.map(([hundreds, share]) => {
      const period = hundreds * 100;
      return { period, work: Math.max(1, Math.floor((period * 0.99 * share) / shares) - OVERHEAD - LATENESS) };
    });
  })
  .filter((tasks) => tasks.reduce((sum, { work, period }) => sum + (work + OVERHEAD + LATENESS) / period, 0) <= 1);
const TIME = 60_000;

describe('earliest deadline first, by a program (Liu and Layland 1973, theorem 7)', () => {
  it('meets every deadline at a utilisation of 1, overheads included', () => {
    fc.assert(
      fc.property(full, (tasks) => {
        const jobs = tasks.map(({ work, period }) => ({ work, period, budget: work + OVERHEAD }));
        const { count } = run(earliestDeadlineFirst, jobs, TIME);
        expect([count('missed'), count('overrun')]).toEqual([0, 0]);
        for (const [i, { period }] of tasks.entries())
          expect(count('done', i)).toBeGreaterThanOrEqual(Math.floor((TIME - 1) / period));
      }),
      { numRuns: 25 * EFFORT, seed: 46 },
    );
  });
  it('finishes each job when paper says: not before it would without overhead, nor after it would with it', () => {
    fc.assert(
      fc.property(full, (tasks) => {
        const jobs = tasks.map(({ work, period }) => ({ work, period, budget: work + OVERHEAD }));
        const { finished } = run(earliestDeadlineFirst, jobs, TIME);
        const soonest = onPaper(tasks, TIME);
        const latest = onPaper(
          tasks.map(({ work, period }) => ({ work: work + OVERHEAD, period })),
          TIME,
        );
        let compared = 0;
        for (const [task, list] of finished.entries())
          for (const [release, at] of list) {
            const isIt = (job: { task: number; release: number }): boolean =>
              job.task === task && job.release === release - START;
            expect(at - START).toBeGreaterThanOrEqual(soonest.find(isIt)!.finish);
            expect(at - START).toBeLessThanOrEqual(latest.find(isIt)!.finish + LATENESS);
            compared++;
          }
        expect(compared).toBeGreaterThan(5);
      }),
      { numRuns: 25 * EFFORT, seed: 47 },
    );
  });
  it('lets run, at every time, whose deadline is next of those that are released and not done', () => {
    fc.assert(
      fc.property(full, (tasks) => {
        const jobs = tasks.map(({ work, period }) => ({ work, period, budget: work + OVERHEAD }));
        const { moments } = run(earliestDeadlineFirst, jobs, TIME);
        const deadlines = new Map<number, number>();
        let [running, compared] = [-1, 0];
        for (const [i, { kind, at, client }] of moments.entries()) {
          if (kind === 'released') deadlines.set(client, at + tasks[client]!.period);
          else if (kind === 'done') deadlines.delete(client);
          else running = client;
          const isLast = i + 1 < moments.length && moments[i + 1]!.at > at + LATENESS;
          if (!isLast || deadlines.size === 0) continue;
          expect(deadlines.get(running)).toBe(Math.min(...deadlines.values()));
          compared++;
        }
        expect(compared).toBeGreaterThan(8);
      }),
      { numRuns: 25 * EFFORT, seed: 48 },
    );
  });
});
