/**
 * The root complex: bus 0, its ECAM window, its windows of memory and I/O space, and its four interrupt wires.
 *
 * Its own face as a device is the ECAM window, PCIe Base 5.0 §7.2.2 "PCI Express Enhanced Configuration Access
 * Mechanism (ECAM)". A function that is not there reads all ones, §2.3.2 "Completion Handling Rules".
 * CHOICE: it has no function of its own: on bus 0 nobody notes a request that nobody answers.
 */
import { addressOf } from '@bulkhead/address';
import * as pci from '@bulkhead/pci-datasheet';
import type { InterruptLine, RegisterDevice, WidthBytes } from '@bulkhead/ports';
import { invariant } from '@bulkhead/result';
import { AddressWindow, allOnes } from './address-window.ts';
import type { PciBridge } from './bridge.ts';
import { type ConfigAccess, PciBus, type Slot } from './bus.ts';
import { collectRoutes } from './claims.ts';
import type { PciFunction } from './function.ts';
import type { UpstreamPorts } from './master.ts';

export interface RootComplexOptions {
  /** First page of the window of memory space. Bus addresses are the machine's own. */
  readonly windowBase: number;
  /** I/O address at offset 0 of the window of I/O space. @defaultValue 0 */
  readonly ioBase?: number;
  /**
   * Ports for a requester ID, which changes with the numbers that software gives to buses.
   * @defaultValue whoever attaches a function connects it
   */
  readonly upstream?: (requesterId: number) => UpstreamPorts;
}

export class RootComplex implements RegisterDevice {
  /** Memory space: offsets are from `windowBase`. */
  readonly memory: RegisterDevice;
  /** I/O space: offsets are from `ioBase`. */
  readonly io: RegisterDevice;
  readonly bus: PciBus;
  #lines: readonly InterruptLine[] = [];
  readonly #levels: boolean[] = new Array<boolean>(pci.INTERRUPT_WIRES).fill(false);

  constructor({ windowBase, ioBase = 0, upstream }: RootComplexOptions) {
    const memory = new AddressWindow(addressOf(windowBase), (routes) => collectRoutes(this.bus, false, routes));
    const io = new AddressWindow(ioBase, (routes) => collectRoutes(this.bus, true, routes));
    this.memory = memory;
    this.io = io;
    this.bus = new PciBus(
      {
        isLink: false,
        decodeChanged: () => {
          memory.invalidate();
          io.invalidate();
        },
        setWire: (wire, asserted) => this.#setWire(wire, asserted),
        upstream: (requesterId) => upstream?.(requesterId) ?? null,
        sendPme: () => {},
        sendError: () => {},
        abortConfig: () => {},
      },
      true,
    );
  }

  /** Plugs a function into bus 0. */
  attach(device: PciFunction, slot: Slot): void {
    this.bus.attach(device, slot);
  }

  /** Plugs a bridge into bus 0; what stands behind it is plugged into its own bus. */
  attachBridge(bridge: PciBridge, slot: Slot): void {
    this.bus.attachBridge(bridge, slot);
  }

  /** Whom the four wires, INTA to INTD after swizzling, lead to. Until then they lead nowhere. */
  connectInterrupts(lines: readonly InterruptLine[]): void {
    invariant(lines.length === pci.INTERRUPT_WIRES, 'a root complex has four interrupt wires');
    this.#lines = lines;
    this.#levels.forEach((asserted, wire) => {
      if (asserted) lines[wire]!.set(true);
    });
  }

  /** Reads configuration space: the offset is bus, device, function, register. */
  read(offset: number, widthBytes: WidthBytes): number {
    const found = this.#locate(offset, 'read');
    return found === null ? allOnes(widthBytes) : found.readConfig(offset & pci.ECAM_REGISTER.mask, widthBytes);
  }

  write(offset: number, widthBytes: WidthBytes, value: number): void {
    this.#locate(offset, 'write')?.writeConfig(offset & pci.ECAM_REGISTER.mask, widthBytes, value);
  }

  /** @returns what a read would, for those who look at a machine from outside: nothing takes note of it. */
  peek(offset: number, widthBytes: WidthBytes): number {
    const found = this.#locate(offset, 'look');
    return found === null ? allOnes(widthBytes) : found.peekConfig(offset & pci.ECAM_REGISTER.mask, widthBytes);
  }

  #locate(offset: number, kind: ConfigAccess): PciFunction | null {
    const bus = (offset >>> pci.ECAM_BUS_SHIFT) & (pci.BUS_COUNT - 1);
    const number = (offset >>> pci.ECAM_FUNCTION_SHIFT) & (FUNCTIONS_ON_BUS - 1);
    return this.bus.locate(0, bus, number, offset & pci.ECAM_REGISTER.mask, kind);
  }

  #setWire(wire: number, asserted: boolean): void {
    this.#levels[wire] = asserted;
    this.#lines[wire]?.set(asserted);
  }
}

const FUNCTIONS_ON_BUS = pci.DEVICES_PER_BUS * pci.FUNCTIONS_PER_DEVICE;
