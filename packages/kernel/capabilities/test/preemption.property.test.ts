import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CNodeInvocations, errors, guardWord, objects } from '../src/index.ts';
import { type Fixture, firstDifference, fixture, make, ROOT } from './fixture.ts';
import { checkInvariants } from './invariants.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const { CNODE, ENDPOINT, TCB, UNTYPED, NULL, ALL_RIGHTS } = objects;
const BASE_PAGE = 0x80000;
const BOOT_END = 16 * 4096;
const ROOT_SLOTS = 24;

const check = (f: Fixture): void => checkInvariants(f.words, BASE_PAGE, BOOT_END);

/** Slots that somebody can name: the root CNode's, and those in CNodes that are not being destroyed. */
function reachable(f: Fixture): number[] {
  const slots = Array.from({ length: ROOT_SLOTS }, (_, i) => f.at(4 + i));
  for (const slot of slots) {
    if (f.capabilities.typeOf(slot) !== CNODE || f.capabilities.isZombie(slot)) continue;
    const first = f.capabilities.wordOf(slot);
    for (let i = 0; i < 2 ** f.capabilities.sizeOf(slot); i++)
      if (!slots.includes(first + i * 8)) slots.push(first + i * 8);
  }
  return slots;
}

describe('preemption of delete and revoke (seL4 reference manual §2.4.1 "Reusing Memory")', () => {
  const OPERATIONS = [
    'cnode',
    'cnode',
    'object',
    'copy',
    'move',
    'move',
    'move',
    'swap',
    'delete',
    'revoke',
    'resume',
  ] as const;
  const any = fc.noBias(fc.nat(9999));
  const commands = fc.array(fc.tuple(fc.constantFrom(...OPERATIONS), any, any, any), {
    minLength: 20,
    maxLength: 120,
    size: 'max',
  });

  it('other operations between its parts never see memory that is used twice, a slot without an object, or a broken list', () => {
    const seen = { preempted: 0, resumed: 0, zombieTouched: 0 };
    fc.assert(
      fc.property(commands, (sequence) => {
        const f = fixture(BASE_PAGE);
        const c = f.capabilities;
        const unfinished: (() => number)[] = [];
        const partly = (run: () => number): void => {
          const answer = run();
          expect(answer).toBeOneOf([0, errors.PREEMPTED]);
          if (answer === 0) return;
          seen.preempted++;
          unfinished.push(run);
        };
        for (const [operation, a, b, d] of sequence) {
          const slots = reachable(f);
          const occupied = slots.filter((slot) => c.typeOf(slot) !== NULL);
          const from = occupied[a % Math.max(occupied.length, 1)] ?? f.at(4);
          const to = slots[b % slots.length]!;
          const units = 1 + (d % 4);
          if (c.isZombie(from)) seen.zombieTouched++;
          if (operation === 'cnode') make(f, f.untyped, CNODE, 1 + (a % 2), 4 + (b % ROOT_SLOTS));
          else if (operation === 'object') {
            const type = [ENDPOINT, TCB, UNTYPED][a % 3]!;
            make(f, d % 2 === 0 ? f.untyped : from, type, 8, 4 + (b % ROOT_SLOTS));
          } else if (operation === 'copy') c.copy(to, from, ALL_RIGHTS);
          else if (operation === 'move') c.move(to, from);
          else if (operation === 'swap') c.rotate(from, to, from, 0, 0);
          else if (operation === 'delete') partly(() => c.delete(from, units));
          else if (operation === 'revoke') partly(() => c.revoke(d % 5 === 0 ? f.untyped : from, units));
          else if (unfinished.length > 0) {
            seen.resumed++;
            partly(unfinished.splice(a % unfinished.length, 1)[0]!);
          }
          check(f);
        }
        // Whatever was left behind, revoking the untyped takes it all.
        for (let calls = 0; c.revoke(f.untyped, 3) === errors.PREEMPTED; calls++) {
          expect(calls).toBeLessThan(10_000);
          check(f);
        }
        expect(c.freeBytesOf(f.untyped)).toBe(65536);
        const left = f.words.subarray(BOOT_END / 4).filter((_, i) => i % 8 === 0 && f.words[BOOT_END / 4 + i] !== 0);
        expect(left.length).toBe(0);
      }),
      { numRuns: 150 * EFFORT, seed: 1999 },
    );
    expect(seen.preempted).toBeGreaterThan(100);
    expect(seen.resumed).toBeGreaterThan(50);
    expect(seen.zombieTouched).toBeGreaterThan(50);
  });

  it('takes the number of parts that the units say, and each part does that much', () => {
    const f = fixture(BASE_PAGE);
    make(f, f.untyped, ENDPOINT, 0, 10);
    for (let i = 11; i < 51; i++) f.capabilities.copy(f.at(i), f.at(10), ALL_RIGHTS);
    const left: number[] = [];
    while (f.capabilities.revoke(f.at(10), 8) === errors.PREEMPTED)
      left.push(
        Array.from({ length: 40 }, (_, i) => f.capabilities.typeOf(f.at(11 + i))).filter((type) => type !== NULL)
          .length,
      );
    expect(left).toEqual([32, 24, 16, 8]);
    expect(f.capabilities.revoke(f.at(10), 1)).toBe(0);
  });

  it('a nest of CNodes of any depth is resumed in constant time: the parts are as many as the work', () => {
    const depth = 50;
    const f = fixture(BASE_PAGE);
    make(f, f.untyped, CNODE, 1, 10);
    let holder = f.at(10);
    for (let i = 0; i < depth; i++) {
      make(f, f.untyped, CNODE, 1, 11);
      const inner = f.capabilities.wordOf(holder) + 8 * (i % 2);
      f.capabilities.move(inner, f.at(11));
      holder = inner;
    }
    let parts = 1;
    for (; f.capabilities.delete(f.at(10), 1) === errors.PREEMPTED; parts++) check(f);
    expect(parts).toBeLessThan(depth * 5);
    expect(f.capabilities.freeBytesOf(f.untyped)).toBe(65536);
  });

  it('CNodes that hold each other in a circle end, however they are cut', () => {
    const arrangements = fc.record({
      count: fc.integer({ min: 1, max: 5 }),
      indices: fc.array(fc.nat(3), { minLength: 5, maxLength: 5 }),
      units: fc.constantFrom(-1, -1, 1, 2, 3),
    });
    fc.assert(
      fc.property(arrangements, ({ count, indices, units }) => {
        const f = fixture(BASE_PAGE);
        make(f, f.untyped, CNODE, 2, 10, count);
        const nodes = Array.from({ length: count }, (_, i) => f.capabilities.wordOf(f.at(10 + i)));
        // Each one's only capability goes into the one before; the first one's into the last.
        const home = (i: number): number => nodes[(i + count - 1) % count]! + 8 * indices[i]!;
        for (let i = 0; i < count; i++) expect(f.capabilities.move(home(i), f.at(10 + i))).toBe(0);
        for (let parts = 0; f.capabilities.delete(home(0), units) === errors.PREEMPTED; parts++) {
          expect(parts).toBeLessThan(200);
          check(f);
        }
        check(f);
        if (units < 0) expect(f.capabilities.freeBytesOf(f.untyped)).toBe(65536);
        f.capabilities.revoke(f.untyped);
        expect(f.capabilities.freeBytesOf(f.untyped)).toBe(65536);
      }),
      { numRuns: 300 * EFFORT, seed: 4 },
    );
  });

  it('whoever revokes what a preempted deletion found pays for that alone', () => {
    const f = fixture(BASE_PAGE);
    const { capabilities: c } = f;
    make(f, f.untyped, UNTYPED, 12, 9);
    make(f, f.untyped, CNODE, 5, 10);
    make(f, f.at(9), CNODE, 1, 11);
    make(f, f.untyped, CNODE, 1, 12);
    const first = c.wordOf(f.at(10));
    c.move(first + 8 * 31, f.at(11));
    c.move(first + 8 * 30, f.at(12));
    // Enough to find both, and not to finish anything.
    expect(c.delete(f.at(10), 6)).toBe(errors.PREEMPTED);
    c.deletedCount = 0;
    expect(c.revoke(f.at(9), 4)).toBe(0);
    expect(c.deletedCount).toBe(0);
    expect(c.freeBytesOf(f.at(9))).toBe(4096);
    expect(c.isZombie(f.at(10))).toBe(true);
    check(f);
    expect(c.delete(f.at(10))).toBe(0);
    c.delete(f.at(9));
    expect(c.freeBytesOf(f.untyped)).toBe(65536);
  });
});

