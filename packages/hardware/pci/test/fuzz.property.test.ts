/** Nothing that software or a device does makes the bus throw, whatever it is and in whatever order. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPciBridge, createRootPort, type PciFunction } from '../src/index.ts';
import { WINDOW } from './bench.ts';
import { bar, ENABLE_ALL, endpoint, id, Tree } from './tree.ts';

const RUNS = 100 * Number(process.env.BULKHEAD_EFFORT ?? 1);
const EVERYTHING = {
  interruptPin: 3,
  msi: { vectors: 8, perVectorMasking: true },
  msix: { vectors: 5, tableBar: 2, tableOffset: 0, pbaOffset: 0x800 },
  powerManagement: { d1: true, pmeSupport: 0b11111, softReset: true },
  advancedErrors: true,
  serialNumber: { high: 1, low: 2 },
  expansionRom: { sizeBytes: 0x800, device: { read: () => 0, write: () => {} } },
} as const;

function plugged(): { tree: Tree; functions: PciFunction[] } {
  const tree = new Tree();
  const functions = [0, 1, 2].map(() =>
    endpoint(EVERYTHING, [bar(0), bar(1, 'io', 0x20), bar(2, 'mem64'), bar(4, 'mem64', 2 ** 40)]),
  );
  const [port, bridge, inner] = [createRootPort(), createPciBridge({ windows: { io: '32-bit' } }), createPciBridge()];
  tree.root.attachBridge(port, { device: 0, function: 0 });
  tree.root.attachBridge(bridge, { device: 1, function: 0 });
  bridge.bus.attachBridge(inner, { device: 0, function: 1 });
  port.bus.attach(functions[0]!, { device: 0, function: 0 });
  inner.bus.attach(functions[1]!, { device: 31, function: 7 });
  tree.root.attach(functions[2]!, { device: 2, function: 0 });
  tree.number(id(0, 0), 1, 1);
  tree.number(id(0, 1), 2, 3);
  tree.number(id(2, 0, 1), 3, 3);
  for (const one of [id(0, 0), id(0, 1), id(2, 0, 1), id(1, 0), id(3, 31, 7), id(0, 2)]) tree.command(one, ENABLE_ALL);
  return { tree, functions };
}

const width = fc.constantFrom(1 as const, 2 as const, 4 as const);
const target = fc.constantFrom(id(0, 0), id(0, 1), id(0, 2), id(1, 0), id(2, 0, 1), id(3, 31, 7), id(4, 0), id(1, 9));
const word = fc.oneof(fc.constantFrom(0, -1, 1, 0x40, 0x8000, WINDOW, 0xffff_0007), fc.integer());
const step = fc.oneof(
  fc.tuple(
    fc.constant('config' as const),
    target,
    fc.oneof(fc.nat({ max: 0x7f }), fc.nat({ max: 0xfff })),
    word,
    width,
  ),
  fc.tuple(fc.constant('memory' as const), fc.constant(0), fc.nat({ max: 2 ** 30 - 1 }), word, width),
  fc.tuple(fc.constant('io' as const), fc.constant(0), fc.nat({ max: 0xffff }), word, width),
  fc.tuple(fc.constant('device' as const), fc.nat({ max: 2 }), fc.nat({ max: 7 }), word, width),
);

describe('whatever happens', () => {
  it('no access, configuration or signal throws, and reads are unsigned and fit their width', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const { tree, functions } = plugged();
        const bytes = new Uint8Array(8);
        for (const [kind, where, anywhere, value, bytesWide] of steps) {
          const offset = anywhere - (anywhere % bytesWide);
          const space = kind === 'io' ? tree.root.io : tree.root.memory;
          if (kind === 'config') {
            tree.write(where, offset, value, bytesWide);
            const read = tree.read(where, offset, bytesWide);
            expect(read >= 0 && read < 2 ** (8 * bytesWide)).toBe(true);
          } else if (kind === 'device') {
            const one = functions[where]!;
            one.setInterrupt((value & 1) !== 0);
            one.signal(anywhere);
            one.signalMsi(anywhere);
            one.clearMsiPending(anywhere);
            one.raisePme();
            one.dma.read(value >>> 0, 0, bytes, 0, 4);
            one.dma.write(value >>> 0, 0, bytes, 0, 4);
          } else {
            space.write(offset, bytesWide, value >>> 0);
            space.read(offset, bytesWide);
          }
        }
        // Whatever was done, a reset of everything leaves no wire asserted.
        tree.root.bus.reset();
        expect(tree.wires).toEqual([false, false, false, false]);
      }),
      { numRuns: RUNS },
    );
  });
});
