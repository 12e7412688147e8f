/** The registers of the Intel 82574L: our model's and QEMU's. */
import * as reg from '@bulkhead/intel-82574-datasheet';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  compareInterrupts,
  compareReset,
  compareWrites,
  type InterruptStep,
  ModelNic,
  type QemuFunction,
  QemuNic,
  REGISTER_DIFFERENCES,
  type RegisterDifference,
  startE1000e,
  whyNoQemu,
} from '../src/index.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const whyNot = whyNoQemu();

describe('registers (82574 §10), against QEMU’s e1000e', () => {
  let device: QemuFunction;
  let theirs: QemuNic;
  const ours = new ModelNic();
  const met = new Set<RegisterDifference>();
  beforeAll(async () => {
    if (whyNot !== '') return;
    device = await startE1000e();
    theirs = new QemuNic(device);
  });
  afterAll(() => device?.machine.stop());
  beforeEach((context) => context.skip(whyNot !== '', whyNot));

  const everywhere = (value: number): (readonly [number, number])[] =>
    Array.from({ length: reg.BAR_MEMORY_SIZE_BYTES / 4 }, (_, i) => [i * 4, value] as const);

  it('hold the same after reset, at every offset, but for what is known', () => {
    expect(compareReset(ours, theirs, met)).toEqual([]);
  });
  it.each([0xffff_ffff, 0])('keep the same of %i, at every offset, but for what is known', (value) => {
    expect(compareWrites(ours, theirs, everywhere(value), met)).toEqual([]);
  });
  it('keep the same of whatever is written in whatever order', () => {
    const write = fc.tuple(
      fc.nat(0x5fff).map((at) => at & ~3),
      fc.integer({ min: 0, max: 0xffff_ffff }),
    );
    fc.assert(
      fc.property(fc.array(write, { minLength: 50, maxLength: 400 }), (writes) => {
        expect(compareWrites(ours, theirs, writes, met)).toEqual([]);
      }),
      { numRuns: 20 * EFFORT },
    );
  });
  it('need every line of the list of differences', () => {
    expect(REGISTER_DIFFERENCES.filter((difference) => !met.has(difference))).toEqual([]);
  });
  it('give the words of the EEPROM’s addresses, and the PHY’s identity', () => {
    for (const rig of [ours, theirs]) rig.reset();
    for (let word = 0; word < 3; word++) {
      for (const rig of [ours, theirs]) rig.write(reg.EERD, (word << reg.EERD_ADDR.shift) | reg.EERD_START.mask);
      expect(ours.read(reg.EERD) >>> 16).toBe(theirs.read(reg.EERD) >>> 16);
    }
    for (const register of [2, 3]) {
      const read = (register << 16) | (1 << 21) | (2 << 26);
      for (const rig of [ours, theirs]) rig.write(reg.MDIC, read);
      expect(ours.read(reg.MDIC) & 0xffff).toBe(theirs.read(reg.MDIC) & 0xffff);
    }
  });

  const causes = fc.constantFrom(...[0, 1, 2, 4, 6, 7, 15, 16, 17, 20, 21, 22, 23, 24].map((bit) => 1 << bit));
  const mask = fc.array(causes, { minLength: 1, maxLength: 5 }).map((bits) => bits.reduce((all, bit) => all | bit, 0));
  const step: fc.Arbitrary<InterruptStep> = fc.oneof(
    fc.record({
      kind: fc.constant('write' as const),
      register: fc.constantFrom(reg.ICS, reg.IMS, reg.IMC, reg.ICR, reg.EIAC, reg.IAM),
      value: mask,
    }),
    fc.record({ kind: fc.constant('read' as const), register: fc.constantFrom(reg.ICR, reg.IMS) }),
  );
  it.each([false, true])('raise, mask, clear and send the same causes (MSI-X %s)', (usesMsix) => {
    const routing = { kind: 'write' as const, register: reg.IVAR, value: 0x000a_09b8 };
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        expect(compareInterrupts(ours, theirs, usesMsix, [routing, ...steps])).toEqual([]);
      }),
      { numRuns: 100 * EFFORT },
    );
  });
});
