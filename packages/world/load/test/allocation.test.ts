import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { monolithic, multiserver } from '@bulkhead/test-systems';
import { describe, expect, it } from 'vitest';
import type { WorkloadName } from '../src/index.ts';

const effort = Number(process.env.BULKHEAD_EFFORT ?? 1);
/** Two packets a request: some 50,000 at effort 1, a million at 20. */
const REQUESTS = 25_000 * effort;
const FEWER_REQUESTS = 15_000 * effort;
const WARM_UP_REQUESTS = 5000;
/** However many packets pass: what the host's compiler keeps of code that became hot late is in it. */
const GROWN_BYTES = 1_000_000;
/** One small object a packet would be as much. The compiler's own garbage is in it. */
const GARBAGE_BYTES_A_PACKET = 100;
/** Large enough that no garbage is collected unseen. */
const FLAGS = ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64'];

interface Allocation {
  readonly failed: number;
  readonly packets: number;
  readonly grownBytes: number;
  readonly garbageBytes: number;
}

interface Case {
  readonly system: string;
  readonly workload: WorkloadName;
  /** 0 is a closed loop. An open one is near what the machine can: a machine that idles takes other ways. */
  readonly requestsPerSecond: number;
  readonly requests: number;
}
const CASES: readonly Case[] = [
  { system: monolithic.name, workload: 'http', requestsPerSecond: 0, requests: REQUESTS },
  { system: multiserver.name, workload: 'http', requestsPerSecond: 0, requests: REQUESTS },
  { system: monolithic.name, workload: 'kv', requestsPerSecond: 50_000, requests: FEWER_REQUESTS },
  { system: monolithic.name, workload: 'udp-echo', requestsPerSecond: 50_000, requests: FEWER_REQUESTS },
];

async function run({ system, workload, requestsPerSecond, requests }: Case): Promise<Allocation> {
  const script = join(import.meta.dirname, 'allocation-run.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...FLAGS,
    script,
    system,
    workload,
    ...[requestsPerSecond, WARM_UP_REQUESTS, requests].map(String),
  ]);
  return JSON.parse(stdout) as Allocation;
}

describe.concurrent.each(CASES)('the way of a packet from the NIC to the application, $workload, $system', (given) => {
  it('allocates nothing: the heap is as large after many packets as before', async () => {
    const { failed, packets, grownBytes, garbageBytes } = await run(given);
    expect(failed).toBe(0);
    expect(packets).toBeGreaterThanOrEqual(2 * given.requests);
    expect(grownBytes).toBeLessThan(GROWN_BYTES);
    expect(garbageBytes / packets).toBeLessThan(GARBAGE_BYTES_A_PACKET);
  });
});
