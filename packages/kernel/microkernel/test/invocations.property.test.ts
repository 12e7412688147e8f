import { type Right, refusalName } from '@bulkhead/abi';
import { Chance } from '@bulkhead/clock';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Invocations } from '../src/invocations.ts';
import { abi, CHILD, Fixture, NATIVE, USER } from './fixture.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const RUNS = 20;
const INVOCATIONS = 1000;

type Name = Exclude<keyof typeof abi.contractOfKernel.calls, symbol>;
const CALLS: readonly (readonly [Name, number])[] = Object.entries(abi.contractOfKernel.calls).map(
  ([name, { args }]) => [name as Name, args.length],
);
const KNOWN: ReadonlySet<string> = new Set(['no-such-right', ...abi.contractOfKernel.refusals]);

/** A right that is there, a number that means something, an edge, or any 32 bits. */
function wordOf(chance: Chance): number {
  switch (chance.below(8)) {
    case 0:
      return chance.next();
    case 1:
      return [-1, -0x80000000, 0x7fffffff, 4095, 4096, 257, 256][chance.below(7)]!;
    case 2:
    case 3:
      return [0, 1, 2, 3, 6, 9, 12, 15, 21, 30][chance.below(10)]!;
    default:
      return chance.below(60);
  }
}
/** Any words; for retype, which asks most of its words, often such as may be right. */
function wordsOf(chance: Chance, name: Name, arity: number): number[] {
  if (name === 'retype' && chance.below(2) === 0)
    return [chance.below(60), chance.below(2), [5, 12, 12, 14, 21][chance.below(5)]!, 1 + chance.below(4)];
  return Array.from({ length: arity }, () => wordOf(chance));
}
/** Everything that a domain may hold, twice. */
function furnish(f: Fixture, who: number): void {
  for (let i = 0; i < 2; i++) {
    f.untyped(who);
    f.deviceUntyped(who, 0x40000 + who * 64 + i * 16);
    f.frames(who, 3);
    const control = f.irqControl(who);
    f.kernel.invocations.bindInterrupt(
      who,
      f.kernel.invocations.issueInterrupt(who, control, 20 + 2 * who + i) as Right,
      i,
    );
    f.endpoint(who);
    f.thread(who, CHILD);
  }
}

describe('no invocation of anybody makes the kernel throw', () => {
  it(`${RUNS * INVOCATIONS * EFFORT} at random: each gives a result, or a refusal that the contract names`, () => {
    const answered = new Map<string, number>();
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const chance = new Chance(seed);
        const f = new Fixture();
        furnish(f, USER);
        furnish(f, NATIVE);
        const invocations = f.kernel.invocations as unknown as Record<
          Name,
          (from: number, ...words: number[]) => number
        >;
        for (let i = 0; i < INVOCATIONS; i++) {
          const [name, arity] = CALLS[chance.below(CALLS.length)]!;
          const words = wordsOf(chance, name, arity);
          const result = invocations[name](chance.below(2) === 0 ? USER : NATIVE, ...words);
          const kind = result >= 0 ? 'done' : refusalName(abi.contractOfKernel as never, result);
          if (result < 0 && !KNOWN.has(kind)) throw new Error(`${name}(${words.join(', ')}) gives ${result}`);
          expect(Number.isSafeInteger(result)).toBe(true);
          answered.set(`${name} ${kind}`, (answered.get(`${name} ${kind}`) ?? 0) + 1);
          f.clock.advance(chance.below(1000));
        }
        expect(f.kernel.panic).toBeNull();
        // Whatever they did to themselves, memory that everything was taken back from is whole.
        for (const domain of f.domains.filter(({ isKernel }) => !isKernel)) {
          if (domain.starts === 0) continue;
          f.kernel.spaces.close(domain);
          expect(f.kernel.capabilities.freeBytesOf(domain.untypedSlot)).toBe(4 * 2 ** 20);
        }
      }),
      { numRuns: RUNS * EFFORT },
    );
    // A test that never succeeds in anything would not test much.
    expect(CALLS.map(([name]) => name).filter((name) => !answered.has(`${name} done`))).toEqual([]);
  });
  it('one domain’s invocations leave another’s rights alone, but for what was derived from its own', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const chance = new Chance(seed);
        const f = new Fixture();
        furnish(f, USER);
        const theirs = f.frames(NATIVE, 8);
        const lent = f.kernel.spaces.grant(f.slot(USER, f.frames(USER)), f.domainOf(NATIVE)) as Right;
        const before = Array.from({ length: lent }, (_, right) => f.typeOf(NATIVE, right as Right));
        const invocations = f.kernel.invocations as unknown as Record<
          Name,
          (from: number, ...words: number[]) => number
        >;
        for (let i = 0; i < 300; i++) {
          const [name, arity] = CALLS[chance.below(CALLS.length)]!;
          invocations[name](USER, ...wordsOf(chance, name, arity));
        }
        expect(Array.from({ length: lent }, (_, right) => f.typeOf(NATIVE, right as Right))).toEqual(before);
        const on: Invocations = f.kernel.invocations;
        expect(on.address(NATIVE, theirs)).toBeGreaterThan(0);
      }),
      { numRuns: 5 * EFFORT },
    );
  });
});
