import { has } from '@bulkhead/bits';
import * as pci from '@bulkhead/pci-datasheet';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PciFunction, RootComplex } from '../src/index.ts';
import { Bench, PM, WINDOW } from './bench.ts';

const DISABLE = pci.COMMAND_INTERRUPT_DISABLE.mask;

/** The levels of the wires are in `wires` from now on. */
const connect = (bus: RootComplex, wires: boolean[]): void =>
  bus.connectInterrupts(
    wires.map((_, wire) => ({
      set: (asserted) => {
        wires[wire] = asserted;
      },
    })),
  );

/** Function 2.0 with INTB, and the wires of the host bridge. */
class PinBench extends Bench {
  readonly wires: boolean[] = [false, false, false, false];

  constructor() {
    super({ interruptPin: 2, msi: { vectors: 1 } });
    connect(this.bus, this.wires);
  }
  get status(): boolean {
    return has(this.read(pci.STATUS, 2), pci.STATUS_INTERRUPT_STATUS);
  }
  get wire(): number {
    return this.wires.indexOf(true);
  }
}

describe('INTx (PCIe Base 5.0 §6.1.2, §7.5.1.1)', () => {
  it('the pin register tells the pin, and a function without one never asserts', () => {
    const bench = new PinBench();
    expect(bench.read(pci.INTERRUPT_PIN, 1)).toBe(2);
    const silent = new Bench();
    silent.function.setInterrupt(true);
    expect(has(silent.read(pci.STATUS, 2), pci.STATUS_INTERRUPT_STATUS)).toBe(false);
  });
  it('asserts its wire, swizzled by the device number, and Interrupt Status, until it deasserts', () => {
    const bench = new PinBench();
    bench.function.setInterrupt(true);
    expect([bench.wires, bench.status]).toEqual([[false, false, false, true], true]); // INTB of device 2
    bench.function.setInterrupt(false);
    expect([bench.wire, bench.status]).toEqual([-1, false]);
  });
  it('Interrupt Disable deasserts the wire and leaves Interrupt Status', () => {
    const bench = new PinBench();
    bench.function.setInterrupt(true);
    bench.command(DISABLE);
    expect([bench.wire, bench.status]).toEqual([-1, true]);
    bench.command(0);
    expect([bench.wire, bench.status]).toEqual([3, true]);
  });
  it.each([
    ['MSI', pci.CAPABILITY_MSI, pci.MSI_CONTROL_ENABLE.mask],
    ['MSI-X', pci.CAPABILITY_MSIX, pci.MSIX_CONTROL_ENABLE.mask],
  ])('nothing is pending as INTx while %s is enabled', (_name, capability, enable) => {
    const bench = new PinBench();
    const control = bench.find(capability) + 2; // Message Control of both
    bench.function.setInterrupt(true);
    bench.write(control, enable, 2);
    expect([bench.wire, bench.status]).toEqual([-1, false]);
    bench.write(control, 0, 2);
    expect([bench.wire, bench.status]).toEqual([3, true]);
  });
  it('is deasserted in D3hot, and asserted again in D0', () => {
    const bench = new PinBench();
    bench.function.setInterrupt(true);
    bench.write(PM + pci.PMCSR, pci.PMCSR_POWER_STATE_D3_HOT, 2);
    expect(bench.wire).toBe(-1);
    bench.write(PM + pci.PMCSR, 0, 2);
    expect(bench.wire).toBe(3);
  });
  it('a reset deasserts it', () => {
    const bench = new PinBench();
    bench.function.setInterrupt(true);
    bench.function.reset();
    expect([bench.wire, bench.status]).toEqual([-1, false]);
  });
  it('whoever connects to the wires late sees their levels', () => {
    const bench = new PinBench();
    bench.function.setInterrupt(true);
    const levels: number[] = [];
    bench.bus.connectInterrupts([0, 1, 2, 3].map((wire) => ({ set: () => void levels.push(wire) })));
    expect(levels).toEqual([3]);
  });
  it('a wire is asserted while any function holds it', () => {
    const level = fc.tuple(fc.nat({ max: 31 }), fc.boolean());
    fc.assert(
      fc.property(fc.array(level, { maxLength: 60 }), (levels) => {
        const bus = new RootComplex({ windowBase: WINDOW / 4096 });
        const wires = [false, false, false, false];
        connect(bus, wires);
        const functions = Array.from({ length: 32 }, (_, device) => withPin(1 + ((device * 7) % 4)));
        functions.forEach((one, device) => {
          bus.attach(one, { device, function: 0 });
        });
        const held = new Set<number>();
        for (const [device, asserted] of levels) {
          functions[device]!.setInterrupt(asserted);
          if (asserted) held.add(device);
          else held.delete(device);
          const expected = [0, 1, 2, 3].map((wire) => [...held].some((d) => (((d * 7) % 4) + d) % 4 === wire));
          expect(wires).toEqual(expected);
        }
      }),
      { numRuns: 30 * Number(process.env.BULKHEAD_EFFORT ?? 1) },
    );
  });
});

function withPin(interruptPin: number): PciFunction {
  return new PciFunction({
    vendorId: 1,
    deviceId: 2,
    classCode: 3,
    revision: 4,
    subsystem: { vendorId: 0, id: 0 },
    interruptPin,
    bars: [],
    onReset: () => {},
  });
}
