import { kernel as abi, Ended, PEER_DIED } from '@bulkhead/abi';
import { NEVER } from '@bulkhead/clock';
import { InvariantError } from '@bulkhead/result';
import { describe, expect, it } from 'vitest';
import { assemble } from '../src/index.ts';
import { after, CHILD, end, restarts, run } from './chain.ts';
import { apart, type Self, Stage, spendUs } from './stage.ts';

describe('a component that is over goes no further (DESIGN: death)', () => {
  it('at a charge', () => {
    const { story, system } = run('a', {
      a: {
        start: (self) => {
          self.say('begins');
          spendUs(self, 300);
          self.say('goes on');
        },
      },
      supervisor: after(100, end),
    });
    expect(story).toEqual(['a: begins']);
    expect(system.faults.map(({ component, message }) => [component, message])).toEqual([['a', 'ended by supervisor']]);
  });

  it('not even past the charge in which it is ended', () => {
    const { story } = run('a', {
      a: {
        start: (self) => {
          self.context.work.spendMany(self.context.work.id('step'), 10_000);
          self.say('goes on');
        },
      },
      supervisor: after(100, end),
    });
    expect(story).toEqual([]);
  });

  const touches: Readonly<Record<string, (self: Self) => unknown>> = {
    'a load': ({ context }) => context.heap.load32(0),
    'a store': ({ context }) => context.heap.store8(0, 1),
    'a copy': ({ context }) => context.heap.copyFrom(0, context.heap, 64, 8),
    'a fill': ({ context }) => context.heap.fill(0, 1, 8),
    'a checksum': ({ context }) => context.heap.sum16(0, 8, 0),
    'bytes of a program': ({ context }) => context.heap.storeBytes(0, new Uint8Array(8), 0, 8),
    'a piece of work': ({ context }) => context.work.spend(context.work.id('step')),
    'pieces of work': ({ context }) => context.work.spendMany(context.work.id('step'), 2),
    'a call': ({ ports }) => ports['b']!['ask']!(1, 2),
    'a cast': ({ ports }) => ports['b']!['tell']!(1, 2),
    'an event': ({ ports }) => ports['talk']!['report']!(0, 1, 2),
    'an invocation': ({ kernel, context }) => kernel['address']!(context.region('own').frame),
  };
  it.each(Object.keys(touches).filter((name) => name !== 'an event'))('at %s, whatever it catches', (name) => {
    const touch = touches[name]!;
    const { story, system } = run('a', {
      a: {
        start: (self) => {
          for (let i = 0; i < 3; i++) {
            try {
              if (i === 0) spendUs(self, 300);
              else touch(self);
              self.say('goes on');
            } catch {
              self.say('catches');
            }
          }
        },
      },
      b: { ask: (self) => self.say('was called'), tell: (self) => self.say('was told') },
      supervisor: after(100, end),
    });
    expect(story).toEqual(['a: catches', 'a: catches', 'a: catches']);
    expect(system.faults.length).toBe(1);
  });
  it('at an event to its client', () => {
    const { story } = run('b', {
      a: {
        start: (self) => self.say(`is answered ${self.ports['b']!['ask']!(0, 0)}`),
        report: (self) => self.say('hears'),
      },
      b: {
        ask: (self, from) => {
          try {
            spendUs(self, 300);
          } catch {
            self.ports['talk']!['report']!(from, 1, 2);
            self.say('goes on');
          }
          return 7;
        },
      },
      supervisor: after(100, end),
    });
    expect(story).toEqual([`a: is answered ${PEER_DIED}`]);
  });
  it('a result that it gives after its end is not its own: the caller is refused', () => {
    const { story } = run('b', {
      a: { start: (self) => self.say(`is answered ${self.ports['b']!['ask']!(0, 0)}`) },
      b: {
        ask: (self) => {
          try {
            spendUs(self, 300);
          } catch {
            self.say('catches');
          }
          return 7;
        },
      },
      supervisor: after(100, end),
    });
    expect(story).toEqual(['b: catches', `a: is answered ${PEER_DIED}`]);
  });
  it('a piece of work that it does not list is its own mistake', () => {
    const { system } = run('a', {
      a: { start: (self) => void self.context.work.id('ghost') },
      supervisor: { start: restarts.start! },
    });
    expect(system.faults.map(({ component }) => component)).toEqual(['a']);
  });
  it('an end that it makes up is an exception like any other', () => {
    const { system } = run('a', {
      a: {
        start: () => {
          throw new Ended(3);
        },
      },
      supervisor: { start: restarts.start! },
    });
    expect(system.faults.map(({ component, cause }) => [component, cause])).toEqual([['a', abi.FAULT_EXCEPTION]]);
  });
  it('a broken invariant of its own ends it, and not the machine', () => {
    const { system } = run('a', {
      a: {
        start: () => {
          throw new InvariantError('mine');
        },
      },
      supervisor: { start: restarts.start! },
    });
    expect(system.faults.map(({ component, message }) => [component, message])).toEqual([['a', 'exception: mine']]);
  });
  it('ending itself: the invocation does not return', () => {
    const stage = new Stage();
    stage.actor(
      'samson',
      { level: 10, rights: ['child-0'] },
      {
        start: (self) => {
          self.say('pulls');
          self.kernel['endDomain']!(self.context.right(CHILD));
          self.say('stands');
        },
      },
    );
    const system = assemble(
      stage.description(apart('samson'), { authority: { samson: { [CHILD]: 'domain:samson' } } }),
    );
    expect(system.runUntil(NEVER)).toBe('dead-quiet');
    expect(stage.story).toEqual(['samson: pulls']);
    expect(system.faults.map(({ cause }) => cause)).toEqual([abi.FAULT_ENDED]);
  });
});

