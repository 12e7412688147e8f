import { constantOf, type Profile, scaled } from '@bulkhead/costs';
import { describe, expect, it } from 'vitest';
import { concludeSweep, type Measured, planSweep, sweep } from '../src/index.ts';
import { batching, type Fakes, haswell, linear } from './sweep-fakes.ts';

/** One that traps much, one that copies much, one that does both. Per request. */
const SYSTEMS: Fakes = {
  walls: { 'kernel-entry-exit': 20, 'address-space-switch': 20, 'mmio-write': 2, 'net-stack.ip': 2, idle: 900 },
  copies: { 'kernel-entry-exit': 2, 'copy-line': 150, 'mmio-write': 2, 'net-stack.ip': 2, schedule: 0 },
  both: { 'kernel-entry-exit': 20, 'address-space-switch': 20, 'copy-line': 150, 'mmio-write': 2, 'net-stack.ip': 2 },
};
const NAMES = Object.keys(SYSTEMS);
const baseOf = (systems: Fakes): Measured[] => Object.keys(systems).map((name) => linear(systems)(haswell, name));

describe('a plan', () => {
  const plan = planSweep({ profile: haswell, base: baseOf(SYSTEMS) });

  it('varies what is assumed and was charged, and nothing else', () => {
    expect(plan.assumptions.map(({ name }) => name)).toEqual(['copy-line', 'mmio-write', 'net-stack.ip']);
  });
  it('varies what is derived as well when that is doubted', () => {
    const base = [{ system: 'one', cycles: 1, counts: { 'page-map': 1, 'kernel-entry-exit': 1 } }];
    expect(planSweep({ profile: haswell, base, certainties: ['derived'] }).assumptions.map(({ name }) => name)).toEqual(
      ['page-map'],
    );
  });
  it('runs no system for what it never charged', () => {
    const runs = plan.jobs.filter(({ factors }) => Object.keys(factors).join() === 'copy-line');
    expect(runs.map(({ system, factors }) => [system, factors['copy-line']])).toEqual([
      ['copies', 0.5],
      ['both', 0.5],
      ['copies', 2],
      ['both', 2],
    ]);
  });
  it('runs every system with all assumptions at once, at each factor', () => {
    const all = plan.jobs.filter(({ factors }) => Object.keys(factors).length > 1);
    expect(all.map(({ system, factors }) => [system, factors])).toEqual(
      [0.5, 2].flatMap((factor) =>
        NAMES.map((name) => [name, { 'copy-line': factor, 'mmio-write': factor, 'net-stack.ip': factor }]),
      ),
    );
  });
  it('numbers its jobs by their places, and is plain data', () => {
    expect(plan.jobs.map(({ id }) => id)).toEqual(plan.jobs.map((_, at) => at));
    expect(structuredClone(plan)).toEqual(plan);
  });
  it('runs nothing for a price that rounds to what it was', () => {
    const base = [{ system: 'one', cycles: 10, counts: { 'message-word': 5 } }];
    expect(planSweep({ profile: haswell, base, factors: [1.2] }).jobs).toEqual([]);
  });
  it('is refused for a system that is there twice, costs nothing, or a factor that is none', () => {
    const [one] = baseOf(SYSTEMS);
    expect(() => planSweep({ profile: haswell, base: [one!, one!] })).toThrow(/once/);
    expect(() => planSweep({ profile: haswell, base: [{ ...one!, cycles: 0 }] })).toThrow(/walls: 0/);
    for (const factors of [[], [0], [-1], [Number.NaN]]) {
      expect(() => planSweep({ profile: haswell, base: [one!], factors })).toThrow(/factors/);
    }
  });
});

