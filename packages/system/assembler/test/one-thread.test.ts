import { PEER_DIED } from '@bulkhead/abi';
import { NEVER } from '@bulkhead/clock';
import { describe, expect, it } from 'vitest';
import { assemble, checkDescription, type Description, type System } from '../src/index.ts';
import { type Act, Stage, spendUs } from './stage.ts';

/** a (10), b (20) and c (30) in a domain of their own, at level 30; outside stand d (40), whom c calls, and z (5), who calls c. */
const TOGETHER: Description['domains'] = { kernel: [], together: ['a', 'b', 'c'], d: ['d'], z: ['z'] };
function stageOf(acts: Readonly<Record<string, Act>>): Stage {
  const stage = new Stage();
  stage.actor('z', { level: 5, servers: ['c'] }, acts['z']);
  stage.actor('a', { level: 10, servers: ['b'] }, acts['a']);
  stage.actor('b', { level: 20, servers: ['c'] }, acts['b']);
  stage.actor('c', { level: 30, servers: ['d'] }, acts['c']);
  stage.actor('d', { level: 40 }, acts['d']);
  return stage;
}
function play(acts: Readonly<Record<string, Act>>): { story: string[]; system: System } {
  const stage = stageOf(acts);
  const system = assemble(stage.description(TOGETHER, { levels: { together: 30 } }));
  expect(system.runUntil(NEVER)).toBe('dead-quiet');
  return { story: stage.story, system };
}
const [Z, A] = [0, 1];
const count = ({ ledger }: System, name: string): number =>
  ledger.countOf(ledger.primitives.findIndex((p) => p.name === name));

describe('a user domain of several components is one thread (DESIGN: levels)', () => {
  it('starts them highest level first, and enters the domain once for all of them', () => {
    const starts: Act = { start: (self) => self.say('starts') };
    const { story, system } = play({ a: starts, b: starts, c: starts });
    expect(story).toEqual(['c: starts', 'b: starts', 'a: starts']);
    // One way out of the domain, one out of d, one out of z: and nothing else entered the kernel.
    expect(count(system, 'kernel-entry-exit')).toBe(3);
    expect(count(system, 'address-space-switch')).toBe(3);
  });
  it('makes a call inside a function call: no entry into the kernel, no message', () => {
    const ask: Act = { start: (self) => self.say(`is answered ${self.ports['b']!['ask']!(1, 2)}`) };
    const { story, system } = play({ a: ask, b: { ask: (_self, from, x, y) => from * 100 + x * 10 + y } });
    expect(story).toEqual([`a: is answered ${A * 100 + 12}`]);
    expect([count(system, 'kernel-entry-exit'), count(system, 'direct-call')]).toEqual([3, 1]);
  });
  it('runs an upward cast inside at once, and queues a downward one until the caller has ended', () => {
    const { story } = play({
      a: {
        start: (self) => {
          self.ports['b']!['tell']!(1, 0);
          self.say('ends');
        },
        report: (self, _server, x) => self.say(`hears ${x}`),
      },
      b: {
        tell: (self, from, x) => {
          self.ports['talk']!['report']!(from, x + 1, 0);
          self.say('is told');
        },
      },
    });
    expect(story).toEqual(['b: is told', 'a: ends', 'a: hears 2']);
  });
  it('is not preempted by its own: an alarm of the highest inside waits until the lowest has ended its handler', () => {
    const { story } = play({
      a: {
        start: (self) => {
          spendUs(self, 300);
          self.say('ends');
        },
      },
      c: { start: (self) => void self.kernel['setAlarm']!(1, 100), token: (self) => self.say('wakes') },
    });
    expect(story).toEqual(['a: ends', 'c: wakes']);
  });
  it('is preempted by whoever stands above its level, and preempts whoever stands below', () => {
    const alarm: Act = { start: (self) => void self.kernel['setAlarm']!(1, 100), token: (self) => self.say('wakes') };
    const long: Act = {
      start: (self) => {
        spendUs(self, 300);
        self.say('ends');
      },
    };
    expect(play({ a: long, d: alarm }).story).toEqual(['d: wakes', 'a: ends']);
    expect(play({ z: long, a: alarm }).story).toEqual(['a: wakes', 'z: ends']);
  });
  it('answers calls from outside at its own level', () => {
    const { story } = play({
      z: { start: (self) => self.say(`is answered ${self.ports['c']!['ask']!(4, 2)}`) },
      c: { ask: (self, from, x, y) => self.ports['d']!['ask']!(from * 100 + x * 10, y) },
      d: { ask: (_self, _from, x, y) => x + y },
    });
    expect(story).toEqual([`z: is answered ${Z * 100 + 42}`]);
  });
  it('falls as a whole when one inside fails, and nobody else does', () => {
    const { story, system } = play({
      z: {
        start: (self) => {
          spendUs(self, 500);
          self.say(`c answers ${self.ports['c']!['ask']!(1, 2) === PEER_DIED ? 'no more' : 'still'}`);
        },
      },
      a: {
        start: (self) => {
          self.ports['b']!['ask']!(1, 2);
          self.say('goes on');
        },
      },
      b: {
        ask: () => {
          throw new Error('broken');
        },
      },
    });
    expect(story).toEqual(['z: c answers no more']);
    expect(system.faults.map(({ component, domain, message }) => [component, domain, message])).toEqual([
      ['b', 'together', 'exception: broken'],
    ]);
  });
  it('gives a right that is passed inside a slot of its own', () => {
    const { story } = play({
      a: {
        start: (self) => {
          const { frame } = self.context.region('own');
          self.say(`gives ${self.ports['b']!['give']!(frame) === frame ? 'its own slot' : 'a right'}`);
          self.say(`still has it: ${self.kernel['address']!(frame) > 0}`);
        },
      },
      b: {
        give: (self, _from, right) => {
          self.kernel['delete']!(right);
          return right;
        },
      },
    });
    expect(story).toEqual(['a: gives a right', 'a: still has it: true']);
  });
  it('takes turns with another domain of its level, turn by turn', () => {
    const stage = new Stage();
    const rings: Act = {
      start: (self) => void self.kernel['setAlarm']!(1, 100),
      token: (self) => {
        self.say('wakes');
        self.kernel['setAlarm']!(1, 1);
        spendUs(self, 40);
      },
    };
    for (const name of ['a', 'b', 'c', 'd']) stage.actor(name, { level: 10 }, rings);
    const domains = { kernel: [], one: ['a', 'b'], two: ['c', 'd'] };
    const system = assemble(stage.description(domains, { levels: { one: 10, two: 10 } }));
    system.runUntil(system.clock.cyclesOf(4_000_000));
    const wakes = (name: string): number => stage.story.filter((line) => line.startsWith(name)).length;
    for (const name of ['a', 'b', 'c', 'd']) expect(wakes(name), name).toBeGreaterThan(5);
  });
});

