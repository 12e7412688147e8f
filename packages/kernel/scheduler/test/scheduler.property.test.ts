import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Model } from './support/model.ts';
import type { ModelThread } from './support/model-objects.ts';
import { World } from './support/world.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const THREADS = 6;
const CONTEXTS = 5;
const REPLIES = 5;
const DOMAINS = 2;
const ENTRIES = 3;
const MINIMUM = 3;
const STATES = ['inactive', 'runnable', 'blocked', 'blocked-on-reply'] as const;

type Numbers = readonly [number, number, number, number];

/** The implementation and the model side by side. A step that makes no sense now does nothing. */
class Pair {
  readonly world = new World({
    threadCount: THREADS,
    contextCount: CONTEXTS,
    sizeBits: 8,
    domainCount: DOMAINS,
    scheduleLength: ENTRIES,
    minBudget: MINIMUM,
  });
  readonly model = new Model(THREADS, CONTEXTS, REPLIES, MINIMUM, ENTRIES);

  readonly steps: Readonly<Record<string, (numbers: Numbers) => void>> = {
    run: ([n]) => this.#elapse(Math.min(this.model.until(), this.model.now + 1 + n)),
    runToEvent: () => this.#elapse(Math.min(this.model.until(), this.model.now + 1000)),
    overrun: ([n]) => this.#elapse(this.model.now + n * 3),
    block: () => {
      const { current } = this.model;
      if (current !== null) this.#both((side) => side.block(current.id));
    },
    wake: ([a]) => {
      const thread = this.#blocked(a);
      if (thread !== undefined) this.#both((side) => side.wake(thread.id, a % 2 === 0));
    },
    suspend: ([a]) => this.#both((side) => side.suspend(a % THREADS)),
    resume: ([a]) => this.#both((side) => side.resume(a % THREADS)),
    destroyThread: ([a, b]) => {
      if (b % 8 === 0) this.#both((side) => side.destroyThread(a % THREADS));
    },
    setPriority: ([a, b]) => this.#both((side) => side.setPriority(a % THREADS, (b * 31) % 256)),
    setDomain: ([a, b]) => {
      this.world.invocations.setDomain(b % DOMAINS, a % THREADS);
      this.model.setDomain(b % DOMAINS, a % THREADS);
    },
    setHandler: ([a, b]) => {
      this.world.scheduler.threads.timeoutHandler[a % THREADS] = b % 2;
      this.#thread(a).handler = b % 2 === 1;
    },
    configure: ([a, b, c, d]) => {
      const budget = MINIMUM + b;
      const period = c % 4 === 0 ? budget : budget + c;
      const extra = d % 4;
      const sporadic = d % 3 === 0;
      expect(this.world.configure(a % CONTEXTS, budget, period, { extra, flags: sporadic ? 1 : 0 })).toBe(0);
      this.model.configure(a % CONTEXTS, budget, period, extra, sporadic);
    },
    bind: ([a, b]) => {
      const context = this.model.contexts[a % CONTEXTS]!;
      const thread = this.#thread(b);
      const has = context.max > 0 && context.refills[0]!.time <= this.model.now;
      const enough = has && context.refills[0]!.amount >= MINIMUM;
      const free = context.holder === null && thread.context === null;
      const may = free && (!thread.state.startsWith('blocked') || enough);
      const answer = this.world.invocations.bind(this.world.context(a % CONTEXTS), thread.id);
      expect(answer).toBe(may ? 0 : -3);
      if (may) this.model.bind(context.id, thread.id);
    },
    unbind: ([a]) => {
      const { holder } = this.model.contexts[a % CONTEXTS]!;
      const answer = this.world.invocations.unbind(this.world.context(a % CONTEXTS));
      const refused = holder !== null && holder === this.model.current;
      expect(answer).toBe(refused ? -3 : 0);
      if (!refused) this.model.unbind(a % CONTEXTS);
    },
    destroyContext: ([a, b]) => {
      if (b % 8 !== 0) return;
      this.world.scheduler.destroyContext(this.world.context(a % CONTEXTS));
      this.model.destroyContext(a % CONTEXTS);
    },
    call: ([a, b, c]) => {
      const { current } = this.model;
      const callee = this.#blocked(a);
      if (current === null || callee === undefined) return;
      const reply = (b % (REPLIES + 1)) - 1;
      this.world.calls.call(current.id, callee.id, reply < 0 ? 0 : this.world.reply(reply), c % 4 !== 0);
      this.model.call(current.id, callee.id, reply, c % 4 !== 0);
    },
    donate: ([a]) => {
      const { current } = this.model;
      const receiver = this.#blocked(a);
      if (current === null || receiver === undefined) return;
      this.world.calls.donate(current.id, receiver.id);
      this.model.donate(current.id, receiver.id);
    },
    reply: ([a, b]) =>
      expect(this.world.calls.reply(this.world.reply(a % REPLIES), b % 4 !== 0)).toBe(
        this.model.reply(a % REPLIES, b % 4 !== 0),
      ),
    remove: ([a]) => {
      this.world.calls.remove(this.world.reply(a % REPLIES));
      this.model.remove(a % REPLIES);
    },
    yieldHead: () => this.#both((side) => side.yieldHead()),
    yieldTo: ([a]) => {
      const { current } = this.model;
      const context = this.model.contexts[a % CONTEXTS]!;
      if (current === null) return;
      this.world.scheduler.threads.maximumControlled[current.id] = 128;
      const may =
        context.holder !== null && context.holder !== current && context.holder.priority <= 128 && !current.yieldedTo;
      expect(this.world.invocations.yieldTo(this.world.context(context.id))).toBe(may ? 0 : -3);
      if (may) this.model.yieldTo(context.id);
    },
    schedule: ([a, b, c]) => {
      const index = a % ENTRIES;
      const duration = index === this.model.start ? b + 1 : b;
      const domain = duration === 0 ? 0 : c % DOMAINS;
      expect(this.world.invocations.configureSchedule(index, domain, duration)).toBe(0);
      this.model.schedule[index] = { domain, duration };
    },
    setStart: ([a]) => {
      const entry = this.model.schedule[a % ENTRIES]!;
      expect(this.world.invocations.setScheduleStart(a % ENTRIES)).toBe(entry.duration === 0 ? -1 : 0);
      if (entry.duration === 0) return;
      this.model.start = a % ENTRIES;
      this.model.turn = a % ENTRIES;
      this.model.turnEnd = this.model.now + entry.duration;
    },
  };