describe('a conclusion', () => {
  const measure = linear(SYSTEMS);
  const swept = sweep({ profile: haswell, systems: NAMES, measure });

  it('compares neighbours of the ranking, the one with fewer cycles ahead', async () => {
    const { conclusions } = await swept;
    const cycles = (name: string): number => measure(haswell, name).cycles;
    expect(conclusions.map(({ ahead, behind }) => [ahead, behind])).toEqual([
      ['copies', 'walls'],
      ['walls', 'both'],
    ]);
    expect(conclusions.map(({ ratio }) => ratio)).toEqual([
      cycles('walls') / cycles('copies'),
      cycles('both') / cycles('walls'),
    ]);
  });
  it('has the ratio at each factor, by real runs, for each assumption', async () => {
    const [first] = (await swept).conclusions;
    const ratio = (profile: Profile): number => measure(profile, 'walls').cycles / measure(profile, 'copies').cycles;
    for (const { primitive, ratios } of first!.swings) {
      expect(ratios).toEqual([0.5, 2].map((factor) => ratio(scaled(haswell, { [primitive]: factor }))));
    }
    const all = { 'copy-line': 2, 'mmio-write': 2, 'net-stack.ip': 2 };
    expect(first!.together![1]).toBe(ratio(scaled(haswell, all)));
  });
  it('puts the widest swing first, and carries what is known of the price', async () => {
    const [first] = (await swept).conclusions;
    expect(first!.swings.map(({ primitive }) => primitive)).toEqual(['copy-line', 'mmio-write', 'net-stack.ip']);
    const { cycles, certainty, source } = constantOf(haswell, 'copy-line');
    expect(first!.swings[0]).toMatchObject({ label: 'copy-line', cycles, certainty, source });
  });
  it('leaves out what neither of the two charged', async () => {
    const systems: Fakes = { ...SYSTEMS, most: { ...SYSTEMS['both'], 'cap-transfer': 100 } };
    const { conclusions } = await sweep({ profile: haswell, systems: Object.keys(systems), measure: linear(systems) });
    const names = conclusions.map(({ swings }) => swings.map(({ primitive }) => primitive));
    expect(names.map((list) => list.includes('cap-transfer'))).toEqual([false, false, true]);
  });
  it('does not survive when an assumption turns it round', async () => {
    const systems: Fakes = { walls: { 'kernel-entry-exit': 10 }, copies: { 'copy-line': 100 } };
    const run = (factors: number[]) =>
      sweep({ profile: haswell, systems: ['walls', 'copies'], measure: linear(systems), factors });
    expect((await run([2])).conclusions[0]).toMatchObject({ ahead: 'copies', behind: 'walls', survives: false });
    expect((await run([0.5])).conclusions[0]).toMatchObject({ ahead: 'copies', survives: true });
  });
  it('does not survive when an assumption makes the two level', async () => {
    const systems: Fakes = { a: { 'copy-line': 1 }, b: { idle: 24 } };
    const { conclusions } = await sweep({
      profile: haswell,
      systems: ['b', 'a'],
      measure: linear(systems),
      factors: [2],
    });
    expect(conclusions[0]).toMatchObject({ ahead: 'a', ratio: 2, survives: false });
  });
  it('does not survive when only all assumptions at once turn it round', async () => {
    const systems: Fakes = { a: { 'copy-line': 10, schedule: 1 }, b: { 'kernel-entry-exit': 2, idle: 80 } };
    const { conclusions } = await sweep({
      profile: haswell,
      systems: ['a', 'b'],
      measure: linear(systems),
      factors: [2],
    });
    expect(conclusions[0]!.ahead).toBe('a');
    for (const { ratios } of conclusions[0]!.swings) expect(ratios[0]).toBeGreaterThan(1);
    expect(conclusions[0]!.together![0]).toBeLessThan(1);
    expect(conclusions[0]!.survives).toBe(false);
  });
  it('of two that are level survives while they stay level', async () => {
    const same = { 'copy-line': 3, 'kernel-entry-exit': 2 };
    const run = (systems: Fakes, factor: number) =>
      sweep({ profile: haswell, systems: ['a', 'b'], measure: linear(systems), factors: [factor] });
    const other = { idle: 36, 'kernel-entry-exit': 2 };
    for (const factor of [0.5, 2]) {
      expect((await run({ a: same, b: same }, factor)).conclusions[0]).toMatchObject({ ratio: 1, survives: true });
      expect((await run({ a: same, b: other }, factor)).conclusions[0]).toMatchObject({ ratio: 1, survives: false });
    }
  });
  it('is not drawn for a system alone, and none from no assumptions is doubtful', async () => {
    const alone = await sweep({ profile: haswell, systems: ['walls'], measure });
    expect(alone.conclusions).toEqual([]);
    const systems: Fakes = { a: { 'kernel-entry-exit': 1 }, b: { 'kernel-entry-exit': 2 } };
    const certain = await sweep({ profile: haswell, systems: ['a', 'b'], measure: linear(systems) });
    expect(certain).toMatchObject({ runs: 0, conclusions: [{ ratio: 2, survives: true, swings: [] }] });
    expect(certain).not.toHaveProperty('nonlinearity');
  });
});

