import { assumptionsOf, type Profile, scaled } from '@bulkhead/costs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { concludeSweep, planSweep } from '../src/index.ts';
import { batching, type Fakes, haswell, linear } from './sweep-fakes.ts';

const RUNS = { numRuns: 100 * Number(process.env.BULKHEAD_EFFORT ?? 1) };
const CHARGED = ['kernel-entry-exit', 'copy-line', 'mmio-write', 'schedule', 'page-map', 'net-stack.ip', 'web.page'];
const FACTORS = [0.5, 0.7, 1.4, 2];

/** Each system traps at least once, so that none costs nothing. */
const counts = fc
  .dictionary(fc.constantFrom(...CHARGED), fc.nat(50), { noNullPrototype: true })
  .map((some) => ({ ...some, 'kernel-entry-exit': 1 + (some['kernel-entry-exit'] ?? 0) }));
const systems: fc.Arbitrary<Fakes> = fc
  .array(counts, { minLength: 1, maxLength: 4 })
  .map((list) => Object.fromEntries(list.map((each, at) => [`s${at}`, each])));
const factors = fc.subarray(FACTORS, { minLength: 1 });
const measured = fc.constantFrom(linear, batching);

it('agrees with every system run under every change, and no run left out', () => {
  fc.assert(
    fc.property(systems, factors, measured, (fakes, chosen, kind) => {
      const measure = kind(fakes);
      const base = Object.keys(fakes).map((name) => measure(haswell, name));
      const plan = planSweep({ profile: haswell, base, factors: chosen });
      const results = plan.jobs.map(({ id, system, factors: scale }) => ({
        id,
        cycles: measure(scaled(haswell, scale), system).cycles,
      }));
      const { conclusions } = concludeSweep(plan, results);

      const charged = CHARGED.filter((name) => Object.values(fakes).some((each) => (each[name] ?? 0) > 0));
      const names = assumptionsOf(haswell, charged).map(({ name }) => name);
      const profiles = [...names.map((name) => [name]), names].flatMap((changed) =>
        chosen.map((factor) => scaled(haswell, Object.fromEntries(changed.map((name) => [name, factor])))),
      );
      for (const { ahead, behind, ratio, survives, swings, together } of conclusions) {
        const at = (profile: Profile): number => measure(profile, behind).cycles / measure(profile, ahead).cycles;
        expect(ratio).toBe(at(haswell));
        expect(ratio).toBeGreaterThanOrEqual(1);
        expect(survives).toBe(profiles.every((profile) => (ratio > 1 ? at(profile) > 1 : at(profile) === 1)));
        for (const { primitive, ratios } of swings) {
          expect(ratios).toEqual(chosen.map((factor) => at(scaled(haswell, { [primitive]: factor }))));
        }
        expect(together).toEqual(profiles.slice(-chosen.length).map(at));
        const widths = swings.map(({ ratios }) => Math.max(ratio, ...ratios) - Math.min(ratio, ...ratios));
        expect(widths).toEqual([...widths].sort((a, b) => b - a));
      }
      expect(conclusions).toHaveLength(base.length - 1);
    }),
    RUNS,
  );
});

it('gives the same whatever the order of the results', () => {
  fc.assert(
    fc.property(systems, factors, fc.infiniteStream(fc.nat()), (fakes, chosen, chance) => {
      const measure = batching(fakes);
      const base = Object.keys(fakes).map((name) => measure(haswell, name));
      const plan = planSweep({ profile: haswell, base, factors: chosen });
      const results = plan.jobs.map(({ id, system, factors: scale }) => ({
        id,
        cycles: measure(scaled(haswell, scale), system).cycles,
        order: chance.next().value,
      }));
      const shuffled = [...results].sort((a, b) => a.order - b.order);
      expect(concludeSweep(plan, shuffled)).toEqual(concludeSweep(plan, results));
    }),
    RUNS,
  );
});

it('deviates from first-order arithmetic by nothing when counts stay', () => {
  fc.assert(
    fc.property(systems, factors, (fakes, chosen) => {
      const measure = linear(fakes);
      const base = Object.keys(fakes).map((name) => measure(haswell, name));
      const plan = planSweep({ profile: haswell, base, factors: chosen });
      const results = plan.jobs.map(({ id, system, factors: scale }) => ({
        id,
        cycles: measure(scaled(haswell, scale), system).cycles,
      }));
      expect(concludeSweep(plan, results).nonlinearity?.deviation ?? 0).toBeLessThan(1e-12);
    }),
    RUNS,
  );
});
