/**
 * The root complex: bus 0, its ECAM window and its windows of memory and I/O space.
 *
 * Its own face as a device is the ECAM window, PCIe Base 5.0 §7.2.2 "PCI Express Enhanced Configuration Access
 * Mechanism (ECAM)". A function that is not there reads all ones, §2.3.2 "Completion Handling Rules".
 * UNIMPLEMENTED: bridges and buses other than 0 (they read as absent), INTx routing.
 */
import { addressOf } from '@bulkhead/address';
import * as pci from '@bulkhead/pci-datasheet';
import type { RegisterDevice, WidthBytes } from '@bulkhead/ports';
import { invariant } from '@bulkhead/result';
import { allOnes, BarWindow } from './bar-window.ts';
import type { PciFunction } from './function.ts';

export interface RootComplexOptions {
  /** First page of the window of memory space. Bus addresses are the machine's own. */
  readonly windowBase: number;
  /** I/O address at offset 0 of the window of I/O space. @defaultValue 0 */
  readonly ioBase?: number;
}

export interface Slot {
  /** 0 … 31. */
  readonly device: number;
  /** 0 … 7. */
  readonly function: number;
}

const FUNCTIONS_ON_BUS = pci.DEVICES_PER_BUS * pci.FUNCTIONS_PER_DEVICE;

export class RootComplex implements RegisterDevice {
  /** Memory space: offsets are from `windowBase`. */
  readonly memory: RegisterDevice;
  /** I/O space: offsets are from `ioBase`. */
  readonly io: RegisterDevice;
  readonly #functions: (PciFunction | null)[] = new Array<PciFunction | null>(FUNCTIONS_ON_BUS).fill(null);
  readonly #memory: BarWindow;
  readonly #io: BarWindow;

  constructor({ windowBase, ioBase = 0 }: RootComplexOptions) {
    this.#memory = new BarWindow(false, addressOf(windowBase));
    this.#io = new BarWindow(true, ioBase);
    this.memory = this.#memory;
    this.io = this.#io;
  }

  /** Plugs a function into bus 0. */
  attach(device: PciFunction, slot: Slot): void {
    invariant(slot.device >= 0 && slot.device < pci.DEVICES_PER_BUS, `there is no device ${slot.device} on a bus`);
    invariant(slot.function >= 0 && slot.function < pci.FUNCTIONS_PER_DEVICE, `there is no function ${slot.function}`);
    const index = slot.device * pci.FUNCTIONS_PER_DEVICE + slot.function;
    invariant(this.#functions[index] === null, `slot ${slot.device}.${slot.function} is taken`);
    this.#functions[index] = device;
    this.#memory.grow();
    this.#io.grow();
    device.place(index, () => this.#route());
    this.#markMultiFunction(slot.device);
    this.#route();
  }

  /** Reads configuration space: the offset is bus, device, function, register. */
  read(offset: number, widthBytes: WidthBytes): number {
    const found = this.#functionAt(offset);
    return found === null ? allOnes(widthBytes) : found.readConfig(offset & pci.ECAM_REGISTER.mask, widthBytes);
  }

  write(offset: number, widthBytes: WidthBytes, value: number): void {
    this.#functionAt(offset)?.writeConfig(offset & pci.ECAM_REGISTER.mask, widthBytes, value);
  }

  #functionAt(offset: number): PciFunction | null {
    return this.#functions[offset >>> pci.ECAM_FUNCTION_SHIFT] ?? null; // buses above 0 lie beyond the array
  }

  #route(): void {
    this.#memory.route(this.#functions);
    this.#io.route(this.#functions);
  }

  #markMultiFunction(device: number): void {
    const first = device * pci.FUNCTIONS_PER_DEVICE;
    const siblings = this.#functions.slice(first, first + pci.FUNCTIONS_PER_DEVICE).filter((found) => found !== null);
    if (siblings.length > 1) for (const sibling of siblings) sibling.markMultiFunction();
  }
}
