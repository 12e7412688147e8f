import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const ROUNDS = 50_000;
/** Large enough that no garbage is collected unseen. */
const FLAGS = ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64'];

it.each([
  ['fast', 2],
  ['slow', 0],
] as const)(
  'no system call allocates: calls, answers, signals and invocations, by the %s path',
  async (path, taken) => {
    const script = join(import.meta.dirname, 'allocation-run.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [...FLAGS, script, String(ROUNDS), path]);
    const made = JSON.parse(stdout) as Record<string, number>;
    expect(made.wrong).toBe(0);
    expect(Math.floor(made.taken! / ROUNDS)).toBeGreaterThanOrEqual(taken);
    // A single object in each round would be 16 bytes or more. What the host's compiler makes on the way is in it.
    expect(made.garbageBytes! / ROUNDS).toBeLessThan(4);
  },
  60_000,
);
