import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Measurement, type MeasureOptions, measure, type Unfinished } from '../src/index.ts';
import { create, loadOf, manyWalls, oneWall } from './systems.ts';

/** Runs to the end, and says what it looked like on the way. */
function run(description: typeof oneWall, seed: number, changes: Partial<MeasureOptions> = {}) {
  const system = create(description, seed);
  const shares: number[] = [];
  const steps = measure(system, loadOf(seed, changes));
  for (;;) {
    const step = steps.next();
    if (step.done === true) return { system, shares, result: step.value };
    shares.push(step.value);
  }
}
const kept = new Map<string, Measurement>();
/** The same load is run once, and looked at from several sides. */
function measured(description: typeof oneWall): Measurement {
  const known = kept.get(description.name);
  if (known !== undefined) return known;
  const result = finished(run(description, 1).result);
  kept.set(description.name, result);
  return result;
}
function finished(result: Measurement | Unfinished): Measurement {
  if ('unfinished' in result) throw new Error(`${result.unfinished}, ${result.failed} failed`);
  return result;
}
const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);

describe.each([
  ['one wall', oneWall],
  ['many walls', manyWalls],
])('a load on a system of %s', (_name, description) => {
  it('is answered in full: no request fails, and latencies are ordered', () => {
    const { requests, failed, latencyNs, requestsPerSecond } = measured(description);
    expect([requests, failed]).toEqual([120, 0]);
    expect(latencyNs.p50).toBeGreaterThan(10_000); // twice the link's delay
    expect(latencyNs.p99).toBeGreaterThanOrEqual(latencyNs.p50);
    expect(requestsPerSecond).toBeGreaterThan(0);
  });
  it('gives the same digest and the same figures again, and another digest for another seed', () => {
    const first = measured(description);
    expect(run(description, 1).result).toEqual(first);
    expect(finished(run(description, 2).result).digest).not.toBe(first.digest);
  });
  it('leaves a ledger that adds up: by cause, by component, and to the time that passed', () => {
    const { metrics } = measured(description);
    const rows = Object.values(metrics.byComponent);
    expect(sum(rows.map((row) => sum(Object.values(row))))).toBeCloseTo(metrics.elapsedCycles, 3);
    for (const [cause, cycles] of Object.entries(metrics.byCause))
      expect(sum(rows.map((row) => row[cause]!)), cause).toBeCloseTo(cycles, 3);
    expect(metrics.busyCycles).toBeCloseTo(metrics.elapsedCycles - metrics.byCause.idle!, 3);
  });
});

describe('measure', () => {
  it('gives the same digest in another process', () => {
    const digest = execFileSync(process.execPath, [join(import.meta.dirname, 'measure-once.ts')], { encoding: 'utf8' });
    expect(digest).toBe(measured(manyWalls).digest);
  });
  it('shows progress from nothing to all, never backward', () => {
    const { shares } = run(oneWall, 1, { clients: 1 });
    expect(shares.length).toBeGreaterThan(2);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.at(-1)).toBe(1);
  });
  it('leaves the warm-up out of the figures', () => {
    const [warm, cold] = [measured(oneWall), finished(run(oneWall, 1, { warmUpRequests: 0 }).result)];
    expect([warm.requests, cold.requests]).toEqual([120, 120]);
    expect(warm.metrics.tlbRefills).toBeLessThan(cold.metrics.tlbRefills);
  });
  it('takes longer for walls: more traps, switches and messages a request, the same bytes', () => {
    const [one, many] = [oneWall, manyWalls].map((description) => measured(description).metrics);
    expect(many!.busyCycles).toBeGreaterThan(one!.busyCycles);
    expect([one!.ipcs, one!.addressSpaceSwitches]).toEqual([0, 0]);
    expect(many!.ipcs).toBeGreaterThan(120);
    expect(many!.addressSpaceSwitches).toBeGreaterThan(120);
    expect(many!.traps).toBeGreaterThan(one!.traps);
  });
  it('gives up on a machine that does not answer', () => {
    const { result } = run(oneWall, 1, { address: 0x0a00_0263, requests: 1, clients: 1, warmUpRequests: 0 });
    expect(result).toMatchObject({ unfinished: expect.stringMatching(/^(stalled|refused)$/) });
  });
  it('says so when answers are not 200, and not that nobody answered', () => {
    const { result } = run(oneWall, 1, { path: '/nosuch', requests: 5, clients: 1, warmUpRequests: 0 });
    expect(result).toEqual({ unfinished: 'refused', failed: 5 });
  });
});
