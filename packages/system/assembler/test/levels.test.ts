import { NEVER } from '@bulkhead/clock';
import { describe, expect, it } from 'vitest';
import { assemble, type Description, type System } from '../src/index.ts';
import { type Act, apart, Stage, spendUs } from './stage.ts';

/** a (10) and b (20) are clients of c (30); d (30) is nobody's. */
const walls: Readonly<Record<string, Description['domains']>> = {
  'all in the kernel': { kernel: ['a', 'b', 'c', 'd'] },
  'servers in the kernel': { kernel: ['c', 'd'], a: ['a'], b: ['b'] },
  'b and its servers in the kernel': { kernel: ['b', 'c', 'd'], a: ['a'] },
  'all apart': apart('a', 'b', 'c', 'd'),
};
function play(
  domains: Description['domains'],
  acts: Readonly<Record<string, Act>>,
  rest: Partial<Description> = {},
): { story: string[]; system: System } {
  const stage = new Stage();
  stage.actor('a', { level: 10, servers: ['c'] }, acts['a']);
  stage.actor('b', { level: 20, servers: ['c'] }, acts['b']);
  stage.actor('c', { level: 30 }, acts['c']);
  stage.actor('d', { level: 30 }, acts['d']);
  const system = assemble(stage.description(domains, rest));
  expect(system.runUntil(NEVER)).toBe('dead-quiet');
  return { story: stage.story, system };
}
const A = 0;
const B = 1;

