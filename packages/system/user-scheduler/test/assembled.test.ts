/**
 * The scheduler in an assembled system, beside a component. A program of a description is a thread with a context, and
 * both rights lie in its domain's space. What it is not given, the kernel's own hands give here, before anything runs:
 * scheduling control, and the endpoint, notifications and reply objects.
 */
import { type CallSpec, type Contract, call, contract } from '@bulkhead/abi';
import { assemble, type Description, type ProgramDescription, type System } from '@bulkhead/assembler';
import { objects } from '@bulkhead/capabilities';
import { message } from '@bulkhead/ipc';
import type { Program } from '@bulkhead/kernel-core';
import { component } from '@bulkhead/runtime';
import { describe, expect, it } from 'vitest';
import {
  alarm,
  earliestDeadlineFirst,
  jobDone,
  type Moment,
  type Policy,
  rateMonotonic,
  register,
  type SchedulerCapabilities,
  TIMER,
  userScheduler,
} from '../src/index.ts';

type Calls = { echo: CallSpec<(word: number) => number> };
const echoing: Contract<{ calls: Calls }> = contract('echoing', { calls: { echo: call(['word']) } });
const echo = component<Record<never, never>, { readonly echoing: typeof echoing }, object>({
  name: 'echo',
  level: 20,
  uses: {},
  provides: { echoing },
  footprint: { codePages: 1, dataPages: 1 },
  heapPages: 1,
  work: ['word'],
  config: {},
  create: ({ work }) => ({
    handlers: {
      echoing: {
        echo: (_from, word) => {
          work.spend(work.id('word'));
          return word;
        },
      },
    },
  }),
});

/** Times in microseconds. */
interface Job {
  readonly workUs: number;
  readonly periodUs: number;
  readonly budgetUs: number;
  /** It wants more than its budget. */
  readonly isGreedy?: boolean;
}
const FIRST_US = 1000;
/** For its calls, with the kernel's part in them. */
const CALLS_US = 20;

class Rig {
  readonly system: System;
  readonly moments: Moment[] = [];
  readonly echoed: number[] = [];
  #capabilities: SchedulerCapabilities | undefined;
  #ring = 0;
  #entries: readonly number[] = [];

