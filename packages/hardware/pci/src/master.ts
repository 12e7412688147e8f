/**
 * A function's way to memory, behind its Bus Master Enable. PCIe Base 5.0 §7.5.1.1.3 "Command Register", bit 2:
 * while it is clear the function may issue neither memory requests nor messages.
 */
import type { DmaPort, MessagePort } from '@bulkhead/ports';
import { MASTER_REFUSED } from './msix.ts';

/** What the machine connects a function to: ports that already carry its requester ID. */
export interface UpstreamPorts {
  readonly dma: DmaPort;
  readonly message: MessagePort;
}

export class BusMaster implements DmaPort, MessagePort {
  /** True while the function may master the bus. */
  enabled = false;
  #dma: DmaPort | null = null;
  #message: MessagePort | null = null;

  connect({ dma, message }: UpstreamPorts): void {
    this.#dma = dma;
    this.#message = message;
  }
  read(page: number, offset: number, into: Uint8Array, at: number, lenBytes: number): number {
    if (!this.enabled || this.#dma === null) return MASTER_REFUSED;
    return this.#dma.read(page, offset, into, at, lenBytes);
  }
  write(page: number, offset: number, from: Uint8Array, at: number, lenBytes: number): number {
    if (!this.enabled || this.#dma === null) return MASTER_REFUSED;
    return this.#dma.write(page, offset, from, at, lenBytes);
  }
  send(page: number, offset: number, data: number): number {
    if (!this.enabled || this.#message === null) return MASTER_REFUSED;
    return this.#message.send(page, offset, data);
  }
}
