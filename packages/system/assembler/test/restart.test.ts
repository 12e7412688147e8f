import { kernel as abi, NO_SUCH_RIGHT, type Right } from '@bulkhead/abi';

import { NEVER } from '@bulkhead/clock';
import { describe, expect, it } from 'vitest';
import { assemble, type System } from '../src/index.ts';
import { ALARM, after, CHILD, chain, end, endAndStart, FAULT, restarts, run, supervising } from './chain.ts';
import { apart, type Self, spendUs } from './stage.ts';

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
  it.each(['ecam', 'pci-window', 'pci-io', 'iommu-registers'] as const)('is given its %s again', (resource) => {
    const stage = chain({
      a: {
        start: (self) => {
          const device = self.context.right('device');
          const frame = resource.startsWith('pci-')
            ? (self.kernel['retype']!(device, abi.FRAME, 12, 1) as Right)
            : device;
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
