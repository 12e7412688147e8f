import { kernel as abi, PEER_DIED } from '@bulkhead/abi';
import { NEVER } from '@bulkhead/clock';
import { describe, expect, it } from 'vitest';
import { assemble, type Description, type System } from '../src/index.ts';
import { ALARM, CHILD, chain, FAULT, restarts, supervising } from './chain.ts';
import { type Act, apart, type Self, Stage, spendUs } from './stage.ts';

const LIMIT_US = 100;
const ALL = { a: LIMIT_US, b: LIMIT_US, c: LIMIT_US };
const APART: Description['domains'] = apart('a', 'b', 'c', 'supervisor');
const ONE_KERNEL: Description['domains'] = { kernel: ['a', 'b', 'c', 'supervisor'] };

interface Played {
  readonly system: System;
  readonly story: readonly string[];
}
function play(
  acts: Readonly<Record<string, Act>>,
  { domains = APART, ...rest }: Partial<Description> = {},
  until: number = NEVER,
): Played {
  const stage = chain({ supervisor: {}, ...acts });
  const system = assemble(stage.description(domains, { limits: ALL, ...rest }));
  system.runUntil(until);
  return { system, story: stage.story };
}
const spends =
  (us: number): ((self: Self) => void) =>
  (self) =>
    spendUs(self, us);
const forEver = (self: Self): void => spendUs(self, 1_000_000_000);
const answers =
  (what: (self: Self) => void): ((self: Self) => number) =>
  (self) => {
    what(self);
    return 0;
  };
const ended = ({ faults }: System): unknown[] => faults.map(({ component, cause }) => [component, cause]);
const TIMEOUT = abi.FAULT_TIMEOUT;

describe('a handler that overruns its limit (DESIGN: budgets)', () => {
  it('is ended by a timeout fault, at the next charge', () => {
    const { system } = play({ a: { start: forEver } });
    expect(ended(system)).toEqual([['a', TIMEOUT]]);
    const step = system.ledger.prices[system.ledger.primitives.findIndex(({ name }) => name === 'a.step')]!;
    const used = system.ledger.cycles().slice(3 * system.ledger.primitives.length, 4 * system.ledger.primitives.length);
    const limit = system.clock.cyclesOf(LIMIT_US * 1000);
    const own = used.reduce((sum, cycles) => sum + cycles, 0);
    expect(own).toBeGreaterThan(limit * 0.9); // the kernel's work for it counts too
    expect(own).toBeLessThanOrEqual(limit + step);
  });
  it('is told in one line: which component, what limit, how long', () => {
    const { system } = play({ a: { start: forEver } });
    expect(system.faults[0]!.message).toBe(`timeout: a handler of 'a' took 100 us; its limit is 100 us`);
  });
  it('ends nobody who stays below it', () => {
    const { system } = play({ a: { start: spends(98) } });
    expect(system.faults).toEqual([]);
  });
  it('ends nobody who has none', () => {
    const { system } = play({ a: { start: spends(10_000) } }, { limits: { b: 1 } });
    expect(system.faults).toEqual([]);
  });
  it('has the limit of its own definition, and that of its system before it', () => {
    const limited = (limits: Description['limits']): unknown[] => {
      const stage = chain({ a: { start: forEver }, supervisor: {} });
      const description = stage.description(apart('a', 'b', 'c', 'supervisor'), { ...(limits && { limits }) });
      const components = description.components.map((one) => (one.name === 'a' ? { ...one, limitUs: 70 } : one));
      const system = assemble({ ...description, components });
      system.runUntil(NEVER);
      return system.faults.map(({ message }) => message);
    };
    expect(limited(undefined)).toEqual(["timeout: a handler of 'a' took 70 us; its limit is 70 us"]);
    expect(limited({ a: 30 })).toEqual(["timeout: a handler of 'a' took 30 us; its limit is 30 us"]);
  });
  it("in the kernel's domain is a panic, as any other fault there", () => {
    const { system } = play({ b: { start: forEver } }, { domains: ONE_KERNEL });
    expect(system.panic?.message).toBe("b: timeout: a handler of 'b' took 100 us; its limit is 100 us");
    expect(system.panic?.cause).toBe(TIMEOUT);
  });
  it('above the supervisor is ended too, whoever it is', () => {
    const { system } = play({ supervisor: { start: forEver } }, { limits: { supervisor: LIMIT_US } });
    expect(ended(system)).toEqual([['supervisor', TIMEOUT]]);
  });
});

