import { EXHAUSTED, NO_SUCH_DEVICE, STATE_BRIDGE, STATE_NO_PLACE } from '@bulkhead/pci-bus-driver-api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DRIVER, SUPERVISOR, started, WINDOW_PAGE } from './bench.ts';
import { BRIDGE_CAPACITY, DEVICE_CAPACITY } from './capacities.ts';
import type { FakeFunctionOptions } from './fake-bus.ts';
import { checkBusNumbers, checkIo, checkMemory, everybody, placed, trees } from './trees.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const WINDOW_PAGES = 0x4_0000;

const system = (functions: readonly FakeFunctionOptions[], windowPages = WINDOW_PAGES) =>
  started(functions, { busCount: 64, windowPages, ioPage: 0x3000, ioPages: 16 });
const inventoryOf = ({ pci, answer }: ReturnType<typeof system>): Map<number, { id: number; state: number }> => {
  const found = new Map<number, { id: number; state: number }>();
  for (let nth = 0; ; nth++) {
    const device = pci.inventory(SUPERVISOR, nth);
    if (device === NO_SUCH_DEVICE) return found;
    found.set(device, { id: answer[1]!, state: answer[2]! });
  }
};
const fits = (functions: readonly FakeFunctionOptions[]): boolean => {
  const count = (here: readonly FakeFunctionOptions[], bridges: boolean): number =>
    here.reduce(
      (sum, one) => sum + count(one.behind ?? [], bridges) + ((one.behind !== undefined) === bridges ? 1 : 0),
      0,
    );
  return count(functions, true) <= BRIDGE_CAPACITY && count(functions, false) <= DEVICE_CAPACITY;
};

describe('any tree of buses', () => {
  const tree = trees(3, 4, 20).filter(fits);
  it('is found whole: each function under its requester ID, the buses numbered depth first', () => {
    fc.assert(
      fc.property(tree, (functions) => {
        const all = system(functions);
        checkBusNumbers(all.bus);
        const known = inventoryOf(all);
        const there = placed(all.bus.functions);
        expect(there.length).toBe(everybody(all.bus.functions).length);
        expect(known.size).toBe(there.length);
        for (const { one, bus } of there) {
          const entry = known.get(bus * 256 + one.id);
          expect(entry?.id).toBe(one.bytes.getInt32(0, true));
          expect(entry!.state & STATE_BRIDGE).toBe(one.isBridge ? STATE_BRIDGE : 0);
        }
      }),
      { numRuns: 60 * EFFORT },
    );
  });
  it('is placed right: aligned, apart, inside every window on the way, in a window that is large enough for all', () => {
    fc.assert(
      fc.property(tree, (functions) => {
        const all = system(functions);
        const root = { base: WINDOW_PAGE * 4096, limit: (WINDOW_PAGE + WINDOW_PAGES) * 4096 - 1 };
        checkMemory(all.bus.functions, [root]);
        checkIo(all.bus.functions, { base: 0x1000, limit: 0xffff });
        expect(all.bus.movedWhileDecoding).toBe(false);
        for (const one of everybody(all.bus.functions))
          for (const { index, kind } of one.bars) if (kind !== 'io') expect(one.barAddress(index)).toBeGreaterThan(0);
      }),
      { numRuns: 60 * EFFORT },
    );
  });
  it('is placed right where not everybody finds a place: who is off is refused, has no address and decodes nothing', () => {
    fc.assert(
      fc.property(tree, fc.integer({ min: 0, max: 0x1000 }), (functions, windowPages) => {
        const all = system(functions, windowPages);
        checkMemory(all.bus.functions, [{ base: WINDOW_PAGE * 4096, limit: (WINDOW_PAGE + windowPages) * 4096 - 1 }]);
        const known = inventoryOf(all);
        for (const { one, bus } of placed(all.bus.functions)) {
          if (one.isBridge) continue;
          const device = bus * 256 + one.id;
          all.pci.allow(SUPERVISOR, DRIVER, one.bytes.getInt32(0, true));
          const isOff = (known.get(device)!.state & STATE_NO_PLACE) !== 0;
          expect(all.pci.claim(DRIVER, device)).toBe(isOff ? EXHAUSTED : 0);
          for (const { index, kind } of one.bars) if (kind !== 'io') expect(one.barAddress(index) === 0).toBe(isOff);
          if (isOff) expect(one.command & 7).toBe(0);
        }
      }),
      { numRuns: 60 * EFFORT },
    );
  });
  it('each BAR is answered by its device alone, through the bridges, and the right is to exactly its pages', () => {
    fc.assert(
      fc.property(tree, (functions) => {
        const { bus, pci, kernel, answer } = system(functions);
        const devices = placed(bus.functions).filter(({ one }) => !one.isBridge);
        for (const { one, bus: on } of devices) {
          pci.allow(SUPERVISOR, DRIVER, one.bytes.getInt32(0, true));
          expect(pci.claim(DRIVER, on * 256 + one.id)).toBe(0);
        }
        for (const { one, bus: on } of devices) {
          for (const { index, sizeBytes, kind } of one.bars) {
            if (kind === 'io') continue;
            const address = one.barAddress(index);
            for (const at of [address, address + sizeBytes - 4]) {
              expect(bus.decode(at).map(({ device }) => device)).toEqual([one]);
            }
            expect(pci.bar(DRIVER, on * 256 + one.id, index)).toBe(Math.ceil(sizeBytes / 4096));
            expect(kernel.caps[answer[1]!]).toMatchObject({ kind: 'untyped', page: Math.floor(address / 4096) });
          }
        }
      }),
      { numRuns: 30 * EFFORT },
    );
  });
});

describe('a bus on its own', () => {
  const flat = trees(0, 8, 22).map((functions) => functions.map((one) => ({ ...one, multiFunction: true })));
  it('who is off would not fit beside those that are on', () => {
    fc.assert(
      fc.property(flat, fc.integer({ min: 0, max: 11 }), (functions, bits) => {
        const windowPages = 2 ** bits;
        const all = system(functions, windowPages);
        const pagesOf = ({ bars }: Pick<FakeFunctionOptions, 'bars'>): number =>
          (bars ?? []).reduce(
            (sum, { kind, sizeBytes }) => sum + (kind === 'io' ? 0 : Math.max(1, sizeBytes / 4096)),
            0,
          );
        const known = inventoryOf(all);
        const isOn = ({ id }: { id: number }): boolean => (known.get(id)!.state & STATE_NO_PLACE) === 0;
        const taken = all.bus.functions.filter(isOn).reduce((sum, one) => sum + pagesOf(one), 0);
        expect(taken).toBeLessThanOrEqual(windowPages);
        for (const one of all.bus.functions) if (!isOn(one)) expect(taken + pagesOf(one)).toBeGreaterThan(windowPages);
      }),
      { numRuns: 100 * EFFORT },
    );
  });
});
