/** The virtio network device's queues: our model and QEMU's, the same script for both. */
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type QemuFunction, whyNoQemu } from '../src/index.ts';
import { startVirtioNetWithLink } from '../src/nics.ts';
import { compareQueues, ModelVirtio, QemuVirtio, type QueueStep, type VirtioDifference } from '../src/virtio/index.ts';
import { controlSteps, receiveSteps, setup, transmitSteps } from './virtio-arbitraries.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
/** Every one of them shows, so that none is kept that is none. */
const QUEUES: readonly VirtioDifference[] = [
  'isr-under-msix',
  'first-event',
  'buffers-before-filter',
  'short-buffer-is-written',
  'number-of-buffers',
];
const whyNot = whyNoQemu();

describe('queues (Virtio 1.2 §2.7, §5.1.6), against QEMU’s virtio-net-pci', () => {
  let device: QemuFunction;
  let theirs: QemuVirtio;
  const ours = new ModelVirtio();
  const met = new Set<VirtioDifference>();
  beforeAll(async () => {
    if (whyNot !== '') return;
    device = await startVirtioNetWithLink();
    theirs = new QemuVirtio(device);
  });
  afterAll(() => device?.machine.stop());
  beforeEach((context) => context.skip(whyNot !== '', whyNot));

  const agree = (steps: fc.Arbitrary<QueueStep[]>, runs: number): void =>
    fc.assert(
      fc.property(setup, steps, (setup, steps) => {
        expect(compareQueues(ours, theirs, { setup, steps }, met)).toEqual([]);
      }),
      { numRuns: runs * EFFORT },
    );

  it('transmit the same frames, with the same used ring, suppression and messages', () => agree(transmitSteps, 100));
  it('receive the same into the same chains, or hold it back alike', () => agree(receiveSteps, 100));
  it('answer the same commands alike, and then pass the same frames', () => agree(controlSteps, 100));
  it('need every difference that is known', () => {
    if (process.env.BULKHEAD_SEED === undefined) expect(QUEUES.filter((known) => !met.has(known))).toEqual([]);
  });
});
