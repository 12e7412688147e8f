import { InvariantError } from '@bulkhead/result';
import { SETEIPNUM_BE, SETEIPNUM_LE } from '@bulkhead/riscv-datasheet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Imsic } from '../src/index.ts';

const effort = Number(process.env.BULKHEAD_EFFORT ?? 1);

const createImsic = (identities?: number) => {
  const changes: boolean[] = [];
  const line = { set: (asserted: boolean) => changes.push(asserted) };
  const imsic = new Imsic(identities === undefined ? { line } : { line, identities });
  return { imsic, changes };
};

describe('interrupt file (AIA 1.0 §3.1 "Interrupt files and interrupt identities")', () => {
  it('has 255 identities, or another number that is one less than a multiple of 64 from 63 to 2047', () => {
    expect(createImsic().imsic.identities).toBe(255);
    for (const identities of [63, 127, 2047]) expect(createImsic(identities).imsic.identities).toBe(identities);
    for (const identities of [0, 62, 64, 100, 2111]) expect(() => createImsic(identities)).toThrow(InvariantError);
  });
});

describe('memory region (AIA 1.0 §3.5 "Memory region for an interrupt file")', () => {
  it('sets the pending bit of the identity written to seteipnum_le', () => {
    const { imsic } = createImsic();
    imsic.write(SETEIPNUM_LE, 4, 33);
    expect(imsic.isPending(33)).toBe(true);
    expect(imsic.isPending(1)).toBe(false);
  });
  it('sets the pending bit of the byte-swapped identity written to seteipnum_be', () => {
    const { imsic } = createImsic();
    imsic.write(SETEIPNUM_BE, 4, 0x2100_0000);
    expect(imsic.isPending(33)).toBe(true);
  });
  it('ignores identities that are not implemented: 0, 256, and all ones', () => {
    const { imsic, changes } = createImsic();
    for (let identity = 1; identity <= 255; identity++) imsic.enable(identity, true);
    for (const value of [0, 256, 0x101, 0xffffffff]) imsic.write(SETEIPNUM_LE, 4, value);
    expect(imsic.top()).toBe(0);
    expect(changes).toEqual([]);
  });
  it('reads as zero everywhere and ignores writes to reserved bytes', () => {
    const { imsic } = createImsic();
    imsic.write(SETEIPNUM_LE, 4, 5);
    imsic.write(8, 4, 6);
    imsic.write(0xffc, 4, 7);
    expect([0, 4, 8, 0xffc].map((offset) => imsic.read(offset, 4))).toEqual([0, 0, 0, 0]);
    expect([6, 7].map((identity) => imsic.isPending(identity))).toEqual([false, false]);
  });
  it('ignores accesses that are not of 32 bits', () => {
    const { imsic } = createImsic();
    imsic.write(SETEIPNUM_LE, 1, 5);
    imsic.write(SETEIPNUM_LE, 2, 5);
    expect(imsic.isPending(5)).toBe(false);
  });
});

describe('top (AIA 1.0 §3.9 "Top external interrupt CSRs")', () => {
  it('is the lowest identity that is pending and enabled: lower numbers have priority (§3.3)', () => {
    const { imsic } = createImsic();
    for (const identity of [200, 40, 7]) imsic.write(SETEIPNUM_LE, 4, identity);
    expect(imsic.top()).toBe(0);
    imsic.enable(200, true);
    expect(imsic.top()).toBe(200);
    imsic.enable(40, true);
    expect(imsic.top()).toBe(40);
  });
  it('leaves out the threshold and all above it, unless the threshold is zero (§3.8.2)', () => {
    const { imsic, changes } = createImsic();
    imsic.enable(10, true);
    imsic.write(SETEIPNUM_LE, 4, 10);
    imsic.setThreshold(10);
    expect(imsic.top()).toBe(0);
    imsic.setThreshold(11);
    expect(imsic.top()).toBe(10);
    imsic.setThreshold(1);
    expect(imsic.top()).toBe(0);
    imsic.setThreshold(0);
    expect(imsic.top()).toBe(10);
    expect(changes).toEqual([true, false, true, false, true]);
  });
  it('claims what it reports by clearing its pending bit', () => {
    const { imsic } = createImsic();
    for (const identity of [3, 4]) {
      imsic.enable(identity, true);
      imsic.write(SETEIPNUM_LE, 4, identity);
    }
    expect([imsic.claim(), imsic.claim(), imsic.claim()]).toEqual([3, 4, 0]);
    expect(imsic.isPending(3)).toBe(false);
  });
  it('claims nothing that is pending but disabled', () => {
    const { imsic } = createImsic();
    imsic.write(SETEIPNUM_LE, 4, 9);
    expect(imsic.claim()).toBe(0);
    expect(imsic.isPending(9)).toBe(true);
  });
});

describe('delivery (AIA 1.0 §3.10 "Interrupt delivery and handling")', () => {
  it('is held deasserted while eidelivery is 0, and top still reports', () => {
    const { imsic, changes } = createImsic();
    imsic.setDelivery(false);
    imsic.enable(1, true);
    imsic.write(SETEIPNUM_LE, 4, 1);
    expect(changes).toEqual([]);
    expect(imsic.top()).toBe(1);
    imsic.setDelivery(true);
    expect(changes).toEqual([true]);
  });
  it('keeps one pending bit for any number of messages of an identity', () => {
    const { imsic } = createImsic();
    imsic.enable(1, true);
    for (let i = 0; i < 3; i++) imsic.write(SETEIPNUM_LE, 4, 1);
    expect([imsic.claim(), imsic.claim()]).toEqual([1, 0]);
  });
  it('agrees with two sets of identities, line and top, after every operation', () => {
    const operation = fc.record({
      kind: fc.constantFrom('message', 'enable', 'disable', 'claim', 'threshold', 'clear', 'delivery'),
      identity: fc.oneof(fc.nat(66), fc.nat(300)),
    });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const { imsic, changes } = createImsic(63);
        const [pending, enabled] = [new Set<number>(), new Set<number>()];
        let [threshold, delivery] = [0, true];
        const top = (): number =>
          Math.min(...[...pending].filter((i) => enabled.has(i) && (threshold === 0 || i < threshold)), 1000) % 1000;
        for (const { kind, identity } of operations) {
          const known = identity >= 1 && identity <= 63;
          if (kind === 'message') {
            imsic.write(SETEIPNUM_LE, 4, identity);
            if (known) pending.add(identity);
          } else if (kind === 'enable' || kind === 'disable') {
            imsic.enable(identity, kind === 'enable');
            if (known && kind === 'enable') enabled.add(identity);
            else enabled.delete(identity);
          } else if (kind === 'claim') {
            const expected = top();
            expect(imsic.claim()).toBe(expected);
            pending.delete(expected);
          } else if (kind === 'clear') {
            imsic.setPending(identity, false);
            pending.delete(identity);
          } else if (kind === 'delivery') {
            delivery = identity % 2 === 0;
            imsic.setDelivery(delivery);
          } else if (identity <= 63) {
            threshold = identity;
            imsic.setThreshold(identity);
          } else imsic.setThreshold(identity);
          expect(imsic.top()).toBe(top());
          expect(changes.at(-1) ?? false).toBe(delivery && top() !== 0);
          expect(imsic.isPending(identity)).toBe(pending.has(identity));
          expect(imsic.isEnabled(identity)).toBe(enabled.has(identity));
        }
        expect(changes.every((asserted, i) => asserted === (i % 2 === 0))).toBe(true);
      }),
      { numRuns: 500 * effort },
    );
  });
});
