/** Time that a thread was given is the most that it gets, and what it does get. Counted unit by unit, from outside. */
import { objects } from '@bulkhead/capabilities';
import { message } from '@bulkhead/ipc';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labels, type Program } from '../../src/index.ts';
import { World } from '../support.ts';
import { Census } from './census.ts';
import { brokenInvariants } from './invariants.ts';

const effort = Number(process.env.BULKHEAD_EFFORT ?? 1);
const seed = 20260110;
const [ENDPOINT, BELL, REPLY, FIRST_THREAD] = [64, 65, 66, 70] as const;
/** A thread takes three slots: its TCB, its buffer's frame, its scheduling context. */
const contextSlot = (i: number): number => FIRST_THREAD + i * 3 + 2;
const LENGTH = 400;

type Step = readonly [kind: number, length: number];
interface Wish {
  readonly budget: number;
  readonly slack: number;
  readonly priority: number;
  readonly steps: readonly Step[];
}

/** Spends, calls the server, yields, yields to another, faults, signals and waits. */
const player = (steps: readonly Step[], count: number): Program =>
  function* play(t) {
    for (let i = 0; ; i++) {
      const [kind, length] = steps[i % steps.length]!;
      if (kind === 1) yield t.call(ENDPOINT);
      else if (kind === 2)
        yield t.call(contextSlot(1 + (length % count)), message.messageTag(labels.SCHED_CONTEXT_YIELD_TO, 0, 0, 0));
      else if (kind === 3) yield t.yield();
      else if (kind === 4) yield t.fault(2, length);
      else if (kind === 5) yield t.send(BELL);
      else if (kind === 6) yield t.wait(BELL);
      yield t.spend(1 + length);
    }
  };
const hog: Program = function* spend(t) {
  for (;;) yield t.spend(1000);
};
/** Passive: runs on the time of whoever calls. After a fault it lets the thread go on behind it. */
const server: Program = function* serve(t) {
  yield t.receive(ENDPOINT, REPLY);
  for (let i = 1; ; i++) {
    yield t.spend(1 + (i % 5));
    const isFault = t.label !== 0;
    if (isFault) t.setWord(0, t.word(0), t.wordHigh(0) + 1);
    yield t.replyReceive(ENDPOINT, message.messageTag(0, 0, 0, isFault ? 2 : 0), REPLY);
  }
};

/** The server is thread 0; the others follow. */
function worldOf(programs: readonly Program[], wishes: readonly Wish[]): World {
  const w = new World({ pages: 128, programs: [server, ...programs], boot: { timeSlice: 1_000_000 } });
  for (const type of [objects.ENDPOINT, objects.NOTIFICATION, objects.REPLY]) w.make(type);
  while (w.nextSlot() < FIRST_THREAD - 1);
  const tcb = w.makeThread({ program: 0, priority: 200, budget: 50 });
  expect(tcb).toBe(FIRST_THREAD);
  const tcbs = wishes.map(({ budget, slack, priority }, i) =>
    w.makeThread({ priority, budget, period: budget + slack, faultEndpoint: ENDPOINT, badge: i }),
  );
  w.rest();
  w.step(20);
  w.wake();
  w.must(contextSlot(0), labels.SCHED_CONTEXT_UNBIND);
  for (const [i, each] of tcbs.entries()) w.start(each, i + 1);
  w.rest();
  return w;
}
/** Unit by unit: whose context was used, by who ran whenever time went on. */
function ticksOf(w: World, length: number): number[] {
  const ticks: number[] = [];
  const { kernel } = w;
  const elapse = kernel.elapse.bind(kernel);
  kernel.elapse = (to) => {
    const { current, scheduler } = kernel;
    const context = current < 0 ? 0 : scheduler.threads.context[current]!;
    for (let { now } = scheduler; now < to; now++) ticks.push(context);
    elapse(to);
  };
  w.step(length);
  expect(ticks.length).toBe(length);
  return ticks;
}
/** The most that a context was used within any time of this length. */
function mostWithin(ticks: readonly number[], context: number, length: number): number {
  let [used, most] = [0, 0];
  ticks.forEach((each, i) => {
    if (each === context) used++;
    if (i >= length && ticks[i - length] === context) used--;
    most = Math.max(most, used);
  });
  return most;
}

const wish = fc.record({
  budget: fc.integer({ min: 2, max: 12 }),
  slack: fc.integer({ min: 1, max: 30 }),
  priority: fc.integer({ min: 1, max: 3 }),
  steps: fc.array(fc.tuple(fc.nat(6), fc.nat(8)), { minLength: 1, maxLength: 8 }),
});

describe('time', () => {
  it('no scheduling context is used for more than its budget in any time as long as its period', () => {
    const seen = { full: 0, faults: 0 };
    fc.assert(
      fc.property(fc.array(wish, { minLength: 1, maxLength: 4 }), (wishes) => {
        const w = worldOf(
          wishes.map(({ steps }) => player(steps, wishes.length)),
          wishes,
        );
        const contexts = wishes.map((_, i) => w.kernel.capabilities.wordOf(w.slot(contextSlot(i + 1))));
        const ticks = ticksOf(w, LENGTH);
        wishes.forEach(({ budget, slack }, i) => {
          const most = mostWithin(ticks, contexts[i]!, budget + slack);
          expect(most).toBeLessThanOrEqual(budget);
          if (most === budget) seen.full++;
        });
        if (wishes.some(({ steps }) => steps.some(([kind]) => kind === 4))) seen.faults++;
        expect(brokenInvariants(w, new Census(w))).toEqual([]);
      }),
      { numRuns: 25 * effort, seed },
    );
    expect(seen.full).toBeGreaterThan(20);
    expect(seen.faults).toBeGreaterThan(5);
  });
  it('who always wants to run and has the highest priority gets its own in every period', () => {
    fc.assert(
      fc.property(wish, fc.array(wish, { minLength: 1, maxLength: 3 }), (first, others) => {
        const all = [{ ...first, priority: 250 }, ...others];
        const w = worldOf([hog, ...others.map(({ steps }) => player(steps, all.length))], all);
        const context = w.kernel.capabilities.wordOf(w.slot(contextSlot(1)));
        const ticks = ticksOf(w, LENGTH);
        const period = first.budget + first.slack;
        const start = ticks.indexOf(context);
        expect(start).toBeLessThan(2);
        for (let from = start; from + period <= LENGTH; from += period) {
          const got = ticks.slice(from, from + period).filter((each) => each === context).length;
          expect(got).toBe(first.budget);
        }
      }),
      { numRuns: 15 * effort, seed },
    );
  });
});
