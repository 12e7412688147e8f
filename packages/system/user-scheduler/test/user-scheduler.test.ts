import { objects } from '@bulkhead/capabilities';
import { message } from '@bulkhead/ipc';
import { labels, type Program } from '@bulkhead/kernel-core';
import { describe, expect, it } from 'vitest';
import {
  earliestDeadlineFirst,
  jobDone,
  NO_CAPACITY,
  REFUSED,
  rateMonotonic,
  register,
  roundRobin,
  slotsFrom,
} from '../src/index.ts';
import { FIRST_SLOT, make, run, START } from './support.ts';

const CALLS = 30;
/** Together 0.97 of the processor. */
const near = [
  { work: 2500, budget: 2500 + CALLS, period: 5000 },
  { work: 4200, budget: 4200 + CALLS, period: 9000 },
] as const;

describe('a policy decides', () => {
  it('earliest deadline first meets all deadlines at a utilisation of 0.97', () => {
    const { count } = run(earliestDeadlineFirst, near, 450_000);
    expect(count('missed')).toBe(0);
    expect(count('done')).toBeGreaterThan(135);
  });
  it('rate monotonic misses some of the same jobs, and all are of the longer period', () => {
    const { count } = run(rateMonotonic, near, 450_000);
    expect(count('missed', 0)).toBe(0);
    expect(count('missed', 1)).toBeGreaterThan(0);
  });
  it('rate monotonic meets all where Liu and Layland say so: below n(2^(1/n) - 1)', () => {
    const jobs = [
      { work: 2000, budget: 2000 + CALLS, period: 5000 },
      { work: 3600, budget: 3600 + CALLS, period: 9000 },
    ];
    expect(run(rateMonotonic, jobs, 450_000).count('missed')).toBe(0);
  });
  it('round robin gives turns of one length, in turn', () => {
    const jobs = [10_000, 10_000, 10_000].map((work) => ({ work, budget: work + CALLS, period: 40_000 }));
    const { moments } = run(roundRobin(1000), jobs, 35_000);
    const turns = moments.filter(({ kind }) => kind === 'runs').slice(0, 27);
    expect(turns.map(({ client }) => client)).toEqual(turns.map((_, i) => i % 3));
    for (const [i, { at }] of turns.slice(1).entries()) {
      expect(at - turns[i]!.at).toBeGreaterThanOrEqual(1000);
      expect(at - turns[i]!.at).toBeLessThan(1000 + 40);
    }
  });
  it('a deadline that is shorter than the period is the one that counts', () => {
    const jobs = [
      { work: 1000, budget: 1000 + CALLS, period: 10_000 },
      { work: 1000, budget: 1000 + CALLS, period: 10_000, deadline: 1500 },
    ];
    const { moments, count } = run(earliestDeadlineFirst, jobs, 50_000);
    expect(moments.filter(({ kind }) => kind === 'runs').map(({ client }) => client)).toEqual([
      1, 0, 1, 0, 1, 0, 1, 0, 1, 0,
    ]);
    expect(count('missed')).toBe(0);
    expect(run(rateMonotonic, jobs, 50_000).count('missed', 1)).toBe(5);
  });
});

describe('budgets', () => {
  it('a job that wants more gets its budget of every period, and others miss nothing', () => {
    let spent = 0;
    const code = (entry: number): Program =>
      function* (t) {
        yield register(t, entry, { period: 5000, budget: 1000, first: START });
        for (;;) {
          yield t.spend(50);
          spent += 50;
        }
      };
    const modest = { work: 6900, budget: 6900 + CALLS, period: 9000 };
    const { count } = run(earliestDeadlineFirst, [{ work: 0, budget: 0, period: 0, code }, modest], 450_000);
    expect([count('missed', 1), count('overrun', 1)]).toEqual([0, 0]);
    expect([count('overrun', 0), count('missed', 0)]).toEqual([90, 89]);
    expect(spent).toBeLessThanOrEqual(90 * 1000);
    expect(spent).toBeGreaterThanOrEqual(90 * 1000 - 50);
  });
  it('a client that does not register in time is let go', () => {
    const late = (): Program =>
      function* (t) {
        for (;;) yield t.spend(100);
      };
    const { count, moments } = run(
      earliestDeadlineFirst,
      [{ work: 0, budget: 0, period: 0, code: late }, near[1]],
      90_000,
    );
    expect(moments.filter(({ client }) => client === 0).map(({ kind }) => kind)).toEqual(['overrun']);
    expect([count('done', 1), count('missed', 1)]).toEqual([10, 0]);
  });
});

