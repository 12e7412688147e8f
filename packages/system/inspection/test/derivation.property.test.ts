import type { System } from '@bulkhead/assembler';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CapsSnapshot, capsOf } from '../src/index.ts';
import { expectConsistent } from './picture.ts';
import { booted, manyWalls } from './systems.ts';

const EFFORT: number = Number(process.env['BULKHEAD_EFFORT'] ?? 1);

/** Under `slot` in the tree; and what lies in a capability space, or an interrupt's handler, that goes with its last capability. */
function doomedWith({ capabilities, derivation }: CapsSnapshot, slot: number): Set<number> {
  const doomed = new Set<number>();
  for (const node of derivation) if (node.parent === slot || doomed.has(node.parent ?? -1)) doomed.add(node.slot);
  const spaces = capabilities.filter(({ slot: s, type }) => doomed.has(s) && type === 'CNode').map(({ what }) => what);
  for (const { slot: inner, space, holder } of capabilities)
    if (space === `CNode of ${holder}` && spaces.includes(`capability space of ${holder}`)) doomed.add(inner);
  for (const { slot: inner, space, index } of capabilities) {
    const handlers = capabilities.filter(({ interrupt }) => interrupt === index);
    if (space === 'interrupt table' && handlers.every(({ slot: s }) => doomed.has(s))) doomed.add(inner);
  }
  return doomed;
}

describe('the derivation tree', () => {
  it('says what a revocation will delete', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1, maxLength: 15 }), (choices) => {
        const system = booted(manyWalls);
        const { capabilities } = system.kernel;
        for (const choice of choices) {
          const before = capsOf(system);
          const parents = before.derivation.filter(({ slot }) =>
            before.derivation.some(({ parent }) => parent === slot),
          );
          if (parents.length === 0) return;
          const { slot } = parents[choice % parents.length]!;
          const doomed = doomedWith(before, slot);
          expect(capabilities.revoke(slot)).toBe(0);
          const left = before.capabilities.map((one) => one.slot).filter((one) => !doomed.has(one));
          expect(
            capsOf(system)
              .capabilities.map((one) => one.slot)
              .toSorted(),
          ).toEqual(left.toSorted());
        }
      }),
      { numRuns: 2 * EFFORT },
    );
  });
  it('and everything else stay consistent however often the driver is ended, at whatever moments', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 100_000, max: 3_000_000 }), { minLength: 1, maxLength: 4 }), (waitsNs) => {
        const system = booted(manyWalls);
        const { seat } = system.places.find((place) => place.seat.name === 'nic-driver')!;
        for (const waitNs of waitsNs) {
          end(system, seat);
          system.runUntil(system.clock.now + system.clock.cyclesOf(waitNs));
          expectConsistent(system);
        }
        expect(system.panic).toBeNull();
        // Ended again before it was started is ended once.
        expect(seat.domain.starts).toBeGreaterThan(1);
        expect(seat.domain.starts).toBeLessThanOrEqual(1 + waitsNs.length);
      }),
      { numRuns: 2 * EFFORT },
    );
  });
});

const end = ({ kernel }: System, seat: System['places'][number]['seat']): void =>
  kernel.end(seat, 1, 0, 0, 'ended by a test');