describe.each(Object.entries(walls))('levels, %s (DESIGN: time, levels, preemption)', (_name, domains) => {
  it('components start highest level first', () => {
    const starts: Act = { start: (self) => self.say('starts') };
    const { story } = play(domains, { a: starts, b: starts, c: starts });
    expect(story).toEqual(['c: starts', 'b: starts', 'a: starts']);
  });
  it('an upward cast runs before it returns', () => {
    const { story } = play(domains, {
      a: {
        start: (self) => {
          self.ports['c']!['tell']!(1, 2);
          self.say('goes on');
        },
      },
      c: { tell: (self, from, x, y) => self.say(`is told ${x} ${y} by ${from}`) },
    });
    expect(story).toEqual(['c: is told 1 2 by 0', 'a: goes on']);
  });
  it('downward casts wait until the level falls below their targets, and come highest level first', () => {
    const hears: Act = { report: (self, _server, x) => self.say(`hears ${x}`) };
    const { story } = play(domains, {
      a: hears,
      b: hears,
      c: {
        start: (self) => void self.kernel['setAlarm']!(1, 100),
        token: (self) => {
          for (const [to, x] of [
            [A, 1],
            [B, 2],
            [A, 3],
            [B, 4],
          ] as const)
            self.ports['talk']!['report']!(to, x, 0);
          self.say('ends');
        },
      },
    });
    expect(story).toEqual(['c: ends', 'b: hears 2', 'b: hears 4', 'a: hears 1', 'a: hears 3']);
  });
  it('a downward cast to who called waits until that one is done', () => {
    const { story } = play(domains, {
      a: {
        start: (self) => {
          self.say(`is answered ${self.ports['c']!['ask']!(5, 0)}`);
          spendUs(self, 50);
          self.say('is done');
        },
        report: (self, _server, x) => self.say(`hears ${x}`),
      },
      c: { ask: (self, from, x) => self.ports['talk']!['report']!(from, x, 0) + x + 1 },
    });
    expect(story).toEqual(['a: is answered 6', 'a: is done', 'a: hears 5']);
  });
  it('what waits for the middle comes before the lowest goes on', () => {
    const { story } = play(domains, {
      a: {
        start: (self) => {
          self.ports['c']!['ask']!(5, 0);
          self.say('goes on');
        },
      },
      b: { report: (self, _server, x) => self.say(`hears ${x}`) },
      c: { ask: (self, _from, x) => self.ports['talk']!['report']!(B, x, 0) },
    });
    expect(story).toEqual(['b: hears 5', 'a: goes on']);
  });
  it('an alarm interrupts a lower component in its charge', () => {
    const { story } = play(domains, {
      a: {
        start: (self) => {
          self.say('begins');
          spendUs(self, 200);
          self.say('ends');
        },
      },
      c: {
        start: (self) => void self.kernel['setAlarm']!(3, 100),
        token: (self, token) => self.say(`token ${token}`),
      },
    });
    expect(story).toEqual(['a: begins', 'c: token 3', 'a: ends']);
  });
  it('an alarm waits while the current level is as high, or higher', () => {
    const wakes: Act = {
      start: (self) => void self.kernel['setAlarm']!(3, 100),
      token: (self) => self.say('wakes'),
    };
    const { story } = play(domains, {
      a: { start: (self) => void self.ports['c']!['ask']!(0, 0) },
      b: wakes,
      c: {
        ask: (self) => {
          self.say('begins');
          spendUs(self, 200);
          self.say('ends');
          return 0;
        },
      },
      d: wakes,
    });
    expect(story).toEqual(['c: begins', 'c: ends', 'd: wakes', 'b: wakes']);
  });
  it('a call raises the level to its target: what is between waits, and comes before the caller goes on', () => {
    const { story } = play(domains, {
      a: {
        start: (self) => {
          self.ports['c']!['ask']!(0, 0);
          self.say('goes on');
        },
      },
      b: { start: (self) => void self.kernel['setAlarm']!(3, 100), token: (self) => self.say('wakes') },
      c: {
        ask: (self) => {
          spendUs(self, 200);
          return self.say('answers');
        },
      },
    });
    expect(story).toEqual(['c: answers', 'b: wakes', 'a: goes on']);
  });
  it('a device interrupts as an alarm does, and stays masked until it is acknowledged', () => {
    let handler = 0;
    const stage = new Stage();
    stage.actor(
      'a',
      { level: 10, servers: ['c'] },
      {
        start: (self) => {
          for (let i = 0; i < 4; i++) {
            spendUs(self, 100);
            self.say(`spent ${i}`);
          }
        },
      },
    );
    stage.actor('b', { level: 20, servers: ['c'] });
    stage.actor('d', { level: 30 });
    stage.actor(
      'c',
      { level: 30, rights: ['irq'] },
      {
        start: (self) => {
          handler = self.kernel['issueInterrupt']!(self.context.right('irq'), 9);
          self.kernel['bindInterrupt']!(handler, 4);
        },
        token: (self, token) => {
          self.say(`token ${token}`);
          if (token === 4) self.kernel['setAlarm']!(5, 100);
          else self.kernel['acknowledge']!(handler);
        },
      },
    );
    const system = assemble(stage.description(domains, { authority: { c: { irq: 'irq-control' } } }));
    const { clock, board } = system;
    const raise = clock.createAlarm(() => board.interruptFile.setPending(9, true));
    const again = clock.createAlarm(() => board.interruptFile.setPending(9, true));
    clock.set(raise, clock.cyclesOf(50_000));
    clock.set(again, clock.cyclesOf(120_000));
    system.runUntil(NEVER);
    // The second comes while the first is not acknowledged: it is delivered right behind the acknowledgement.
    expect(stage.story.slice(0, 3)).toEqual(['c: token 4', 'a: spent 0', 'c: token 5']);
    expect(stage.story.filter((line) => line === 'c: token 4').length).toBe(2);
    expect(stage.story.indexOf('c: token 4', 1)).toBe(3);
  });
  it('an alarm and a device at the same moment both come', () => {
    const stage = new Stage();
    stage.actor(
      'a',
      { level: 10, servers: ['c'] },
      {
        start: (self) => {
          self.context.work.spendMany(self.context.work.id('step'), 5000);
          self.say('ends');
        },
      },
    );
    stage.actor('b', { level: 20, servers: ['c'] });
    stage.actor(
      'd',
      { level: 30 },
      { start: (self) => void self.kernel['setAlarm']!(1, 100), token: (self) => self.say('wakes') },
    );
    stage.actor(
      'c',
      { level: 30, rights: ['irq'] },
      {
        start: (self) =>
          void self.kernel['bindInterrupt']!(self.kernel['issueInterrupt']!(self.context.right('irq'), 9), 4),
        token: (self) => self.say('wakes'),
      },
    );
    const system = assemble(stage.description(domains, { authority: { c: { irq: 'irq-control' } } }));
    const { clock, board } = system;
    // Both become due within one charge: neither may be forgotten until something else happens.
    const raise = clock.createAlarm(() => board.interruptFile.setPending(9, true));
    clock.set(raise, clock.cyclesOf(100_000) + 500);
    system.runUntil(NEVER);
    expect(stage.story.slice(0, 2).sort()).toEqual(['c: wakes', 'd: wakes']);
    expect(stage.story[2]).toBe('a: ends');
  });
});

