import { kernel as abi, NO_SUCH_RIGHT, type Right } from '@bulkhead/abi';
import { objects } from '@bulkhead/capabilities';
import { NEVER } from '@bulkhead/clock';
import { describe, expect, it } from 'vitest';
import { assemble, type Description, type System } from '../src/index.ts';
import { ALARM, after, CHILD, chain, end, endAndStart, FAULT, restarts, run, supervising } from './chain.ts';
import { type Act, apart, type Self, Stage, spendUs } from './stage.ts';

describe('a domain that is started again', () => {
  it('has fresh, zeroed memory, and its neighbours reach it through the ports they have', () => {
    const { story } = run('b', {
      a: {
        start: (self) => {
          for (let i = 0; i < 6; i++) self.say(`is answered ${self.ports['b']!['ask']!(i, 0)}`);
        },
        report: (self, _server, x, y) => self.say(`hears ${x} ${y}`),
      },
      b: {
        start: (self) =>
          self.say(
            `life ${self.life} finds ${self.context.heap.load32(8)} ${self.context.region('own').window.load32(0)}`,
          ),
        ask: (self, from, a) => {
          self.context.heap.store32(8, 42);
          self.context.region('own').window.store32(0, 43);
          self.ports['talk']!['report']!(from, a, self.life);
          if (a % 2 === 1) throw new Error('odd');
          return self.ports['c']!['ask']!(a, self.life);
        },
      },
      c: { ask: (_self, _from, a, life) => 10 * a + life },
    });
    expect(story).toEqual([
      'b: life 1 finds 0 0',
      'a: is answered 1',
      'b: life 2 finds 0 0',
      'a: is answered -1',
      'a: is answered 22',
      'b: life 3 finds 0 0',
      'a: is answered -1',
      'a: is answered 43',
      'b: life 4 finds 0 0',
      'a: is answered -1',
    ]);
  });
  it('hears from its servers, and is told apart by them, as in its first life', () => {
    const { story } = run('a', {
      a: {
        start: (self) => {
          self.say(`is answered ${self.ports['b']!['ask']!(self.life, 0)}`);
          if (self.life === 1) throw new Error('dies');
        },
        report: (self, server, x) => self.say(`hears ${x} from ${server} in life ${self.life}`),
      },
      b: {
        ask: (self, from, a) => {
          self.ports['talk']!['report']!(from, 10 * a, 0);
          return from;
        },
      },
    });
    expect(story).toEqual(['a: is answered 3', 'a: is answered 3', 'a: hears 20 from b in life 2']);
  });
  it('while its old life is on the stack: that one unwinds first', () => {
    const { story } = run('a', {
      a: {
        start: (self) => {
          self.say(`begins ${self.life}`);
          if (self.life === 1) spendUs(self, 300);
          self.say(`ends ${self.life}`);
        },
      },
      supervisor: after(100, endAndStart),
    });
    expect(story).toEqual(['a: begins 1', 'a: begins 2', 'a: ends 2']);
  });
  it('while its old life is on the stack below others', () => {
    const { story } = run('a', {
      a: {
        start: (self) => {
          self.say(`begins ${self.life}`);
          const answer = self.ports['b']!['ask']!(self.life, 0);
          self.say(`is answered ${answer}`);
        },
      },
      b: {
        ask: (self, _from, life) => {
          if (life === 1) spendUs(self, 300);
          self.say(`answers ${life}`);
          return life;
        },
      },
      supervisor: after(100, endAndStart),
    });
    expect(story).toEqual(['a: begins 1', 'b: answers 1', 'a: begins 2', 'b: answers 2', 'a: is answered 2']);
  });
  it('an alarm of the old life does not reach the new one', () => {
    const { story } = run('a', {
      a: {
        start: (self) => {
          self.say(`lives ${self.life}`);
          if (self.life > 1) return;
          self.kernel['setAlarm']!(7, 500);
          throw new Error('dies');
        },
        token: (self, token) => self.say(`token ${token}`),
      },
    });
    expect(story).toEqual(['a: lives 1', 'a: lives 2']);
  });
  it('an interrupt that came between two lives does not reach the new one', () => {
    const stage = chain({
      a: {
        start: (self) => {
          self.say(`lives ${self.life}`);
          if (self.life > 1) return;
          const handler = self.kernel['issueInterrupt']!(self.context.right('irq'), 40);
          self.say(`binds ${self.kernel['bindInterrupt']!(handler as Right, 7)}`);
        },
        token: (self, token) => self.say(`token ${token} in life ${self.life}`),
      },
      supervisor: {
        start: (self) => {
          restarts.start!(self);
          self.kernel['setAlarm']!(ALARM, 100);
        },
        token: (self, token) => {
          if (token === ALARM) self.kernel['endDomain']!(self.context.right(CHILD));
          if (token === FAULT) self.kernel['setAlarm']!(2, 100);
          if (token === 2) self.kernel['startDomain']!(self.context.right(CHILD));
        },
      },
    });
    const components = stage.actors.map((one) => (one.name === 'a' ? { ...one, rights: ['irq'] } : one));
    const description = stage.description(apart('a', 'b', 'c', 'supervisor'), supervising('a'));
    const authority = { ...description.authority, a: { irq: 'irq-control' as const } };
    const system = assemble({ ...description, components, authority });
    const us = (count: number): number => system.clock.cyclesOf(count * 1000);
    system.runUntil(us(50));
    system.board.interruptFile.setPending(40, true);
    system.runUntil(us(150));
    expect(stage.story).toEqual(['a: lives 1', 'a: binds 0', 'a: token 7 in life 1']);
    // Bound and masked: unmask it as the dead one would have, and let it come.
    system.board.interruptFile.setPending(40, true);
    system.board.interruptFile.enable(40, true);
    system.runUntil(us(190));
    system.runUntil(NEVER);
    expect(stage.story.slice(3)).toEqual(['a: lives 2']);
  });
  it('may issue again the interrupt that it had', () => {
    const stage = chain({
      a: {
        start: (self) => {
          const handler = self.kernel['issueInterrupt']!(self.context.right('irq'), 40);
          self.say(
            `issues ${Math.sign(handler)}, again ${self.kernel['issueInterrupt']!(self.context.right('irq'), 40)}`,
          );
          if (self.life < 3) throw new Error('dies');
        },
      },
    });
    const components = stage.actors.map((one) => (one.name === 'a' ? { ...one, rights: ['irq'] } : one));
    const description = stage.description(apart('a', 'b', 'c', 'supervisor'), supervising('a'));
    assemble({
      ...description,
      components,
      authority: { ...description.authority, a: { irq: 'irq-control' } },
    }).runUntil(NEVER);
    expect(stage.story).toEqual(Array(3).fill(`a: issues 1, again ${abi.REVOKE_FIRST}`));
  });
  it.each(['ecam', 'pci-window', 'iommu-registers'] as const)('is given its %s again', (resource) => {
    const stage = chain({
      a: {
        start: (self) => {
          const device = self.context.right('device');
          const frame =
            resource === 'pci-window' ? (self.kernel['retype']!(device, abi.FRAME, 12, 1) as Right) : device;
          self.say(`maps ${self.kernel['map']!(frame, 1, abi.READ_WRITE)}`);
          if (self.life < 4) throw new Error('dies');
        },
      },
    });
    const components = stage.actors.map((one) => (one.name === 'a' ? { ...one, rights: ['device'] } : one));
    const description = stage.description(apart('a', 'b', 'c', 'supervisor'), supervising('a'));
    assemble({ ...description, components, authority: { ...description.authority, a: { device: resource } } }).runUntil(
      NEVER,
    );
    expect(stage.story).toEqual(Array(4).fill('a: maps 0'));
  });
});