  #thread(n: number): ModelThread {
    return this.model.threads[n % THREADS]!;
  }
  #blocked(n: number): ModelThread | undefined {
    const blocked = this.model.threads.filter(({ state }) => state === 'blocked');
    return blocked[n % blocked.length];
  }
  #elapse(now: number): void {
    const fault = this.model.elapse(now);
    expect(this.world.scheduler.elapse(now)).toBe(fault);
    if (fault >= 0) happened.fault++;
  }
  #both(step: (side: World['scheduler'] | Model) => void): void {
    step(this.world.scheduler);
    step(this.model);
  }

  compare(): void {
    const chosen = this.world.scheduler.choose();
    const expected = this.model.choose();
    // One comparison of two texts: a matcher for each field takes most of the test's time.
    const found = JSON.stringify([chosen, ...this.#found()]);
    const wanted = JSON.stringify([expected, ...this.#wanted()]);
    if (found !== wanted) expect(JSON.parse(found)).toEqual(JSON.parse(wanted));
    expect(this.model.broken()).toBeUndefined();
  }
  #found(): unknown[] {
    const { scheduler } = this.world;
    const { threads } = scheduler;
    const contexts = this.model.contexts.map(({ id }) => {
      const sc = this.world.context(id);
      return [this.world.refills(id), scheduler.holderOf(sc), scheduler.contexts.consumedBy(sc)];
    });
    const states = this.model.threads.map(({ id }) => {
      const place = [scheduler.isQueued(id), scheduler.isPostponed(id)];
      return [STATES[threads.state[id]!], place, threads.yieldReport[id], threads.context[id]];
    });
    return [scheduler.until(), contexts, states];
  }
  #wanted(): unknown[] {
    const contexts = this.model.contexts.map(({ max, refills, holder, consumed }) => {
      return [max === 0 ? [] : refills, holder?.id ?? -1, consumed];
    });
    const states = this.model.threads.map((thread) => {
      const isPostponed = this.model.postponed.some((entry) => entry.thread === thread);
      const place = [this.model.ready.includes(thread), isPostponed];
      return [thread.state, place, thread.report, thread.context ? this.world.context(thread.context.id) : 0];
    });
    return [this.model.until(), contexts, states];
  }
}

/** How often what must be tested did happen. */
const happened = { fault: 0, returned: 0, cut: 0, postponed: 0, reported: 0, merged: 0, otherDomain: 0 };

function count({ model }: Pair, before: readonly (number | undefined)[]): void {
  if (model.contexts.some(({ stack }, i) => stack.length + 1 === before[i])) happened.returned++;
  if (model.contexts.some(({ stack }, i) => stack.length + 1 < before[i]!)) happened.cut++;
  if (model.postponed.length > 1) happened.postponed++;
  if (model.threads.some(({ report }) => report > 0)) happened.reported++;
  if (model.contexts.some(({ refills, max }) => max > 2 && refills.length === max)) happened.merged++;
  if (model.current?.domain === 1) happened.otherDomain++;
}

const number = fc.nat(60);
const weights: Readonly<Record<string, number>> = {
  run: 8,
  runToEvent: 5,
  overrun: 1,
  block: 5,
  wake: 7,
  suspend: 1,
  resume: 4,
  destroyThread: 1,
  setPriority: 2,
  setDomain: 1,
  setHandler: 1,
  configure: 2,
  bind: 3,
  unbind: 1,
  destroyContext: 1,
  call: 12,
  donate: 1,
  reply: 2,
  remove: 1,
  yieldHead: 1,
  yieldTo: 3,
  schedule: 1,
  setStart: 1,
};
const names = Object.entries(weights).flatMap(([name, weight]) => Array<string>(weight).fill(name));
const step = fc.tuple(fc.constantFrom(...names), fc.tuple(number, number, number, number));

describe('the scheduler (seL4 reference manual §6.1 "Scheduling algorithm")', () => {
  it('agrees with lists of objects, step by step, and keeps its invariants', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 50, maxLength: 250, size: 'max' }), (sequence) => {
        const pair = new Pair();
        for (let i = 0; i < 3; i++) {
          pair.steps.configure!([i, 10 * i, 20, i]);
          pair.steps.bind!([i, i, 0, 0]);
          pair.steps.resume!([i, 0, 0, 0]);
        }
        for (const thread of [3, 4, 5]) pair.world.scheduler.block(thread);
        for (const thread of [3, 4, 5]) pair.model.block(thread);
        for (const [name, numbers] of sequence) {
          const before = pair.model.contexts.map(({ stack }) => stack.length);
          pair.steps[name]!(numbers);
          pair.compare();
          count(pair, before);
        }
      }),
      { numRuns: 250 * EFFORT, seed: 41 },
    );
    expect(Object.entries(happened).filter(([, times]) => times < 5)).toEqual([]);
  });
});
