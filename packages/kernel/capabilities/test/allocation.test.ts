import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const ROUNDS = 100_000;
/** Large enough that no garbage is collected unseen. */
const FLAGS = ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64'];

it('look-up, mint, copy, delete, revoke and retype allocate nothing, preempted or not, refused or not', async () => {
  const script = join(import.meta.dirname, 'allocation-run.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [...FLAGS, script, String(ROUNDS)]);
  const { garbageBytes, wrong, finalised } = JSON.parse(stdout) as Record<string, number>;
  expect(wrong).toBe(0);
  expect(finalised).toBeGreaterThan(6 * ROUNDS);
  // A single object in each round would be 16 bytes or more. What the host's compiler makes on the way is in it.
  expect(garbageBytes! / ROUNDS).toBeLessThan(4);
});
