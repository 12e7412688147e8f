import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { CardName } from '../bench/card-models.ts';
import type { Allocated, Run } from './network-card-run.ts';

const CARDS: readonly CardName[] = ['intel-82574', 'virtio-net'];
const CASES = CARDS.flatMap((name) => [60, 1514].map((lenBytes) => ({ name, lenBytes })));
/** While the host's compiler is at work on code that became hot late, it is that which allocates: the least counts. */
const STRETCHES = { warmUpFrames: 60_000, stretchFrames: 40_000, stretches: 3 };
/** Up to here a whole number is a small integer. One above, and any that is not whole, is boxed where it is passed on. */
const SMALL_CYCLES = 2 ** 31;
/**
 * A boxed number is 16 bytes, and no object is smaller. One a frame would be 16 bytes a frame; one an event of the device
 * 1 of the short frames, of which it moves 16 an event, and 5 of the long ones. What runs once a batch, as the doorbell,
 * runs so seldom that it may stay interpreted, and there every number above 2^31 is boxed: of short frames that is 0.4.
 */
const ALLOCATED_BYTES_A_FRAME = 1;
/** Room enough that no garbage is collected unseen; and the compiler runs when it is called, not when a core is free. */
const FLAGS = [
  ...['--expose-gc', '--no-concurrent-recompilation'],
  ...['--min-semi-space-size=1024', '--max-semi-space-size=1024'],
];
const TIMEOUT_MS = 120_000;

async function measure(run: Run): Promise<{ readonly before: Allocated; readonly after: Allocated }> {
  const script = join(import.meta.dirname, 'network-card-run.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [...FLAGS, script, JSON.stringify(run)]);
  return JSON.parse(stdout) as Awaited<ReturnType<typeof measure>>;
}
function expectNothing({ sent, received }: Allocated): void {
  for (const stretches of [sent, received]) {
    expect(Math.min(...stretches)).toBeGreaterThan(0); // nothing was collected unseen
    expect(Math.min(...stretches)).toBeLessThan(ALLOCATED_BYTES_A_FRAME);
  }
}

describe.concurrent.each(CASES)('frames of $lenBytes bytes through $name, IOMMU and driver', (run) => {
  it('allocate nothing, each way, before and after the time passes 2^31 cycles', { timeout: TIMEOUT_MS }, async () => {
    const { before, after } = await measure({ ...run, ...STRETCHES });
    expect(before.endCycles).toBeLessThan(SMALL_CYCLES);
    expectNothing(before);
    expect(after.endCycles).toBeGreaterThan(SMALL_CYCLES);
    expectNothing(after);
  });
});
