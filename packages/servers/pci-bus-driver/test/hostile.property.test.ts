import { FIRST_OWN_REFUSAL } from '@bulkhead/abi';
import { NO_SUCH_DEVICE, NOBODY, STATE_BRIDGE } from '@bulkhead/pci-bus-driver-api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bench, benchOn, DRIVER, NIC_ID, nic, OTHER, SUPERVISOR, started, WINDOW_PAGE } from './bench.ts';
import type { FakeBar, FakeFunction, FakeFunctionOptions } from './fake-bus.ts';
import { HostileBus } from './hostile-bus.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const IOMMU_DRIVER = 3;
const WINDOW_PAGES = 0x4000;

const hostile = fc.record({
  seed: fc.integer(),
  chance: fc.constantFrom(0, 0, 0, 1, 1, 2, 4, 8, 16),
  absent: fc.integer({ min: 4, max: 12 }),
  headerType: fc.constantFrom(-1, -1, 0, 0x80, 1, 0x81),
});
const word = fc.oneof(
  fc.integer(),
  fc.integer({ min: -2, max: 40 }),
  fc.constantFrom(DRIVER, OTHER, SUPERVISOR, NOBODY),
);
const NAMES = ['allow', 'find', 'claim', 'bar', 'interrupt', 'start', 'release', 'reclaim', 'ownerOf'] as const;
const MORE_NAMES = ['heldBy', 'inventory', 'config', 'messageOf', 'redirect'] as const;
const calls = fc.array(
  fc.record({
    name: fc.constantFrom(...NAMES, ...MORE_NAMES, 'claim', 'bar', 'bar', 'interrupt', 'interrupt'),
    from: fc.constantFrom(DRIVER, OTHER, SUPERVISOR, IOMMU_DRIVER, 99),
    nth: fc.nat({ max: 70 }),
    words: fc.tuple(word, word, word),
    usesDevice: fc.boolean(),
  }),
  { minLength: 150, maxLength: 300, size: 'max' },
);

describe('configuration space that lies', () => {
  it('ends nothing: whatever it answers, whatever is asked, the answers are refusals and words', () => {
    const granted = new Map<string, number>();
    fc.assert(
      fc.property(hostile, fc.integer({ min: 1, max: 6 }), calls, (options, busCount, script) => {
        const bus = new HostileBus(options);
        const { pci, answer, kernel, start } = benchOn(bus, {
          busCount,
          windowPages: WINDOW_PAGES,
          ioPage: 0x3000,
          ioPages: 16,
          iommuDriver: IOMMU_DRIVER,
        });
        start();
        const found: number[] = [];
        for (let nth = 0; pci.inventory(SUPERVISOR, nth) !== NO_SUCH_DEVICE; nth++) {
          found.push(pci.inventory(SUPERVISOR, nth));
          for (const one of [DRIVER, OTHER])
            if ((answer[2]! & STATE_BRIDGE) === 0) pci.allow(SUPERVISOR, one, answer[1]!);
        }
        const held = found.filter((device) => pci.claim(DRIVER, device) === 0);
        for (const { name, from: by, nth, words, usesDevice } of script) {
          const [first, ...others] = words;
          const isHeld = held.length > 0 && nth % 8 > 0;
          const from = isHeld && by === OTHER ? DRIVER : by;
          const some = isHeld ? held : found;
          const device = usesDevice && some.length > 0 ? some[nth % some.length]! : first;
          const call = pci[name] as (...args: number[]) => number;
          const result = call(from, device, ...others);
          expect(Number.isInteger(result) && result > FIRST_OWN_REFUSAL - 11).toBe(true);
          if (result >= 0) granted.set(name, (granted.get(name) ?? 0) + 1);
          if (name === 'bar' && result >= 0) {
            const { page } = kernel.caps[answer[1]!]!;
            const inMemory = page >= WINDOW_PAGE && page + result <= WINDOW_PAGE + WINDOW_PAGES;
            expect(inMemory || (page >= 0x3001 && page + result <= 0x3010)).toBe(true);
          }
        }
        expect(bus.lastPage).toBeLessThan(busCount * 256);
        expect(bus.accesses).toBeLessThan(busCount * 256 * 8 + 64 * 200 + script.length * 5000);
      }),
      { numRuns: 150 * EFFORT },
    );
    // Some of it was believed: else nothing was tried.
    for (const name of ['claim', 'bar', 'interrupt', 'start', 'release', 'messageOf', 'redirect', 'config'])
      expect(granted.get(name) ?? 0, name).toBeGreaterThan(0);
  });
  it('no two rights to BARs that were made overlap, whatever the devices say', () => {
    fc.assert(
      fc.property(hostile, (options) => {
        const { kernel, start } = benchOn(new HostileBus(options), { busCount: 4, windowPages: WINDOW_PAGES });
        start();
        const made = kernel.caps.filter((cap) => cap?.kind === 'untyped' && cap.parent === 2).map((cap) => cap!);
        made.sort((a, b) => a.page - b.page);
        for (let i = 1; i < made.length; i++) {
          expect(made[i]!.page).toBeGreaterThanOrEqual(made[i - 1]!.page + 2 ** (made[i - 1]!.sizeBits - 12));
        }
      }),
      { numRuns: 100 * EFFORT },
    );
  });
  it('nobody masters the bus who was not started, a bridge behind which nobody is not either', () => {
    fc.assert(
      fc.property(hostile, calls, (options, script) => {
        const bus = new HostileBus(options);
        const { pci, start } = benchOn(bus, { busCount: 4 });
        start();
        for (const { name, from, words } of script)
          if (name !== 'start') (pci[name] as (...args: number[]) => number)(from, ...words);
        expect([...bus.masters]).toEqual([]);
      }),
      { numRuns: 50 * EFFORT },
    );
  });
  it('all 256 buses full of bridges: as many are followed as there are records, and the start ends', () => {
    const bus = new HostileBus({ seed: 7, chance: 0, absent: 0, headerType: 0x81 });
    const { pci, answer, start } = benchOn(bus, { busCount: 256 });
    start();
    expect(pci.inventory(SUPERVISOR, 32)).toBe(NO_SUCH_DEVICE);
    expect(answer[1]).toBeGreaterThan(0);
  });
});

