/** Either network card in any system: a client sees the same, and a driver's death costs as much or as little. */
import { injectBitFlip } from '@bulkhead/faults';
import { withNic } from '@bulkhead/parts';
import { describe, expect, it } from 'vitest';
import { download, expectedSha256 } from '../src/download.ts';
import { boot, withGateway } from '../src/live-system.ts';
import { measureJob } from '../src/measuring/measure-job.ts';
import { profileOf } from '../src/profiles.ts';
import { DESIGN_NAMES, loadSystemWith, SYSTEM_NAMES } from '../src/systems.ts';

const SEED = 7;
const LOAD = {
  workload: 'http',
  requests: 60,
  warmUpRequests: 10,
  clients: 6,
  sizeBytes: 1000,
  loop: { kind: 'closed' },
} as const;

describe.each(SYSTEM_NAMES)('%s over virtio-net', (name) => {
  it('serves a real client of the host the right bytes', async () => {
    const system = boot(await loadSystemWith(name, 'virtio-net'), { seed: SEED });
    const fetched = await withGateway({ system, seed: SEED, port: 0 }, (port) => download(port, '/bytes/30000'));
    expect([fetched.status, fetched.broken, fetched.sha256]).toEqual([200, null, expectedSha256(30_000)]);
    expect([system.faults, system.panic]).toEqual([[], null]);
  });
});

describe.each(['hybrid', 'multiserver', 'multiserver-async'])('%s over virtio-net', (name) => {
  it('keeps a download whose driver dies: its successor resets the device and goes on', async () => {
    const system = boot(await loadSystemWith(name, 'virtio-net'), { seed: SEED });
    injectBitFlip(system, { component: 'nic-driver', bit: 30, afterFrames: 400 });
    const got = await withGateway({ system, seed: SEED, port: 0 }, (port) => download(port, '/bytes/2000000'));
    expect([got.status, got.broken, got.sha256]).toEqual([200, null, expectedSha256(2_000_000)]);
    expect(system.faults.map(({ component }) => component)).toEqual(['nic-driver']);
    expect(system.places.find(({ seat }) => seat.name === 'nic-driver')!.seat.domain.starts).toBe(2);
    expect(system.panic).toBeNull();
  });
});

describe('a run over virtio-net', () => {
  it('has the same digest when it is run again, another than over the Intel card, and the same application bytes', async () => {
    const run = async (nic?: 'virtio-net') => {
      const card = nic === undefined ? {} : { nic };
      const job = { system: 'multiserver', workload: LOAD, profile: profileOf('haswell'), seed: SEED, ...card };
      const answer = await measureJob(job, () => {});
      if (answer.kind !== 'measured') throw new Error(answer.message);
      return answer.result;
    };
    const [first, again, intel] = [await run('virtio-net'), await run('virtio-net'), await run()];
    expect(first.digest).toBe(again.digest);
    expect(first.digest).not.toBe(intel.digest);
    expect(first.applicationDigest).toBe(intel.applicationDigest);
    expect(first.failed).toBe(0);
  });
  it('is what it was when the card is taken out again', async () => {
    for (const name of DESIGN_NAMES) {
      const changed = withNic(await loadSystemWith(name, 'virtio-net'), 'intel-82574');
      if (!changed.ok) throw new Error(changed.error);
      const original = await loadSystemWith(name, undefined);
      expect(changed.value.components).toEqual(original.components);
      expect(changed.value.nicModels).toBeUndefined();
    }
  });
});
