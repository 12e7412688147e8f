import { NO_SUCH_DEVICE, NOBODY, STATE_GONE, STATE_NOT_RESET } from '@bulkhead/pci-bus-driver-api';
import { describe, expect, it } from 'vitest';
import { DRIVER, nic, OTHER, SUPERVISOR, started } from './bench.ts';
import type { FakeFunctionOptions } from './fake-bus.ts';

const DEVICE = 0x08;
const MEMORY = 0x2;
const BUS_MASTER = 0x4;

/** A device that is held and started, its BAR and its handler in somebody's hands. */
const held = (reset: FakeFunctionOptions['reset'], more: readonly FakeFunctionOptions[] = []) => {
  const all = started([nic(DEVICE, { reset: reset ?? 'none' }), ...more]);
  all.pci.claim(DRIVER, DEVICE);
  all.pci.bar(DRIVER, DEVICE, 0);
  const bar = all.kernel.lend(all.answer[1]!);
  all.pci.interrupt(DRIVER, DEVICE, 0);
  const handler = all.kernel.lend(all.answer[1]!);
  all.pci.start(DRIVER, DEVICE);
  all.bus.writes.length = 0;
  all.kernel.hears = (line) => void all.bus.writes.push(line);
  return { ...all, bar, handler };
};
const stateOf = ({ pci, answer }: ReturnType<typeof held>): number => {
  expect(pci.inventory(SUPERVISOR, 0)).toBe(DEVICE);
  return answer[2]!;
};

describe('release: the order, in which nothing can arrive afterwards', () => {
  it('DMA and messages stop and what was sent has arrived, vectors, registers, reset, decoding, handlers', () => {
    const { pci, bus } = held('function');
    bus.tellsReads = true;
    expect(pci.release(DRIVER, DEVICE)).toBe(0);
    expect(bus.writes).toEqual([
      'config 4 = 402',
      'read 4',
      'config a2 = 4000',
      'memory 3:12 = 1',
      'memory 3:28 = 1',
      'memory 3:44 = 1',
      'memory 3:60 = 1',
      'memory 3:76 = 1',
      'revoke untyped',
      'config e8 = 8000',
      'config 4 = 400',
      'config 10 = 40000000',
      'config 14 = 40020000',
      'config 1c = 40040000',
      'config 4 = 400',
      'revoke handler',
      'delete handler',
    ]);
  });
  it('takes BAR and handler from whoever has them', () => {
    const { pci, kernel, bar, handler } = held('none');
    pci.release(DRIVER, DEVICE);
    expect([kernel.caps[bar], kernel.caps[handler]]).toEqual([undefined, undefined]);
  });
  it('leaves a device that the next one can have, with the same rights and identity', () => {
    const { pci, kernel, answer } = held('function');
    pci.release(DRIVER, DEVICE);
    expect(pci.ownerOf(SUPERVISOR, DEVICE)).toBe(NOBODY);
    expect(answer[1]).toBe(0);
    expect(pci.claim(OTHER, DEVICE)).toBe(0);
    expect(pci.bar(OTHER, DEVICE, 0)).toBe(32);
    expect(kernel.caps[answer[1]!]).toMatchObject({ kind: 'untyped' });
    expect(pci.interrupt(OTHER, DEVICE, 0)).toBe(0);
    expect(kernel.issued).toEqual([16, 16]);
  });
  it('keeps who holds it apart from who held it before: every tenure has a number of its own', () => {
    const { pci, answer } = held('function');
    pci.ownerOf(SUPERVISOR, DEVICE);
    const first = answer[1]!;
    pci.release(DRIVER, DEVICE);
    pci.claim(DRIVER, DEVICE);
    pci.ownerOf(SUPERVISOR, DEVICE);
    expect(first).toBeGreaterThan(0);
    expect(answer[1]!).toBeGreaterThan(first);
  });
});

