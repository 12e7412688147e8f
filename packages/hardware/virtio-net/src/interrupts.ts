/**
 * How the device calls its driver: MSI-X, or the ISR byte and INTx. Virtio 1.2 §4.1.4.5 "ISR status capability",
 * §4.1.5.3 "Used Buffer Notifications", §4.1.5.4 "Notification of Device Configuration Changes".
 */
import type { PciFunction } from '@bulkhead/pci';
import * as virtio from '@bulkhead/virtio-datasheet';

export class Interrupts {
  /** Messages that were refused or faulted on their way. */
  faultCount = 0;
  configVector: number = virtio.MSI_NO_VECTOR;
  readonly #function: PciFunction;
  readonly #vectors: number;
  #isr = 0;

  constructor(target: PciFunction, vectors: number) {
    this.#function = target;
    this.#vectors = vectors;
  }
  reset(): void {
    this.configVector = virtio.MSI_NO_VECTOR;
    this.#isr = 0;
    this.#function.setInterrupt(false);
  }

  /** §4.1.5.1.2: a vector that the table does not have is reported as none. */
  checked(vector: number): number {
    return vector < this.#vectors ? vector : virtio.MSI_NO_VECTOR;
  }

  notifyQueue(vector: number): void {
    if (this.#function.msixEnabled) this.#send(vector);
    else this.#assert(virtio.ISR_QUEUE.mask);
  }
  /** §4.1.4.5.1: the bit for the configuration is set under MSI-X too. */
  notifyConfiguration(): void {
    if (this.#function.msixEnabled) {
      this.#isr |= virtio.ISR_DEVICE_CONFIGURATION.mask;
      this.#send(this.configVector);
    } else this.#assert(virtio.ISR_DEVICE_CONFIGURATION.mask);
  }

  /** A read of the ISR byte clears it and takes the interrupt back. */
  readIsr(): number {
    const isr = this.#isr;
    this.#isr = 0;
    this.#function.setInterrupt(false);
    return isr;
  }

  #assert(bit: number): void {
    this.#isr |= bit;
    this.#function.setInterrupt(true);
  }
  #send(vector: number): void {
    if (vector !== virtio.MSI_NO_VECTOR && this.#function.signal(vector) < 0) this.faultCount += 1;
  }
}
