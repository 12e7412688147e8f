/** The Intel 82574L transmits: our model and QEMU's, the same script for both. */
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  compareTransmission,
  type KnownDifference,
  ModelNic,
  type QemuFunction,
  QemuNic,
  startE1000e,
  whyNoQemu,
} from '../src/index.ts';
import { transmitScript } from './arbitraries.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
/** Every one of them shows, so that none is kept that is none. */
const TRANSMISSION: readonly KnownDifference[] = [
  'no-padding',
  'no-legacy-checksum',
  'no-second-tag',
  'fragments-for-segments',
  'ipv4-sum-in-ipv6',
  'bytes-without-fcs',
  'sizes-without-fcs',
  'interrupt-count',
];
const whyNot = whyNoQemu();

describe('transmission (82574 §7.2), against QEMU’s e1000e', () => {
  let device: QemuFunction;
  beforeAll(async () => {
    if (whyNot === '') device = await startE1000e();
  });
  afterAll(() => device?.machine.stop());
  beforeEach((context) => context.skip(whyNot !== '', whyNot));

  it('is the same in frames, write-backs, counters, causes and messages, but for what is known', () => {
    const theirs = new QemuNic(device);
    const ours = new ModelNic();
    const met = new Set<KnownDifference>();
    fc.assert(
      fc.property(transmitScript, (script) => {
        expect(compareTransmission(ours, theirs, script, met)).toEqual([]);
      }),
      { numRuns: 300 * EFFORT },
    );
    if (process.env.BULKHEAD_SEED === undefined) expect(TRANSMISSION.filter((known) => !met.has(known))).toEqual([]);
  });
});
