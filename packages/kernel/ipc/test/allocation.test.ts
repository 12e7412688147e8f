import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const ROUNDS = 500_000;
/** Large enough that no garbage is collected unseen. */
const FLAGS = ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64'];

it('a call, an answer and a signal allocate nothing, by the fast path or the general one', async () => {
  const script = join(import.meta.dirname, 'allocation-run.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [...FLAGS, script, String(ROUNDS)]);
  const { garbageBytes, taken } = JSON.parse(stdout) as { garbageBytes: number; taken: number };
  expect(taken).toBeGreaterThanOrEqual(2 * ROUNDS);
  // A single object in each would be 50 times as much. What the host's compiler makes on the way is in it.
  expect(garbageBytes / ROUNDS).toBeLessThan(2);
});
