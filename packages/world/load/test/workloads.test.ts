import { type AssembleOptions, assemble } from '@bulkhead/assembler';
import { nullCall } from '@bulkhead/parts';
import { monolithic, multiserver } from '@bulkhead/test-systems';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Measurement,
  type MeasureOptions,
  measure,
  type Unfinished,
  WORKLOAD_LIMITS,
  WORKLOADS,
  type WorkloadName,
} from '../src/index.ts';
import { create, loadOf, serving } from './systems.ts';

const WARM_UP = 10;
const REQUESTS = 40;

function usual(workload: WorkloadName, changes: Partial<MeasureOptions> = {}): MeasureOptions {
  const { clients, sizeBytes } = WORKLOAD_LIMITS[workload];
  return loadOf(1, {
    workload,
    clients: Math.min(5, clients.usual),
    sizeBytes: sizeBytes.usual,
    requests: REQUESTS,
    warmUpRequests: WARM_UP,
    ...changes,
  });
}
function finish(
  description: typeof monolithic,
  options: MeasureOptions,
  assembly: AssembleOptions = {},
): Measurement | Unfinished {
  const steps = measure(create(serving(description, options.workload), 1, assembly), options);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
function measured(description: typeof monolithic, options: MeasureOptions, assembly?: AssembleOptions): Measurement {
  const result = finish(description, options, assembly);
  if ('unfinished' in result) throw new Error(result.reason);
  return result;
}

/** What one request and its answer are, in bytes, above TCP and UDP. */
const BYTES: Readonly<Record<WorkloadName, (sizeBytes: number) => number>> = {
  'null-call': () => 0,
  'udp-echo': (size) => 2 * size,
  'tcp-stream': (size) => size,
  http: (size) => size,
  kv: (size) => size,
};

describe.each(WORKLOADS)('%s', (workload) => {
  const options = usual(workload);
  let one: Measurement;
  let many: Measurement;
  beforeAll(() => {
    [one, many] = [measured(monolithic, options), measured(multiserver, options)];
  });

  it('is answered in full in every system', () => {
    for (const { requests, failed, latency } of [one, many]) {
      expect([requests, failed, latency.count]).toEqual([REQUESTS, 0, REQUESTS]);
      expect(latency.p50Ns).toBeLessThanOrEqual(latency.p99Ns);
    }
    expect(many.metrics.busyCycles).toBeGreaterThan(one.metrics.busyCycles);
  });
  it('brings every client the same bytes in every system, whatever the timing', () => {
    expect(many.applicationDigest).toBe(one.applicationDigest);
    expect(many.digest).not.toBe(one.digest);
    // Another machine, a longer wire, and answers cut into other pieces.
    const config = { ...options.config, mss: 701 };
    const slow = measured(monolithic, { ...options, config }, { linkDelayNs: 70_000, profile: 'u54' });
    expect(slow.applicationDigest).toBe(one.applicationDigest);
  });
  it('counts the bytes of the application, both ways', () => {
    const least = REQUESTS * BYTES[workload](options.sizeBytes);
    expect(one.applicationBytes).toBe(many.applicationBytes);
    expect(one.applicationBytes).toBeGreaterThanOrEqual(least);
    expect(one.applicationBytes).toBeLessThanOrEqual(least + REQUESTS * 200);
    const seconds = one.requests / one.requestsPerSecond;
    expect(one.bytesPerSecond * seconds).toBeCloseTo(one.applicationBytes, 3);
  });
  it('gives the same measurement again', () => {
    expect(measured(multiserver, options)).toEqual(many);
  });
  it('serves as many clients as it may have', () => {
    const { most } = WORKLOAD_LIMITS[workload].clients;
    const result = measured(monolithic, { ...options, clients: most, warmUpRequests: 0, requests: most });
    expect(result.requests + result.failed).toBe(most);
    if (workload !== 'udp-echo') expect(result.failed).toBe(0);
  });
  it.each(['least', 'most'] as const)('carries the %s bytes it may', (which) => {
    const sizeBytes = Math.min(200_000, WORKLOAD_LIMITS[workload].sizeBytes[which]);
    const result = measured(monolithic, { ...options, clients: 1, sizeBytes, requests: 3, warmUpRequests: 0 });
    expect([result.requests, result.failed]).toEqual([3, 0]);
  });
});

describe('null-call', () => {
  it('is nothing but the calls: every busy cycle is one of theirs', () => {
    const { latency, metrics, requests } = measured(multiserver, usual('null-call'));
    expect(metrics.busyCycles).toBe(metrics.elapsedCycles);
    expect(metrics.ipcs).toBe(requests);
    const { cyclesPerSecond } = create(multiserver, 1).clock;
    expect((latency.meanNs * requests * cyclesPerSecond) / 1e9).toBeCloseTo(metrics.busyCycles, 3);
  });
  it('costs more, the higher the wall between application and network stack', () => {
    const noWall = { ...monolithic, domains: { kernel: Object.values(monolithic.domains).flat() } };
    const costs = [noWall, monolithic, multiserver].map((system) => measured(system, usual('null-call')).latency.p50Ns);
    expect(costs).toEqual([...costs].sort((a, b) => a - b));
    expect(new Set(costs).size).toBe(3);
  });
  it('is not for a system without a network stack', () => {
    const alone = assemble(nullCall({ placement: 'ipc', run: () => {} }));
    expect(() => measure(alone, usual('null-call')).next()).toThrow("add 'web-server.net");
  });
});

describe('udp-echo', () => {
  it('counts what is lost as failed after a time-out, and goes on', () => {
    const options = usual('udp-echo', { clients: 100, requests: 400, warmUpRequests: 0 });
    const { requests, failed, latency } = measured(monolithic, options);
    expect(requests + failed).toBe(400);
    expect(failed).toBeGreaterThan(0); // a socket holds 32 datagrams
    expect(latency.maxNs).toBeLessThan(100e6);
  });
});

describe('a stack whose buffers are all taken', () => {
  it('tells those who found none when there are some again: many large pages at once all come', () => {
    const options = usual('http', { clients: 48, requests: 96, warmUpRequests: 0, sizeBytes: 65_536 });
    const { requests, failed } = measured(monolithic, options);
    expect([requests, failed]).toEqual([96, 0]);
  });
});
