/**
 * Configuration space through ECAM that starts at bus 0. A function is named by its requester ID, whose
 * bits stand in an ECAM address in the same order. PCIe Base 5.0 §7.2.2 "PCI Express Enhanced Configuration Access
 * Mechanism (ECAM)".
 */
import { COMMAND, ECAM_FUNCTION_SHIFT } from '@bulkhead/pci-datasheet';
import type { MemoryPort } from '@bulkhead/runtime';

const at = (device: number, register: number): number => (device << ECAM_FUNCTION_SHIFT) + register;

export class ConfigSpace {
  readonly #memory: MemoryPort;
  #page = 0;

  constructor(memory: MemoryPort) {
    this.#memory = memory;
  }
  /** ECAM stands at this page of our address space from now on. */
  mapped(page: number): void {
    this.#page = page;
  }
  read8(device: number, register: number): number {
    return this.#memory.load8(this.#page, at(device, register));
  }
  read16(device: number, register: number): number {
    return this.#memory.load16(this.#page, at(device, register));
  }
  read32(device: number, register: number): number {
    return this.#memory.load32(this.#page, at(device, register));
  }
  write16(device: number, register: number, value: number): void {
    this.#memory.store16(this.#page, at(device, register), value);
  }
  write32(device: number, register: number, value: number): void {
    this.#memory.store32(this.#page, at(device, register), value);
  }
  /** Sets and clears bits of the Command register. §7.5.1.1.3 "Command Register". */
  command(device: number, set: number, clear: number): void {
    this.write16(device, COMMAND, (this.read16(device, COMMAND) & ~clear) | set);
  }
}
