import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Comparison, diffComparisons, isEmptyDiff, type NamedChange } from '../src/index.ts';
import { comparison } from './comparisons.ts';

const runs = { numRuns: 100 * Number(process.env.BULKHEAD_EFFORT ?? 1) };
const sum = (changes: readonly NamedChange[]): number => changes.reduce((total, { change }) => total + change, 0);
const holds = (law: (before: Comparison, after: Comparison) => void): void =>
  fc.assert(fc.property(comparison, comparison, law), runs);
const near = (actual: number, expected: number, scale: number): void =>
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-9 * Math.max(1, scale));

describe('the change of cycles a request', () => {
  it('is the sum of its causes, and the sum of its components', () => {
    holds((before, after) => {
      for (const { cycles, byCause, byComponent, unattributed } of diffComparisons(before, after).systems) {
        near(sum(byCause), cycles.change, cycles.before + cycles.after);
        near(sum(byComponent), cycles.change, cycles.before + cycles.after);
        expect(unattributed).toEqual({ byCause: 0, byComponent: 0 });
      }
    });
  });

  it('is in each cause the sum of what the cause took in each component', () => {
    holds((before, after) => {
      for (const { byCause, cycles } of diffComparisons(before, after).systems)
        for (const cause of byCause) near(sum(cause.byComponent), cause.change, cycles.before + cycles.after);
    });
  });

  it('is accounted for also when the figures do not add up', () => {
    const broken = comparison.map((made) => ({
      ...made,
      systems: made.systems.map((system) => ({
        ...system,
        perRequest: { ...system.perRequest, cycles: system.perRequest.cycles + 1000 },
      })),
    }));
    fc.assert(
      fc.property(comparison, broken, (before, after) => {
        for (const { cycles, byCause, byComponent, unattributed } of diffComparisons(before, after).systems) {
          near(sum(byCause) + unattributed.byCause, cycles.change, cycles.before + cycles.after);
          near(unattributed.byCause, 1000, cycles.before + cycles.after);
          near(sum(byComponent) + unattributed.byComponent, cycles.change, cycles.before + cycles.after);
        }
      }),
      runs,
    );
  });

  it('is split into how often and how dear, without a rest', () => {
    let split = 0;
    holds((before, after) => {
      for (const { byCause, cycles } of diffComparisons(before, after).systems)
        for (const { why, change } of byCause) {
          if (why === undefined) continue;
          split++;
          near(why.byCount + why.byPrice, change, cycles.before + cycles.after);
          if (why.times.change === 0) expect(why.byCount).toBe(0);
          if (why.times.before === 0 || why.times.after === 0) near(why.byCount, change, Math.abs(change));
        }
    });
    expect(split).toBeGreaterThan(0);
  });

  it('names the largest contribution first, and none that is nothing', () => {
    holds((before, after) => {
      for (const { byCause, byComponent } of diffComparisons(before, after).systems)
        for (const changes of [byCause, byComponent, ...byCause.map((cause) => cause.byComponent)]) {
          const sizes = changes.map(({ change }) => Math.abs(change));
          expect(sizes).toEqual([...sizes].sort((one, other) => other - one));
          expect(sizes).not.toContain(0);
        }
    });
  });
});

describe('two comparisons', () => {
  it('that are the same have no difference', () => {
    fc.assert(
      fc.property(comparison, (made) => {
        const diff = diffComparisons(made, structuredClone(made));
        expect(isEmptyDiff(diff)).toBe(true);
        expect(diff.systems.flatMap(({ byCause, shape, counts }) => [...byCause, ...shape, ...counts])).toEqual([]);
      }),
      runs,
    );
  });

  it('that differ in any figure have a difference', () => {
    const figures = ['requestsPerSecond', 'bytesPerSecond', 'failed', 'privilegedLines', 'digest', 'iommu'] as const;
    const counts = ['modeSwitches', 'ipcs', 'copies', 'bytesCopied', 'cycles'] as const;
    fc.assert(
      fc.property(comparison, fc.constantFrom(...figures), fc.constantFrom(...counts), (made, figure, count) => {
        for (const [index, system] of made.systems.entries()) {
          const changed = [
            { ...system, [figure]: typeof system[figure] === 'number' ? system[figure] + 1 : 'other' },
            { ...system, perRequest: { ...system.perRequest, [count]: system.perRequest[count] + 1 } },
            { ...system, latency: { ...system.latency, p99Ns: system.latency.p99Ns + 1 } },
          ];
          for (const other of changed) {
            const diff = diffComparisons(made, { ...made, systems: made.systems.with(index, other) });
            expect(isEmptyDiff(diff)).toBe(false);
            expect(diff.systems.map(({ unchanged }) => unchanged)).toEqual(made.systems.map((_, at) => at !== index));
          }
        }
      }),
      runs,
    );
  });

  it('exchanged give every change the other sign', () => {
    holds((before, after) => {
      const [there, back] = [diffComparisons(before, after), diffComparisons(after, before)];
      expect(back.onlyBefore).toEqual(there.onlyAfter);
      expect(back.order.before).toEqual(there.order.after);
      for (const diff of there.systems) {
        const mirror = back.systems.find(({ system }) => system === diff.system)!;
        near(mirror.cycles.change, -diff.cycles.change, 1);
        const changes = (of: readonly NamedChange[], sign: number): Record<string, number> =>
          Object.fromEntries(of.map(({ name, change }) => [name, sign * change]));
        expect(changes(mirror.byCause, -1)).toEqual(changes(diff.byCause, 1));
        expect(changes(mirror.counts, -1)).toEqual(changes(diff.counts, 1));
      }
    });
  });

  it('give plain JSON: no number that JSON does not have', () => {
    holds((before, after) => {
      expect(JSON.stringify(diffComparisons(before, after))).not.toContain('null');
    });
  });
});
