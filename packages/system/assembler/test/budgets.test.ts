import { kernel } from '@bulkhead/abi';
import { NEVER } from '@bulkhead/clock';
import { describe, expect, it } from 'vitest';
import { assemble, type Description, type System } from '../src/index.ts';
import { type Act, apart, type Self, Stage, spendUs } from './stage.ts';

/** low (10) calls high (30), which has a budget. */
const LIMIT_US = 50;
const BUDGET = { budgetUs: 200, periodUs: 1000 };
const TIMES = { limits: { high: LIMIT_US }, budgets: { high: BUDGET } } as const;
const SHAPES: Readonly<Record<string, Partial<Description>>> = {
  'in the kernel': { domains: { kernel: ['low', 'high'] } },
  apart: { domains: apart('low', 'high') },
  'the high one in the kernel': { domains: { kernel: ['high'], low: ['low'] } },
  'in one thread': { domains: { kernel: [], together: ['low', 'high'] }, levels: { together: 30 } },
};

function stageOf(acts: { readonly low?: Act; readonly high?: Act }): Stage {
  const stage = new Stage();
  stage.actor('high', { level: 30 }, acts.high);
  stage.actor('low', { level: 10, servers: ['high'] }, acts.low);
  return stage;
}
function booted(
  shape: Partial<Description>,
  acts: { readonly low?: Act; readonly high?: Act },
): { stage: Stage; system: System } {
  const stage = stageOf(acts);
  const { domains = apart('low', 'high') } = shape;
  return { stage, system: assemble(stage.description(domains, { ...TIMES, ...shape })) };
}
const runUs = (system: System, us: number): void => void system.runUntil(system.clock.cyclesOf(us * 1000));
/** What a component itself has used, in microseconds: its row of the ledger. */
function usedUs({ ledger, clock }: System, name: string): number {
  const from = ledger.components.indexOf(name) * ledger.primitives.length;
  const cells = ledger.cycles().subarray(from, from + ledger.primitives.length);
  return (cells.reduce((sum, cycles) => sum + cycles, 0) * 1e6) / clock.cyclesPerSecond;
}
/** Its alarm rings for ever, so often that it would use all there is. */
const greedy = (us: number): Act => {
  const again = (self: Self): void => {
    self.kernel['setAlarm']!(1, 1);
    spendUs(self, us);
  };
  return { start: again, token: again };
};
const busy: Act = {
  start: (self) => {
    for (let i = 0; i < 1000; i++) self.context.work.spend(self.context.work.id('step'));
    self.kernel['setAlarm']!(1, 1);
  },
  token: (self) => busy.start!(self),
};

describe.each(Object.entries(SHAPES))('a component that always has something to do, %s', (_name, shape) => {
  it('gets its budget in every period, and lower levels get the rest', () => {
    const { system } = booted(shape, { high: greedy(20), low: busy });
    runUs(system, 10_500);
    expect(usedUs(system, 'high')).toBeLessThanOrEqual(11 * 200);
    expect(usedUs(system, 'high')).toBeGreaterThan(10 * 150);
    expect(usedUs(system, 'low')).toBeGreaterThan(5_000);
    expect(system.faults).toEqual([]);
  });
  it('without a budget starves them', () => {
    const { system } = booted({ ...shape, budgets: {} }, { high: greedy(20), low: busy });
    runUs(system, 10_500);
    expect(usedUs(system, 'low')).toBeLessThan(100);
  });
  it('is called meanwhile, on the budget of who calls', () => {
    let answered = 0;
    const asks: Act = {
      start: (self) => {
        self.kernel['setAlarm']!(1, 100);
        if (self.ports['high']!['ask']!(1, 2) === 3) answered++;
      },
      token: (self) => asks.start!(self),
    };
    const ask = (_self: Self, _from: number, a: number, b: number): number => {
      spendUs(_self, 10);
      return a + b;
    };
    const { system } = booted(shape, { high: { ...greedy(20), ask }, low: asks });
    runUs(system, 10_000);
    expect(answered).toBeGreaterThan(60);
    expect(system.faults).toEqual([]);
  });
  it('that signals itself within each handler does so too', () => {
    const signals: Act = {
      start: (self) => void self.kernel['setAlarm']!(1, 1),
      token: (self) => self.kernel['setAlarm']!(1, 1),
    };
    const { system } = booted(shape, { high: signals, low: busy });
    runUs(system, 10_500);
    expect(usedUs(system, 'low')).toBeGreaterThan(3_000);
  });
});

