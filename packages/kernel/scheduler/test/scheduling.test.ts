import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { DomainSchedule, ReleaseQueue, SPORADIC } from '../src/index.ts';
import { World } from './support/world.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);

let world: World;
beforeEach(() => {
  world = new World({ minBudget: 3, domainCount: 2, scheduleLength: 3 });
});

describe('refills (§6.1 "Scheduling Contexts")', () => {
  it('time used comes back one period after its use began, and the sum is the budget', () => {
    world.start(0, 5, 10, 50);
    world.start(1, 9, 20, 90);
    world.scheduler.block(1);
    world.run(4);
    world.scheduler.wake(1);
    world.run(10);
    expect(world.refills(0)).toEqual([
      { time: 4, amount: 6 },
      { time: 50, amount: 4 },
    ]);
  });
  it('budget == period: the slice is refilled at once, and the thread goes behind its equals', () => {
    for (const thread of [0, 1, 2]) world.start(thread, 5, 4 + thread, 4 + thread);
    expect(world.run(19)).toEqual([
      { thread: 0, from: 0, to: 4 },
      { thread: 1, from: 4, to: 9 },
      { thread: 2, from: 9, to: 15 },
      { thread: 0, from: 15, to: 19 },
    ]);
  });
  it('whoever is preempted is first of its priority again, with the rest of its slice', () => {
    for (const thread of [0, 1]) world.start(thread, 5, 10, 10);
    world.start(2, 9, 5, 50);
    world.scheduler.block(2);
    world.run(6);
    world.scheduler.wake(2);
    expect(world.run(20).map(({ thread, to }) => [thread, to])).toEqual([
      [2, 11],
      [0, 15],
      [1, 20],
    ]);
  });
  it('with two refills only, whoever is interrupted more often waits longer, but never gets more', () => {
    world.start(0, 5, 12, 40);
    for (let now = 0; now < 400; now += 4) {
      world.run(now + 3);
      world.scheduler.block(0);
      world.run(now + 4);
      world.scheduler.wake(0);
      expect(world.refills(0).length).toBeLessThanOrEqual(2);
      expect(world.refills(0).reduce((sum, { amount }) => sum + amount, 0)).toBe(12);
    }
  });
  it('a head below the minimum budget is not run on: it joins the next refill', () => {
    world.start(0, 5, 10, 50);
    world.run(8);
    world.scheduler.elapse(8);
    expect(world.scheduler.isPostponed(0)).toBe(true);
    expect(world.refills(0)).toEqual([{ time: 48, amount: 10 }]);
  });
  it('a continuous bandwidth loses what it could have used; a sporadic one keeps it', () => {
    for (const [thread, flags] of [
      [0, 0],
      [1, SPORADIC],
    ] as const)
      world.start(thread, 5, 10, 50, { flags });
    world.start(2, 9, 30, 60);
    world.run(30);
    world.scheduler.block(2);
    world.run(50);
    expect(world.refills(0)).toEqual([{ time: 80, amount: 10 }]);
    expect(world.refills(1)).toEqual([{ time: 50, amount: 10 }]);
  });
  it('who overruns pays from refills to come', () => {
    world.start(0, 5, 10, 50);
    world.scheduler.choose();
    world.scheduler.elapse(25);
    expect(world.refills(0).reduce((sum, { amount }) => sum + amount, 0)).toBe(10);
    expect(world.refills(0)[0]!.time).toBe(105);
  });
});

describe('Yield and YieldTo (§6.1 "Scheduling Contexts")', () => {
  it('Yield gives up the rest of the head refill, which counts as used and not as consumed', () => {
    world.start(0, 5, 10, 50);
    world.run(4);
    world.scheduler.yieldHead();
    expect(world.scheduler.choose()).toBe(-1);
    expect(world.refills(0)).toEqual([{ time: 50, amount: 10 }]);
    expect(world.invocations.consumed(world.context(0))).toBe(4);
  });
  it('YieldTo an equal runs it now; the caller is told what it consumed when it runs again', () => {
    for (const thread of [0, 1, 2]) world.start(thread, 5, 10, 10);
    world.scheduler.threads.maximumControlled[0] = 5;
    world.run(2);
    expect(world.invocations.yieldTo(world.context(2))).toBe(0);
    expect(world.invocations.yieldReport(0)).toBe(-1);
    expect(world.run(12)).toEqual([{ thread: 2, from: 2, to: 12 }]);
    expect(world.scheduler.choose()).toBe(0);
    expect(world.invocations.yieldReport(0)).toBe(10);
  });
  it('YieldTo a lower one puts it first of its priority, and tells at once', () => {
    for (const thread of [1, 2]) world.start(thread, 5, 10, 10);
    world.start(0, 9, 10, 40);
    world.scheduler.threads.maximumControlled[0] = 5;
    world.scheduler.choose();
    expect(world.invocations.yieldTo(world.context(2))).toBe(0);
    expect(world.invocations.yieldReport(0)).toBe(0);
    expect(world.run(15).map(({ thread }) => thread)).toEqual([0, 2]);
  });
});

