/**
 * INTx of a function. PCIe Base 5.0 §6.1.2 "PCI-compatible INTx Emulation", §7.5.1.1.3 (Interrupt Disable), §7.5.1.1.4
 * (Interrupt Status): Interrupt Status tells what the device wants, Interrupt Disable whether the wire follows.
 *
 * CHOICE: while MSI or MSI-X is enabled nothing is pending as INTx, and Interrupt Status reads 0. CHOICE: below D0 the
 * wire is deasserted and Interrupt Status stays.
 */
import * as pci from '@bulkhead/pci-datasheet';
import { invariant } from '@bulkhead/result';
import type { ConfigurationSpace } from './configuration-space.ts';

export class InterruptPin {
  readonly #space: ConfigurationSpace;
  /** 0 … 3, or -1 for a function without one. */
  readonly #wire: number;
  #wanted = false;
  #usesMessages = false;
  #powered = true;
  #asserted = false;
  #changed: (wire: number, asserted: boolean) => void = () => {};

  constructor(space: ConfigurationSpace, pin: number) {
    invariant(pin >= pci.INTERRUPT_PIN_NONE && pin <= pci.INTERRUPT_PIN_INTD, 'an interrupt pin is 0 to 4');
    this.#space = space;
    this.#wire = pin - pci.INTERRUPT_PIN_INTA;
  }

  connect(changed: (wire: number, asserted: boolean) => void): void {
    this.#changed = changed;
    if (this.#asserted) changed(this.#wire, true);
  }
  set(wanted: boolean): void {
    if (wanted === this.#wanted || this.#wire < 0) return;
    this.#wanted = wanted;
    this.#drive();
  }
  /** Configuration space has changed. */
  settle(usesMessages: boolean, powered: boolean): void {
    this.#usesMessages = usesMessages;
    this.#powered = powered;
    if (this.#wire >= 0) this.#drive();
  }
  reset(): void {
    this.#wanted = false;
  }

  #drive(): void {
    const pending = this.#wanted && !this.#usesMessages;
    const status = pci.STATUS_INTERRUPT_STATUS.mask;
    this.#space.change(pci.STATUS, 2, pending ? status : 0, status);
    const disabled = (this.#space.read(pci.COMMAND, 2) & pci.COMMAND_INTERRUPT_DISABLE.mask) !== 0;
    const asserted = pending && this.#powered && !disabled;
    if (asserted === this.#asserted) return;
    this.#asserted = asserted;
    this.#changed(this.#wire, asserted);
  }
}
