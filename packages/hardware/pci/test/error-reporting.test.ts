import { has } from '@bulkhead/bits';
import * as pci from '@bulkhead/pci-datasheet';
import { beforeEach, describe, expect, it } from 'vitest';
import { createRootPort, type PciFunction } from '../src/index.ts';
import { WINDOW } from './bench.ts';
import { ENABLE_ALL, endpoint, id, Tree } from './tree.ts';

const PORT = id(0, 1);
const DEVICE = id(1, 0);
const AER = 0x100;
const UNSUPPORTED = pci.UNCORRECTABLE_UNSUPPORTED_REQUEST.mask;
const REPORT_ALL = 0xf; // Device Control: correctable, non-fatal, fatal, unsupported requests

let tree: Tree;
let device: PciFunction;
let express: number;

beforeEach(() => {
  tree = new Tree();
  const port = createRootPort();
  device = endpoint({ advancedErrors: true });
  tree.root.attachBridge(port, { device: 1, function: 0 });
  port.bus.attach(device, { device: 0, function: 0 });
  tree.number(PORT, 1, 1);
  tree.openMemory(PORT, WINDOW, WINDOW + 0x10_0000);
  tree.command(PORT, ENABLE_ALL);
  tree.command(DEVICE, ENABLE_ALL);
  tree.write(DEVICE, pci.BAR0, WINDOW);
  express = tree.find(DEVICE, pci.CAPABILITY_PCI_EXPRESS);
});

const deviceStatus = (): number => tree.read(DEVICE, express + pci.DEVICE_STATUS, 2);
const error = (register: number): number => tree.read(DEVICE, AER + register);
const report = (bits: number): void => tree.write(DEVICE, express + pci.DEVICE_CONTROL, bits, 2);

