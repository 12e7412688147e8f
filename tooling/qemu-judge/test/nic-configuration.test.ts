/** The Intel 82574L on its bus: our model's configuration space and QEMU's. */
import { Clock } from '@bulkhead/clock';
import { createIntel82574 } from '@bulkhead/nic';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  CONFIGURATION_DIFFERENCES,
  type ConfigurationDifference,
  compareConfiguration,
  MAC,
  type QemuFunction,
  startE1000e,
  whyNoQemu,
} from '../src/index.ts';

const whyNot = whyNoQemu();

describe('configuration space (82574 §9), against QEMU’s e1000e', () => {
  let device: QemuFunction;
  beforeAll(async () => {
    if (whyNot === '') device = await startE1000e();
  });
  afterAll(() => device?.machine.stop());
  beforeEach((context) => context.skip(whyNot !== '', whyNot));

  it('has the same header, BARs, capabilities and writable bits, but for what is known', () => {
    const { function: ours } = createIntel82574({ clock: new Clock(1e9), macAddress: MAC });
    const met = new Set<ConfigurationDifference>();
    expect(compareConfiguration(ours, device, met)).toEqual([]);
    expect(CONFIGURATION_DIFFERENCES.filter((difference) => !met.has(difference))).toEqual([]);
  });
});