describe('what clients ask', () => {
  /** @returns the label of each answer. */
  function asked(ask: (entry: number) => (t: Parameters<Program>[0]) => Generator<number, void, void>): unknown[] {
    const heard: unknown[] = [];
    const code = (entry: number): Program =>
      function* (t) {
        const steps = ask(entry)(t);
        for (const step of steps) {
          yield step;
          heard.push(t.label);
        }
      };
    const { count } = run(earliestDeadlineFirst, [near[0], { work: 0, budget: 0, period: 0, code }], 100_000);
    expect([count('missed', 0), count('done', 0)]).toEqual([0, 20]);
    return heard;
  }
  it('registering twice, times that make no sense, and calls that there are not, are refused', () => {
    const times = { period: 10_000, budget: 1000 };
    expect(
      asked(
        (entry) =>
          function* (t) {
            yield jobDone(t, entry);
            yield register(t, entry, { ...times, budget: 0 });
            yield register(t, entry, { ...times, budget: 10_001 });
            yield register(t, entry, { ...times, deadline: 10_001 });
            yield register(t, entry, { ...times, deadline: 999 });
            yield t.call(entry, message.messageTag(77, 0, 0, 0));
            yield t.call(entry, message.messageTag(16, 0, 0, 1));
            yield register(t, entry, times);
            yield register(t, entry, times);
          },
      ),
    ).toEqual([REFUSED, REFUSED, REFUSED, REFUSED, REFUSED, REFUSED, REFUSED, 0, REFUSED]);
  });
  it('more than the capacity is refused, and may be less the next time', () => {
    expect(
      asked(
        (entry) =>
          function* (t) {
            yield register(t, entry, { period: 10_000, budget: 5000 });
            yield register(t, entry, { period: 10_000, budget: 4900 });
            yield jobDone(t, entry);
          },
      ),
    ).toEqual([NO_CAPACITY, 0, 0]);
  });
  it('a message that wants no answer, a made up timeout, and an end harm nobody', () => {
    asked(
      (entry) =>
        function* (t) {
          for (let label = 0; label < 32; label++) yield t.nbSend(entry, message.messageTag(label, 0, 0, 0));
          yield register(t, entry, { period: 10_000, budget: 1000 });
          for (let label = 0; label < 32; label++) yield t.send(entry, message.messageTag(label, 0, 0, 0));
          yield t.call(entry, message.messageTag(5, 0, 0, 0));
        },
    );
  });
});

describe('a client that has ended in its turn', () => {
  it.each([earliestDeadlineFirst, rateMonotonic])('$name: loses no more than its budget to the others', (policy) => {
    const code = (entry: number): Program =>
      function* (t) {
        yield register(t, entry, { period: 4000, budget: 1000, first: START });
      };
    const { count } = run(
      policy,
      [
        { work: 0, budget: 0, period: 0, code },
        { work: 4000, budget: 4100, period: 9000 },
      ],
      90_000,
    );
    expect([count('missed', 1), count('done', 1)]).toEqual([0, 10]);
  });
});

describe('a context that is lent', () => {
  it('is not taken away: the call ends first, and then the job that goes before runs', () => {
    const [endpoint, reply] = [200, 201];
    const server = (): Program =>
      function* (t) {
        yield* make(t, objects.ENDPOINT, endpoint);
        yield* make(t, objects.REPLY, reply);
        yield t.receive(endpoint, reply);
        for (;;) {
          yield t.spend(3000);
          yield t.replyReceive(endpoint, 0, reply);
        }
      };
    const { clients } = slotsFrom(FIRST_SLOT, 3);
    const { context, thread } = clients[0]!;
    const lender = (entry: number): Program =>
      function* (t) {
        t.setCapability(0, thread);
        yield t.call(context, message.messageTag(labels.SCHED_CONTEXT_UNBIND_OBJECT, 0, 1, 0));
        yield register(t, entry, { period: 20_000, budget: 8000, first: START });
        for (;;) {
          yield t.call(endpoint);
          yield t.spend(1000);
          yield jobDone(t, entry);
        }
      };
    const urgent = { work: 500, budget: 530, period: 10_000, first: START + 1000 };
    const none = { work: 0, budget: 0, period: 0 };
    const { moments, count } = run(
      earliestDeadlineFirst,
      [{ ...none, code: server }, { ...none, code: lender }, urgent],
      19_000,
    );
    const runs = moments.filter(({ kind }) => kind === 'runs');
    expect(runs.map(({ client }) => client)).toEqual([1, 2, 1, 2]);
    expect(runs[1]!.at).toBeGreaterThan(START + 3000);
    expect(runs[1]!.at).toBeLessThan(START + 3000 + 20 * 10 + 100);
    expect([count('missed'), count('overrun')]).toEqual([0, 0]);
    expect(moments.find(({ kind, client }) => kind === 'done' && client === 1)!.at).toBeLessThan(
      START + 3000 + 20 * 10 + 100 + 500 + 1000 + 60,
    );
  });
});
