import { has } from '@bulkhead/bits';
import * as pci from '@bulkhead/pci-datasheet';
import { describe, expect, it } from 'vitest';
import { createPciBridge, createRootPort, MASTER_REFUSED, type PciBridge, type PciFunction } from '../src/index.ts';
import { WINDOW } from './bench.ts';
import { ENABLE_ALL, endpoint, FAULTING_PAGE, id, Tree } from './tree.ts';

const ROOT_PORT = id(0, 1);
const BRIDGE = id(0, 2);
const BEHIND_PORT = id(1, 0);
const INNER = id(2, 4);
const BEHIND_BRIDGE = id(2, 3);
const BEHIND_INNER = id(3, 5);
const ABORT = pci.STATUS_RECEIVED_MASTER_ABORT.mask;

/**
 *   00:01.0 root port ── 01:00.0 endpoint
 *   00:02.0 bridge ─┬─── 02:03.0 endpoint
 *                   └─── 02:04.0 bridge ── 03:05.0 endpoint
 */
class Numbered extends Tree {
  readonly port: PciBridge = createRootPort();
  readonly bridge: PciBridge = createPciBridge();
  readonly inner: PciBridge = createPciBridge();
  readonly behindPort: PciFunction = endpoint({ interruptPin: 1, msi: {} });
  readonly behindBridge: PciFunction = endpoint({ interruptPin: 2 });
  readonly behindInner: PciFunction = endpoint({ interruptPin: 4 });

  constructor() {
    super();
    this.root.attachBridge(this.port, { device: 1, function: 0 });
    this.root.attachBridge(this.bridge, { device: 2, function: 0 });
    this.bridge.bus.attachBridge(this.inner, { device: 4, function: 0 });
    this.port.bus.attach(this.behindPort, { device: 0, function: 0 });
    this.bridge.bus.attach(this.behindBridge, { device: 3, function: 0 });
    this.inner.bus.attach(this.behindInner, { device: 5, function: 0 });
    this.number(ROOT_PORT, 1, 1);
    this.number(BRIDGE, 2, 3);
    this.number(INNER, 3, 3);
    for (const one of [ROOT_PORT, BRIDGE, INNER, BEHIND_PORT, BEHIND_BRIDGE, BEHIND_INNER])
      this.command(one, ENABLE_ALL);
  }
  /** Bridge windows of 1 MiB each at WINDOW; a BAR in each. */
  open(): void {
    this.openMemory(ROOT_PORT, WINDOW, WINDOW + 0x10_0000);
    this.openMemory(BRIDGE, WINDOW + 0x10_0000, WINDOW + 0x30_0000);
    this.openMemory(INNER, WINDOW + 0x20_0000, WINDOW + 0x30_0000);
    this.write(BEHIND_PORT, pci.BAR0, WINDOW + 0x1000);
    this.write(BEHIND_BRIDGE, pci.BAR0, WINDOW + 0x11_0000);
    this.write(BEHIND_INNER, pci.BAR0, WINDOW + 0x21_0000);
  }
}

describe('type 1 header (PCIe Base 5.0 §7.5.1.3)', () => {
  it.each([
    ['root port', ROOT_PORT, 0x000c_1b36],
    ['conventional bridge', BRIDGE, 0x0001_1b36],
  ])('a %s says what it is', (_name, at, identity) => {
    const tree = new Numbered();
    expect(tree.read(at, pci.VENDOR_ID)).toBe(identity);
    expect(tree.read(at, pci.REVISION_ID) >>> 8).toBe(pci.CLASS_PCI_BRIDGE);
    expect(tree.read(at, pci.HEADER_TYPE, 1)).toBe(pci.HEADER_TYPE_1);
  });
  it('ISA, VGA and master abort mode of Bridge Control read 0; a root port has no BAR', () => {
    const tree = new Numbered();
    tree.write(ROOT_PORT, pci.BRIDGE_CONTROL, 0xffbf, 2);
    expect(tree.read(ROOT_PORT, pci.BRIDGE_CONTROL, 2)).toBe(3);
    tree.write(ROOT_PORT, pci.BAR0, -1);
    expect(tree.read(ROOT_PORT, pci.BAR0)).toBe(0);
  });
  it('the low bits of the windows tell how wide they are, and cannot be written', () => {
    const tree = new Tree();
    const kinds = [
      { io: 'none', prefetchable: 'none' },
      { io: '16-bit', prefetchable: '32-bit' },
      { io: '32-bit', prefetchable: '64-bit' },
    ] as const;
    const read = kinds.map((windows, device) => {
      tree.root.attachBridge(createPciBridge({ windows }), { device, function: 0 });
      for (const at of [pci.IO_BASE, 0x24, 0x28, 0x2c, 0x30]) tree.write(id(0, device), at, -1);
      return [pci.IO_BASE, 0x24, 0x28, 0x2c, 0x30].map((at) => tree.read(id(0, device), at));
    });
    expect(read).toEqual([
      [0, 0, 0, 0, 0],
      [0xf0f0, 0xfff0_fff0, 0, 0, 0],
      [0xf1f1, 0xfff1_fff1, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff],
    ]);
  });
});

