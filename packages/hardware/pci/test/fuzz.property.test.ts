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

/** What every BAR reads as, at every width. */
const MARK = 0x55;

function plugged(): { tree: Tree; functions: PciFunction[] } {
  const tree = new Tree();
  const functions = [0, 1, 2].map(() =>
    endpoint(EVERYTHING, [
      bar(0, 'mem32', 0x1000, MARK),
      bar(1, 'io', 0x20, MARK),
      bar(2, 'mem64', 0x1000, MARK),
      bar(4, 'mem64', 2 ** 40, MARK),
    ]),
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

/** 8 is no width of the port; who asks for it without types gets a number all the same. */
const width = fc.constantFrom(...([1, 2, 4, 8] as (1 | 2 | 4)[]));
/** Every alignment, inside, across and outside of whatever ends at one of `ends`. */
const near = (...ends: number[]): fc.Arbitrary<number> =>
  fc.tuple(fc.constantFrom(...ends), fc.integer({ min: -9, max: 8 })).map(([end, distance]) => end + distance);
const CONFIG_ENDS = [0, 0x40, 0x100, 0x1000];
/** BARs of 0x1000 and 2^40 bytes with the MSI-X table and its pending bits, the windows of bridges, and of the root. */
const MEMORY_ENDS = [0, 0x50, 0x800, 0x808, 0x1000, 2 ** 20, 2 ** 30, 2 ** 32 - WINDOW, 2 ** 40, 2 ** 53 - 2 ** 31];
const IO_ENDS = [0, 0x20, 0x1000, 0x1_0000, 2 ** 32];
const target = fc.constantFrom(id(0, 0), id(0, 1), id(0, 2), id(1, 0), id(2, 0, 1), id(3, 31, 7), id(4, 0), id(1, 9));
const word = fc.oneof(fc.constantFrom(0, -1, 1, 0x40, 0x8000, WINDOW, 0xffff_0007), fc.integer());
const step = fc.oneof(
  fc.tuple(
    fc.constant('config' as const),
    target,
    fc.oneof(fc.nat({ max: 0x7f }), fc.nat({ max: 0xfff }), near(...CONFIG_ENDS)),
    word,
    width,
  ),
  fc.tuple(
    fc.constant('memory' as const),
    fc.constant(0),
    fc.oneof(fc.nat({ max: 2 ** 30 - 1 }), near(...MEMORY_ENDS)),
    word,
    width,
  ),
  fc.tuple(
    fc.constant('io' as const),
    fc.constant(0),
    fc.oneof(fc.nat({ max: 0xffff }), near(...IO_ENDS)),
    word,
    width,
  ),
  fc.tuple(fc.constant('device' as const), fc.nat({ max: 2 }), fc.nat({ max: 7 }), word, width),
);

describe('whatever happens', () => {
  it('no access of any width at any alignment, configuration or signal throws; reads are unsigned and fit their width', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const { tree, functions } = plugged();
        const bytes = new Uint8Array(8);
        const isValue = (read: number, bytesWide: number): boolean =>
          Number.isInteger(read) && read >= 0 && read < 2 ** Math.min(8 * bytesWide, 32);
        for (const [kind, where, anywhere, value, bytesWide] of steps) {
          const space = kind === 'io' ? tree.root.io : tree.root.memory;
          if (kind === 'config') {
            tree.write(where, anywhere, value, bytesWide);
            expect(tree.read(where, anywhere, bytesWide)).toSatisfy((read) => isValue(read, bytesWide));
            expect(tree.root.peek(where * 4096 + anywhere, bytesWide)).toSatisfy((read) => isValue(read, bytesWide));
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
            space.write(anywhere, bytesWide, value >>> 0);
            expect(space.read(anywhere, bytesWide)).toSatisfy((read) => isValue(read, bytesWide));
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
