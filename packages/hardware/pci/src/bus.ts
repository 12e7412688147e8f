/**
 * One bus: up to 256 functions, some of them bridges to further buses. Requests go down by bus number or address,
 * interrupts, DMA and messages go up. PCIe Base 5.0 §7.3.1 "Device Number", §7.3.3 "Configuration Request Routing Rules".
 *
 * CHOICE: where two claim the same address or the same bus number, the lower device and function number answers.
 */
import * as pci from '@bulkhead/pci-datasheet';
import { invariant } from '@bulkhead/result';
import type { Request } from './error-reporting.ts';
import type { PciFunction } from './function.ts';
import type { UpstreamPorts } from './master.ts';

/** Where on a bus a function is plugged in. */
export interface Slot {
  /** 0 … 31. */
  readonly device: number;
  /** 0 … 7. */
  readonly function: number;
}

/** What a bus needs of a bridge that stands on it. */
export interface BusBridge {
  readonly function: PciFunction;
  readonly bus: PciBus;
  readonly secondary: number;
  /** @returns true when configuration requests to this bus go through the bridge. */
  forwardsTo(bus: number): boolean;
  /** Whether what stands above forwards requests upstream. */
  setForwarded(forwarded: boolean): void;
}

/** Looking leaves no trace. */
export type ConfigAccess = 'read' | 'write' | 'look';

/** What stands above a bus: the root complex, or a bridge. */
export interface BusHead {
  /** A link has one device, number 0. */
  readonly isLink: boolean;
  decodeChanged(): void;
  setWire(wire: number, asserted: boolean): void;
  upstream(requesterId: number): UpstreamPorts | null;
  sendPme(requesterId: number): void;
  sendError(requesterId: number, severity: number): void;
  /** Nobody on the bus answers a configuration request. */
  abortConfig(requesterId: number, register: number, isWrite: boolean): void;
}

const FUNCTIONS_ON_BUS = pci.DEVICES_PER_BUS * pci.FUNCTIONS_PER_DEVICE;

export class PciBus {
  readonly functions: (PciFunction | null)[] = new Array<PciFunction | null>(FUNCTIONS_ON_BUS).fill(null);
  readonly bridges: (BusBridge | null)[] = new Array<BusBridge | null>(FUNCTIONS_ON_BUS).fill(null);
  readonly #head: BusHead;
  /** How many functions hold each wire of the head. */
  readonly #holding: Int32Array = new Int32Array(pci.INTERRUPT_WIRES);
  #forwarded: boolean;

  constructor(head: BusHead, forwarded: boolean) {
    this.#head = head;
    this.#forwarded = forwarded;
  }

  attach(device: PciFunction, slot: Slot): void {
    const last = this.#head.isLink ? 0 : pci.DEVICES_PER_BUS - 1;
    invariant(slot.device >= 0 && slot.device <= last, `there is no device ${slot.device} on this bus`);
    invariant(slot.function >= 0 && slot.function < pci.FUNCTIONS_PER_DEVICE, `there is no function ${slot.function}`);
    const number = slot.device * pci.FUNCTIONS_PER_DEVICE + slot.function;
    invariant(this.functions[number] === null, `slot ${slot.device}.${slot.function} is taken`);
    this.functions[number] = device;
    const head = this.#head;
    device.place({
      number,
      belowPort: head.isLink,
      decodeChanged: () => head.decodeChanged(),
      setWire: (wire, asserted) => this.#setWire(swizzle(slot.device, wire), asserted),
      upstream: (requesterId) => head.upstream(requesterId),
      sendPme: (requesterId) => head.sendPme(requesterId),
      sendError: (requesterId, severity) => head.sendError(requesterId, severity),
    });
    device.setForwarded(this.#forwarded);
    this.#markMultiFunction(slot.device);
    head.decodeChanged();
  }

  attachBridge(bridge: BusBridge, slot: Slot): void {
    this.attach(bridge.function, slot);
    this.bridges[slot.device * pci.FUNCTIONS_PER_DEVICE + slot.function] = bridge;
    bridge.setForwarded(this.#forwarded);
    this.#head.decodeChanged();
  }

  /**
   * Where a configuration request goes: on its own bus it is of Type 0, through a bridge of Type 1. §7.3.3.
   * @param own the number of this bus. @returns null when nobody answers; unless one only looks, the last bridge on the
   * way notes it.
   */
  locate(own: number, bus: number, number: number, register: number, kind: ConfigAccess): PciFunction | null {
    const found = bus === own ? this.functions[number]! : null;
    if (found !== null) {
      if (kind === 'write') found.captureBus(bus);
      return found;
    }
    const next = bus === own ? undefined : this.bridges.find((bridge) => bridge?.forwardsTo(bus));
    if (next) return next.bus.locate(next.secondary, bus, number, register, kind);
    if (kind !== 'look') this.#head.abortConfig((bus << 8) | number, register, kind === 'write');
    return null;
  }

  /** Nobody took a request that a link brought: every function of its one device notes it. §6.2.4 "Error Logging". */
  receiveUnsupported(request: Request): void {
    for (const found of this.functions) found?.receiveUnsupported(request);
  }

  /** A reset of the bus: everything on it, and beyond its bridges. */
  reset(): void {
    for (const bridge of this.bridges) bridge?.bus.reset();
    for (const found of this.functions) found?.reset();
  }

  /** Whether every bridge above forwards requests upstream. */
  setForwarded(forwarded: boolean): void {
    if (forwarded === this.#forwarded) return;
    this.#forwarded = forwarded;
    for (const found of this.functions) found?.setForwarded(forwarded);
    for (const bridge of this.bridges) bridge?.setForwarded(forwarded);
  }

  #setWire(wire: number, asserted: boolean): void {
    const before = this.#holding[wire]!;
    const after = before + (asserted ? 1 : -1);
    this.#holding[wire] = after;
    if (before === 0 || after === 0) this.#head.setWire(wire, asserted);
  }

  #markMultiFunction(device: number): void {
    const first = device * pci.FUNCTIONS_PER_DEVICE;
    const siblings = this.functions.slice(first, first + pci.FUNCTIONS_PER_DEVICE).filter((found) => found !== null);
    if (siblings.length > 1) for (const sibling of siblings) sibling.markMultiFunction();
  }
}

/** §2.2.8.1 "INTx Interrupt Signaling - Rules", table "Bridge Mapping for INTx Virtual Wires". */
const swizzle = (device: number, wire: number): number => (device + wire) % pci.INTERRUPT_WIRES;