describe('what waits for a budget', () => {
  it.each(Object.entries(SHAPES))('is not lost: every token and every cast comes, in order, %s', (_name, shape) => {
    const heard: number[] = [];
    const reports: Act = {
      // Ten of 45 us are more than one budget.
      start: (self) => void self.ports['high']!['ask']!(0, 0),
      report: (self, _server, x) => {
        heard.push(x);
        spendUs(self, 45);
      },
    };
    const ask = (self: Self, from: number): number => {
      for (let x = 0; x < 10; x++) self.ports['talk']!['report']!(from, x, 0);
      return 0;
    };
    const times = { limits: { low: LIMIT_US }, budgets: { low: BUDGET } };
    const { system } = booted({ ...shape, ...times }, { low: reports, high: { ask } });
    runUs(system, 900);
    expect(heard.length).toBeLessThanOrEqual(4);
    expect(heard.length).toBeGreaterThan(0);
    runUs(system, 9_000);
    expect(heard).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
  it('over a ring too', () => {
    const heard: number[] = [];
    const stage = new Stage();
    stage.actor('low', { level: 10, servers: ['high'], contract: 'whisper' });
    stage.actor('high', { level: 30, contract: 'whisper' });
    stage.acts['low'] = {
      start: (self) => {
        for (let x = 0; x < 10; x++) self.ports['high']!['tell']!(x, 0);
      },
    };
    stage.acts['high'] = {
      tell: (self, _from, x) => {
        heard.push(x);
        spendUs(self, 45);
      },
    };
    const system = assemble(stage.description(apart('low', 'high'), { ...TIMES, rings: ['low.high -> high.talk'] }));
    runUs(system, 900);
    expect(heard).toHaveLength(4);
    runUs(system, 9_000);
    expect(heard).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
  it('is kept while more comes', () => {
    const tokens: number[] = [];
    const high: Act = {
      start: (self) => {
        spendUs(self, 40);
        self.kernel['setAlarm']!(1, 1);
      },
      token: (self, token) => {
        tokens.push(token);
        spendUs(self, 45);
        if (tokens.length < 6) self.kernel['setAlarm']!(1 + (tokens.length % 3), 1);
      },
    };
    const { system } = booted({}, { high });
    expect(system.runUntil(NEVER)).toBe('dead-quiet');
    expect(tokens).toEqual([1, 2, 3, 1, 2, 3]);
  });
});

describe('a component that dies', () => {
  it('and whose new start waits for its budget is started by a call, on who calls', () => {
    const stage = new Stage();
    stage.actor('supervisor', { level: 40, rights: ['child'] });
    stage.actor('high', { level: 30 });
    stage.actor('low', { level: 10, servers: ['high'] });
    stage.acts['supervisor'] = {
      start: (self) => {
        self.kernel['bindFaults']!(0);
        self.kernel['startDomain']!(self.context.right('child'));
      },
      token: (self) => void self.kernel['startDomain']!(self.context.right('child')),
    };
    stage.acts['high'] = {
      start: (self) => {
        self.say(`lives ${self.life}`);
        self.kernel['setAlarm']!(1, 1);
      },
      token: (self) => (self.life === 1 ? spendUs(self, 1_000) : undefined),
      ask: (self) => self.life,
    };
    stage.acts['low'] = {
      start: (self) => void self.kernel['setAlarm']!(1, 300),
      token: (self) => self.say(`is answered ${self.ports['high']!['ask']!(0, 0)}`),
    };
    const system = assemble(
      stage.description(apart('supervisor', 'high', 'low'), {
        limits: { high: LIMIT_US },
        budgets: { high: { budgetUs: 60, periodUs: 1_000 } },
        supervised: ['high'],
        authority: { supervisor: { child: 'domain:high' } },
      }),
    );
    runUs(system, 3_000);
    expect(stage.story).toEqual(['high: lives 1', 'high: lives 2', 'low: is answered 2']);
    expect(system.faults).toHaveLength(1);
  });
});

describe('a budget', () => {
  /** Words of a scheduling context: refills at most, the first, how many; the budget; from 16 on the ring, four each. */
  const [MOST, HEAD, COUNT, BUDGET_AT, RING] = [6, 7, 8, 10, 16];
  const contextOf = ({ kernel, clock }: System): number => {
    const { words } = kernel.memory;
    const [cycles, period] = [BUDGET.budgetUs, BUDGET.periodUs].map((us) => clock.cyclesOf(us * 1000));
    let at = -1;
    do at = words.indexOf(cycles!, at + 1);
    while (words[at + 2] !== period);
    return at - BUDGET_AT;
  };
  it("lies in the kernel's memory as a scheduling context, whose refills add up to it always", () => {
    const { system } = booted({}, { high: greedy(17), low: busy });
    const { words } = system.kernel.memory;
    const at = contextOf(system);
    for (let us = 50; us < 5_000; us += 50) {
      runUs(system, us);
      let sum = 0;
      for (let i = 0; i < words[at + COUNT]!; i++)
        sum += words[at + RING + ((words[at + HEAD]! + i) % words[at + MOST]!) * 4 + 2]!;
      expect(sum).toBe(words[at + BUDGET_AT]);
    }
  });
  it.each([0, -1, 1, 0x7fffffff])('that memory has lost breaks nothing, and calls still come: %i', (value) => {
    for (const word of [MOST, HEAD, COUNT, BUDGET_AT, BUDGET_AT + 1, 12, 13, RING, RING + 1, RING + 2, RING + 3]) {
      const answers: number[] = [];
      let handlers = 0;
      const high: Act = {
        start: (self) => void self.kernel['setAlarm']!(1, 1),
        token: (self) => {
          if (handlers++ < 50) self.kernel['setAlarm']!(1, 1);
          spendUs(self, 20);
        },
        ask: () => 7,
      };
      const low: Act = {
        start: (self) => void self.kernel['setAlarm']!(1, 300),
        token: (self) => void answers.push(self.ports['high']!['ask']!(0, 0)),
      };
      const { system } = booted({}, { high, low });
      system.kernel.memory.words[contextOf(system) + word] = value;
      runUs(system, 3_000);
      expect([word, answers, system.faults]).toEqual([word, [7], []]);
    }
  });
  it('is not renewed by dying: a component that is started again finds it where it was', () => {
    const stage = new Stage();
    stage.actor('supervisor', { level: 40, rights: ['child'] });
    stage.actor('high', { level: 30 });
    stage.actor('low', { level: 10 }, busy);
    stage.acts['supervisor'] = {
      start: (self) => {
        self.kernel['bindFaults']!(0);
        self.kernel['startDomain']!(self.context.right('child'));
      },
      token: (self) => void self.kernel['startDomain']!(self.context.right('child')),
    };
    stage.acts['high'] = { start: (self) => spendUs(self, 1_000) }; // overruns its limit, in every life
    const system = assemble(
      stage.description(apart('supervisor', 'high', 'low'), {
        ...TIMES,
        supervised: ['high'],
        authority: { supervisor: { child: 'domain:high' } },
      }),
    );
    runUs(system, 10_000);
    expect(system.faults.length).toBeGreaterThan(20);
    expect(usedUs(system, 'high')).toBeLessThanOrEqual(2_050);
    expect(usedUs(system, 'low')).toBeGreaterThan(3_000);
  });
  it('makes no difference where it is not used up', () => {
    const acts = { high: { start: (self: Self): void => spendUs(self, 40) } };
    const digests = [TIMES, { limits: TIMES.limits, budgets: {} }, { limits: {}, budgets: {} }].map((times) => {
      const { system } = booted(times, acts);
      system.runUntil(NEVER);
      return system.ledger.totalCycles();
    });
    expect(new Set(digests).size).toBe(1);
  });
});

describe('a budget that is used up in period after period', () => {
  const FAULTS = 2;
  /** boss (40) is told of the faults of high, and writes down what it is told, and when. */
  function watched(high: Act, patience?: Description['patience']): { system: System; told: number[][] } {
    const told: number[][] = [];
    const ask = (self: Self): number => self.kernel['faultOf']!(self.context.right('child'));
    const stage = stageOf({ high });
    stage.actor(
      'boss',
      { level: 40, rights: ['child'] },
      {
        start: (self) => void self.kernel['bindFaults']!(FAULTS),
        token: (self) => {
          for (let fault = ask(self); fault !== 0; fault = ask(self))
            told.push([fault, ...self.context.answer.subarray(1, 4), self.context.nowUs()]);
        },
      },
    );
    const description = stage.description(apart('low', 'high', 'boss'), {
      ...TIMES,
      authority: { boss: { child: 'domain:high' } },
      ...(patience === undefined ? {} : { patience }),
    });
    return { system: assemble(description), told };
  }

  it('is told after some of them, with what was consumed since when and by whom; then ever more rarely', () => {
    const { system, told } = watched(greedy(20));
    runUs(system, 30_000);
    expect(told.length).toBeGreaterThanOrEqual(3);
    expect(told.length).toBeLessThanOrEqual(5);
    const [fault, consumedUs, sinceUs, component, atUs] = told[0] as [number, number, number, number, number];
    expect([fault, component]).toEqual([kernel.FAULT_EXHAUSTED, 0]);
    expect(atUs - sinceUs).toBeGreaterThanOrEqual(3 * BUDGET.periodUs);
    expect(atUs - sinceUs).toBeLessThan(5 * BUDGET.periodUs);
    // Of the periods since the first exhaustion: what the ledger has, but for that first one's and what was not paid yet.
    expect(consumedUs).toBeGreaterThan(2 * (BUDGET.budgetUs - LIMIT_US));
    expect(consumedUs).toBeLessThanOrEqual(5 * BUDGET.budgetUs);
    expect(system.places.every(({ seat }) => seat.domain.alive)).toBe(true);
  });
  it('is told as late as the description says', () => {
    const { system, told } = watched(greedy(20), { budgetPeriods: 20 });
    runUs(system, 19_000);
    expect(told).toEqual([]);
    runUs(system, 30_000);
    expect(told.length).toBe(1);
  });
  it('is not told where budgets suffice', () => {
    const modest: Act = {
      start: (self) => void self.kernel['setAlarm']!(1, 500),
      token: (self) => {
        self.kernel['setAlarm']!(1, 500);
        spendUs(self, 20);
      },
    };
    const { system, told } = watched(modest);
    runUs(system, 30_000);
    expect(told).toEqual([]);
  });
});