describe('a domain of several components that cannot be', () => {
  const problemsOf = (rest: Partial<Description>): string[] => {
    const description = stageOf({}).description(TOGETHER, rest);
    return checkDescription(description);
  };
  it.each([
    [
      'no level',
      {},
      "domain 'together' holds 3 components and is one thread: state its level under levels, 30 or more",
    ],
    ['too low', { together: 20 }, "domain 'together' has level 20: use a whole number from 30 to 249"],
    ['no number', { together: 30.5 }, "domain 'together' has level 30.5: use a whole number from 30 to 249"],
    [
      'as high as whom it calls',
      { together: 40 },
      "connection 'c.d -> d.talk' goes from domain 'together' of level 40 to level 40: a client calls strictly upward; lower the level of 'together', or move 'd' into it",
    ],
    [
      'of one component',
      { together: 30, d: 40 },
      "domain 'd' needs no level: its component has one; remove it from levels",
    ],
    [
      "the kernel's",
      { together: 30, kernel: 40 },
      "domain 'kernel' needs no level: its components have one; remove it from levels",
    ],
    [
      'that does not exist',
      { together: 30, elsewhere: 40 },
      "levels names 'elsewhere', which is no domain: use one of kernel, together, d, z",
    ],
  ] as const)('%s', (_what, levels, line) => {
    expect(problemsOf({ levels: levels as Record<string, number> })).toEqual([line]);
  });
  it('more cards than the board has slots', () => {
    expect(problemsOf({ levels: { together: 30 }, nics: 9 })).toEqual([
      'the board has 9 network cards: use a whole number from 1 to 8',
    ]);
  });
});