describe('a neighbour of the dead', () => {
  it.each(['ask', 'tell', 'give'] as const)('is refused by `%s`: peer-died', (method) => {
    const { story } = run('b', {
      a: {
        start: (self) => {
          spendUs(self, 300);
          const own = self.context.region('own').frame;
          self.say(`is refused ${self.ports['b']![method]!(...(method === 'give' ? [own] : [1, 2]))}`);
        },
      },
      supervisor: after(100, end),
    });
    expect(story).toEqual([`a: is refused ${PEER_DIED}`]);
  });
  it('is refused before the first start, too', () => {
    const { story } = run('b', {
      a: { start: (self) => self.say(`is refused ${self.ports['b']!['ask']!(1, 2)}`) },
      supervisor: {},
    });
    expect(story).toEqual([`a: is refused ${PEER_DIED}`]);
  });
  it('is refused when it reports to a client that is over', () => {
    const { story } = run('a', {
      a: { start: (self) => spendUs(self, 300) },
      b: {
        start: (self) => void self.kernel['setAlarm']!(2, 200),
        token: (self) => self.say(`is refused ${self.ports['talk']!['report']!(3, 1, 2)}`),
      },
      supervisor: after(100, end),
    });
    expect(story).toEqual([`b: is refused ${PEER_DIED}`]);
  });
  it('is refused an identity that is no client of its own', () => {
    const { story } = run('a', {
      b: {
        start: (self) => self.say([-1, 0, 1, 2, 99].map((to) => self.ports['talk']!['report']!(to, 1, 2)).join(' ')),
      },
      supervisor: {},
    });
    expect(story).toEqual(['b: -1 -1 -1 -1 -1']);
  });
  it('what waited for the dead is dropped: a new life hears nothing of it', () => {
    const { story } = run('a', {
      a: {
        start: (self) => {
          self.say(`lives ${self.life}`);
          if (self.life > 1) return;
          self.ports['b']!['ask']!(0, 0);
          self.say('has something to hear');
          throw new Error('dies first');
        },
        report: (self) => self.say('hears'),
      },
      b: { ask: (self, from) => self.ports['talk']!['report']!(from, 1, 2) },
    });
    expect(story).toEqual(['a: lives 1', 'a: has something to hear', 'a: lives 2']);
  });
  it('what the dead had in its outbox is dropped', () => {
    const { story } = run('b', {
      a: {
        start: (self) => {
          self.ports['b']!['ask']!(1, 0);
          self.say(`is refused ${self.ports['b']!['ask']!(2, 0)}`);
        },
        report: (self, _server, x) => self.say(`hears ${x}`),
      },
      b: {
        ask: (self, from, a) => {
          if (a === 2) throw new Error('dies');
          return self.ports['talk']!['report']!(from, a, 0);
        },
      },
      supervisor: { start: restarts.start! },
    });
    expect(story).toEqual([`a: is refused ${PEER_DIED}`]);
  });
});
