import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { manyWalls, oneWall } from './systems.ts';

const effort = Number(process.env.BULKHEAD_EFFORT ?? 1);
/** Two packets a request: some 50,000 at effort 1, a million at 20. */
const REQUESTS = 25_000 * effort;
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

async function run(system: string): Promise<Allocation> {
  const script = join(import.meta.dirname, 'allocation-run.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...FLAGS,
    script,
    system,
    String(WARM_UP_REQUESTS),
    String(REQUESTS),
  ]);
  return JSON.parse(stdout) as Allocation;
}

describe.concurrent.each([oneWall, manyWalls])(
  'the way of a packet from the NIC to the application, $name',
  ({ name }) => {
    it('allocates nothing: the heap is as large after many packets as before', async () => {
      const { failed, packets, grownBytes, garbageBytes } = await run(name);
      expect(failed).toBe(0);
      expect(packets).toBeGreaterThanOrEqual(2 * REQUESTS);
      expect(grownBytes).toBeLessThan(GROWN_BYTES);
      expect(garbageBytes / packets).toBeLessThan(GARBAGE_BYTES_A_PACKET);
    });
  },
);