describe('a frame that was granted out of a domain', () => {
  /** b gives a frame of its own to c, which maps it; then things happen to b; then a asks c to use it. */
  const lend = (
    fate: (self: Self, child: Right) => void,
    uses: readonly ('address' | 'load')[],
  ): { story: string[]; system: System } => {
    let held = 0 as Right;
    let page = 0;
    return run('b', {
      b: {
        start: (self) => {
          if (self.life === 1) self.ports['c']!['give']!(self.context.region('own').frame);
        },
      },
      c: {
        give: (self, _from, right) => {
          held = right;
          self.kernel['map']!(right, 1, abi.READ_WRITE);
          page = self.context.answer[1]!;
          self.context.memory.store32(page, 0, 77);
          self.kernel['setAlarm']!(2, 300);
          return 0;
        },
        token: (self) => {
          for (const use of uses) {
            if (use === 'address')
              self.say(`address ${self.kernel['address']!(held) > 0 ? 'known' : self.kernel['address']!(held)}`);
            else self.say(`loads ${self.context.memory.load32(page, 0)}`);
          }
        },
      },
      supervisor: after(100, fate),
    });
  };
  it('stays while its owner is over and not yet started again', () => {
    expect(lend(end, ['address', 'load']).story).toEqual(['c: address known', 'c: loads 77']);
  });
  it('is revoked when its owner is started again', () => {
    expect(lend(endAndStart, ['address']).story).toEqual([`c: address ${NO_SUCH_RIGHT}`]);
  });
  it('is unmapped when its owner is started again: an access faults', () => {
    const { story, system } = lend(endAndStart, ['load']);
    expect(story).toEqual([]);
    expect(system.faults.map(({ component, cause }) => [component, cause])).toEqual([
      ['b', abi.FAULT_ENDED],
      ['c', abi.FAULT_PAGE],
    ]);
  });
});