describe('an unsupported request (PCIe Base 5.0 §6.2, §7.8.4)', () => {
  it('that is read is noted by the device as an advisory error, and the port receives a master abort', () => {
    expect(tree.load(WINDOW + 0x8000)).toBe(0xffff_ffff);
    const noted = pci.DEVICE_STATUS_CORRECTABLE_ERROR.mask | pci.DEVICE_STATUS_UNSUPPORTED_REQUEST.mask;
    expect([deviceStatus(), tree.secondaryStatus(PORT)]).toEqual([noted, pci.STATUS_RECEIVED_MASTER_ABORT.mask]);
    expect(error(pci.CORRECTABLE_ERROR_STATUS)).toBe(pci.CORRECTABLE_ADVISORY_NON_FATAL.mask);
    expect(error(pci.UNCORRECTABLE_ERROR_STATUS)).toBe(0); // advisory errors are masked after reset
  });
  it('that is written is non-fatal, and its header is logged; the first one stays until it is cleared', () => {
    tree.store(WINDOW + 0x8000, 1);
    tree.store(WINDOW + 0x9000, 1);
    const noted = pci.DEVICE_STATUS_NON_FATAL_ERROR.mask | pci.DEVICE_STATUS_UNSUPPORTED_REQUEST.mask;
    expect([deviceStatus(), error(pci.UNCORRECTABLE_ERROR_STATUS)]).toEqual([noted, UNSUPPORTED]);
    expect(error(pci.ERROR_CAPABILITIES_AND_CONTROL)).toBe(20);
    const log = (): number[] => [0, 4, 8, 12].map((at) => error(pci.HEADER_LOG + at));
    expect(log()).toEqual([0x4000_0001, 0xf, WINDOW + 0x8000, 0]);
    tree.write(DEVICE, AER + pci.UNCORRECTABLE_ERROR_STATUS, UNSUPPORTED);
    tree.store(WINDOW + 0x9000, 1);
    expect(log()[2]).toBe(WINDOW + 0x9000);
    expect(tree.secondaryStatus(PORT)).toBe(0); // posted: nobody answers
  });
  it('to a function that is not there is a configuration request of Type 0', () => {
    tree.write(DEVICE, AER + pci.CORRECTABLE_ERROR_MASK, 0);
    tree.read(DEVICE | 3, 0x40);
    expect(error(pci.UNCORRECTABLE_ERROR_STATUS)).toBe(UNSUPPORTED);
    expect([0, 8].map((at) => error(pci.HEADER_LOG + at))).toEqual([0x0400_0001, ((DEVICE | 3) << 16) | 0x40]);
  });
  it('sends a message where Device Control asks for it, and the port tells who', () => {
    const root = (register: number): number => tree.read(PORT, AER + register);
    tree.write(PORT, pci.BRIDGE_CONTROL, pci.BRIDGE_CONTROL_SERR_ENABLE.mask, 2);
    tree.store(WINDOW + 0x8000, 1);
    expect(root(pci.ROOT_ERROR_STATUS)).toBe(0);
    report(REPORT_ALL);
    tree.store(WINDOW + 0x8000, 1);
    const received = pci.ROOT_ERROR_UNCORRECTABLE_RECEIVED.mask | pci.ROOT_ERROR_NON_FATAL_RECEIVED.mask;
    expect([root(pci.ROOT_ERROR_STATUS), root(pci.ERROR_SOURCE_IDENTIFICATION)]).toEqual([received, DEVICE << 16]);
    tree.store(WINDOW + 0x8000, 1);
    expect(root(pci.ROOT_ERROR_STATUS) ^ received).toBe(pci.ROOT_ERROR_MULTIPLE_UNCORRECTABLE_RECEIVED.mask);
    const system = pci.SECONDARY_STATUS_RECEIVED_SYSTEM_ERROR;
    expect(has(tree.secondaryStatus(PORT), system)).toBe(true);
    expect(tree.wires).toEqual([false, false, false, false]);
    tree.write(PORT, AER + pci.ROOT_ERROR_COMMAND, pci.ROOT_ERROR_COMMAND_NON_FATAL.mask);
    expect(tree.wires).toEqual([false, true, false, false]);
    tree.write(PORT, AER + pci.ROOT_ERROR_STATUS, 0x7f);
    expect(tree.wires).toEqual([false, false, false, false]);
  });
  it('is fatal where software made it so; masked, it is noted and not reported', () => {
    report(REPORT_ALL);
    tree.write(PORT, pci.BRIDGE_CONTROL, pci.BRIDGE_CONTROL_SERR_ENABLE.mask, 2);
    tree.write(DEVICE, AER + pci.UNCORRECTABLE_ERROR_SEVERITY, UNSUPPORTED);
    tree.write(DEVICE, AER + pci.UNCORRECTABLE_ERROR_MASK, UNSUPPORTED);
    tree.load(WINDOW + 0x8000);
    expect([error(pci.UNCORRECTABLE_ERROR_STATUS), tree.read(PORT, AER + pci.ROOT_ERROR_STATUS)]).toEqual([
      UNSUPPORTED,
      0,
    ]);
    tree.write(DEVICE, AER + pci.UNCORRECTABLE_ERROR_MASK, 0);
    tree.load(WINDOW + 0x8000);
    expect(has(deviceStatus(), pci.DEVICE_STATUS_FATAL_ERROR)).toBe(true);
    const first = pci.ROOT_ERROR_FIRST_UNCORRECTABLE_FATAL.mask | pci.ROOT_ERROR_FATAL_RECEIVED.mask;
    expect(tree.read(PORT, AER + pci.ROOT_ERROR_STATUS)).toBe(pci.ROOT_ERROR_UNCORRECTABLE_RECEIVED.mask | first);
  });
  it('SERR# Enable reports it as well, and notes Signaled System Error (§7.5.1.1.4)', () => {
    report(pci.DEVICE_CONTROL_UNSUPPORTED_REQUEST_REPORTING.mask);
    tree.command(DEVICE, ENABLE_ALL | pci.COMMAND_SERR_ENABLE.mask);
    tree.store(WINDOW + 0x8000, 1);
    expect(has(tree.read(DEVICE, pci.STATUS, 2), pci.STATUS_SIGNALED_SYSTEM_ERROR)).toBe(true);
    tree.write(DEVICE, pci.STATUS, 0xffff, 2);
    expect(tree.read(DEVICE, pci.STATUS, 2)).toBe(pci.STATUS_CAPABILITIES_LIST.mask);
  });
  it('what is logged outlives a function level reset (§7.8.4)', () => {
    tree.store(WINDOW + 0x8000, 1);
    report(pci.DEVICE_CONTROL_INITIATE_FUNCTION_LEVEL_RESET.mask);
    expect([error(pci.UNCORRECTABLE_ERROR_STATUS), error(pci.HEADER_LOG + 8), deviceStatus()]).toEqual([
      UNSUPPORTED,
      WINDOW + 0x8000,
      0,
    ]);
    expect(tree.read(DEVICE, pci.BAR0)).toBe(0);
  });
  it('a device whose decoding is off takes no memory request at all', () => {
    tree.command(DEVICE, 0);
    expect(tree.load(WINDOW)).toBe(0xffff_ffff);
    expect(has(deviceStatus(), pci.DEVICE_STATUS_UNSUPPORTED_REQUEST)).toBe(true);
  });
});
