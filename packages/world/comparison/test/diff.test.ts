import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Comparison, diffComparisons, type PerRequest } from '../src/index.ts';
import { comparison } from './comparisons.ts';

const [made] = fc.sample(
  comparison.filter(({ systems, seed }) => systems.length === 3 && seed === 1),
  { numRuns: 1, seed: 7 },
) as [Comparison];

const NOTHING: PerRequest = {
  cycles: 0,
  byCause: {},
  byComponent: {},
  byComponentAndCause: {},
  counts: {},
  modeSwitches: 0,
  addressSpaceSwitches: 0,
  ipcs: 0,
  interrupts: 0,
  tlbRefills: 0,
  deviceAccesses: 0,
  copies: 0,
  bytesCopied: 0,
};
const traps = (modeSwitches: number, cycles: number): Comparison => ({
  ...made,
  systems: [
    {
      ...made.systems[0]!,
      perRequest: {
        ...NOTHING,
        cycles,
        byCause: { trap: cycles },
        byComponent: { kernel: cycles },
        byComponentAndCause: { kernel: { trap: cycles } },
        modeSwitches,
      },
    },
  ],
});
const whyOf = (before: Comparison, after: Comparison) => diffComparisons(before, after).systems[0]!.byCause[0]!.why;

describe('why a cause changed', () => {
  it('is how often, when each time costs the same', () => {
    expect(whyOf(traps(2, 200), traps(5, 500))).toEqual({
      count: 'modeSwitches',
      times: { before: 2, after: 5, change: 3 },
      byCount: 300,
      byPrice: 0,
    });
  });
  it('is how dear, when it happens as often', () => {
    expect(whyOf(traps(2, 200), traps(2, 300))).toMatchObject({ byCount: 0, byPrice: 100 });
  });
  it('is both, each at the mean of the other', () => {
    expect(whyOf(traps(2, 200), traps(4, 800))).toMatchObject({ byCount: 2 * 150, byPrice: 100 * 3 });
  });
  it('is how often, when it never happened before or never does now', () => {
    expect(whyOf(traps(0, 0), traps(4, 800))).toMatchObject({ byCount: 800, byPrice: 0 });
    expect(whyOf(traps(4, 800), traps(0, 0))).toMatchObject({ byCount: -800, byPrice: 0 });
  });
  it('is not said when there are cycles without a count', () => {
    expect(whyOf(traps(0, 100), traps(4, 800))).toBeUndefined();
  });
});

describe('what was asked', () => {
  const changed = (change: Partial<Comparison>): readonly string[] =>
    diffComparisons(made, { ...made, ...change }).settings.map(({ name }) => name);
  it('names each setting that differs, and no other', () => {
    expect(changed({})).toEqual([]);
    expect(changed({ seed: 9 })).toEqual(['seed']);
    expect(changed({ workload: { ...made.workload, clients: 7, sizeBytes: 9 } })).toEqual(['clients', 'sizeBytes']);
    expect(changed({ workload: { ...made.workload, loop: { kind: 'open', requestsPerSecond: 5 } } })).toEqual(['loop']);
    expect(changed({ profile: { name: 'u54', title: '', cyclesPerSecond: 1 } })).toEqual([
      'profile',
      'cyclesPerSecond',
    ]);
  });
  it('names systems that only one of them has', () => {
    const [first, ...others] = made.systems;
    const diff = diffComparisons(made, { ...made, systems: [...others, { ...first!, system: 'mine' }] });
    expect([diff.onlyBefore, diff.onlyAfter]).toEqual([[first!.system], ['mine']]);
    expect(diff.systems.map(({ system }) => system)).toEqual(others.map(({ system }) => system));
  });
});

describe('where the walls stand', () => {
  it('names components that moved, and gates that changed', () => {
    const component = { name: 'net-stack', kind: 'net-stack', level: 2 };
    const connection = { client: 'web-server', server: 'net-stack', contract: 'sockets' };
    const shaped = (isKernel: boolean, gate: string): Comparison => ({
      ...made,
      systems: [
        {
          ...made.systems[0]!,
          iommu: 'bare',
          domains: [{ name: isKernel ? 'kernel' : 'net', isKernel, components: [component] }],
          connections: [{ ...connection, up: gate, down: gate }],
        },
      ],
    });
    expect(diffComparisons(shaped(true, 'direct'), shaped(false, 'ipc')).systems[0]!.shape).toEqual([
      { name: 'component net-stack', before: 'in the kernel domain, level 2', after: 'in net, level 2' },
      { name: 'web-server → net-stack (sockets)', before: 'direct', after: 'ipc' },
    ]);
  });
});

describe('the order of systems', () => {
  it('is by cycles a request, in each of the two', () => {
    const cheapest = made.systems.map((system, index) => ({
      ...system,
      perRequest: { ...system.perRequest, cycles: 100 * index },
    }));
    const dearest = made.systems.map((system, index) => ({
      ...system,
      perRequest: { ...system.perRequest, cycles: 1000 - 100 * index },
    }));
    const names = made.systems.map(({ system }) => system);
    const { order } = diffComparisons({ ...made, systems: cheapest }, { ...made, systems: dearest });
    expect(order).toEqual({ before: names, after: names.toReversed() });
  });
});
