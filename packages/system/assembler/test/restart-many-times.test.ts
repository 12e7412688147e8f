import { kernel as abi } from '@bulkhead/abi';
import { SLOT_WORDS } from '@bulkhead/capabilities';
import { NEVER } from '@bulkhead/clock';
import { describe, expect, it } from 'vitest';
import { assemble, type Description, type System } from '../src/index.ts';
import { ALARM, CHILD, chain, supervising } from './chain.ts';
import { type Act, apart, Stage } from './stage.ts';

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
    /** Slots that the kernel gave away in between. */
    readonly kernelSlots: number;
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
    const { kernelMemory } = system.kernel;
    const slot = kernelMemory.bootSlot();
    system.runUntil(NEVER);
    const kernelSlots = (kernelMemory.bootSlot() - slot) / SLOT_WORDS - 1;
    return { before, later: stock(system), kernelSlots, stage, system };
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
  it.each(Object.keys(shapes))('uses the same slots of the kernel for what connections share, %s', (shape) => {
    expect(restarted(shape).kernelSlots).toBe(0);
  });
  it.each(['a', 'b', 'c'])('the same, where %s shares memory with its neighbours', (who) => {
    const { before, later, kernelSlots } = startAgain('with neighbours apart', FEWER, [who]);
    expect(later).toEqual(before);
    expect(kernelSlots).toBe(0);
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