describe('the check by first-order arithmetic', () => {
  it('finds nothing where the counts do not change', async () => {
    const { nonlinearity } = await sweep({ profile: haswell, systems: NAMES, measure: linear(SYSTEMS) });
    expect(nonlinearity!.deviation).toBeCloseTo(0, 12);
  });
  it('names the run that differs most where prices change what happens', async () => {
    const { nonlinearity } = await sweep({ profile: haswell, systems: NAMES, measure: batching(SYSTEMS) });
    // Half the price, twice as often: 520 cycles stay 520, where the arithmetic foretells 260. The other prices of
    // `copies` are halved, or known.
    const foretold = 2 * 140 + (150 * 12 + 520 + 2 * 60) / 2;
    expect(nonlinearity).toMatchObject({ system: 'copies', primitive: 'all', factor: 0.5 });
    expect(nonlinearity!.deviation).toBeCloseTo(260 / foretold, 12);
  });
});

describe('the results of jobs', () => {
  const plan = planSweep({ profile: haswell, base: baseOf(SYSTEMS) });
  const results = plan.jobs.map(({ id, system, factors }) => ({
    id,
    cycles: linear(SYSTEMS)(scaled(haswell, factors), system).cycles,
  }));

  it('are all needed, once, and are cycles', () => {
    expect(() => concludeSweep(plan, results.slice(1))).toThrow(/job 0 is not answered/);
    expect(() => concludeSweep(plan, [...results, results[0]!])).toThrow(/answered twice/);
    expect(() => concludeSweep(plan, [...results, { id: results.length, cycles: 1 }])).toThrow(/none of the plan/);
    expect(() => concludeSweep(plan, [{ id: 0, cycles: Number.NaN }, ...results.slice(1)])).toThrow(/NaN/);
  });
  it('give plain data', () => {
    const swept = concludeSweep(plan, results);
    expect(JSON.parse(JSON.stringify(swept))).toEqual(swept);
  });
});

describe('a sweep on one processor', () => {
  it('tells its progress after each run, rising to 1', async () => {
    const shares: number[] = [];
    const { runs } = await sweep({
      profile: haswell,
      systems: NAMES,
      measure: async (profile, system) => linear(SYSTEMS)(profile, system),
      progress: (share) => shares.push(share),
    });
    expect(shares).toHaveLength(runs! + 1);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.at(-1)).toBe(1);
    expect(shares[0]).toBeGreaterThan(0);
  });
  it('runs each system under the published profile first', async () => {
    const seen: [string, number][] = [];
    const measure = (profile: Profile, system: string): Measured => {
      seen.push([system, Object.keys(profile.factors).length]);
      return linear(SYSTEMS)(profile, system);
    };
    await sweep({ profile: haswell, systems: NAMES, measure });
    expect(seen.slice(0, NAMES.length)).toEqual(NAMES.map((name) => [name, 0]));
    expect(seen.slice(NAMES.length).every(([, changed]) => changed > 0)).toBe(true);
  });
});
