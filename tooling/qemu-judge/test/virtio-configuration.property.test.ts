/** The virtio network device's structures: our model and QEMU's, the same script for both. */
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type QemuFunction, whyNoQemu } from '../src/index.ts';
import { startVirtioNetWithLink } from '../src/nics.ts';
import {
  compareCapabilities,
  compareCommon,
  compareDevice,
  type Field,
  type FieldWrite,
  ModelVirtio,
  OFFERED_BY_BOTH,
  QemuVirtio,
  type VirtioDifference,
} from '../src/virtio/index.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
/** Every one of them shows, so that none is kept that is none. */
const CONFIGURATION: readonly VirtioDifference[] = [
  'offloads',
  'control-queue-size',
  'kept-over-reset',
  'order-of-capabilities',
  'whole-pages',
  'beyond-the-end',
];
const whyNot = whyNoQemu();

const any32 = fc.integer({ min: 0, max: 0xffff_ffff });
const vector = fc.oneof(fc.nat(5), fc.constant(0xffff), fc.nat(0xffff));
const address = fc.nat(0xff).map((page) => 0x10_0000 + page * 0x1000);
const VALUES: readonly (readonly [Field, fc.Arbitrary<number>])[] = [
  ['DEVICE_FEATURE_SELECT', fc.oneof(fc.nat(3), any32)],
  ['DEVICE_FEATURE', any32],
  ['DRIVER_FEATURE_SELECT', fc.nat(0)],
  ['DRIVER_FEATURE', any32.map((word) => word & OFFERED_BY_BOTH[0]!)],
  ['CONFIG_MSIX_VECTOR', vector],
  ['NUM_QUEUES', fc.nat(0xffff)],
  ['DEVICE_STATUS', fc.constantFrom(0, 1, 3, 0x83)],
  ['CONFIG_GENERATION', fc.nat(0xff)],
  ['QUEUE_SELECT', fc.nat(2)],
  ['QUEUE_SIZE', fc.nat(6).map((log) => 2 ** log)],
  ['QUEUE_MSIX_VECTOR', vector],
  ['QUEUE_ENABLE', fc.constant(1)],
  ['QUEUE_NOTIFY_OFF', fc.nat(0xffff)],
  ['QUEUE_DESC', address],
  ['QUEUE_DESC_HIGH', fc.nat(0xff)],
  ['QUEUE_DRIVER', address],
  ['QUEUE_DRIVER_HIGH', fc.nat(0xff)],
  ['QUEUE_DEVICE', address],
  ['QUEUE_DEVICE_HIGH', fc.nat(0xff)],
];
const write: fc.Arbitrary<FieldWrite> = fc.oneof(
  ...VALUES.map(([field, values]) => fc.record({ field: fc.constant(field), value: values })),
);

describe('structures (Virtio 1.2 §4.1.4, §5.1.4), against QEMU’s virtio-net-pci', () => {
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

  it('are told of by the same capabilities', () => {
    expect(compareCapabilities(ours, theirs, met)).toEqual([]);
  });
  it('hold the same device configuration, in every width', () => {
    expect(compareDevice(ours, theirs, met)).toEqual([]);
  });
  it('hold the same in every field after whatever a driver writes in whatever order', () => {
    fc.assert(
      fc.property(fc.array(write, { minLength: 5, maxLength: 40 }), (writes) => {
        expect(compareCommon(ours, theirs, writes, met)).toEqual([]);
      }),
      { numRuns: 200 * EFFORT },
    );
  });
  it('need every difference that is known', () => {
    expect(CONFIGURATION.filter((known) => !met.has(known))).toEqual([]);
  });
});
