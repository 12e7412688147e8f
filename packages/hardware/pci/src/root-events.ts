/**
 * What a root port tells software of the devices below it: power management events. PCIe Base 5.0 §6.1.6 "Native PME
 * Software Model", §7.5.3.14 "Root Status Register".
 *
 * CHOICE: one further event waits while software has not cleared the first; more are lost, and their devices keep
 * PME_Status set.
 */
import { has } from '@bulkhead/bits';
import * as pci from '@bulkhead/pci-datasheet';
import type { PciFunction } from './function.ts';

const NOBODY = -1;

export class RootEvents {
  readonly #port: PciFunction;
  #waiting = NOBODY;
  #asserted = false;

  constructor(port: PciFunction) {
    this.#port = port;
  }

  reset(): void {
    this.#waiting = NOBODY;
    this.#asserted = false;
  }

  pme(requesterId: number): void {
    const status = this.#status;
    if (has(status, pci.ROOT_STATUS_PME_STATUS)) {
      this.#waiting = requesterId;
      this.#port.setConfig(this.#at(pci.ROOT_STATUS), 4, status | pci.ROOT_STATUS_PME_PENDING.mask);
      return;
    }
    this.#port.setConfig(this.#at(pci.ROOT_STATUS), 4, requesterId | pci.ROOT_STATUS_PME_STATUS.mask);
    this.#notify();
  }

  /** Software wrote configuration space: it may have cleared the event, or enabled the interrupt. */
  settle(): void {
    const waiting = this.#waiting;
    if (waiting !== NOBODY && !has(this.#status, pci.ROOT_STATUS_PME_STATUS)) {
      this.#waiting = NOBODY;
      this.#port.setConfig(this.#at(pci.ROOT_STATUS), 4, waiting | pci.ROOT_STATUS_PME_STATUS.mask);
      this.#asserted = false; // another event, another message
    }
    this.#notify();
  }

  /** §6.1.6: one interrupt when an event is there and enabled; a level on the wire, an edge as a message. */
  #notify(): void {
    const control = this.#port.readConfig(this.#at(pci.ROOT_CONTROL), 2);
    const enabled = has(control, pci.ROOT_CONTROL_PME_INTERRUPT_ENABLE);
    const asserted = enabled && has(this.#status, pci.ROOT_STATUS_PME_STATUS);
    const rises = asserted && !this.#asserted;
    this.#asserted = asserted;
    this.#port.setInterrupt(asserted);
    if (rises) this.#port.signalMsi(0);
  }
  get #status(): number {
    return this.#port.readConfig(this.#at(pci.ROOT_STATUS), 4);
  }
  #at(register: number): number {
    return this.#port.expressAt + register;
  }
}
