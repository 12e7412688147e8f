/** A deletion that is cut anywhere, with reads and refused operations in between, is the deletion that was not cut. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errors, objects } from '../src/index.ts';
import { type Fixture, firstDifference, fixture, make, ROOT } from './fixture.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const { CNODE, ENDPOINT, TCB, UNTYPED, NULL, ALL_RIGHTS, WRITE } = objects;
const ROOT_SLOTS = 24;

type Deed = readonly [kind: number, a: number, b: number, c: number];

/** Slots of the root CNode, and those in CNodes. */
function reachable(f: Fixture): number[] {
  const slots = Array.from({ length: ROOT_SLOTS }, (_, i) => f.at(4 + i));
  for (const slot of slots) {
    if (f.capabilities.typeOf(slot) !== CNODE) continue;
    const first = f.capabilities.wordOf(slot);
    for (let i = 0; i < 2 ** f.capabilities.sizeOf(slot); i++)
      if (!slots.includes(first + i * 8)) slots.push(first + i * 8);
  }
  return slots;
}
function furnish(f: Fixture, deeds: readonly Deed[]): void {
  const { capabilities } = f;
  for (const [kind, a, b, c] of deeds) {
    const slots = reachable(f);
    const occupied = slots.filter((slot) => capabilities.typeOf(slot) !== NULL);
    const from = occupied[a % Math.max(occupied.length, 1)] ?? f.at(4);
    const to = slots[b % slots.length]!;
    const index = 4 + (b % ROOT_SLOTS);
    if (kind < 3) make(f, c % 3 === 0 ? from : f.untyped, CNODE, 1 + (a % 2), index);
    else if (kind < 5) make(f, c % 2 === 0 ? from : f.untyped, [ENDPOINT, TCB, UNTYPED][a % 3]!, 8 + (c % 4), index);
    else if (kind < 7) capabilities.copy(to, from, ALL_RIGHTS);
    else if (kind < 8) capabilities.mint(to, from, WRITE, 1 + (c % 3));
    else capabilities.move(to, from);
  }
}
/** What may come between two parts, and changes nothing. */
function disturb(f: Fixture, turn: number): void {
  const { capabilities } = f;
  capabilities.lookup(ROOT, 4 + (turn % ROOT_SLOTS));
  expect(capabilities.copy(f.untyped, f.untyped, ALL_RIGHTS)).toBe(errors.DELETE_FIRST);
  expect(make(f, f.untyped, ENDPOINT, 0, 1)).toBe(errors.DELETE_FIRST);
}

describe('delete and revoke that are cut (seL4 reference manual §2.4.1 "Reusing Memory")', () => {
  it('end as in one go, wherever they are cut: the same memory, and what was finalised once, in the same order', () => {
    const deed = fc.tuple(fc.nat(10), fc.noBias(fc.nat(9999)), fc.noBias(fc.nat(9999)), fc.noBias(fc.nat(9999)));
    let stops = 0;
    let most = 0;
    fc.assert(
      fc.property(
        fc.array(deed, { minLength: 20, maxLength: 80, size: 'max' }),
        fc.nat(9999),
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 3, maxLength: 3 }),
        (deeds, chosen, units) => {
          const [whole, cut] = [fixture(), fixture()];
          for (const f of [whole, cut]) furnish(f, deeds);
          const occupied = reachable(whole).filter((slot) => whole.capabilities.typeOf(slot) !== NULL);
          const target =
            chosen % 4 === 0 ? whole.untyped : (occupied[chosen % Math.max(occupied.length, 1)] ?? whole.at(4));
          const name = chosen % 2 === 0 ? 'revoke' : 'delete';
          if (name === 'delete' && target === whole.untyped) return;
          expect(whole.capabilities[name](target)).toBe(0);
          // A revoked untyped that lies in a CNode made of it goes with that CNode: nobody can go on by it.
          if (name === 'revoke' && whole.capabilities.typeOf(target) === NULL) return;
          let parts = 0;
          for (; cut.capabilities[name](target, units[parts % 3]) === errors.PREEMPTED; parts++) {
            expect(parts).toBeLessThan(10_000);
            disturb(cut, parts);
          }
          stops += parts;
          most = Math.max(most, parts);
          expect(cut.finalised).toEqual(whole.finalised);
          expect(firstDifference(cut.words, whole.words)).toBe(-1);
          // Once more, of what is done: nothing is left to do.
          expect(cut.capabilities[name](target, 1)).toBe(0);
          expect(firstDifference(cut.words, whole.words)).toBe(-1);
          expect(cut.finalised.length).toBe(whole.finalised.length);
        },
      ),
      { numRuns: 400 * EFFORT, seed: 2026 },
    );
    expect(stops).toBeGreaterThan(500);
    expect(most).toBeGreaterThan(20);
  });
});