  constructor(policy: Policy, jobs: readonly Job[]) {
    const base = { domain: 'jobs', budgetUs: 1000, periodUs: 1000 };
    const code: [string, ProgramDescription['code'], number][] = [
      [
        'scheduler',
        () => (t) => userScheduler({ ...this.#given, ...this.#times, policy, record: (m) => this.moments.push(m) })(t),
        15,
      ],
      ['alarm', () => (t) => alarm({ armed: this.#given.alarm.armed, timer: this.#ring })(t), 14],
      ...jobs.map((job, i): [string, ProgramDescription['code'], number] => [
        `job-${i}`,
        ({ echo: to }) => this.#job(job, i, to!),
        13,
      ]),
    ];
    const programs = Object.fromEntries(
      code.map(([name, make, priority]) => [name, { ...base, priority, code: make, calls: { echo: 'echo.echoing' } }]),
    );
    const description: Description = {
      name: 'scheduled',
      summary: 'three jobs under a scheduler of their own, beside a component',
      components: [echo],
      domains: { kernel: [], echo: ['echo'], jobs: [] },
      connections: [],
      authority: {},
      config: () => ({}),
      iommu: 'bare',
      supervised: [],
      programs,
    };
    this.system = assemble(description);
    this.#give(jobs.length);
  }
  get #given(): SchedulerCapabilities {
    return this.#capabilities!;
  }
  get #times(): { startBudget: number; alarmBudget: number; retry: number } {
    return { startBudget: this.cycles(500), alarmBudget: this.cycles(10), retry: this.cycles(10) };
  }
  cycles(us: number): number {
    return this.system.clock.cyclesOf(us * 1000);
  }
  run(us: number): this {
    this.system.runUntil(this.cycles(FIRST_US + us));
    return this;
  }
  count(kind: Moment['kind'], client?: number): number {
    return this.moments.filter((one) => one.kind === kind && (client === undefined || one.client === client)).length;
  }
  share(name: string): number {
    const row = this.system.ledger.components.indexOf(name);
    return this.system.ledger.byCause()[row]!.reduce((sum, cycles) => sum + cycles, 0) / this.cycles(1);
  }

  #give(count: number): void {
    const { spaces, capabilities, domains } = this.system.kernel;
    const domain = domains.find(({ name }) => name === 'jobs')!;
    const threads: number[] = [];
    const contexts: number[] = [];
    for (let right = 1; right < 64; right++) {
      const type = capabilities.typeOf(spaces.slotAt(domain, right));
      if (type === objects.TCB) threads.push(right);
      if (type === objects.SCHED_CONTEXT) contexts.push(right);
    }
    const endpoint = spaces.make(domain, objects.ENDPOINT, 0, 1);
    const timer = spaces.make(domain, objects.NOTIFICATION, 0, 1);
    const armed = spaces.make(domain, objects.NOTIFICATION, 0, 1);
    const reply = spaces.make(domain, objects.REPLY, 0, count + 1);
    const control = spaces.freeSlots(domain, 1);
    capabilities.install(spaces.slotAt(domain, control), objects.SCHED_CONTROL, 0, 0);
    this.#ring = spaces.grant(spaces.slotAt(domain, timer), domain, 1, TIMER);
    this.#entries = Array.from({ length: count }, (_, i) =>
      spaces.grant(spaces.slotAt(domain, endpoint), domain, 1, i + 1),
    );
    this.#capabilities = {
      thread: threads[0]!,
      endpoint,
      timer,
      control,
      replies: Array.from({ length: count + 1 }, (_, i) => reply + i),
      alarm: { thread: threads[1]!, context: contexts[1]!, armed },
      clients: this.#entries.map((entry, i) => ({ thread: threads[2 + i]!, context: contexts[2 + i]!, entry })),
    };
  }
  /** Each asks the component in the middle of its work. */
  #job({ workUs, periodUs, budgetUs, isGreedy = false }: Job, index: number, to: number): Program {
    const rig = this;
    return function* (t) {
      const entry = rig.#entries[index]!;
      const [period, budget] = [rig.cycles(periodUs), rig.cycles(budgetUs)];
      yield register(t, entry, { period, budget, first: rig.cycles(FIRST_US) });
      for (let count = 0; ; count++) {
        yield t.spend(rig.cycles(workUs / 2));
        t.setWord(0, count);
        yield t.call(to, message.messageTag(0, 0, 0, 1));
        if (index === 0) rig.echoed.push(t.word(0));
        yield t.spend(rig.cycles(workUs / 2));
        if (!isGreedy) yield jobDone(t, entry);
      }
    };
  }
}

describe('three jobs in an assembled system, beside a component that they call', () => {
  const jobs = [
    { workUs: 2200, periodUs: 5000 },
    { workUs: 3500, periodUs: 9000 },
    { workUs: 2600, periodUs: 20_000 },
  ].map((job) => ({ ...job, budgetUs: job.workUs + CALLS_US }));

  it('meet every deadline at a utilisation of 0.96 under earliest deadline first', () => {
    const rig = new Rig(earliestDeadlineFirst, jobs).run(359_000);
    expect([rig.count('missed'), rig.count('overrun')]).toEqual([0, 0]);
    expect([0, 1, 2].map((job) => rig.count('done', job))).toEqual([72, 40, 18]);
    expect(rig.echoed).toEqual(rig.echoed.map((_, i) => i));
    expect([rig.system.panic, rig.system.faults]).toEqual([null, []]);
  });
  it('miss some under rate monotonic: those of the longest period', () => {
    const rig = new Rig(rateMonotonic, jobs).run(359_000);
    expect([rig.count('missed', 0), rig.count('missed', 1)]).toEqual([0, 0]);
    expect(rig.count('missed', 2)).toBeGreaterThan(0);
  });
  it('one that wants more gets its budget, and the others miss nothing', () => {
    const [first, second, third] = jobs as [Job, Job, Job];
    const rig = new Rig(earliestDeadlineFirst, [{ ...first, isGreedy: true }, second, third]).run(359_000);
    expect([rig.count('missed', 1), rig.count('missed', 2)]).toEqual([0, 0]);
    expect(rig.count('overrun', 0)).toBe(72);
    expect(rig.share('job-0')).toBeLessThanOrEqual(72 * first.budgetUs + CALLS_US);
    expect(rig.share('job-0')).toBeGreaterThan(72 * (first.budgetUs - CALLS_US));
  });
  it('is the same in every run', () => {
    const digest = (): string => new Rig(earliestDeadlineFirst, jobs).run(50_000).system.digest();
    expect(digest()).toBe(digest());
  });
});
