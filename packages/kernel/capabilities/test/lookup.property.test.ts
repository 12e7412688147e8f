import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { Capabilities, CNodeInvocations, errors, granuleOf, guardWord, objects } from '../src/index.ts';
import { type Fixture, fixture, make, ROOT } from './fixture.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const { CNODE, ENDPOINT, NULL } = objects;

interface Level {
  readonly radix: number;
  readonly guardSize: number;
  readonly guard: number;
}
interface Tree {
  readonly words: Int32Array;
  readonly capabilities: Capabilities;
  readonly levels: readonly Level[];
  /** The word at which each level's slots begin. */
  readonly bases: readonly number[];
}
const ROOT_SLOT = 8;
const level = fc
  .record({ radix: fc.integer({ min: 1, max: 4 }), guardSize: fc.nat(6), guard: fc.nat(63) })
  .map(({ radix, guardSize, guard }) => ({ radix, guardSize, guard: guard % 2 ** guardSize }));

/** Levels below each other, each in slot 1 of the one above; slot 0 of each holds an endpoint. */
function build(levels: readonly Level[]): Tree {
  const words = new Int32Array(4096);
  const capabilities = new Capabilities({ words, finalise: () => {} });
  let slot = ROOT_SLOT;
  const bases: number[] = [];
  for (const [i, { radix, guardSize, guard }] of levels.entries()) {
    const base = 512 * (i + 1);
    bases.push(base);
    capabilities.install(slot, CNODE, granuleOf(0, base * 4), radix);
    capabilities.installGuard(slot, guard, guardSize);
    capabilities.install(base, ENDPOINT, granuleOf(0, 64), 0);
    slot = base + 8;
  }
  return { words, capabilities, levels, bases };
}

/** The manual's loop over a string of bits. */
function reference({ levels, bases }: Tree, bits: string): string {
  let rest = bits;
  for (const [i, { radix, guardSize, guard }] of levels.entries()) {
    const guardBits = guardSize === 0 ? '' : guard.toString(2).padStart(guardSize, '0');
    if (!rest.startsWith(guardBits)) return `guard mismatch left ${rest.length} found ${guardSize} guard ${guard}`;
    if (guardSize + radix > rest.length) return `depth mismatch left ${rest.length} found ${guardSize + radix}`;
    const index = Number.parseInt(rest.slice(guardSize, guardSize + radix), 2);
    rest = rest.slice(guardSize + radix);
    const isNode = index === 1 && i + 1 < levels.length;
    if (!isNode || rest === '') return `slot ${bases[i]! + index * 8} left ${rest.length}`;
  }
  return 'never';
}

function actual({ capabilities }: Tree, pointer: number, depth: number): string {
  const slot = capabilities.resolve(ROOT_SLOT, pointer, depth);
  const { lookupFailure, bitsLeft, bitsFound, guardFound } = capabilities.details;
  if (slot >= 0) return `slot ${slot} left ${capabilities.bitsLeft}`;
  if (lookupFailure === errors.GUARD_MISMATCH)
    return `guard mismatch left ${bitsLeft} found ${bitsFound} guard ${guardFound}`;
  return `depth mismatch left ${bitsLeft} found ${bitsFound}`;
}

