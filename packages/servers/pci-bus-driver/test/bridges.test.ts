import {
  EXHAUSTED,
  NO_SUCH_DEVICE,
  STATE_BRIDGE,
  STATE_BROKEN,
  STATE_NO_BUS,
  STATE_NO_PLACE,
} from '@bulkhead/pci-bus-driver-api';
import { describe, expect, it } from 'vitest';
import { bench, DRIVER, NIC_ID, nic, OTHER, SUPERVISOR, started, WINDOW_PAGE } from './bench.ts';
import type { FakeFunctionOptions } from './fake-bus.ts';

const BRIDGE_ID = 0x1_8086;
const BUS_MASTER = 0x4;
const bridge = (id: number, behind: readonly FakeFunctionOptions[], more: Partial<FakeFunctionOptions> = {}) => ({
  id,
  vendorDevice: BRIDGE_ID,
  behind,
  ...more,
});
const stateOf = ({ pci, answer }: ReturnType<typeof started>, device: number): number => {
  for (let nth = 0; ; nth++) {
    const found = pci.inventory(SUPERVISOR, nth);
    if (found === device) return answer[2]!;
    if (found === NO_SUCH_DEVICE) return -1;
  }
};

describe('bus numbers (PCIe Base 5.0 §7.5.1.3.2 to §7.5.1.3.4)', () => {
  it('everything up to bus ff is behind a bridge while it is followed, then what was found', () => {
    const { bus, start } = bench([bridge(0x08, [bridge(0x00, [nic(0)])]), bridge(0x10, [nic(0)])], { busCount: 8 });
    bus.namesFunctions = true;
    start();
    const numbers = bus.writes.filter((line) => /^config (8|10|100) 18 = /.test(line) && !line.endsWith(' 0'));
    expect(numbers).toEqual([
      'config 8 18 = ff0100',
      'config 100 18 = ff0201',
      'config 100 18 = 20201',
      'config 8 18 = 20100',
      'config 10 18 = ff0300',
      'config 10 18 = 30300',
    ]);
  });
  it('all bridges of a bus are closed before the first is followed: an old number answers for no other bus', () => {
    const { bus, start, pci } = bench([bridge(0x10, [nic(0x10)]), bridge(0x08, [nic(0x08)])], { busCount: 8 });
    bus.functions[0]!.bytes.setUint32(0x18, 0x0001_0100, true);
    start();
    expect([0, 1].map((nth) => pci.find(DRIVER, NIC_ID, nth))).toEqual([0x108, 0x210]);
  });
  it('exhausted: a bridge without a number stays closed, is told, and what stands before it serves', () => {
    const all = started([bridge(0x08, [nic(0)]), bridge(0x10, [nic(0)])], { busCount: 2 });
    expect(all.pci.find(DRIVER, NIC_ID, 0)).toBe(0x100);
    expect(all.pci.find(DRIVER, NIC_ID, 1)).toBe(NO_SUCH_DEVICE);
    expect(stateOf(all, 0x10)).toBe(STATE_BRIDGE | STATE_NO_BUS);
    expect(all.bus.functions[1]!.buses).toEqual([0, 0, 0]);
  });
  it('more bridges and devices than there are records: they are off, and counted', () => {
    const many = Array.from({ length: 70 }, (_, nth) => nic(nth % 8 === 0 ? nth : nth, { multiFunction: true }));
    const { pci, answer } = started(many);
    expect(pci.inventory(SUPERVISOR, 63)).toBe(63);
    expect(pci.inventory(SUPERVISOR, 64)).toBe(NO_SUCH_DEVICE);
    expect(answer[1]).toBe(6);
  });
  it('a bridge that does not hold its numbers leads nowhere', () => {
    const all = started([bridge(0x08, [nic(0)], { stuck: [0x18] }), nic(0x10)]);
    expect(stateOf(all, 0x08)).toBe(STATE_BRIDGE | STATE_BROKEN);
    expect(all.pci.find(DRIVER, NIC_ID, 0)).toBe(0x10);
  });
});