describe('starting again, many times', () => {
  const TIMES = 200;
  const FEWER = 40;
  /** What a domain still has to give, and how many rights it holds. */
  const stock = ({ kernel }: System): Record<string, readonly number[]> =>
    Object.fromEntries(
      kernel.domains
        .filter(({ untypedSlot }) => untypedSlot !== 0)
        .map((domain) => {
          let rights = 0;
          for (let right = 0; right < 4096; right++) {
            if (kernel.capabilities.typeOf(kernel.spaces.slotAt(domain, right)) !== 0) rights++;
          }
          return [domain.name, [kernel.capabilities.freeBytesOf(domain.untypedSlot), rights]];
        }),
    );
  const tireless = (times: number): Act => ({
    start: (self) => {
      self.kernel['startDomain']!(self.context.right(CHILD));
      self.kernel['setAlarm']!(ALARM, 50);
    },
    token: (self) => {
      const child = self.context.right(CHILD);
      const ended = self.kernel['endDomain']!(child);
      const started = self.kernel['startDomain']!(child);
      if (ended !== 0 || started !== 0) self.say(`is refused ${ended} ${started}`);
      self.context.heap.store32(0, self.context.heap.load32(0) + 1);
      if (self.context.heap.load32(0) < times) self.kernel['setAlarm']!(ALARM, 50);
    },
  });
  const shapes: Readonly<Record<string, (stage: Stage) => Description>> = {
    'with neighbours in the kernel': (stage) =>
      stage.description({ kernel: ['supervisor', 'c'], b: ['b'], a: ['a'] }, supervising('b')),
    'with neighbours apart': (stage) => stage.description(apart('a', 'b', 'c', 'supervisor'), supervising('b')),
    'with rings': (stage) =>
      stage.description(apart('a', 'b', 'c', 'supervisor'), {
        ...supervising('b'),
        rings: ['a.b -> b.talk', 'b.c -> c.talk'],
      }),
  };
  interface Outcome {
    readonly before: Record<string, readonly number[]>;
    readonly later: Record<string, readonly number[]>;
    readonly stage: Stage;
    readonly system: System;
  }
  const startAgain = (shape: string, times: number, shares: readonly string[] = []): Outcome => {
    const stage = new Stage();
    stage.actor('a', { level: 10, servers: ['b'], contract: 'whisper', shares: shares.includes('a') ? ['b'] : [] });
    stage.actor('b', {
      level: 20,
      servers: ['c'],
      contract: 'whisper',
      shares: shares.includes('b') ? ['talk', 'c'] : [],
    });
    stage.actor('c', { level: 30, contract: 'whisper', shares: shares.includes('c') ? ['talk'] : [] });
    stage.actor('supervisor', { level: 40, rights: [CHILD] }, tireless(times));
    stage.acts['b'] = {
      start: (self) => void self.ports['c']!['tell']!(self.life, 0),
      tell: (self, from, x) => void self.ports['talk']!['report']!(from, x, self.life),
    };
    stage.acts['c'] = { tell: (self, from, x) => void self.ports['talk']!['report']!(from, x, 0) };
    const system = assemble(shapes[shape]!(stage));
    const first = system.clock.cyclesOf(500_000);
    system.runUntil(first);
    const before = stock(system);
    system.runUntil(NEVER);
    return { before, later: stock(system), stage, system };
  };
  const outcomes = new Map<string, Outcome>();
  const restarted = (shape: string): Outcome => {
    const known = outcomes.get(shape) ?? startAgain(shape, TIMES);
    outcomes.set(shape, known);
    return known;
  };
  it.each(Object.keys(shapes))('refuses nothing, and the last life works as the first, %s', (shape) => {
    const { stage, system } = restarted(shape);
    expect(stage.story).toEqual([]);
    expect(stage.lives['b']).toBe(TIMES + 1);
    expect(system.panic).toBeNull();
  });
  it.each(Object.keys(shapes))('leaves its own domain with as much memory and as many rights, %s', (shape) => {
    const { before, later } = restarted(shape);
    expect(later['b']).toEqual(before['b']);
    expect(later['supervisor']).toEqual(before['supervisor']);
  });
  it.each(Object.keys(shapes))('leaves its neighbours with as much memory and as many rights, %s', (shape) => {
    const { before, later } = restarted(shape);
    expect(later).toEqual(before);
  });
  it.each(['a', 'b', 'c'])('the same, where %s shares memory with its neighbours', (who) => {
    const { before, later } = startAgain('with neighbours apart', FEWER, [who]);
    expect(later).toEqual(before);
  });
  it('keeps the ledger true: it adds up, and counts what the mechanisms count', () => {
    const { system } = restarted('with neighbours apart');
    const count = (name: string): number =>
      system.ledger.countOf(system.ledger.primitives.findIndex((p) => p.name === name));
    expect(system.ledger.totalCycles()).toBe(system.clock.now);
    expect(count('kernel-entry-exit') + count('interrupt-entry')).toBe(system.board.hart.trapCount);
    expect(count('address-space-switch')).toBe(system.board.hart.satpWriteCount - 1);
    expect(count('tlb-refill')).toBe(system.board.mmu.missCount);
  });
});