describe('configuration requests through bridges (§7.3.3)', () => {
  it('a request to the secondary bus becomes Type 0, one to a bus beyond stays Type 1 to the next bridge', () => {
    const tree = new Numbered();
    for (const one of [BEHIND_PORT, BEHIND_BRIDGE, BEHIND_INNER]) expect(tree.read(one, 0)).toBe(0x5678_1234);
    expect(tree.read(INNER, 0)).toBe(0x0001_1b36);
  });
  it('before it is numbered nothing is found behind a bridge', () => {
    const tree = new Numbered();
    tree.number(BRIDGE, 0, 0);
    for (const one of [INNER, BEHIND_BRIDGE, BEHIND_INNER]) expect(tree.read(one, 0)).toBe(0xffff_ffff);
  });
  it('a bus outside secondary to subordinate is not forwarded', () => {
    const tree = new Numbered();
    tree.write(BRIDGE, pci.SUBORDINATE_BUS_NUMBER, 2, 1);
    expect([tree.read(BEHIND_BRIDGE, 0, 2), tree.read(BEHIND_INNER, 0, 2)]).toEqual([0x1234, 0xffff]);
  });
  it('an absent function reads all ones, and the bridge in front has received a master abort (§7.5.1.3.7)', () => {
    const tree = new Numbered();
    expect(tree.read(id(2, 9), 0, 2)).toBe(0xffff);
    expect([tree.secondaryStatus(BRIDGE), tree.secondaryStatus(ROOT_PORT)]).toEqual([ABORT, 0]);
    tree.write(BRIDGE, pci.SECONDARY_STATUS, ABORT, 2);
    expect(tree.secondaryStatus(BRIDGE)).toBe(0);
  });
  it('a port forwards to device 0 of its link alone (§7.3.1)', () => {
    const tree = new Numbered();
    expect(tree.read(id(1, 1), 0)).toBe(0xffff_ffff);
    expect(tree.secondaryStatus(ROOT_PORT)).toBe(ABORT);
    expect(() => tree.port.bus.attach(endpoint(), { device: 1, function: 0 })).toThrow('no device 1');
  });
  it('a function learns its bus number from the configuration writes it completes (§2.2.6.2)', () => {
    const tree = new Numbered();
    expect(tree.behindInner.requesterId).toBe(BEHIND_INNER);
    tree.number(BRIDGE, 7, 9);
    tree.number(id(7, 4), 9, 9);
    expect(tree.read(id(9, 5), 0, 2)).toBe(0x1234);
    expect(tree.behindInner.requesterId).toBe(BEHIND_INNER);
    tree.command(id(9, 5), ENABLE_ALL);
    expect(tree.behindInner.requesterId).toBe(id(9, 5));
    tree.behindInner.dma.write(5, 0, new Uint8Array(4), 0, 4);
    expect(tree.sent).toEqual([{ requesterId: id(9, 5), page: 5 }]);
  });
  it('below D0 a bridge forwards nothing', () => {
    const tree = new Numbered();
    tree.open();
    const control = tree.find(BRIDGE, pci.CAPABILITY_POWER_MANAGEMENT) + pci.PMCSR;
    tree.write(BRIDGE, control, pci.PMCSR_POWER_STATE_D3_HOT, 2);
    expect([tree.read(BEHIND_BRIDGE, 0), tree.load(WINDOW + 0x11_0000)]).toEqual([0xffff_ffff, 0xffff_ffff]);
    expect(tree.behindInner.dma.read(1, 0, new Uint8Array(4), 0, 4)).toBeLessThan(0);
    tree.write(BRIDGE, control, 0, 2);
    expect([tree.read(BEHIND_BRIDGE, 0, 2), tree.load(WINDOW + 0x11_0008)]).toEqual([0x1234, 8]);
  });
});

