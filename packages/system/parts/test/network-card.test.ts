import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

/** Few enough that the time stays below 2^31 cycles: beyond, the host boxes a few numbers an event, if not a frame. */
const FRAMES = 100_000;
const WARM_UP_FRAMES = 40_000;
/** One object a frame would be 8 bytes and more. What the host's compiler makes of code that becomes hot late is in it. */
const ALLOCATED_BYTES_A_FRAME = 6;
/** Large enough that no garbage is collected unseen. */
const FLAGS = ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64'];

interface Allocation {
  readonly sent: number;
  readonly arrived: number;
  readonly allocatedBytes: number;
}

async function run(lenBytes: number): Promise<Allocation> {
  const script = join(import.meta.dirname, 'network-card-run.ts');
  const words = [lenBytes, WARM_UP_FRAMES, FRAMES].map(String);
  const { stdout } = await promisify(execFile)(process.execPath, [...FLAGS, script, ...words]);
  return JSON.parse(stdout) as Allocation;
}

describe.concurrent.each([60, 1514])('frames of %i bytes through NIC, IOMMU and driver', (lenBytes) => {
  it('allocate nothing, each way', async () => {
    const { sent, arrived, allocatedBytes } = await run(lenBytes);
    expect(sent).toBeGreaterThanOrEqual(FRAMES);
    expect(arrived).toBeGreaterThanOrEqual(FRAMES);
    expect(allocatedBytes).toBeGreaterThan(0); // nothing was collected unseen
    expect(allocatedBytes / (sent + arrived)).toBeLessThan(ALLOCATED_BYTES_A_FRAME);
  });
});
