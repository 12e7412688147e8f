import { monolithic, multiserver } from '@bulkhead/test-systems';
import { describe, expect, it } from 'vitest';
import { type Measurement, type MeasureOptions, measure, type WorkloadName } from '../src/index.ts';
import { create, loadOf, serving } from './systems.ts';

const REQUESTS = 120;

function measured(description: typeof monolithic, options: MeasureOptions): Measurement {
  const steps = measure(create(serving(description, options.workload), 1), options);
  for (;;) {
    const step = steps.next();
    if (step.done !== true) continue;
    if ('unfinished' in step.value) throw new Error(step.value.reason);
    return step.value;
  }
}
const at = (requestsPerSecond: number, changes: Partial<MeasureOptions> = {}): MeasureOptions =>
  loadOf(1, { requests: REQUESTS, loop: { kind: 'open', requestsPerSecond }, ...changes });

describe.each<WorkloadName>(['udp-echo', 'http', 'kv'])('an open loop of %s', (workload) => {
  it('is answered at the rate at which requests arrive', () => {
    const { requests, failed, requestsPerSecond, saturated } = measured(monolithic, at(2000, { workload }));
    expect([requests, failed, saturated]).toEqual([REQUESTS, 0, undefined]);
    expect(requestsPerSecond / 2000).toBeGreaterThan(0.8);
    expect(requestsPerSecond / 2000).toBeLessThan(1.25);
  });
  it('brings every client the same bytes as a closed loop, and in every system', () => {
    const { applicationDigest } = measured(monolithic, at(1, { workload, loop: { kind: 'closed' } }));
    expect(measured(multiserver, at(20_000, { workload })).applicationDigest).toBe(applicationDigest);
  });
});

describe('an open loop', () => {
  const closed: Partial<MeasureOptions> = { loop: { kind: 'closed' } };

  it('is the same again for the same seed', () => {
    expect(measured(multiserver, at(5000))).toEqual(measured(multiserver, at(5000)));
  });
  it('that nobody could keep up with ends, and says what was offered and what was answered', () => {
    const most = measured(monolithic, { ...at(1), ...closed });
    const { requests, failed, saturated, requestsPerSecond, latency } = measured(monolithic, at(1e8));
    expect([requests, failed]).toEqual([REQUESTS, 0]);
    expect(saturated).toEqual({
      offeredPerSecond: 1e8,
      answeredPerSecond: requestsPerSecond,
      waiting: REQUESTS + 20 - 8, // all but one a client
    });
    expect(requestsPerSecond).toBeLessThan(1.5 * most.requestsPerSecond);
    // Who arrived at once with everybody else and was answered last has waited all the time.
    expect(latency.maxNs).toBeGreaterThan((0.9 * requests * 1e9) / requestsPerSecond);
  });
  it('has latencies that grow with the rate, because who waits for another counts too', () => {
    const { requestsPerSecond } = measured(multiserver, { ...at(1), ...closed });
    const calm = measured(multiserver, at(1000));
    const busy = measured(multiserver, at(0.9 * requestsPerSecond));
    expect(busy.latency.p90Ns).toBeGreaterThan(calm.latency.p90Ns);
    expect(calm.latency.p50Ns).toBeGreaterThan(10_000);
  });
});

it.each(['tcp-stream', 'null-call'] as const)('%s has no open loop', (workload) => {
  const sizeBytes = workload === 'null-call' ? 0 : 1000;
  const options = at(100, { workload, clients: 1, sizeBytes });
  expect(() => measured(monolithic, options)).toThrow('use a closed loop');
});
