import { kernel as abi } from '@bulkhead/abi';
import { Chance } from '@bulkhead/clock';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assemble, type Description, type System } from '../src/index.ts';
import { type Act, apart, type Self, Stage } from './stage.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const RUN_NS = 6_000_000;
const LEVELS = [10, 20, 30, 40];
/** No single charge of the tests takes longer. */
const STEPS_MAX = 200;

interface Plan {
  readonly level: number;
  readonly limitUs: number;
  readonly budget: { readonly budgetUs: number; readonly periodUs: number } | null;
  /** What its handlers spend, in pieces of `step`, and when its alarm rings next. */
  readonly steps: readonly number[];
  readonly alarmUs: number;
  readonly pauseUs: number;
  /** Chance in 100 that a handler calls the next component up, and never ends. */
  readonly calls: number;
  readonly hangs: number;
}
function planOf(chance: Chance, level: number, all: boolean): Plan {
  const limitUs = 20 + chance.below(80);
  const periodUs = 800 + chance.below(1500);
  const budgetUs = limitUs + chance.below(Math.floor(0.15 * periodUs) - limitUs);
  const hasBudget = all || chance.below(2) === 0;
  return {
    level,
    limitUs,
    budget: hasBudget ? { budgetUs, periodUs } : null,
    steps: Array.from({ length: 1 + chance.below(4) }, () => 1 + chance.below(STEPS_MAX)),
    alarmUs: 1 + chance.below(100),
    // Whoever has no budget leaves time to others, or they never come to an end.
    pauseUs: hasBudget ? 1 : 10 * limitUs,
    calls: chance.below(3) === 0 ? 40 : 0,
    hangs: chance.below(3) === 0 ? 3 : 0,
  };
}

/** Every charge of every component in order, told by the ledger; and which handler it belonged to. */
interface Piece {
  readonly from: number;
  readonly to: number;
}
interface Visit {
  readonly component: number;
  cycles: number;
  longestCharge: number;
}
class Watch {
  readonly pieces: Piece[][] = [];
  /** Charges of handlers that were dispatched, not called: these a budget pays. */
  readonly visits: Visit[] = [];
  readonly #stack: { readonly visit: Visit; readonly called: boolean }[] = [];
  #now = 0;

