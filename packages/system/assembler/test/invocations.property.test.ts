import { kernel as abi } from '@bulkhead/abi';
import { Chance } from '@bulkhead/clock';
import { describe, expect, it } from 'vitest';
import { assemble, type Resource } from '../src/index.ts';
import { CHILD, endAndStart } from './chain.ts';
import { apart, Stage } from './stage.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const SEED = 20_260;
const INVOCATIONS = 20_000 * EFFORT;
const LIVES = 400 * EFFORT;

type Call = readonly [name: string, arity: number];
/** All but what ends the run early: `endDomain` of itself is no right that it holds. */
const CALLS: readonly Call[] = Object.entries(abi.contractOfKernel.calls).map(([name, { args }]) => [
  name,
  args.length,
]);

const wordOf = (chance: Chance): number =>
  [
    chance.next(),
    chance.below(48),
    chance.below(48),
    chance.below(48),
    [-1, 0, 1, 4096, 2 ** 31 - 1, -(2 ** 31)][chance.below(6)]!,
  ][chance.below(5)]!;

/**
 * A user program that asks the kernel for anything, life after life, and calls its neighbours with any rights. What it
 * takes from itself is its own death; nothing else may come of it.
 */
describe('a user program that invokes at random', () => {
  const fuzz = (resources: Readonly<Record<string, Resource>>): void => {
    const chance = new Chance(SEED);
    let invocations = 0;
    const stage = new Stage();
    stage.actor(
      'fuzzer',
      { level: 10, servers: ['server'], rights: Object.keys(resources) },
      {
        start: (self) => {
          for (let i = 0; i < 200; i++) {
            const [name, arity] = CALLS[chance.below(CALLS.length)]!;
            const words = Array.from({ length: arity }, () => wordOf(chance));
            if (!Number.isSafeInteger(self.kernel[name]!(...words))) self.say(`${name}(${words.join()}) gives no word`);
            invocations++;
            if (chance.below(8) === 0) self.ports['server']!['give']!(wordOf(chance));
            if (chance.below(8) === 0) self.ports['server']!['ask']!(wordOf(chance), 0);
          }
          self.context.heap.store32(0, 1);
        },
      },
    );
    stage.actor(
      'server',
      { level: 20 },
      {
        ask: (_self, _from, a) => a & 0xff,
        give: (self, _from, right) => self.kernel['delete']!(right),
      },
    );
    stage.actor(
      'witness',
      { level: 15, servers: ['server'] },
      {
        start: (self) => self.context.heap.store32(0, 77),
        token: (self) => {
          if (self.context.heap.load32(0) !== 77 || self.ports['server']!['ask']!(5, 0) !== 5) self.say('takes harm');
        },
        settle: (self) => void self.kernel['setAlarm']!(1, 50),
      },
    );
    stage.actor(
      'supervisor',
      { level: 40, rights: [CHILD] },
      {
        start: (self) => {
          self.kernel['startDomain']!(self.context.right(CHILD));
          self.kernel['setAlarm']!(1, 400);
        },
        token: (self) => {
          if (invocations >= INVOCATIONS) return;
          endAndStart(self, self.context.right(CHILD));
          self.kernel['setAlarm']!(1, 400);
        },
      },
    );
    const description = stage.description(apart('fuzzer', 'server', 'witness', 'supervisor'), {
      supervised: ['fuzzer'],
      authority: { supervisor: { [CHILD]: 'domain:fuzzer' }, fuzzer: resources },
    });
    const system = assemble(description);
    // The witness wakes for ever: so the run ends when the fuzzer has done enough.
    for (let at = 1; invocations < INVOCATIONS && at < LIVES; at++)
      expect(system.runUntil(system.clock.cyclesOf(at * 1e6))).toBe('reached');
    expect(stage.story).toEqual([]);
    expect(invocations).toBeGreaterThanOrEqual(INVOCATIONS);
    expect(new Set(system.faults.map(({ component }) => component))).toEqual(new Set(['fuzzer']));
    expect(system.ledger.totalCycles()).toBe(system.clock.now);
  };
  it(`neither the kernel nor a neighbour takes harm from ${INVOCATIONS} invocations`, () =>
    fuzz({ irq: 'irq-control' }));
  it('the same, where it has memory of a device to make frames of', () =>
    fuzz({ irq: 'irq-control', window: 'pci-window' }));
});