describe('the time of a handler is its own', () => {
  it('what it calls has a limit of its own', () => {
    const { system, story } = play({
      a: {
        start: (self) => self.say(`is answered ${self.ports['b']!['ask']!(0, 0) + self.ports['b']!['ask']!(0, 0)}`),
      },
      b: {
        ask: (self) => {
          spendUs(self, 60);
          return self.ports['c']!['ask']!(0, 0);
        },
      },
      c: {
        ask: (self) => {
          spendUs(self, 90);
          return 21;
        },
      },
    });
    expect(system.faults).toEqual([]);
    expect(story).toEqual(['a: is answered 42']);
  });
  it('before and after a call adds up', () => {
    const { system } = play({
      a: {
        start: (self) => {
          spendUs(self, 60);
          self.ports['b']!['ask']!(0, 0);
          spendUs(self, 60);
        },
      },
      b: { ask: answers(spends(90)) },
    });
    expect(ended(system)).toEqual([['a', TIMEOUT]]);
  });
  it('a callee that overruns is ended, and its caller is refused and goes on', () => {
    const { system, story } = play({
      a: { start: (self) => self.say(`is answered ${self.ports['b']!['ask']!(0, 0)}`) },
      b: { ask: answers(forEver) },
    });
    expect(ended(system)).toEqual([['b', TIMEOUT]]);
    expect(story).toEqual([`a: is answered ${PEER_DIED}`]);
  });
  it.each([
    ['apart', APART],
    ['in the kernel', ONE_KERNEL],
  ])('what interrupts it does not count, %s', (_where, domains) => {
    const { system, story } = play(
      {
        a: {
          start: (self) => {
            spendUs(self, 150);
            self.say('ends');
          },
        },
        c: {
          start: (self) => self.kernel['setAlarm']!(ALARM, 30),
          token: (self) => {
            spendUs(self, 80);
            self.kernel['setAlarm']!(ALARM, 90);
          },
        },
      },
      { domains },
      2e6,
    );
    expect(system.faults).toEqual([]);
    expect(system.panic).toBe(null);
    expect(story).toEqual(['a: ends']);
  });
  it('each cast of a batch is a handler by itself', () => {
    const { system, story } = play({
      a: {
        start: (self) => self.ports['b']!['ask']!(0, 0),
        report: (self, _server, x) => {
          spendUs(self, 70);
          self.say(`hears ${x}`);
        },
      },
      b: { ask: (self, from) => [1, 2, 3].map((x) => self.ports['talk']!['report']!(from, x, 0)).length },
    });
    expect(system.faults).toEqual([]);
    expect(story).toEqual(['a: hears 1', 'a: hears 2', 'a: hears 3']);
  });
  it('and so is each token', () => {
    const act: Act = {
      start: (self) => {
        for (let token = 0; token < 3; token++) self.kernel['bindFaults']!(token);
        self.kernel['setAlarm']!(1, 10);
        spendUs(self, 70);
      },
      token: (self) => spendUs(self, 70),
    };
    expect(play({ a: act }).system.faults).toEqual([]);
  });
  it('what settles after it counts to the last', () => {
    const act: Act = { start: (self) => spendUs(self, 60), settle: (self) => spendUs(self, 60) };
    expect(ended(play({ a: act }).system)).toEqual([['a', TIMEOUT]]);
  });
});

/** Loops in which the component itself spends nothing: what the kernel and the gates do for it is its time too. */
const LOOPS: Readonly<Record<string, (self: Self) => unknown>> = {
  'asks the kernel': (self) => self.kernel['acknowledge']!(0),
  calls: (self) => self.ports['b']!['ask']!(0, 0),
  'casts upward': (self) => self.ports['b']!['tell']!(0, 0),
};
describe.each(Object.entries(LOOPS))('a handler that for ever %s', (_name, act) => {
  const loops: Act = {
    start: (self) => {
      for (;;) act(self);
    },
  };
  it('from a domain of its own is ended', () => {
    expect(ended(play({ a: loops }).system)).toEqual([['a', TIMEOUT]]);
  });
  it("in the kernel's domain is ended", () => {
    expect(play({ a: loops }, { domains: ONE_KERNEL }).system.panic?.cause).toBe(TIMEOUT);
  });
  it('in a domain that is one thread is ended', () => {
    const domains = { kernel: [], together: ['a', 'b'], c: ['c'], supervisor: ['supervisor'] };
    const { system } = play({ a: loops }, { domains, levels: { together: 20 } });
    expect(ended(system)).toEqual([['a', TIMEOUT]]);
  });
  it('into the kernel is ended', () => {
    const domains = { kernel: ['b', 'c', 'supervisor'], a: ['a'] };
    expect(ended(play({ a: loops }, { domains }).system)).toEqual([['a', TIMEOUT]]);
  });
});

