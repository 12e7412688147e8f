/**
 * What a root port tells software of the devices below it: power management events and errors. PCIe Base 5.0 §6.1.6 "Native
 * PME Software Model", §7.5.3.14 "Root Status Register", §6.2.4.1.2 "Root Port: Interrupt Generation" (title from memory),
 * §7.8.4.9 "Root Error Command Register" to §7.8.4.11 "Error Source Identification Register".
 *
 * CHOICE: one further event waits while software has not cleared the first; more are lost, and their devices keep
 * PME_Status set.
 */
import { has } from '@bulkhead/bits';
import * as pci from '@bulkhead/pci-datasheet';
import { ERROR_CORRECTABLE, ERROR_FATAL, ERROR_NON_FATAL } from './error-reporting.ts';
import type { PciFunction } from './function.ts';

const NOBODY = -1;
/** First of its kind, more of its kind, and where the first's requester ID stands. */
const CORRECTABLE = [pci.ROOT_ERROR_CORRECTABLE_RECEIVED, pci.ROOT_ERROR_MULTIPLE_CORRECTABLE_RECEIVED, 0] as const;
const UNCORRECTABLE = [
  pci.ROOT_ERROR_UNCORRECTABLE_RECEIVED,
  pci.ROOT_ERROR_MULTIPLE_UNCORRECTABLE_RECEIVED,
  2,
] as const;
const ERROR_INTERRUPTS = [
  [pci.ROOT_ERROR_COMMAND_CORRECTABLE, pci.ROOT_ERROR_CORRECTABLE_RECEIVED],
  [pci.ROOT_ERROR_COMMAND_NON_FATAL, pci.ROOT_ERROR_NON_FATAL_RECEIVED],
  [pci.ROOT_ERROR_COMMAND_FATAL, pci.ROOT_ERROR_FATAL_RECEIVED],
] as const;

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

  /** An error message from below: who sent the first of its kind, and that there were more. §7.8.4.10. */
  error(requesterId: number, severity: number): void {
    const at = this.#port.advancedErrorsAt;
    const before = this.#port.readConfig(at + pci.ROOT_ERROR_STATUS, 4);
    const isCorrectable = severity === ERROR_CORRECTABLE;
    const [received, multiple, source] = isCorrectable ? CORRECTABLE : UNCORRECTABLE;
    const isFirst = !has(before, received);
    let after = before | (isFirst ? received.mask : multiple.mask);
    if (severity === ERROR_FATAL) after |= pci.ROOT_ERROR_FATAL_RECEIVED.mask;
    if (severity === ERROR_FATAL && isFirst) after |= pci.ROOT_ERROR_FIRST_UNCORRECTABLE_FATAL.mask;
    if (severity === ERROR_NON_FATAL) after |= pci.ROOT_ERROR_NON_FATAL_RECEIVED.mask;
    this.#port.setConfig(at + pci.ROOT_ERROR_STATUS, 4, after);
    if (isFirst) this.#port.setConfig(at + pci.ERROR_SOURCE_IDENTIFICATION + source, 2, requesterId);
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

  /** §6.1.6, §7.8.4.9: one interrupt while anything enabled is there; a level on the wire, an edge as a message. */
  #notify(): void {
    const asserted = this.#wantsAttention;
    const rises = asserted && !this.#asserted;
    this.#asserted = asserted;
    this.#port.setInterrupt(asserted);
    if (rises) this.#port.signalMsi(0);
  }
  get #wantsAttention(): boolean {
    const control = this.#port.readConfig(this.#at(pci.ROOT_CONTROL), 2);
    if (has(control, pci.ROOT_CONTROL_PME_INTERRUPT_ENABLE) && has(this.#status, pci.ROOT_STATUS_PME_STATUS))
      return true;
    const at = this.#port.advancedErrorsAt;
    const command = this.#port.readConfig(at + pci.ROOT_ERROR_COMMAND, 4);
    const status = this.#port.readConfig(at + pci.ROOT_ERROR_STATUS, 4);
    return ERROR_INTERRUPTS.some(([enable, received]) => has(command, enable) && has(status, received));
  }
  get #status(): number {
    return this.#port.readConfig(this.#at(pci.ROOT_STATUS), 4);
  }
  #at(register: number): number {
    return this.#port.expressAt + register;
  }
}