  constructor(count: number) {
    for (let i = 0; i < count; i++) this.pieces.push([]);
  }
  entered(component: number, caller: number): void {
    const visit = { component, cycles: 0, longestCharge: 0 };
    this.visits.push(visit);
    this.#stack.push({ visit, called: caller >= 0 });
  }
  left(): void {
    this.#stack.pop();
  }
  charged(component: number, end: number): void {
    const cycles = end - this.#now;
    const top = this.#stack.at(-1);
    if (top !== undefined && top.visit.component === component && cycles > 0) {
      top.visit.cycles += cycles;
      top.visit.longestCharge = Math.max(top.visit.longestCharge, cycles);
      if (!top.called) this.pieces[component]!.push({ from: this.#now, to: end });
    }
    this.#now = end;
  }
}

function mostWithin(pieces: readonly Piece[], window: number): number {
  let most = 0;
  // The worst window begins where a piece begins.
  for (let first = 0; first < pieces.length; first++) {
    const end = pieces[first]!.from + window;
    let sum = 0;
    for (let i = first; i < pieces.length && pieces[i]!.from < end; i++)
      sum += Math.min(pieces[i]!.to, end) - pieces[i]!.from;
    most = Math.max(most, sum);
  }
  return most;
}

function actOf(plan: Plan, chance: Chance, next: string | null): Act {
  const work = (self: Self): void => {
    const step = self.context.work.id('step');
    self.kernel['setAlarm']!(1, plan.pauseUs + chance.below(plan.alarmUs));
    for (const steps of plan.steps) self.context.work.spendMany(step, steps);
    if (next !== null && chance.below(100) < plan.calls) self.ports[next]!['ask']!(0, 0);
    if (chance.below(100) < plan.hangs) for (;;) self.context.work.spendMany(step, 1 + chance.below(STEPS_MAX));
  };
  return {
    start: work,
    token: work,
    ask: (self) => {
      self.context.work.spendMany(self.context.work.id('step'), plan.steps[0]!);
      return 1;
    },
  };
}

interface Played {
  readonly system: System;
  readonly watch: Watch;
  readonly plans: readonly Plan[];
  readonly cyclesOfUs: (us: number) => number;
}
function perform(seed: number, { calls, all }: { readonly calls: boolean; readonly all: boolean }): Played {
  const chance = new Chance(seed);
  const plans = LEVELS.map((level) => planOf(chance, level, all)).map((plan) => (calls ? plan : { ...plan, calls: 0 }));
  const stage = new Stage();
  plans.forEach((plan, i) => {
    const next = i + 1 < plans.length ? `n${i + 1}` : null;
    const options = { level: plan.level, servers: next === null ? [] : [next] };
    stage.actor(`n${i}`, options, actOf(plan, chance, next));
  });
  // Its supervisor starts whatever ends, so that a component has many lives.
  const names = plans.map((_, i) => `n${i}`);
  stage.actor(
    'supervisor',
    { level: 50, rights: names },
    {
      start: (self) => {
        self.kernel['bindFaults']!(0);
        for (const name of names) self.kernel['startDomain']!(self.context.right(name));
      },
      token: (self) => {
        for (const name of names) self.kernel['startDomain']!(self.context.right(name));
      },
    },
  );
  const watch = new Watch(names.length + 2);
  const budgets = plans.flatMap(({ budget }, i) => (budget === null ? [] : [[`n${i}`, budget] as const]));
  const rest: Partial<Description> = {
    supervised: names,
    authority: { supervisor: Object.fromEntries(names.map((name) => [name, `domain:${name}` as const])) },
    limits: Object.fromEntries(plans.map(({ limitUs }, i) => [`n${i}`, limitUs])),
    budgets: Object.fromEntries(budgets),
  };
  const system = assemble(stage.description(apart(...names, 'supervisor'), rest), {
    observer: { entered: (component, caller) => watch.entered(component, caller), left: () => watch.left() },
    trace: (component, _primitive, _count, end) => watch.charged(component, end),
  });
  system.runUntil(system.clock.cyclesOf(RUN_NS));
  return { system, watch, plans, cyclesOfUs: (us) => system.clock.cyclesOf(us * 1000) };
}

const SEEDS = fc.integer();
const RUNS = { numRuns: 6 * EFFORT };

describe('components that spend, hang, die and are started again at random (guarantees: time)', () => {
  it('no handler takes more than its limit and one charge', () => {
    let timeouts = 0;
    fc.assert(
      fc.property(SEEDS, (seed) => {
        const { system, watch, plans, cyclesOfUs } = perform(seed, { calls: true, all: false });
        timeouts += system.faults.filter(({ cause }) => cause === abi.FAULT_TIMEOUT).length;
        // A delivery is one handler here: there is one token, and no cast.
        for (const { component, cycles, longestCharge } of watch.visits) {
          const plan = plans[component];
          if (plan !== undefined) expect(cycles).toBeLessThanOrEqual(cyclesOfUs(plan.limitUs) + longestCharge);
        }
        expect(system.faults.filter(({ cause }) => cause !== abi.FAULT_TIMEOUT)).toEqual([]);
      }),
      RUNS,
    );
    expect(timeouts).toBeGreaterThan(0);
  });
  it('none that calls nobody gets more than its budget and one charge, in any window of its period', () => {
    let used = 0;
    fc.assert(
      fc.property(SEEDS, (seed) => {
        const { watch, plans, cyclesOfUs } = perform(seed, { calls: false, all: true });
        const charge = Math.max(...watch.visits.map(({ longestCharge }) => longestCharge));
        plans.forEach(({ budget }, i) => {
          const most = mostWithin(watch.pieces[i]!, cyclesOfUs(budget!.periodUs));
          expect([i, most <= cyclesOfUs(budget!.budgetUs) + charge]).toEqual([i, true]);
          used = Math.max(used, most / cyclesOfUs(budget!.budgetUs));
        });
      }),
      RUNS,
    );
    expect(used).toBeGreaterThan(0.5); // a budget that nobody comes near shows nothing
  });
  it('the lowest, when all above it have budgets that leave time, goes on', () => {
    fc.assert(
      fc.property(SEEDS, (seed) => {
        const { system, watch, plans } = perform(seed, { calls: true, all: true });
        const used = watch.pieces.map((pieces) => pieces.reduce((sum, { from, to }) => sum + to - from, 0));
        const { periodUs } = plans[0]!.budget!;
        const periods = Math.floor(RUN_NS / 1000 / periodUs) - 1;
        // In each period it begins one handler at least.
        expect(watch.visits.filter(({ component }) => component === 0).length).toBeGreaterThanOrEqual(periods);
        expect([used[0]! > 0, system.panic]).toEqual([true, null]);
      }),
      { numRuns: 5 * EFFORT },
    );
  });
  it('the ledger is true, and the same run is the same run', () => {
    fc.assert(
      fc.property(SEEDS, (seed) => {
        const { system } = perform(seed, { calls: true, all: false });
        expect(system.ledger.totalCycles()).toBe(system.clock.now);
        expect(perform(seed, { calls: true, all: false }).system.digest()).toBe(system.digest());
      }),
      { numRuns: 2 * EFFORT },
    );
  });
});