describe('a neighbour of what is started again', () => {
  it('does not die because a ring in the memory of the dead was taken away while it read it', () => {
    const stage = new Stage();
    stage.actor(
      'a',
      { level: 10, servers: ['b'] },
      {
        report: (self, _server, x) => {
          spendUs(self, 300);
          self.say(`hears ${x}`);
        },
      },
    );
    stage.actor(
      'b',
      { level: 20 },
      {
        start: (self) => {
          if (self.life === 1) for (let i = 0; i < 3; i++) self.ports['talk']!['report']!(0, i, 0);
        },
      },
    );
    stage.actor('supervisor', { level: 40, rights: [CHILD] }, after(100, endAndStart));
    const system = assemble(
      stage.description(apart('a', 'b', 'supervisor'), { ...supervising('b'), rings: ['a.b -> b.talk'] }),
    );
    system.runUntil(NEVER);
    expect(system.faults.map(({ component }) => component)).toEqual(['b']);
    expect(stage.story).toEqual(['a: hears 0']);
  });
  it('an answer to a caller that was started again meanwhile leaves no right with its new life', () => {
    const taking = (asks: boolean): number => {
      const stage = chain({
        a: { start: (self) => void (self.life === 1 && asks ? self.ports['b']!['take']!() : spendUs(self, 300)) },
        b: {
          take: (self) => {
            spendUs(self, 300);
            self.context.answer[1] = self.context.region('own').frame;
            return 0;
          },
        },
        supervisor: after(100, endAndStart),
      });
      const system = assemble(stage.description(apart('a', 'b', 'c', 'supervisor'), supervising('a')));
      system.runUntil(NEVER);
      const domain = system.kernel.domains.find(({ name }) => name === 'a')!;
      let rights = 0;
      for (let right = 0; right < 4096; right++)
        if (system.kernel.capabilities.typeOf(system.kernel.spaces.slotAt(domain, right)) !== 0) rights++;
      return rights;
    };
    expect(taking(true)).toBe(taking(false));
  });
});

