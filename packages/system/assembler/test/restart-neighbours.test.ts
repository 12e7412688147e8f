import { NO_SUCH_RIGHT, type Right } from '@bulkhead/abi';
import { objects } from '@bulkhead/capabilities';
import { NEVER } from '@bulkhead/clock';
import { describe, expect, it } from 'vitest';
import { assemble, type System } from '../src/index.ts';
import { after, CHILD, chain, end, endAndStart, supervising } from './chain.ts';
import { apart, Stage, spendUs } from './stage.ts';

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

describe('a right that was passed on', () => {
  const rightsOf = ({ kernel }: System, name: string): number => {
    const domain = kernel.domains.find((one) => one.name === name)!;
    return Array.from({ length: 4095 }, (_, i) =>
      kernel.capabilities.typeOf(kernel.spaces.slotAt(domain, i + 1)),
    ).filter((type) => type !== objects.NULL).length;
  };
  it('is not passed to whom the caller may not call', () => {
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
  it.each(['ecam', 'pci-window', 'pci-io', 'iommu-registers'] as const)(
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
