import { kernel as abi, PEER_DIED } from '@bulkhead/abi';
import { NEVER } from '@bulkhead/clock';

import { describe, expect, it } from 'vitest';
import { assemble } from '../src/index.ts';
import { after, CHILD, chain, end, restarts, run, supervising } from './chain.ts';
import { type Act, type Self, spendUs } from './stage.ts';

describe('an exception belongs to who threw it', () => {
  const asking: Act = {
    start: (self) => {
      try {
        self.say(`is answered ${self.ports['b']!['ask']!(1, 0)}`);
      } catch {
        self.say('catches what is not its own');
      }
    },
  };
  const passing: Act['ask'] = (self, _from, a, b) => {
    const answer = self.ports['c']!['ask']!(a, b);
    self.say(`is answered ${answer}`);
    return answer < 0 ? 100 : answer;
  };
  it('a death deep in a chain of calls ends the last only', () => {
    const { story, system } = run('c', {
      a: asking,
      b: { ask: passing },
      c: {
        ask: () => {
          throw new Error('deep');
        },
      },
    });
    expect(story).toEqual([`b: is answered ${PEER_DIED}`, 'a: is answered 100']);
    expect(system.faults.map(({ component, cause, message }) => [component, cause, message])).toEqual([
      ['c', abi.FAULT_EXCEPTION, 'exception: deep'],
    ]);
  });
  it('a death in the middle ends the middle only', () => {
    const { story, system } = run('b', {
      a: asking,
      b: {
        ask: (self, from, a, b) => {
          passing(self, from, a, b);
          return self.context.memory.load32(5, 12);
        },
      },
      c: { ask: () => 5 },
    });
    expect(story).toEqual(['b: is answered 5', `a: is answered ${PEER_DIED}`]);
    expect(system.faults.map(({ component, cause, message }) => [component, cause, message])).toEqual([
      ['b', abi.FAULT_PAGE, 'page fault: load from 0x500c'],
    ]);
  });
  it('the middle is ended from outside while the last works for it: the last finishes, the first is refused', () => {
    const { story, system } = run('b', {
      a: asking,
      b: { ask: passing },
      c: {
        ask: (self) => {
          spendUs(self, 300);
          self.say('finishes');
          return 5;
        },
      },
      supervisor: after(100, end),
    });
    expect(story).toEqual(['c: finishes', `a: is answered ${PEER_DIED}`]);
    expect(system.faults.length).toBe(1);
  });
  it('the first is ended from outside while the last works for it: both others finish', () => {
    const { story } = run('a', {
      a: { start: (self) => self.say(`is answered ${self.ports['b']!['ask']!(1, 0)}`) },
      b: { ask: passing },
      c: {
        ask: (self) => {
          spendUs(self, 300);
          self.say('finishes');
          return 5;
        },
      },
      supervisor: after(100, end),
    });
    expect(story).toEqual(['c: finishes', 'b: is answered 5']);
  });
  it('an exception while it settles, in a handler of a token, and in its making, is its own', () => {
    const deaths: string[] = [];
    const { system } = run('a', {
      a: {
        start: (self) => {
          if (self.life === 1) throw new Error('in start');
          if (self.life === 2) self.kernel['setAlarm']!(5, 10);
        },
        token: () => {
          throw new Error('in token');
        },
        settle: (self) => {
          if (self.life === 3) throw new Error('in settle');
        },
      },
    });
    deaths.push(...system.faults.map(({ message }) => message));
    expect(deaths).toEqual(['exception: in start', 'exception: in token', 'exception: in settle']);
  });
  it.each([0, 1, 2, 3, 4])(
    'a right that is no number, and throws when it is read after %d times, ends who gave it alone',
    (times) => {
      let reads = 0;
      const turncoat = {
        valueOf: (): number => {
          if (reads++ >= times) throw new Error('no right');
          return 1;
        },
      } as unknown as number;
      const { story, system } = run('a', {
        a: {
          start: (self) => {
            self.kernel['setAlarm']!(5, 10);
            if (self.life === 1) self.ports['b']!['give']!(turncoat);
          },
          token: (self) => self.say(`is answered ${self.ports['b']!['ask']!(7, 0)}`),
        },
        b: { give: () => 1, ask: (_self, _from, a) => a },
      });
      expect(story).toEqual(['a: is answered 7']);
      expect(system.faults.every(({ component }) => component === 'a')).toBe(true);
    },
  );
  const notWork: readonly unknown[] = [NaN, Infinity, -1, 0.5, 2 ** 40, undefined, null, '1', {}, 1n, Symbol('x')];
  it.each(notWork)('what is no piece of its work, nor a number of pieces, is its own: %s', (odd) => {
    const ends: ((self: Self) => void)[] = [
      ({ context: { work } }) => work.spend(odd as number),
      ({ context: { work } }) => work.spendMany(odd as number, 1),
      ({ context: { work } }) => work.spendMany(work.id('step'), odd as number),
    ];
    const { story, system } = run('a', {
      a: {
        start: (self) => {
          const before = self.context.nowUs();
          ends[self.life - 1]?.(self);
          self.say(`goes on ${self.context.nowUs() - before}`);
        },
      },
    });
    expect(story).toEqual(['a: goes on 0']); // in its fourth life
    expect(system.faults.map(({ component, cause }) => [component, cause])).toEqual(
      ends.map(() => ['a', abi.FAULT_EXCEPTION]),
    );
    expect([Number.isSafeInteger(system.clock.now), system.ledger.totalCycles()]).toEqual([true, system.clock.now]);
  });
  it('the cause, the place and the component can be asked for', () => {
    const answers: number[] = [];
    run('b', {
      a: { start: (self) => void self.ports['b']!['ask']!(0, 0) },
      b: {
        ask: (self) => {
          self.context.memory.store16(0x123, 0x456, 1);
          return 0;
        },
      },
      supervisor: {
        start: restarts.start!,
        token: (self) => {
          answers.push(self.kernel['faultOf']!(self.context.right(CHILD)), ...self.context.answer.subarray(1, 4));
        },
      },
    });
    // The supervisor is listed first, so b is number 2.
    expect(answers).toEqual([abi.FAULT_PAGE, 0x123, 0x456, 2]);
  });
});