describe('a domain that could not be started', () => {
  /** b's promised memory does not hold it; a is its client, and it is a client of c. */
  const starved = (acts: Readonly<Record<string, Act>>): { story: string[]; system: System } => {
    const stage = chain({
      ...acts,
      supervisor: { start: (self) => self.say(`starts it: ${self.kernel['startDomain']!(self.context.right(CHILD))}`) },
    });
    const description = stage.description(apart('a', 'b', 'c', 'supervisor'), supervising('b'));
    const system = assemble(description);
    // As much as its capability space alone takes, where the description promised a megabyte.
    const domain = system.kernel.domains.find(({ name }) => name === 'b')!;
    domain.untypedSlot = system.kernel.kernelMemory.installUntyped(system.kernel.memory.basePage + 0x1000, 17, false);
    system.runUntil(NEVER);
    return { story: stage.story, system };
  };
  const refused = `supervisor: starts it: ${abi.NOT_ENOUGH_MEMORY}`;
  it('is over: who calls it is refused', () => {
    const { story, system } = starved({
      a: { start: (self) => self.say(`is refused ${self.ports['b']!['ask']!(1, 2)}`) },
    });
    expect(story).toEqual([refused, 'a: is refused -1']);
    expect(system.faults).toEqual([]);
  });
  it('is over: who reports to it is refused, and does not die of it', () => {
    const { story, system } = starved({
      c: { start: (self) => self.say(`is refused ${self.ports['talk']!['report']!(2, 1, 2)}`) },
    });
    expect(story).toEqual([refused, 'c: is refused -1']);
    expect(system.faults).toEqual([]);
  });
  it('is entered by nobody', () => {
    const { system } = starved({ a: { start: (self) => void self.ports['b']!['ask']!(1, 2) } });
    expect(system.places[2]!.seat.life.over).toBe(true);
  });
});

describe('a right that was passed on', () => {
  const rightsOf = ({ kernel }: System, name: string): number => {
    const domain = kernel.domains.find((one) => one.name === name)!;
    return Array.from({ length: 4095 }, (_, i) =>
      kernel.capabilities.typeOf(kernel.spaces.slotAt(domain, i + 1)),
    ).filter((type) => type !== objects.NULL).length;
  };
  it.fails('is not passed to whom the caller may not call', () => {
    const endpoint = { right: 0 };
    const stage = new Stage();
    stage.actor('server', { level: 20 }, { give: (self) => self.say('is given') });
    stage.actor(
      'client',
      { level: 10, servers: ['server'] },
      {
        start: (self) => {
          self.say(`deletes ${self.kernel['delete']!(endpoint.right)}`);
          self.say(`is refused ${self.ports['server']!['give']!(self.context.region('own').frame)}`);
        },
      },
    );
    const system = assemble(stage.description(apart('server', 'client')));
    endpoint.right = system.connections[0]!.endpointRight;
    const before = rightsOf(system, 'server');
    system.runUntil(NEVER);
    expect(stage.story).toEqual(['client: deletes 0', 'client: is refused -1']);
    expect(rightsOf(system, 'server')).toBe(before);
  });
  it.fails.each(['ecam', 'pci-window', 'iommu-registers'] as const)(
    'is gone with the life that passed it, though it comes from the machine: %s',
    (resource) => {
      let held = 0 as Right;
      const stage = new Stage();
      stage.actor(
        'b',
        { level: 20, servers: ['c'], rights: ['device'] },
        {
          start: (self) => {
            if (self.life === 1) self.ports['c']!['give']!(self.context.right('device'));
          },
        },
      );
      stage.actor(
        'c',
        { level: 30 },
        {
          give: (self, _from, right) => {
            held = right;
            self.kernel['setAlarm']!(2, 300);
            return 0;
          },
          token: (self) => self.say(`${self.kernel['delete']!(held)}`),
        },
      );
      stage.actor(
        'supervisor',
        { level: 40, rights: [CHILD] },
        after(100, (self, child) => {
          end(self, child);
          self.say(`starts it: ${self.kernel['startDomain']!(child)}`);
        }),
      );
      const { authority, ...rest } = supervising('b');
      assemble(
        stage.description(apart('b', 'c', 'supervisor'), {
          ...rest,
          authority: { ...authority, b: { device: resource } },
        }),
      ).runUntil(NEVER);
      expect(stage.story).toEqual(['supervisor: starts it: 0', `c: ${NO_SUCH_RIGHT}`]);
    },
  );
});