describe('windows (§7.5.1.3.8 to §7.5.1.3.10)', () => {
  const base = WINDOW_PAGE * 4096;
  it('one MiB for a NIC, prefetchable memory apart, closed where nothing asks', () => {
    const wide: FakeFunctionOptions = {
      id: 0,
      bars: [{ index: 0, sizeBytes: 0x20_0000, kind: 'mem64', prefetchable: true }],
    };
    const { bus } = started([bridge(0x08, [nic(0)]), bridge(0x10, [wide]), bridge(0x18, [])], { busCount: 8 });
    expect(bus.functions.map(({ windows }) => windows)).toEqual([
      [[base + 0x20_0000, base + 0x2f_ffff]],
      [[base, base + 0x1f_ffff]],
      [],
    ]);
    expect(bus.functions.map(({ command }) => command & 7)).toEqual([2, 2, 0]);
  });
  it('prefetchable memory goes with the other where the bridge has one window only', () => {
    const one: FakeFunctionOptions = {
      id: 0,
      bars: [{ index: 0, sizeBytes: 0x1000, kind: 'mem32', prefetchable: true }],
    };
    const { bus } = started([bridge(0x08, [one], { prefetchable: 0 })]);
    expect(bus.functions[0]!.windows).toEqual([[base, base + 0xf_ffff]]);
  });
  it('above 4 GiB stands only what is prefetchable and of 64 bits, behind a bridge that has so many', () => {
    const at = (prefetchable: boolean): FakeFunctionOptions => ({
      id: 0,
      vendorDevice: NIC_ID,
      bars: [{ index: 0, sizeBytes: 0x1000, kind: 'mem64', prefetchable }],
    });
    const { bus, pci } = started(
      [bridge(0x08, [at(true)]), bridge(0x10, [at(false)]), bridge(0x18, [at(true)], { prefetchable: 32 }), at(false)],
      { windowPage: 0x40_0000, busCount: 8 },
    );
    expect(bus.functions[0]!.windows).toEqual([[0x4_0000_0000, 0x4_000f_ffff]]);
    expect([0x100, 0x200, 0x300].map((device) => pci.claim(DRIVER, device))).toEqual([0, EXHAUSTED, EXHAUSTED]);
    expect(pci.claim(DRIVER, 0)).toBe(0);
  });
  it('below 4 GiB stands the whole window for one BAR of 32 bits in it', () => {
    const narrow: FakeFunctionOptions = {
      id: 0,
      vendorDevice: NIC_ID,
      bars: [{ index: 0, sizeBytes: 0x1000, kind: 'mem32', prefetchable: true }],
    };
    const { bus, pci } = started([bridge(0x08, [narrow])], { windowPage: 0x40_0000 });
    expect(pci.claim(DRIVER, 0x100)).toBe(EXHAUSTED);
    expect(bus.functions[0]!.windows).toEqual([]);
  });
  it('a greedy device is off, and nobody else: not its neighbour behind the same bridge', () => {
    const greedy: FakeFunctionOptions = { id: 0x08, bars: [{ index: 0, sizeBytes: 2 ** 31, kind: 'mem32' }] };
    const all = started([bridge(0x08, [nic(0), greedy]), nic(0x10)], { windowPages: 0x1000 });
    expect([0x100, 0x10].map((device) => all.pci.claim(DRIVER, device))).toEqual([0, 0]);
    expect(stateOf(all, 0x108)).toBe(STATE_NO_PLACE);
  });
  it('a bridge that does not hold its window: what is behind it is off', () => {
    const all = started([bridge(0x08, [nic(0)], { stuck: [0x20] }), nic(0x10)]);
    expect(stateOf(all, 0x08)).toBe(STATE_BRIDGE | STATE_BROKEN);
    expect(all.pci.claim(DRIVER, 0x100)).toBe(EXHAUSTED);
    expect(all.pci.claim(DRIVER, 0x10)).toBe(0);
  });
  it('I/O BARs get a page each where the machine has I/O space, and with it a right', () => {
    const { bus, pci, kernel, answer } = started([bridge(0x08, [nic(0), nic(0x08)])], { ioPage: 0x3000, ioPages: 16 });
    expect(bus.functions[0]!.ioWindow).toEqual([0x1000, 0x2fff]);
    pci.claim(DRIVER, 0x108);
    expect(bus.functions[0]!.behind[1]!.command & 7).toBe(3);
    expect(pci.bar(DRIVER, 0x108, 2)).toBe(1);
    expect(kernel.caps[answer[1]!]).toMatchObject({ kind: 'untyped', page: 0x3002 });
  });
  it('an I/O BAR without a place is off alone', () => {
    const { bus, pci } = started([nic(0x08)]);
    expect(pci.claim(DRIVER, 0x08)).toBe(0);
    expect([bus.functions[0]!.barAddress(2), bus.functions[0]!.command & 1]).toEqual([0, 0]);
  });
  it('expansion ROMs stay off', () => {
    const { bus, start } = bench([nic(0x08), bridge(0x10, [])]);
    bus.functions[0]!.bytes.setUint32(0x30, 0xfff0_0001, true);
    start();
    expect(bus.writes).toContain('config 30 = 0');
    expect(bus.writes).toContain('config 38 = 0');
  });
});

describe('bus mastering (§7.5.1.1.3 "Command Register")', () => {
  const masters = ({ bus }: ReturnType<typeof started>): number[] => {
    const upper = bus.functions[0]!;
    const lower = upper.behind[0]!;
    return [upper, lower, ...lower.behind].map(({ command }) => (command & BUS_MASTER) / BUS_MASTER);
  };
  it('a bridge forwards while a device behind it is started, and no longer', () => {
    const all = started([bridge(0x08, [bridge(0, [nic(0), nic(0x08)])])], { busCount: 8 });
    const { pci } = all;
    pci.claim(DRIVER, 0x200);
    pci.claim(OTHER, 0x208);
    expect(masters(all)).toEqual([0, 0, 0, 0]);
    pci.start(DRIVER, 0x200);
    pci.start(DRIVER, 0x200);
    expect(masters(all)).toEqual([1, 1, 1, 0]);
    pci.start(OTHER, 0x208);
    pci.release(DRIVER, 0x200);
    expect(masters(all)).toEqual([1, 1, 0, 1]);
    pci.release(OTHER, 0x208);
    expect(masters(all)).toEqual([0, 0, 0, 0]);
  });
  it('the bridges first, from the root down; on the way back the device first', () => {
    const { bus, pci } = started([bridge(0x08, [bridge(0, [nic(0)])])], { busCount: 8 });
    pci.claim(DRIVER, 0x200);
    bus.namesFunctions = true;
    bus.writes.length = 0;
    pci.start(DRIVER, 0x200);
    expect(bus.writes).toEqual(['config 8 4 = 406', 'config 100 4 = 406', 'config 200 4 = 406']);
    bus.writes.length = 0;
    pci.release(DRIVER, 0x200);
    expect(bus.writes.slice(0, 3)).toEqual(['config 200 4 = 402', 'config 100 4 = 402', 'config 8 4 = 402']);
  });
  it("a bridge is nobody's", () => {
    const { pci } = started([bridge(0x08, [])]);
    pci.allow(SUPERVISOR, DRIVER, BRIDGE_ID);
    expect([pci.find(DRIVER, BRIDGE_ID, 0), pci.claim(DRIVER, 0x08)]).toEqual([NO_SUCH_DEVICE, NO_SUCH_DEVICE]);
  });
});