describe('the kernel and what stands in it', () => {
  it('a panic stops everything, names who and why, and stays', () => {
    const stage = chain({
      a: { start: (self) => self.say(`goes on ${self.ports['b']!['ask']!(0, 0)}`) },
      b: {
        ask: () => {
          throw new Error('no way');
        },
        token: (self) => self.say('hears'),
      },
      c: { start: (self) => void self.kernel['setAlarm']!(3, 100), token: (self) => self.say('hears') },
    });
    const system = assemble(stage.description({ kernel: ['c', 'b', 'supervisor'], a: ['a'] }, supervising('a')));
    expect(system.runUntil(NEVER)).toBe('panic');
    expect(system.panic).toMatchObject({ component: 'b', cause: abi.FAULT_EXCEPTION, message: 'b: exception: no way' });
    const { now } = system.clock;
    expect(system.runUntil(NEVER)).toBe('panic');
    expect(system.clock.now).toBe(now);
    expect(stage.story).toEqual([]);
  });
  it.each(['in the kernel', 'outside'] as const)(
    'a panic cannot be caught by the component that called, %s',
    (where) => {
      const stage = chain({
        a: {
          start: (self) => {
            try {
              self.ports['b']!['ask']!(0, 0);
            } catch {
              self.say('catches');
            }
            self.kernel['setAlarm']!(3, 100);
          },
          token: (self) => self.say('lives on'),
        },
        b: {
          ask: () => {
            throw new Error('no way');
          },
        },
      });
      const rest =
        where === 'outside'
          ? { kernel: ['b', 'supervisor'], a: ['a'], c: ['c'] }
          : { kernel: ['b', 'supervisor', 'a'], c: ['c'] };
      const stageOf = { ...stage.description(rest, supervising('c')) };
      const components = stageOf.components.map((one) =>
        one.name === 'b' ? { ...one, uses: { kernel: one.uses['kernel']! } } : one,
      );
      const system = assemble({ ...stageOf, components, connections: ['a.b -> b.talk'] });
      expect(system.runUntil(NEVER)).toBe('panic');
      expect(stage.story).not.toContain('a: lives on');
    },
  );
});
