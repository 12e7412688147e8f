import { createProfile } from '@bulkhead/costs';
import { describe, expect, it } from 'vitest';
import { assemble, type Description, type Moment, Recorder, type System } from '../src/index.ts';
import { apart, type Self, Stage } from './stage.ts';

const made = createProfile('haswell');
if (!made.ok) throw new Error(made.error);
const profile = made.value;
const END = 10_000_000;

interface Run {
  readonly system: System;
  readonly recorder: Recorder;
  readonly moments: readonly Moment[];
}

/** Recorded from the first cycle, unless `act` says otherwise. */
function run(
  domains: Description['domains'],
  on: boolean,
  act: (self: Self, recorder: Recorder, now: () => number) => void,
): Run {
  const recorder = new Recorder();
  recorder.on = on;
  const stage = new Stage();
  stage.actor(
    'low',
    { level: 10, servers: ['high'] },
    { start: (self) => act(self, recorder, () => system.clock.now) },
  );
  stage.actor(
    'high',
    { level: 20 },
    {
      ask: (self, from) => {
        // A handler of its own, later: it wakes, and nobody calls it.
        self.ports['talk']!['report']!(from, 1, 2);
        return 7;
      },
    },
  );
  const { sink, observer, tap } = recorder;
  const system: System = assemble(stage.description(domains), { profile, trace: sink, observer, tap });
  system.wire.transmit(new Uint8Array(60), 60);
  system.runUntil(END);
  return { system, recorder, moments: recorder.moments(profile, system.ledger.components, system.ledger.primitives) };
}
const ask = (self: Self): void => void self.ports['high']!['ask']!(1, 2);
const WALLS: readonly (readonly [string, Description['domains']])[] = [
  ['one kernel', { kernel: ['low', 'high'] }],
  ['a user and the kernel', { kernel: ['high'], low: ['low'] }],
  ['apart', apart('low', 'high')],
];

describe.each(WALLS)('A recorder, %s', (_, domains) => {
  it('tells every charge: they follow each other without a gap, and add up to the time that passed', () => {
    const { system, moments } = run(domains, true, ask);
    let now = 0;
    for (const moment of moments) {
      if (moment.kind !== 'charge') continue;
      expect(moment.atCycles).toBe(now);
      now += moment.step.cycles;
    }
    expect(now).toBe(system.clock.now);
    expect(now).toBe(END);
  });
  it('counts each primitive as the ledger does, at its price', () => {
    const { system, recorder } = run(domains, true, ask);
    const { components, primitives, prices } = system.ledger;
    const steps = recorder.steps(profile, components, primitives);
    primitives.forEach(({ name, cause }, p) => {
      const same = steps.filter(({ primitive }) => primitive === name);
      expect(same.reduce((sum, { count }) => sum + count, 0)).toBe(system.ledger.countOf(p));
      for (const step of same) {
        expect(step.cause).toBe(cause);
        if (cause !== 'idle') expect(step.cycles).toBe(step.count * prices[p]!);
      }
    });
  });
  it('tells who was called by whom, who was woken, and that handlers nest', () => {
    const { moments } = run(domains, true, ask);
    const stack: string[] = [];
    const entries: string[] = [];
    for (const moment of moments) {
      if (moment.kind === 'entered') {
        expect(moment.caller).toBe(stack.at(-1) ?? null);
        stack.push(moment.component);
        entries.push(`${moment.component} by ${moment.caller}`);
      }
      if (moment.kind === 'left') expect(stack.pop()).toBe(moment.component);
    }
    expect(stack).toEqual([]);
    expect(entries).toContain('high by low');
    expect(entries.filter((entry) => entry === 'low by null').length).toBeGreaterThanOrEqual(2);
  });
  it('changes nothing that happens', () => {
    const { system } = run(domains, true, ask);
    expect(run(domains, false, ask).system.digest()).toBe(system.digest());
  });
  it('collects while it is on, and nothing else', () => {
    expect(run(domains, false, ask).moments).toEqual([]);
    let elapsed = 0;
    const { moments, recorder } = run(domains, false, (self, recorder, now) => {
      const start = now();
      recorder.on = true;
      ask(self);
      recorder.on = false;
      elapsed = now() - start;
    });
    expect(recorder.count).toBe(moments.length);
    expect(elapsed).toBeGreaterThan(0);
    expect(moments.reduce((sum, moment) => sum + (moment.kind === 'charge' ? moment.step.cycles : 0), 0)).toBe(elapsed);
  });
});

describe('A recorder of frames', () => {
  it('tells a frame when it comes to the machine, and how long it is', () => {
    const { moments } = run(apart('low', 'high'), true, ask);
    const frames = moments.filter((moment) => moment.kind === 'frame');
    expect(frames).toEqual([expect.objectContaining({ toMachine: true, nic: 0, lenBytes: 60 })]);
    expect(frames[0]!.atCycles).toBeGreaterThanOrEqual(profile.cyclesPerSecond * 5e-6);
  });
});
