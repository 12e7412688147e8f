import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { NULL_PLACEMENTS } from '../src/index.ts';

const CALLS = 100_000;
/** Large enough that no garbage is collected unseen. */
const FLAGS = ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64'];

it.each(NULL_PLACEMENTS)(
  'a call and its answer allocate nothing, whatever gate is between: %s',
  async (placement) => {
    const script = join(import.meta.dirname, 'null-call-allocation-run.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [...FLAGS, script, placement, String(CALLS)]);
    const { garbageBytes, answered } = JSON.parse(stdout) as { garbageBytes: number; answered: number };
    expect(answered).toBe(CALLS);
    // A single object in each call would be 16 bytes or more. What the host's compiler makes on the way is in it.
    expect(garbageBytes / CALLS).toBeLessThan(4);
  },
  60_000,
);
