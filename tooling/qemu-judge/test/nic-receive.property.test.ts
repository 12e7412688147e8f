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
import { receiveScript, splitScript } from './arbitraries.ts';

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
/** Of these, what shows in descriptors of packet split, which have the write-back of extended ones; and one of their own. */
const SPLIT: readonly KnownDifference[] = [
  'checksum-indication',
  'packet-checksum',
  'inexact-filter',
  'first-fragment',
  'header-told-again',
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
    fc.assert(
      fc.property(receiveScript, (script) => {
        expect(compareReception(ours, theirs, script, met)).toEqual([]);
      }),
      { numRuns: 300 * EFFORT },
    );
    if (process.env.BULKHEAD_SEED === undefined) expect(RECEPTION.filter((known) => !met.has(known))).toEqual([]);
  });

  it('is the same with packet split (§7.1.5), header status and four buffers included, but for what is known', () => {
    const theirs = new QemuNic(device);
    const ours = new ModelNic();
    const met = new Set<KnownDifference>();
    fc.assert(
      fc.property(splitScript, (script) => {
        expect(compareReception(ours, theirs, script, met)).toEqual([]);
      }),
      { numRuns: 300 * EFFORT },
    );
    if (process.env.BULKHEAD_SEED === undefined) expect(SPLIT.filter((known) => !met.has(known))).toEqual([]);
  });
});
