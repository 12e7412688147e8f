/** Who answers at an address, against a slow model that asks one bus after another. */
import * as pci from '@bulkhead/pci-datasheet';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPciBridge, type PciBridge, type PciBus, PciFunction, RootComplex } from '../src/index.ts';
import { WINDOW } from './bench.ts';

const RUNS = 400 * Number(process.env.BULKHEAD_EFFORT ?? 1);
const MIB = 0x10_0000;
const NOBODY = 0xffff_ffff;
const SIZES = [0x1000, 0x8_0000, MIB, 4 * MIB];

interface BarPlan {
  readonly kind: 'mem32' | 'mem64' | 'io';
  readonly sizeBytes: number;
  readonly at: number;
}
interface FunctionPlan {
  readonly type: 'function';
  readonly command: number;
  readonly bars: readonly BarPlan[];
}
interface BridgePlan {
  readonly type: 'bridge';
  readonly command: number;
  /** Granules from the start of the window. */
  readonly memory: readonly [number, number];
  readonly prefetchable: readonly [number, number];
  readonly io: readonly [number, number];
  readonly behind: readonly Plan[];
}
type Plan = FunctionPlan | BridgePlan;

const granule = fc.nat({ max: 12 });
const range = fc.tuple(granule, granule);
const command = fc.constantFrom(3, 3, 3, 2, 1, 0);
const barPlan = fc.record({
  kind: fc.constantFrom('mem32' as const, 'mem64' as const, 'io' as const),
  sizeBytes: fc.constantFrom(...SIZES),
  at: fc.nat({ max: 12 * MIB }),
});
const functionPlan: fc.Arbitrary<Plan> = fc.record({
  type: fc.constant('function' as const),
  command,
  bars: fc.array(barPlan, { maxLength: 3 }),
});
const planOf = (depth: number): fc.Arbitrary<Plan> =>
  depth === 0
    ? functionPlan
    : fc.oneof(
        functionPlan,
        fc.record({
          type: fc.constant('bridge' as const),
          command,
          memory: range,
          prefetchable: range,
          io: range,
          behind: fc.array(planOf(depth - 1), { maxLength: 3 }),
        }),
      );

/** I/O BARs are scaled down by 256, so that the granules of both spaces match. */
const IO_SCALE = 256;
const baseOf = ({ kind, sizeBytes, at }: BarPlan): number => {
  const size = kind === 'io' ? sizeBytes / IO_SCALE : sizeBytes;
  const place = kind === 'io' ? Math.floor(at / IO_SCALE) : at;
  return place - (place % size) + (kind === 'io' ? 0 : WINDOW);
};

let marks = 0;
/** @returns for each BAR, in order, the mark that it reads as. */
const built = new Map<Plan, number[]>();

function build(bus: PciBus, plans: readonly Plan[]): void {
  plans.forEach((plan, device) => {
    if (plan.type === 'bridge') buildBridge(bus, plan, device);
    else buildFunction(bus, plan, device);
  });
}
function buildFunction(bus: PciBus, plan: FunctionPlan, device: number): void {
  const own = plan.bars.map(() => ++marks);
  built.set(plan, own);
  const one = new PciFunction({
    vendorId: 1,
    deviceId: 1,
    classCode: 0,
    revision: 0,
    subsystem: { vendorId: 0, id: 0 },
    bars: plan.bars.map(({ kind, sizeBytes }, i) => ({
      index: i * 2,
      kind,
      sizeBytes: kind === 'io' ? sizeBytes / IO_SCALE : sizeBytes,
      device: { read: (offset) => own[i]! * 0x1000_0000 + offset, write: () => {} },
    })),
    onReset: () => {},
  });
  bus.attach(one, { device, function: 0 });
  plan.bars.forEach((bar, i) => {
    one.writeConfig(pci.BAR0 + i * 8, 4, baseOf(bar));
  });
  one.writeConfig(pci.COMMAND, 2, plan.command);
}
function buildBridge(bus: PciBus, plan: BridgePlan, device: number): void {
  const bridge: PciBridge = createPciBridge();
  bus.attachBridge(bridge, { device, function: 0 });
  const set = (at: number, width: 1 | 2, value: number): void => bridge.function.writeConfig(at, width, value);
  const first = WINDOW >>> 16;
  set(pci.MEMORY_BASE, 2, first + plan.memory[0] * 16);
  set(pci.MEMORY_LIMIT, 2, first + plan.memory[1] * 16);
  set(pci.PREFETCHABLE_MEMORY_BASE, 2, first + plan.prefetchable[0] * 16);
  set(pci.PREFETCHABLE_MEMORY_LIMIT, 2, first + plan.prefetchable[1] * 16);
  set(pci.IO_BASE, 1, plan.io[0] << 4);
  set(pci.IO_LIMIT, 1, plan.io[1] << 4);
  set(pci.COMMAND, 2, plan.command);
  build(bridge.bus, plan.behind);
}

/** The model. @returns what a read gives, or undefined when nobody on this bus claims it. */
function ask(plans: readonly Plan[], address: number, isIo: boolean): number | undefined {
  for (const plan of plans) {
    if ((plan.command & (isIo ? 1 : 2)) === 0) continue;
    if (plan.type === 'bridge') {
      const unit = isIo ? 0x1000 : MIB;
      const windows = isIo ? [plan.io] : [plan.memory, plan.prefetchable];
      const place = isIo ? address : address - WINDOW;
      const inside = windows.some(([base, limit]) => place >= base * unit && place < (limit + 1) * unit);
      if (inside) return ask(plan.behind, address, isIo) ?? NOBODY;
      continue;
    }
    for (const [i, bar] of plan.bars.entries()) {
      const offset = address - baseOf(bar);
      const size = bar.kind === 'io' ? bar.sizeBytes / IO_SCALE : bar.sizeBytes;
      if ((bar.kind === 'io') === isIo && offset >= 0 && offset < size)
        return (built.get(plan)![i]! * 0x1000_0000 + offset) % 2 ** 32;
    }
  }
  return undefined;
}

describe('memory and I/O routing', () => {
  it('agrees with a model that asks one bus after another: windows, overlaps, closed windows, decoding off', () => {
    fc.assert(
      fc.property(fc.array(planOf(3), { maxLength: 4 }), fc.array(fc.nat({ max: 13 * MIB })), (plans, addresses) => {
        marks = 0;
        built.clear();
        const root = new RootComplex({ windowBase: WINDOW / 4096 });
        build(root.bus, plans);
        // Where something begins or ends is where mistakes are.
        const edges = Array.from({ length: 14 }, (_, i) => [i * MIB, i * MIB - 4]).flat();
        for (const offset of [...addresses, ...edges].filter((at) => at >= 0).map((at) => at - (at % 4))) {
          expect(root.memory.read(offset, 4) >>> 0).toBe(ask(plans, WINDOW + offset, false) ?? NOBODY);
          const io = Math.floor(offset / IO_SCALE / 4) * 4;
          expect(root.io.read(io, 4) >>> 0).toBe(ask(plans, io, true) ?? NOBODY);
        }
      }),
      { numRuns: RUNS },
    );
  });
});