describe('memory and I/O through bridges (§7.5.1.3.6 to §7.5.1.3.9)', () => {
  it('an access inside every window on its way reaches the BAR', () => {
    const tree = new Numbered();
    tree.open();
    expect([0x1004, 0x11_0008, 0x21_0010].map((at) => tree.load(WINDOW + at))).toEqual([4, 8, 0x10]);
  });
  it('what a window claims and nobody behind it, is all ones and a master abort on the secondary side', () => {
    const tree = new Numbered();
    tree.open();
    expect(tree.load(WINDOW + 0x28_0000)).toBe(0xffff_ffff);
    expect([INNER, BRIDGE, ROOT_PORT].map((at) => tree.secondaryStatus(at))).toEqual([ABORT, 0, 0]);
  });
  it('a posted write that nobody claims is noted on a conventional bus, and by nobody on a link', () => {
    const tree = new Numbered();
    tree.open();
    tree.store(WINDOW + 0x28_0000, 1);
    tree.store(WINDOW + 0x8000, 1);
    expect([INNER, ROOT_PORT].map((at) => tree.secondaryStatus(at))).toEqual([ABORT, 0]);
  });
  it('every window is closed after a reset', () => {
    const tree = new Numbered();
    tree.write(BEHIND_PORT, pci.BAR0, WINDOW);
    expect(tree.load(WINDOW)).toBe(0xffff_ffff);
    for (let at = 0; at < 2 ** 30; at += 0x8_0000) tree.load(WINDOW + at);
    expect([ROOT_PORT, BRIDGE, INNER].map((at) => tree.secondaryStatus(at))).toEqual([0, 0, 0]);
  });
  it('base above limit closes a window', () => {
    const tree = new Numbered();
    tree.open();
    tree.write(ROOT_PORT, pci.MEMORY_BASE, 0x4010, 2);
    expect(tree.load(WINDOW + 0x1004)).toBe(0xffff_ffff);
    expect(tree.secondaryStatus(ROOT_PORT)).toBe(0);
  });
  it('Memory Space Enable of the bridge opens its windows', () => {
    const tree = new Numbered();
    tree.open();
    tree.command(BRIDGE, 0);
    expect([0x1004, 0x11_0008, 0x21_0010].map((at) => tree.load(WINDOW + at))).toEqual([4, 0xffff_ffff, 0xffff_ffff]);
  });
  it('the prefetchable window reaches above 4 GiB', () => {
    const tree = new Tree();
    const bridge = createRootPort();
    tree.root.attachBridge(bridge, { device: 1, function: 0 });
    const wide = { index: 0, kind: 'mem64', sizeBytes: 0x1000, prefetchable: true } as const;
    const device = { read: (offset: number) => offset, write: () => {} };
    bridge.bus.attach(endpoint({}, [{ ...wide, device }]), { device: 0, function: 0 });
    tree.number(ROOT_PORT, 1, 1);
    tree.write(BEHIND_PORT, pci.BAR1, 0x12);
    tree.write(ROOT_PORT, pci.PREFETCHABLE_MEMORY_BASE, 0);
    tree.write(ROOT_PORT, pci.PREFETCHABLE_BASE_UPPER, 0x12);
    tree.write(ROOT_PORT, pci.PREFETCHABLE_LIMIT_UPPER, 0x12);
    for (const one of [ROOT_PORT, BEHIND_PORT]) tree.command(one, ENABLE_ALL);
    expect([tree.load(0x12_0000_0010), tree.load(0x13_0000_0010)]).toEqual([0x10, 0xffff_ffff]);
  });
  it('Bus Master Enable of every bridge above gates DMA and messages', () => {
    const tree = new Numbered();
    const dma = (): number => tree.behindInner.dma.write(1, 0, new Uint8Array(4), 0, 4);
    expect(dma()).toBe(0);
    for (const above of [INNER, BRIDGE]) {
      tree.command(above, pci.COMMAND_MEMORY_SPACE_ENABLE.mask);
      expect(dma()).toBeLessThan(0);
      tree.command(above, ENABLE_ALL);
      expect(dma()).toBe(0);
    }
    const msi = tree.find(BEHIND_PORT, pci.CAPABILITY_MSI);
    tree.write(BEHIND_PORT, msi + pci.MSI_MESSAGE_CONTROL, 1, 2);
    tree.command(ROOT_PORT, 0);
    expect([tree.behindPort.signalMsi(0), tree.behindPort.busMasterEnabled]).toEqual([expect.any(Number), true]);
    expect(tree.sent.filter(({ requesterId }) => requesterId === BEHIND_PORT)).toEqual([]);
    tree.command(ROOT_PORT, ENABLE_ALL);
    expect(tree.behindPort.signalMsi(0)).toBe(0);
  });
  it('a read that is not completed successfully is a received master abort of whoever asked (§7.5.1.1.4)', () => {
    const tree = new Numbered();
    const bytes = new Uint8Array(4);
    tree.behindPort.dma.write(FAULTING_PAGE, 0, bytes, 0, 4);
    expect(tree.read(BEHIND_PORT, pci.STATUS, 2) & ABORT).toBe(0); // posted: nobody answers
    tree.behindPort.dma.read(FAULTING_PAGE, 0, bytes, 0, 4);
    expect(tree.read(BEHIND_PORT, pci.STATUS, 2) & ABORT).toBe(ABORT);
    tree.command(BEHIND_BRIDGE, 0);
    expect(tree.behindBridge.dma.read(1, 0, bytes, 0, 4)).toBe(MASTER_REFUSED);
    expect(tree.read(BEHIND_BRIDGE, pci.STATUS, 2) & ABORT).toBe(0); // it never asked
  });
});

