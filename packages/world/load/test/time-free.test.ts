import type { Description } from '@bulkhead/assembler';
import { monolithic, multiserver } from '@bulkhead/test-systems';
import { describe, expect, it } from 'vitest';
import {
  type MeasureOptions,
  measure,
  TIME_FREE_STACK,
  timeFree,
  WORKLOAD_LIMITS,
  type WorkloadName,
} from '../src/index.ts';
import { create, loadOf, serving } from './systems.ts';

const MORE_NS = 500_000_000;

const timeFreeStack = (description: Description): Description => ({
  ...description,
  config: (facts) => {
    const config = description.config(facts);
    return { ...config, 'net-stack': { ...config['net-stack'], ...TIME_FREE_STACK } };
  },
});

/** Direction and content of every frame, in the order of delivery, until the last connection is closed. */
function framesOf(description: Description, options: MeasureOptions, profile = 'haswell'): string[] {
  const frames: string[] = [];
  const system = create(timeFreeStack(serving(description, options.workload)), 1, {
    profile,
    tap: (from, _atCycles, frame, lenBytes) => {
      frames.push(`${from} ${Buffer.from(frame.subarray(0, lenBytes)).toString('hex')}`);
    },
  });
  const steps = measure(system, options);
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  expect(step.value).toMatchObject({ requests: options.requests, failed: 0 });
  system.runUntil(system.clock.now + system.clock.cyclesOf(MORE_NS));
  return frames;
}

describe.each<WorkloadName>(['udp-echo', 'http', 'kv'])('a load of %s that leaves time out', (workload) => {
  it('puts the same frames on the wire, in the same order, whatever the walls and the machine', () => {
    const sizeBytes = WORKLOAD_LIMITS[workload].sizeBytes.usual;
    const options = timeFree(loadOf(1, { workload, requests: 20, sizeBytes }));
    const frames = framesOf(monolithic, options);
    expect(frames.length).toBeGreaterThan(2 * 20);
    expect(framesOf(multiserver, options, 'u54')).toEqual(frames);
  });
});

it('a load that leaves time out is a closed loop of one client, whose stack does not wait', () => {
  const open = loadOf(1, { loop: { kind: 'open', requestsPerSecond: 5 } });
  expect(timeFree(open)).toEqual({
    ...open,
    clients: 1,
    loop: { kind: 'closed' },
    config: { ...open.config, delayedAckMs: 0, clockedSequence: false },
  });
});