describe('the way in which a function is reset', () => {
  it('function level where it has that (PCIe Base 5.0 §6.6.2), its BARs written anew while nothing decodes', () => {
    const { pci, bus } = held('function');
    const before = bus.functions[0]!.barAddress(0);
    pci.release(DRIVER, DEVICE);
    expect(bus.functions[0]!.resets).toBe(1);
    expect(bus.functions[0]!.barAddress(0)).toBe(before);
    expect(bus.functions[0]!.command & (MEMORY | BUS_MASTER)).toBe(0);
    expect(bus.movedWhileDecoding).toBe(false);
  });
  it('through D3hot where it loses its state on the way back (§5.3.1.4)', () => {
    const { pci, bus } = held('power');
    const before = bus.functions[0]!.barAddress(0);
    pci.release(DRIVER, DEVICE);
    expect(bus.writes).toContain('config cc = 3');
    expect(bus.functions[0]!.resets).toBe(1);
    expect(bus.functions[0]!.barAddress(0)).toBe(before);
  });
  it('not at all on bus 0 where it has neither, and that is told', () => {
    const all = held('none');
    all.pci.release(DRIVER, DEVICE);
    expect(all.bus.functions[0]!.resets).toBe(0);
    expect(stateOf(all) & STATE_NOT_RESET).toBe(STATE_NOT_RESET);
  });

  const behindBridge = (behind: readonly FakeFunctionOptions[]) => {
    const all = started([{ id: 0x08, vendorDevice: 0x1_8086, behind }]);
    all.pci.claim(DRIVER, 0x100);
    return { ...all, below: all.bus.functions[0]!.behind };
  };
  it('by its bridge, where everybody behind it is free (§7.5.1.3.13); all get their BARs back', () => {
    const { pci, below } = behindBridge([nic(0), nic(0x08)]);
    const before = below.map((one) => one.barAddress(3));
    pci.release(DRIVER, 0x100);
    expect(below.map(({ resets }) => resets)).toEqual([1, 1]);
    expect(below.map((one) => one.barAddress(3))).toEqual(before);
  });
  it('not by its bridge while somebody else holds a neighbour, or another bridge would lose its number', () => {
    const first = behindBridge([nic(0), nic(0x08)]);
    first.pci.claim(OTHER, 0x108);
    first.pci.release(DRIVER, 0x100);
    expect(first.below.map(({ resets }) => resets)).toEqual([0, 0]);
    const second = behindBridge([nic(0), { id: 0x08, vendorDevice: 0x1_8086, behind: [nic(0)] }]);
    second.pci.release(DRIVER, 0x100);
    expect(second.below.map(({ resets }) => resets)).toEqual([0, 0]);
  });
  it('when a holder of two neighbours is reclaimed, with the last of them', () => {
    const { pci, below } = behindBridge([nic(0), nic(0x08)]);
    pci.claim(DRIVER, 0x108);
    expect(pci.reclaim(SUPERVISOR, DRIVER)).toBe(2);
    expect(below.map(({ resets }) => resets)).toEqual([1, 1]);
  });
});

describe('a device that disappears', () => {
  it('is none that can be claimed, and stays so', () => {
    const all = held('function');
    const device = all.bus.functions[0]!;
    all.pci.release(DRIVER, DEVICE);
    device.gone = true;
    expect(all.pci.claim(DRIVER, DEVICE)).toBe(NO_SUCH_DEVICE);
    device.gone = false;
    expect(all.pci.claim(DRIVER, DEVICE)).toBe(NO_SUCH_DEVICE);
    expect(stateOf(all) & STATE_GONE).toBe(STATE_GONE);
  });
  it('is taken back as any other: its rights go, and its neighbour serves on', () => {
    const all = held('function', [nic(0x10)]);
    all.pci.claim(OTHER, 0x10);
    all.bus.functions[0]!.gone = true;
    expect(all.pci.reclaim(SUPERVISOR, DRIVER)).toBe(1);
    expect([all.kernel.caps[all.bar], all.kernel.caps[all.handler]]).toEqual([undefined, undefined]);
    expect(stateOf(all) & STATE_GONE).toBe(STATE_GONE);
    expect(all.pci.ownerOf(SUPERVISOR, 0x10)).toBe(OTHER);
    expect(all.pci.start(OTHER, 0x10)).toBe(0);
  });
  it('is gone when it does not come back from its reset', () => {
    const all = held('function');
    const device = all.bus.functions[0]!;
    device.reset = () => {
      device.gone = true;
    };
    all.pci.release(DRIVER, DEVICE);
    expect(stateOf(all) & STATE_GONE).toBe(STATE_GONE);
  });
});