describe('components of one level', () => {
  const starts: Act = { start: (self) => self.say('starts') };
  const inOrder = (domains: Description['domains']): void => {
    expect(play(domains, { c: starts, d: starts }).story).toEqual(['c: starts', 'd: starts']);
  };
  it.each(Object.keys(walls))('start in the order of the description, %s', (name) => inOrder(walls[name]!));
  it('start in the order of the description, though one of them stands in the kernel', () => {
    inOrder({ kernel: ['d'], c: ['c'], b: ['b'], a: ['a'] });
  });
});

describe('words are words in every system', () => {
  const signs = (domains: Description['domains']): void => {
    const { story } = play(domains, {
      a: { start: (self) => self.say(`is answered ${self.ports['c']!['ask']!(0x8000_0001, 0x1_0000_0002)}`) },
      c: { ask: (self, _from, x, y) => self.say(`is asked ${x} ${y}`) + 0x1_0000_0005 },
    });
    expect(story).toEqual(['c: is asked -2147483647 2', 'a: is answered 5']);
  };
  it('the highest bit is a sign, all apart', () => signs(walls['all apart']!));
  it.each(Object.keys(walls).filter((name) => name !== 'all apart'))('the highest bit is a sign, %s', (name) =>
    signs(walls[name]!),
  );
});

describe('a connection through rings', () => {
  const rings: Description['rings'] = ['a.c -> c.talk'];
  it('carries casts in both directions, in order, when the sender is done', () => {
    const { story } = play(
      apart('a', 'b', 'c', 'd'),
      {
        a: {
          start: (self) => {
            for (let i = 0; i < 3; i++) self.ports['c']!['tell']!(i, 0);
            self.say('is done');
          },
          report: (self, _server, x) => self.say(`hears ${x}`),
        },
        c: { tell: (self, from, x) => void self.ports['talk']!['report']!(from, x, self.say(`is told ${x}`)) },
      },
      { rings },
    );
    expect(story).toEqual([
      'a: is done',
      'c: is told 0',
      'c: is told 1',
      'c: is told 2',
      'a: hears 0',
      'a: hears 1',
      'a: hears 2',
    ]);
  });
  it('answers calls, as every other connection does', () => {
    const { story } = play(
      apart('a', 'b', 'c', 'd'),
      { a: { start: (self) => self.say(`is answered ${self.ports['c']!['ask']!(1, 0)}`) }, c: { ask: () => 5 } },
      { rings },
    );
    expect(story).toEqual(['a: is answered 5']);
  });
  it('a call first drains the casts that went before it', () => {
    const { story } = play(
      apart('a', 'b', 'c', 'd'),
      {
        a: {
          start: (self) => {
            self.ports['c']!['tell']!(1, 0);
            self.ports['c']!['ask']!(2, 0);
            self.ports['c']!['tell']!(3, 0);
          },
        },
        c: {
          ask: (self, _from, x) => self.say(`is asked ${x}`),
          tell: (self, _from, x) => self.say(`is told ${x}`),
        },
      },
      { rings },
    );
    expect(story).toEqual(['c: is told 1', 'c: is asked 2', 'c: is told 3']);
  });
});