describe('Secondary Bus Reset (§7.5.1.3.13)', () => {
  it('resets everything below, which is not there while the bit is set', () => {
    const tree = new Numbered();
    tree.open();
    tree.write(BRIDGE, pci.BRIDGE_CONTROL, pci.BRIDGE_CONTROL_SECONDARY_BUS_RESET.mask, 2);
    expect([INNER, BEHIND_BRIDGE].map((one) => tree.read(one, 0))).toEqual([0xffff_ffff, 0xffff_ffff]);
    tree.write(BRIDGE, pci.BRIDGE_CONTROL, 0, 2);
    expect([BEHIND_BRIDGE, INNER].map((one) => tree.read(one, pci.COMMAND, 2))).toEqual([0, 0]);
    expect([tree.read(BEHIND_BRIDGE, pci.BAR0), tree.read(INNER, pci.SECONDARY_BUS_NUMBER, 1)]).toEqual([0, 0]);
    expect(tree.behindInner.busMasterEnabled).toBe(false);
    expect(tree.read(BRIDGE, pci.SECONDARY_BUS_NUMBER, 1)).toBe(2); // the bridge itself is not reset
    expect(tree.load(WINDOW + 0x1004)).toBe(4); // nor anybody behind another
  });
});

describe('INTx through bridges (§2.2.8.1)', () => {
  it('each bridge turns the wire by the device number of whoever asserts it', () => {
    const tree = new Numbered();
    const wire = (one: PciFunction): number => {
      one.setInterrupt(true);
      const asserted = tree.wires.indexOf(true);
      one.setInterrupt(false);
      return asserted;
    };
    expect(wire(tree.behindPort)).toBe((0 + 0 + 1) % 4);
    expect(wire(tree.behindBridge)).toBe((1 + 3 + 2) % 4);
    expect(wire(tree.behindInner)).toBe((3 + 5 + 4 + 2) % 4);
    expect(tree.wires).toEqual([false, false, false, false]);
  });
  it('Interrupt Disable of a bridge is of its own interrupt', () => {
    const tree = new Numbered();
    tree.command(ROOT_PORT, ENABLE_ALL | pci.COMMAND_INTERRUPT_DISABLE.mask);
    tree.behindPort.setInterrupt(true);
    expect(tree.wires).toEqual([false, true, false, false]);
  });
});

describe('PME below a root port (§6.1.6, §7.5.3.14)', () => {
  it('tells who asked for attention, and interrupts when that is enabled; a second one waits', () => {
    const tree = new Tree();
    const port = createRootPort();
    tree.root.attachBridge(port, { device: 1, function: 0 });
    const functions = [0, 1].map((fn) => {
      const one = endpoint({ powerManagement: { pmeSupport: 0b01001 } });
      port.bus.attach(one, { device: 0, function: fn });
      return one;
    });
    tree.number(ROOT_PORT, 1, 1);
    const express = tree.find(ROOT_PORT, pci.CAPABILITY_PCI_EXPRESS);
    const control = tree.find(id(1, 0), pci.CAPABILITY_POWER_MANAGEMENT) + pci.PMCSR;
    tree.write(ROOT_PORT, express + pci.ROOT_CONTROL, pci.ROOT_CONTROL_PME_INTERRUPT_ENABLE.mask, 2);
    for (const fn of [0, 1]) tree.write(id(1, 0, fn), control, pci.PMCSR_PME_ENABLE.mask | 3, 2);
    for (const one of functions) one.raisePme();
    const status = (): number => tree.read(ROOT_PORT, express + pci.ROOT_STATUS);
    expect([status(), tree.wires[1]]).toEqual([id(1, 0) | 0x3_0000, true]);
    tree.write(ROOT_PORT, express + pci.ROOT_STATUS, pci.ROOT_STATUS_PME_STATUS.mask);
    expect([status(), tree.wires[1]]).toEqual([id(1, 0, 1) | 0x1_0000, true]);
    tree.write(ROOT_PORT, express + pci.ROOT_STATUS, pci.ROOT_STATUS_PME_STATUS.mask);
    expect([status() & 0x3_0000, tree.wires[1]]).toEqual([0, false]);
    expect(has(tree.read(id(1, 0), control, 2), pci.PMCSR_PME_STATUS)).toBe(true);
  });
});