describe('a handler that for ever casts downward', () => {
  const acts: Readonly<Record<string, Act>> = {
    a: { start: (self) => void self.ports['b']!['ask']!(0, 0) },
    b: {
      ask: (self, from) => {
        for (;;) self.ports['talk']!['report']!(from, 1, 2);
      },
    },
  };
  it.each([
    ['from domain to domain', APART],
    ['out of the kernel', { ...apart('a'), kernel: ['b', 'c', 'supervisor'] }],
    ['in the kernel', ONE_KERNEL],
  ])('%s is ended', (_where, domains) => {
    const { system } = play(acts, { domains });
    const causes = [...system.faults.map(({ cause }) => cause), system.panic?.cause].filter((cause) => cause);
    expect(causes).toEqual([TIMEOUT]);
  });
  it('over a ring is ended', () => {
    const stage = new Stage();
    stage.actor('a', { level: 10, servers: ['b'], contract: 'whisper' });
    stage.actor('b', { level: 20, contract: 'whisper' });
    stage.acts['a'] = { start: (self) => void self.ports['b']!['tell']!(1, 1) };
    stage.acts['b'] = {
      tell: (self, from) => {
        for (;;) self.ports['talk']!['report']!(from, 1, 2);
      },
    };
    const rings = ['a.b -> b.talk' as const];
    const system = assemble(stage.description(apart('a', 'b'), { rings, limits: { b: LIMIT_US } }));
    system.runUntil(NEVER);
    expect(ended(system)).toEqual([['b', TIMEOUT]]);
  });
});

describe('which fault wins', () => {
  /** Spends all but a last piece of its limit, by its own clock. */
  const untilLast = (self: Self): void => spendUs(self, 97);
  it('an access is judged before time is spent on it: a page fault comes before the limit', () => {
    const { system } = play({
      a: {
        start: (self) => {
          untilLast(self);
          self.context.memory.load32(5, 0);
        },
      },
    });
    expect(ended(system)).toEqual([['a', abi.FAULT_PAGE]]);
  });
  it('a copy is paid before it is made: the limit comes before the page fault', () => {
    const { system } = play({
      a: {
        start: (self) => {
          untilLast(self);
          self.context.memory.copy(5, 0, 6, 0, 1 << 20);
        },
      },
    });
    expect(ended(system)).toEqual([['a', TIMEOUT]]);
  });
  it('an exception before the next charge is an exception', () => {
    const { system } = play({
      a: {
        start: (self) => {
          spendUs(self, 50);
          throw new Error('in time');
        },
      },
    });
    expect(ended(system)).toEqual([['a', abi.FAULT_EXCEPTION]]);
  });
  it('what comes due with the limit is handled first, and nothing of it is lost', () => {
    const { system, story } = play({
      a: { start: (self) => self.context.work.spendMany(self.context.work.id('step'), 1_000_000) },
      c: {
        start: (self) => void self.kernel['setAlarm']!(ALARM, 150),
        token: (self) => self.say('is told'),
      },
    });
    expect(story).toEqual(['c: is told']);
    expect(ended(system)).toEqual([['a', TIMEOUT]]);
  });
  it('who was ended from outside before is not ended again', () => {
    const { system } = play(
      {
        a: { start: (self) => self.context.work.spendMany(self.context.work.id('step'), 1_000_000) },
        supervisor: {
          start: (self) => {
            self.kernel['startDomain']!(self.context.right(CHILD));
            self.kernel['setAlarm']!(ALARM, 150);
          },
          token: (self) => void self.kernel['endDomain']!(self.context.right(CHILD)),
        },
      },
      supervising('a'),
    );
    expect(ended(system)).toEqual([['a', abi.FAULT_ENDED]]);
  });
});

describe('a timeout fault', () => {
  it('is told to the supervisor, which asks what it was and starts the component again', () => {
    const told: number[] = [];
    const supervisor: Act = {
      ...restarts,
      token: (self, token) => {
        if (token !== FAULT) return;
        told.push(self.kernel['faultOf']!(self.context.right(CHILD)), self.context.answer[3]!);
        restarts.token!(self, token);
      },
    };
    const acts: Readonly<Record<string, Act>> = {
      a: { start: (self) => self.say(`is answered ${[1, 2].map(() => self.ports['b']!['ask']!(0, 0)).join(' ')}`) },
      b: { ask: (self) => (self.life === 1 ? answers(forEver)(self) : self.life) },
      supervisor,
    };
    const { system, story } = play(acts, supervising('b'));
    const b = system.places.findIndex(({ seat }) => seat.name === 'b');
    expect(told).toEqual([TIMEOUT, b]);
    expect(story).toEqual([`a: is answered ${PEER_DIED} 2`]);
  });
  it('is a trap, as everything that enters the kernel, and in the ledger', () => {
    const { system } = play({ a: { start: forEver } });
    const { ledger, board, clock } = system;
    const count = (name: string): number => ledger.countOf(ledger.primitives.findIndex((p) => p.name === name));
    expect(count('kernel-entry-exit') + count('interrupt-entry')).toBe(board.hart.trapCount);
    expect(ledger.totalCycles()).toBe(clock.now);
  });
  it('observer and trace see whole handlers, and change nothing', () => {
    const run = (watched: boolean): [string, number] => {
      let depth = 0;
      const stage = chain({ a: { start: forEver }, supervisor: {} });
      const watch = { entered: () => void depth++, left: () => void depth-- };
      const system = assemble(
        stage.description(APART, { limits: ALL }),
        watched ? { observer: watch, trace: () => {} } : {},
      );
      system.runUntil(NEVER);
      return [system.digest(), depth];
    };
    expect(run(true)).toEqual(run(false));
  });
});
