/** The Intel 82574L receives: our model and QEMU's, the same script for both. */
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  compareReception,
  type KnownDifference,
  ModelNic,
  type QemuFunction,
  QemuNic,
  startE1000e,
  whyNoQemu,
} from '../src/index.ts';
import { arriving, receiveSetup } from './arbitraries.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
/** Every one of them shows, so that none is kept that is none. */
const RECEPTION: readonly KnownDifference[] = [
  'unicast-by-hash',
  'checksum-indication',
  'packet-checksum',
  'inexact-filter',
  'first-fragment',
  'ipv6-disable',
  'ack-disable',
  'udp-without-checksum',
  'hashed-are-counted-twice',
  'refused-are-counted',
  'octets-without-tag',
  'threshold-crossed',
  'sizes-without-fcs',
  'interrupt-count',
];
const whyNot = whyNoQemu();

describe('reception (82574 §7.1), against QEMU’s e1000e', () => {
  let device: QemuFunction;
  beforeAll(async () => {
    if (whyNot === '') device = await startE1000e();
  });
  afterAll(() => device?.machine.stop());
  beforeEach((context) => context.skip(whyNot !== '', whyNot));

  it('is the same in heads, descriptors, buffers, counters, causes and messages, but for what is known', () => {
    const theirs = new QemuNic(device);
    const ours = new ModelNic();
    const met = new Set<KnownDifference>();
    const script = fc.record({ setup: receiveSetup, packets: fc.array(arriving, { minLength: 1, maxLength: 4 }) });
    fc.assert(
      fc.property(script, (script) => {
        expect(compareReception(ours, theirs, script, met)).toEqual([]);
      }),
      { numRuns: 300 * EFFORT },
    );
    if (process.env.BULKHEAD_SEED === undefined) expect(RECEPTION.filter((known) => !met.has(known))).toEqual([]);
  });
});
