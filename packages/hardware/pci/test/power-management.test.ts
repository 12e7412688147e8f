import * as pci from '@bulkhead/pci-datasheet';
import { beforeEach, describe, expect, it } from 'vitest';
import { PciFunction } from '../src/index.ts';
import { Bench, PM, WINDOW } from './bench.ts';

const D3_HOT = pci.PMCSR_POWER_STATE_D3_HOT;
const ENABLE = pci.PMCSR_PME_ENABLE.mask;
const STATUS = pci.PMCSR_PME_STATUS.mask;

describe('power states (PCIe Base 5.0 §7.5.2, §5.3.1)', () => {
  it('announces the states it has and those from which it can ask for attention', () => {
    const bench = new Bench({ powerManagement: { d1: true, d2: true, pmeSupport: 0b01001 } });
    expect(bench.read(PM + pci.PMC, 2)).toBe(0x4e03);
    expect(new Bench().read(PM + pci.PMC, 2)).toBe(0x0003);
  });
  it('every state it has can be entered, others are ignored', () => {
    const states = (bench: Bench): number[] =>
      [1, 2, 3, 0].map((state) => {
        bench.write(PM + pci.PMCSR, state, 2);
        return bench.read(PM + pci.PMCSR, 2) & pci.PMCSR_POWER_STATE.mask;
      });
    expect(states(new Bench({ powerManagement: { d1: true } }))).toEqual([1, 1, 3, 0]);
    expect(states(new Bench())).toEqual([0, 0, 3, 0]);
  });
  it('below D0 nothing but configuration space answers, and nothing is issued', () => {
    const bench = new Bench({ powerManagement: { d1: true } });
    bench.write(pci.BAR0, WINDOW);
    bench.command(6);
    bench.write(PM + pci.PMCSR, 1, 2);
    expect(bench.bus.memory.read(0, 4)).toBe(0xffff_ffff);
    expect(bench.function.dma.read(0, 0, new Uint8Array(4), 0, 4)).toBeLessThan(0);
    expect(bench.read(pci.VENDOR_ID, 2)).toBe(0x1234);
    bench.write(PM + pci.PMCSR, 0, 2);
    expect([bench.bus.memory.read(0, 4), bench.masterings]).toEqual([0x55, 2]);
  });
  it('No_Soft_Reset: leaving D3hot keeps configuration; without it the function is reset (§7.5.2.2)', () => {
    for (const softReset of [false, true]) {
      const bench = new Bench({ powerManagement: { softReset } });
      bench.write(pci.BAR0, WINDOW);
      bench.write(PM + pci.PMCSR, D3_HOT, 2);
      expect(bench.resets).toBe(0);
      bench.write(PM + pci.PMCSR, 0, 2);
      expect([bench.resets, bench.read(pci.BAR0)]).toEqual(softReset ? [1, 0] : [0, WINDOW]);
      expect(bench.read(PM + pci.PMCSR, 2)).toBe(softReset ? 0 : pci.PMCSR_NO_SOFT_RESET.mask);
    }
  });
});

describe('PME (§7.5.2.2)', () => {
  const sent: number[] = [];
  let one: PciFunction;
  const at = 0x40 + pci.PMCSR;

  beforeEach(() => {
    sent.length = 0;
    one = new PciFunction({
      vendorId: 1,
      deviceId: 2,
      classCode: 3,
      revision: 4,
      subsystem: { vendorId: 0, id: 0 },
      powerManagement: { pmeSupport: 0b11001 },
      bars: [],
      onReset: () => {},
    });
    one.place({
      number: 8,
      belowPort: true,
      decodeChanged: () => {},
      setWire: () => {},
      upstream: () => null,
      sendPme: (requesterId) => void sent.push(requesterId),
      sendError: () => {},
    });
  });

  it('PME_Status is set whether or not PME_En is, and a message goes when it is', () => {
    one.raisePme();
    expect([one.readConfig(at, 2) & STATUS, sent]).toEqual([STATUS, []]);
    one.writeConfig(at, 2, STATUS | ENABLE);
    one.raisePme();
    one.raisePme(); // one message until software has cleared the status
    expect(sent).toEqual([8]);
  });
  it('only in a state from which it is supported', () => {
    one.writeConfig(at, 2, 0);
    const other = new Bench({ powerManagement: { pmeSupport: 0b01000 } });
    other.function.raisePme();
    expect(other.read(PM + pci.PMCSR, 2) & STATUS).toBe(0);
    other.write(PM + pci.PMCSR, D3_HOT, 2);
    other.function.raisePme();
    expect(other.read(PM + pci.PMCSR, 2) & STATUS).toBe(STATUS);
  });
  it('with support from D3cold its context outlives a reset (§7.5.2.2, sticky)', () => {
    one.writeConfig(at, 2, ENABLE);
    one.raisePme();
    one.reset();
    expect(one.readConfig(at, 2) & (STATUS | ENABLE)).toBe(STATUS | ENABLE);
  });
});