describe('domains (§6.3 "Domains")', () => {
  it('a thread runs only in the turn of its domain, and turns follow each other exactly', () => {
    world.start(0, 5, 100, 100);
    world.start(1, 200, 100, 100);
    world.invocations.setDomain(1, 1);
    world.invocations.configureSchedule(0, 0, 10);
    world.invocations.configureSchedule(1, 1, 5);
    world.invocations.setScheduleStart(0);
    expect(world.run(32).map(({ thread, to }) => [thread, to])).toEqual([
      [0, 10],
      [1, 15],
      [0, 25],
      [1, 30],
      [0, 32],
    ]);
  });
  it('nobody runs in the turn of a domain without threads', () => {
    world.start(0, 5, 100, 100);
    world.invocations.configureSchedule(1, 1, 5);
    world.invocations.configureSchedule(0, 0, 5);
    world.invocations.setScheduleStart(1);
    expect(world.run(12).map(({ thread }) => thread)).toEqual([-1]);
  });
  it('the schedule is where walking it step by step would be, however late one asks', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(9), { minLength: 1, maxLength: 5 }),
        fc.nat(4),
        fc.nat(2000),
        (durations, from, now) => {
          const all = durations.map((duration) => duration + 1);
          const schedule = new DomainSchedule(8, all.length + 1);
          for (const [i, duration] of all.entries()) schedule.set(i, i, duration);
          const start = from % all.length;
          schedule.setStart(start, 0);
          schedule.advance(now);
          let [turn, end] = [start, all[start]!];
          while (end <= now) {
            turn = turn + 1 === all.length ? start : turn + 1;
            end += all[turn]!;
          }
          expect([schedule.current, schedule.end]).toEqual([turn, end]);
        },
      ),
      { numRuns: 200 * EFFORT, seed: 48 },
    );
  });
});

describe('the release queue', () => {
  it('gives threads in the order of their times, first come, first served', () => {
    // Enough threads for a heap of several levels, and few removals: a gap in the middle must be filled both ways.
    const steps = fc.array(fc.tuple(fc.nat(59), fc.nat(200), fc.nat(3)), {
      minLength: 60,
      maxLength: 160,
      size: 'max',
    });
    fc.assert(
      fc.property(steps, (sequence) => {
        const queue = new ReleaseQueue(60);
        let naive: { thread: number; time: number }[] = [];
        for (const [thread, time, kind] of sequence) {
          naive = naive.filter((entry) => entry.thread !== thread);
          queue.remove(thread);
          if (kind === 0) continue;
          queue.insert(thread, time);
          naive.push({ thread, time });
        }
        const drained: { thread: number; time: number }[] = [];
        for (let thread = queue.first(); thread >= 0; thread = queue.first()) {
          drained.push({ thread, time: queue.firstTime() });
          queue.remove(thread);
        }
        expect(drained).toEqual(naive.toSorted((a, b) => a.time - b.time));
        expect(queue.firstTime()).toBe(Number.POSITIVE_INFINITY);
      }),
      { numRuns: 200 * EFFORT, seed: 49 },
    );
  });
});

describe('memory that others can write', () => {
  it('whatever is written into the objects, nothing throws, and no step takes for ever', () => {
    const scribble = fc.tuple(fc.nat(), fc.oneof(fc.integer(), fc.nat(20), fc.constantFrom(-1, 0, 2 ** 31 - 1)));
    fc.assert(
      fc.property(fc.array(fc.tuple(scribble, fc.nat(7), fc.nat(30)), { maxLength: 60 }), (steps) => {
        const victim = new World({ minBudget: 3 });
        for (const thread of [0, 1, 2]) victim.start(thread, 5 + thread, 10, 40);
        victim.scheduler.block(3);
        let now = 0;
        for (const [[at, value], kind, length] of steps) {
          victim.words[at % victim.words.length] = value;
          const current = victim.scheduler.choose();
          if (kind === 0 && current >= 0) victim.calls.call(current, 3, victim.reply(length % 4));
          if (kind === 1) victim.calls.reply(victim.reply(length % 4));
          if (kind === 2) victim.calls.remove(victim.reply(length % 4));
          if (kind === 3) victim.invocations.unbind(victim.context(length % 3));
          if (kind === 4 && current >= 0) victim.invocations.yieldTo(victim.context(length % 3));
          if (kind === 5) victim.scheduler.destroyContext(victim.context(length % 3));
          if (kind === 6) victim.configure(length % 3, 10, 40);
          if (kind === 7) victim.scheduler.yieldHead();
          now += length;
          victim.scheduler.elapse(now);
        }
      }),
      { numRuns: 300 * EFFORT, seed: 50 },
    );
  });
});