describe('a device that contradicts itself', () => {
  const SOUND = 0x10;
  const beside = (liar: Partial<FakeFunctionOptions>, change: (one: FakeFunction) => void = () => {}) => {
    const all = bench([nic(0x08, liar), nic(SOUND)]);
    change(all.bus.functions[0]!);
    all.start();
    return all;
  };
  const bar = (index: number, sizeBytes: number, kind: FakeBar['kind'] = 'mem32'): FakeBar => ({
    index,
    sizeBytes,
    kind,
  });
  it.each([
    ['an MSI-X table beyond its BAR', { msix: { vectors: 5, bar: 3, offset: 0x4000 } }],
    ['an MSI-X table that ends beyond its BAR', { msix: { vectors: 2048, bar: 3, offset: 0 } }],
    ['an MSI-X table in a BAR that it has not', { msix: { vectors: 5, bar: 5, offset: 0 } }],
    ['an MSI-X table in BAR 7', { msix: { vectors: 5, bar: 7, offset: 0 } }],
    ['an MSI-X table in an I/O BAR', { msix: { vectors: 1, bar: 2, offset: 0 } }],
    [
      'an MSI-X table in the upper half of a BAR',
      { bars: [bar(0, 0x1000, 'mem64')], msix: { vectors: 1, bar: 1, offset: 0 } },
    ],
    ['a BAR that holds no address', { stuck: [0x10] }],
  ] as const)("is nobody's, and its neighbour serves: %s", (what, liar) => {
    const { pci } = beside(liar, (one) => {
      // It was writable while it was sized.
      if (what === 'a BAR that holds no address') lie(one);
    });
    expect(pci.claim(DRIVER, 0x08)).toBeLessThan(0);
    expect(pci.claim(DRIVER, SOUND)).toBe(0);
    expect(pci.interrupt(DRIVER, SOUND, 0)).toBe(0);
  });
  /** All ones while it is sized, then an address of its own. */
  function lie(one: FakeFunction): void {
    const { write } = one;
    one.write = (register, lenBytes, value) => {
      if (register === 0x10) one.bytes.setUint32(0x10, value >>> 0 === 0xffff_ffff ? 0xffff_f000 : 0x5000_0000, true);
      else write.call(one, register, lenBytes, value);
    };
  }
  it('ends in no circle: a capability list that points to itself', () => {
    const { pci } = beside({}, (one) => one.bytes.setUint8(0xe1, 0xc8));
    expect([pci.claim(DRIVER, 0x08), pci.interrupt(DRIVER, 0x08, 4)]).toEqual([0, 0]);
  });
  it('believes the first of two capabilities of a kind', () => {
    const { pci } = beside({}, (one) => {
      one.bytes.setUint8(0xe1, 0x60);
      one.bytes.setUint16(0x60, 0x0011, true);
      one.bytes.setUint32(0x64, 0x0000_0001, true);
    });
    expect(pci.claim(DRIVER, 0x08)).toBe(0);
    expect(pci.bar(DRIVER, 0x08, 1)).toBe(32);
  });
  it('finds nothing where every register reads all ones', () => {
    const { pci } = started([]);
    expect(pci.find(DRIVER, NIC_ID, 0)).toBe(NO_SUCH_DEVICE);
  });
});