describe('look-up (seL4 reference manual §3.3 "CSpace Addressing")', () => {
  it('agrees with a reference over strings of bits, failures included', () => {
    const seen = new Set<string>();
    const levels = fc.array(level, { minLength: 1, maxLength: 5, size: 'max' });
    const wanted = fc.array(fc.constantFrom(0, 1, 1, 1, 3), { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(
        levels,
        wanted,
        fc.integer(),
        fc.integer({ min: 1, max: 32 }),
        fc.boolean(),
        (shape, path, noise, depth, aim) => {
          const tree = build(shape);
          const aimed = shape.map(({ radix, guardSize, guard }, i) => {
            const index = Math.min(path[i]!, 2 ** radix - 1);
            return (
              (guardSize === 0 ? '' : guard.toString(2).padStart(guardSize, '0')) +
              index.toString(2).padStart(radix, '0')
            );
          });
          const random = (noise >>> 0).toString(2).padStart(32, '0');
          const bits = (aim ? aimed.join('') + random : random).slice(0, depth);
          const pointer = Number.parseInt(bits, 2) | 0;
          const expected = reference(tree, bits);
          expect(actual(tree, pointer, depth)).toBe(expected);
          seen.add(expected.split(' ')[0]!);
        },
      ),
      { numRuns: 1500 * EFFORT, seed: 9 },
    );
    expect([...seen].sort()).toEqual(['depth', 'guard', 'slot']);
  });

  it('an invocation ignores left-over bits; an operation on slots must use exactly its depth', () => {
    const { capabilities, bases } = build([{ radix: 4, guardSize: 0, guard: 0 }]);
    expect(capabilities.lookup(ROOT_SLOT, 0x0fffffff)).toBe(bases[0]);
    expect(capabilities.bitsLeft).toBe(28);
    expect(capabilities.lookupSlot(ROOT_SLOT, 0x0fffffff, 32, true)).toBe(errors.FAILED_LOOKUP);
    expect(capabilities.details).toMatchObject({
      wasSource: true,
      lookupFailure: errors.DEPTH_MISMATCH,
      bitsLeft: 28,
      bitsFound: 0,
    });
    expect(capabilities.lookupSlot(ROOT_SLOT, 2, 4, false)).toBe(bases[0]! + 16);
  });
  it('an invocation of an empty slot misses a capability', () => {
    const { capabilities } = build([{ radix: 4, guardSize: 0, guard: 0 }]);
    expect(capabilities.lookup(ROOT_SLOT, 0x20000000)).toBe(errors.FAILED_LOOKUP);
    expect(capabilities.details).toMatchObject({ lookupFailure: errors.MISSING_CAPABILITY, bitsLeft: 28 });
  });
  it('root before depth: no CNode, then a depth out of 1 … 32', () => {
    const { capabilities, bases } = build([{ radix: 4, guardSize: 0, guard: 0 }]);
    expect(capabilities.lookupSlot(bases[0]!, 0, 0, false)).toBe(errors.FAILED_LOOKUP);
    expect(capabilities.details.lookupFailure).toBe(errors.INVALID_ROOT);
    for (const depth of [0, 33, -1])
      expect(capabilities.lookupSlot(ROOT_SLOT, 0, depth, false)).toBe(errors.RANGE_ERROR);
    expect([capabilities.details.rangeMin, capabilities.details.rangeMax]).toEqual([1, 32]);
  });
  it('a minted guard is what the address must then begin with', () => {
    const f = fixture();
    make(f, f.untyped, CNODE, 4, 10);
    expect(f.capabilities.mint(f.at(11), f.at(10), 0, guardWord(0b101, 3))).toBe(0);
    expect(f.capabilities.resolve(f.at(11), 0b1010010, 7)).toBe(f.capabilities.wordOf(f.at(10)) + 16);
    expect(f.capabilities.resolve(f.at(11), 0b1000010, 7)).toBe(errors.FAILED_LOOKUP);
    expect(f.capabilities.mint(f.at(12), f.at(10), 0, guardWord(0, 29))).toBe(errors.ILLEGAL_OPERATION);
    expect(f.capabilities.mutate(f.at(12), f.at(11), guardWord(1, 1))).toBe(0);
    expect(f.capabilities.resolve(f.at(12), 0b10010, 5)).toBe(f.capabilities.wordOf(f.at(10)) + 16);
  });
});

describe('operations by path: which error wins (seL4 reference manual §10.3, CNode)', () => {
  let f: Fixture;
  let cnode: CNodeInvocations;
  beforeEach(() => {
    f = fixture();
    cnode = new CNodeInvocations(f.capabilities);
    make(f, f.untyped, ENDPOINT, 0, 10);
    f.capabilities.mint(f.at(11), f.at(10), objects.ALL_RIGHTS, 1);
  });
  const NOWHERE = 0x40;
  const mint = (to: number, from: number, data: number): number => cnode.mint(ROOT, to, 32, ROOT, from, 32, 15, data);

  it('destination look-up, destination full, source look-up, source empty, then the operation', () => {
    expect(mint(NOWHERE, NOWHERE, 1)).toBe(errors.FAILED_LOOKUP);
    expect(f.capabilities.details.wasSource).toBe(false);
    expect(mint(10, NOWHERE, 1)).toBe(errors.DELETE_FIRST);
    expect(mint(20, NOWHERE, 1)).toBe(errors.FAILED_LOOKUP);
    expect(f.capabilities.details).toMatchObject({ wasSource: true, lookupFailure: errors.GUARD_MISMATCH });
    expect(mint(20, 21, 1)).toBe(errors.FAILED_LOOKUP);
    expect(f.capabilities.details).toMatchObject({ wasSource: true, lookupFailure: errors.MISSING_CAPABILITY });
    expect(mint(20, 11, 1)).toBe(errors.ILLEGAL_OPERATION);
    expect(mint(20, 10, 1)).toBe(0);
  });
  it('copy, move, mutate, delete and revoke go the same way', () => {
    expect(cnode.copy(ROOT, 20, 32, ROOT, 10, 32, objects.READ)).toBe(0);
    expect(cnode.move(ROOT, 21, 32, ROOT, 20, 32)).toBe(0);
    expect(cnode.mutate(ROOT, 22, 32, ROOT, 21, 32, 0)).toBe(errors.ILLEGAL_OPERATION);
    expect(f.capabilities.rightsOf(f.at(21))).toBe(objects.READ);
    expect(cnode.revoke(ROOT, 10, 32)).toBe(0);
    expect(f.capabilities.typeOf(f.at(21))).toBe(NULL);
    expect(cnode.delete(ROOT, 10, 32)).toBe(0);
    expect(cnode.delete(ROOT, 10, 33)).toBe(errors.RANGE_ERROR);
    expect(cnode.delete(ROOT, 10, 32)).toBe(0);
    expect(cnode.revoke(ROOT, NOWHERE, 32)).toBe(errors.FAILED_LOOKUP);
  });
});

describe('look-up of a capability by one CNode of all 32 bits', () => {
  const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  /** Mostly a root that takes 32 bits, which has a path of its own; else any words. */
  const roots = fc.oneof(
    fc
      .record({
        radix: fc.oneof(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 32 })),
        flags: fc.constantFrom(0, 0, 0, 1 << 26),
      })
      .map(({ radix, flags }) => CNODE | (radix << 8) | (((32 - radix) & 31) << 14) | flags),
    word,
  );
  const near = fc.integer({ min: -4, max: 70 });
  const granules = fc.oneof(
    fc.nat(20).map((n) => n * 4),
    near,
    word,
  );
  const guards = fc.oneof(fc.constant(0), fc.constant(0), near);

  it('finds what `resolve` finds, whatever the root says', () => {
    let found = 0;
    const property = fc.property(
      roots,
      granules,
      guards,
      fc.oneof(fc.nat(15), near),
      (header, object, guard, pointer) => {
        const words = new Int32Array(256);
        const capabilities = new Capabilities({ words, finalise: () => {} });
        for (let slot = 32; slot < words.length; slot += 16) words[slot] = ENDPOINT;
        words.set([header, object, guard], ROOT_SLOT);
        const slot = capabilities.resolve(ROOT_SLOT, pointer, 32);
        const { bitsLeft, steps } = capabilities;
        const expected = slot > 0 && capabilities.typeOf(slot) === NULL ? errors.FAILED_LOOKUP : slot;
        if (expected > 0) found++;
        expect([capabilities.lookup(ROOT_SLOT, pointer), capabilities.bitsLeft, capabilities.steps]).toEqual([
          expected,
          bitsLeft,
          steps,
        ]);
      },
    );
    fc.assert(property, { numRuns: 3000 * EFFORT, seed: 32 });
    expect(found).toBeGreaterThan(30);
  });
});
