/** Random trees of buses, and what must hold of one that was enumerated. */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { FakeBar, FakeBus, FakeFunction, FakeFunctionOptions } from './fake-bus.ts';

type Shape = {
  readonly bars: readonly {
    readonly sizeBits: number;
    readonly kind: FakeBar['kind'];
    readonly prefetchable: boolean;
  }[];
  readonly isBridge: boolean;
  readonly behind: readonly Shape[];
  readonly prefetchable: 0 | 32 | 64;
  readonly io: boolean;
  readonly functions: number;
};

/** A unique pair of IDs a function, so that each can be found by it. */
export const FIRST_ID = 0x1_8086;

/** @param sizeBits the largest BAR. */
export const trees = (depth: number, width: number, sizeBits: number): fc.Arbitrary<FakeFunctionOptions[]> => {
  const bar = fc.record({
    sizeBits: fc.integer({ min: 4, max: sizeBits }),
    kind: fc.constantFrom('mem32' as const, 'mem64' as const, 'io' as const),
    prefetchable: fc.boolean(),
  });
  const shape = (left: number): fc.Arbitrary<Shape> =>
    fc.record({
      bars: fc.array(bar, { maxLength: 3 }),
      isBridge: left === 0 ? fc.constant(false) : fc.boolean(),
      behind: left === 0 ? fc.constant([]) : fc.array(shape(left - 1), { maxLength: width }),
      prefetchable: fc.constantFrom(0 as const, 32 as const, 64 as const),
      io: fc.boolean(),
      functions: fc.constantFrom(1, 1, 1, 3),
    });
  return fc.array(shape(depth), { maxLength: width }).map((shapes) => {
    let id = FIRST_ID;
    const options = (here: readonly Shape[]): FakeFunctionOptions[] =>
      here.flatMap((one, slot) =>
        Array.from({ length: one.functions }, (_, nth): FakeFunctionOptions => {
          const bars = one.bars
            .slice(0, one.isBridge ? 1 : 3)
            .map(({ sizeBits: bits, kind, prefetchable }, i): FakeBar => {
              const shown = one.isBridge && kind === 'io' ? 'mem32' : kind;
              return { index: i * 2, sizeBytes: 2 ** bits, kind: shown, prefetchable: shown !== 'io' && prefetchable };
            });
          const common = { id: slot * 8 + nth * 2, vendorDevice: id, bars, multiFunction: one.functions > 1 };
          id += 0x1_0000;
          return one.isBridge
            ? { ...common, behind: nth === 0 ? options(one.behind) : [], prefetchable: one.prefetchable, io: one.io }
            : common;
        }),
      );
    return options(shapes);
  });
};

/** A function, the number of the bus it is on, and the bridges on the way, from the root down. */
export interface Placed {
  readonly one: FakeFunction;
  readonly bus: number;
  readonly above: readonly FakeFunction[];
}

/** Who can be reached at all, by the bridges' bus numbers. */
export function placed(here: readonly FakeFunction[], bus = 0, above: readonly FakeFunction[] = []): Placed[] {
  return here.flatMap((one) => [
    { one, bus, above },
    ...(one.isBridge && one.buses[1] !== 0 ? placed(one.behind, one.buses[1], [...above, one]) : []),
  ]);
}
export const everybody = (here: readonly FakeFunction[]): FakeFunction[] =>
  here.flatMap((one) => [one, ...everybody(one.behind)]);

/** PCIe Base 5.0 §7.5.1.3.2 to §7.5.1.3.4: the numbers are a proper tree, given depth first and without a gap. */
export function checkBusNumbers(bus: FakeBus): void {
  const number = (here: readonly FakeFunction[], primary: number, last: number): number => {
    let next = last;
    for (const one of here.filter(({ isBridge }) => isBridge)) {
      expect(one.buses.slice(0, 2)).toEqual([primary, next + 1]);
      next = number(one.behind, next + 1, next + 1);
      expect(one.buses[2]).toBe(next);
    }
    return next;
  };
  number(bus.functions, 0, 0);
}

interface Range {
  readonly base: number;
  readonly limit: number;
}
/** Memory claims on one bus and below: none overlaps another, each stands inside a window of the bridge above. */
export function checkMemory(here: readonly FakeFunction[], inside: readonly Range[]): void {
  const claims: Range[] = [];
  for (const one of here) {
    for (const { index, sizeBytes, kind } of one.bars) {
      const base = one.barAddress(index);
      if (kind === 'io' || base === 0) continue;
      expect(base % sizeBytes).toBe(0);
      claims.push({ base, limit: base + sizeBytes - 1 });
    }
    const windows = one.windows.map(([base, limit]): Range => ({ base, limit }));
    for (const { base, limit } of windows) expect([base % 0x10_0000, (limit + 1) % 0x10_0000]).toEqual([0, 0]);
    claims.push(...windows);
    if (one.isBridge) checkMemory(one.behind, windows);
  }
  for (const claim of claims) {
    expect(inside.some(({ base, limit }) => claim.base >= base && claim.limit <= limit)).toBe(true);
  }
  checkDisjoint(claims);
}
/** The same for I/O. */
export function checkIo(here: readonly FakeFunction[], inside: Range): void {
  const claims: Range[] = [];
  for (const one of here) {
    for (const { index, sizeBytes, kind } of one.bars) {
      const base = one.barAddress(index);
      if (kind === 'io' && base !== 0) claims.push({ base, limit: base + sizeBytes - 1 });
    }
    const window = one.isBridge ? one.ioWindow : null;
    if (window !== null) claims.push({ base: window[0], limit: window[1] });
    if (one.isBridge) checkIo(one.behind, window === null ? NOTHING : { base: window[0], limit: window[1] });
  }
  for (const { base, limit } of claims) expect([base >= inside.base, limit <= inside.limit]).toEqual([true, true]);
  checkDisjoint(claims);
}
const NOTHING: Range = { base: 1, limit: 0 };

function checkDisjoint(claims: Range[]): void {
  claims.sort((a, b) => a.base - b.base);
  for (let i = 1; i < claims.length; i++) expect(claims[i]!.base).toBeGreaterThan(claims[i - 1]!.limit);
}
