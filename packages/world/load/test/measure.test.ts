import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Description } from '@bulkhead/assembler';
import { HTTP_PORT } from '@bulkhead/parts';
import type { ComponentDefinition } from '@bulkhead/runtime';
import { monolithic, multiserver } from '@bulkhead/test-systems';
import { describe, expect, it } from 'vitest';
import { type Measurement, type MeasureOptions, measure, type Unfinished } from '../src/index.ts';
import { create, loadOf, target } from './systems.ts';

/** Runs to the end, and says what it looked like on the way. */
function run(description: typeof monolithic, seed: number, changes: Partial<MeasureOptions> = {}) {
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
function measured(description: typeof monolithic): Measurement {
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
  ['monolithic', monolithic],
  ['multiserver', multiserver],
])('a load on a system of %s', (_name, description) => {
  it('is answered in full: no request fails, and latencies are ordered', () => {
    const { requests, failed, latency, requestsPerSecond } = measured(description);
    expect([requests, failed]).toEqual([120, 0]);
    expect(latency.minNs).toBeGreaterThan(10_000); // twice the link's delay
    expect(latency.p99Ns).toBeGreaterThanOrEqual(latency.p50Ns);
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
    expect(digest).toBe(measured(multiserver).digest);
  });
  it('shows progress from nothing to all, never backward', () => {
    const { shares } = run(monolithic, 1, { clients: 1 });
    expect(shares.length).toBeGreaterThan(2);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.at(-1)).toBe(1);
  });
  it('leaves the warm-up out of the figures', () => {
    const [warm, cold] = [measured(monolithic), finished(run(monolithic, 1, { warmUpRequests: 0 }).result)];
    expect([warm.requests, cold.requests]).toEqual([120, 120]);
    expect(warm.metrics.tlbRefills).toBeLessThan(cold.metrics.tlbRefills);
  });
  it('takes longer for walls: more traps, switches and messages a request, the same bytes', () => {
    const [one, many] = [monolithic, multiserver].map((description) => measured(description).metrics);
    expect(many!.busyCycles).toBeGreaterThan(one!.busyCycles);
    expect([one!.ipcs, one!.addressSpaceSwitches]).toEqual([0, 0]);
    expect(many!.ipcs).toBeGreaterThan(120);
    expect(many!.addressSpaceSwitches).toBeGreaterThan(120);
    expect(many!.traps).toBeGreaterThan(one!.traps);
  });
});

/** What becomes of a load, and how long it takes in simulated time after the machine has booted. */
function fate(description: Description, changes: Partial<MeasureOptions>) {
  const { system, result } = run(description, 1, { requests: 1000, ...changes });
  if (!('unfinished' in result)) throw new Error('it was measured');
  return { ...result, milliseconds: system.clock.now / system.clock.cyclesOf(1e6) - 20 };
}

/** One wall, and a web server that does nothing but `ready` when something happens to its sockets. */
function replaced(ready: () => void): Description {
  const useless = (component: ComponentDefinition): ComponentDefinition => ({
    ...component,
    create: (context, ports) => ({ ...component.create(context, ports), handlers: { net: { ready } } }),
  });
  const components = monolithic.components.map((each) => (each.name === 'web-server' ? useless(each) : each));
  return { ...monolithic, components };
}

describe('a load that cannot be measured', () => {
  it('is refused soon when nobody listens', () => {
    const { milliseconds, ...result } = fate(monolithic, { port: 81, clients: 2 });
    expect(result).toEqual({
      unfinished: 'refused',
      failed: 6,
      reason: 'refused or broke the connections of 6 requests',
    });
    expect(milliseconds).toBeLessThan(1000);
  });
  it('is refused soon when answers are not 200', () => {
    const { milliseconds, ...result } = fate(monolithic, { path: '/nosuch', clients: 1 });
    expect(result).toEqual({ unfinished: 'refused', failed: 3, reason: 'gave no right answer to 3 requests' });
    expect(milliseconds).toBeLessThan(10);
  });
  it('is refused soon when another application answers', () => {
    const { milliseconds, ...result } = fate(monolithic, { workload: 'kv', port: HTTP_PORT });
    expect(result).toMatchObject({ unfinished: 'refused', reason: 'gave no right answer to 24 requests' });
    expect(milliseconds).toBeLessThan(1000);
  });
  it('is refused when all of a few requests fail', () => {
    expect(fate(monolithic, { path: '/nosuch', requests: 2, warmUpRequests: 0 })).toMatchObject({
      unfinished: 'refused',
      failed: 2,
    });
  });
  it('stalls soon when no datagram comes back', () => {
    const { milliseconds, ...result } = fate(monolithic, { workload: 'udp-echo' });
    expect(result).toEqual({ unfinished: 'stalled', failed: 3, reason: 'stopped answering under the load' });
    expect(milliseconds).toBeLessThan(1000);
  });
  it('stalls when nothing comes for 30 seconds', () => {
    const { milliseconds, unfinished } = fate(
      replaced(() => {}),
      { clients: 1 },
    );
    expect(unfinished).toBe('stalled');
    expect(milliseconds).toBeGreaterThan(30_000);
    expect(milliseconds).toBeLessThan(31_000);
  });
  it('is over at some time when there is no such machine', () => {
    const { unfinished } = fate(monolithic, { address: 0x0a00_0263, clients: 1 });
    expect(unfinished).toMatch(/^(stalled|refused)$/);
  });
  it('panicked when the machine did', () => {
    const broken = replaced(() => {
      throw new Error('broken');
    });
    const dying = { ...broken, domains: { kernel: Object.values(monolithic.domains).flat() } };
    expect(fate(dying, {})).toMatchObject({
      unfinished: 'panicked',
      reason: expect.stringMatching(/^panicked under the load: .*broken/),
    });
  });
});
describe('a load that cannot be', () => {
  it.each<[string, Partial<MeasureOptions>]>([
    ["there is no workload 'ftp': use one of null-call, udp-echo, tcp-stream, http, kv", { workload: 'ftp' as never }],
    ["a load 'http' of 0 clients: use a whole number from 1 to 200", { clients: 0 }],
    ["a load 'http' of 201 clients: use a whole number from 1 to 200", { clients: 201 }],
    ["a load 'http' of 1.5 clients: use a whole number from 1 to 200", { clients: 1.5 }],
    [
      "a load 'http' of 9 clients: use a whole number from 1 to 8",
      { clients: 9, config: { ...target(1).config, maxConnections: 8 } },
    ],
    ["a load 'http' of 0 requests: use a whole number from 1 to 10000000", { requests: 0 }],
    ["a load 'http' of -1 warm-up requests: use a whole number from 0 to 10000000", { warmUpRequests: -1 }],
    ["a load 'udp-echo' of 1473 bytes: use a whole number from 4 to 1472", { workload: 'udp-echo', sizeBytes: 1473 }],
    ["a load 'null-call' of 2 clients: use 1", { workload: 'null-call', clients: 2 }],
    ['0 requests a second: use a number from 1 to 1000000000', { loop: { kind: 'open', requestsPerSecond: 0 } }],
    [
      'NaN requests a second: use a number from 1 to 1000000000',
      { loop: { kind: 'open', requestsPerSecond: Number.NaN } },
    ],
    [
      "'tcp-stream' has no requests that could arrive: use a closed loop",
      { workload: 'tcp-stream', loop: { kind: 'open', requestsPerSecond: 5 } },
    ],
  ])('%s', (message, changes) => {
    const system = create(monolithic, 1);
    expect(() => measure(system, loadOf(1, changes)).next()).toThrow(new RangeError(message));
  });
});