describe('a zombie (seL4 reference manual §3.1 "Capability and CSpace Management")', () => {
  const zombie = (): Fixture => {
    const f = fixture(BASE_PAGE);
    make(f, f.untyped, CNODE, 2, 10);
    expect(f.capabilities.delete(f.at(10), 2)).toBe(errors.PREEMPTED);
    return f;
  };
  it('leads nowhere and takes nothing', () => {
    const f = zombie();
    const cnode = new CNodeInvocations(f.capabilities);
    expect(f.capabilities.isZombie(f.at(10))).toBe(true);
    expect(f.capabilities.lookupSlot(f.at(10), 0, 2, true)).toBe(errors.FAILED_LOOKUP);
    expect(f.capabilities.details.lookupFailure).toBe(errors.INVALID_ROOT);
    expect(f.capabilities.retype(f.untyped, ENDPOINT, 0, f.at(10), 0, 0, 0, 1)).toBe(errors.FAILED_LOOKUP);
    expect(cnode.copy(f.at(10), 0, 2, ROOT, 1, 32, ALL_RIGHTS)).toBe(errors.FAILED_LOOKUP);
  });
  it('is not copied, moved, mutated or rotated, and its slot is full', () => {
    const f = zombie();
    make(f, f.untyped, CNODE, 1, 20);
    const { capabilities: c, at } = f;
    const before = f.words.slice();
    expect(c.copy(at(12), at(10), ALL_RIGHTS)).toBe(errors.ILLEGAL_OPERATION);
    expect(c.mint(at(12), at(10), ALL_RIGHTS, guardWord(0, 1))).toBe(errors.ILLEGAL_OPERATION);
    expect(c.move(at(12), at(10))).toBe(errors.ILLEGAL_OPERATION);
    expect(c.mutate(at(12), at(10), guardWord(0, 1))).toBe(errors.ILLEGAL_OPERATION);
    expect(c.rotate(at(12), at(20), at(10), 0, 0)).toBe(errors.ILLEGAL_OPERATION);
    expect(c.rotate(at(12), at(10), at(20), 0, 0)).toBe(errors.ILLEGAL_OPERATION);
    expect(c.move(at(10), at(20))).toBe(errors.DELETE_FIRST);
    expect(firstDifference(f.words, before)).toBe(-1);
    expect(c.revoke(at(10))).toBe(0);
    expect(c.isZombie(at(10))).toBe(true);
    expect(c.delete(at(10))).toBe(0);
    expect(c.typeOf(at(10))).toBe(NULL);
  });
  it('keeps its memory: the untyped stays occupied until it is gone', () => {
    const f = zombie();
    expect(f.capabilities.freeBytesOf(f.untyped)).toBe(65536 - 128);
    f.capabilities.delete(f.at(10));
    expect(f.capabilities.freeBytesOf(f.untyped)).toBe(65536);
  });
});
