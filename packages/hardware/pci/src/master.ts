/**
 * A function's way to memory, behind its Bus Master Enable and that of every bridge above. PCIe Base 5.0 §7.5.1.1.3
 * "Command Register", bit 2: while it is clear a function may issue neither memory requests nor messages, and a bridge
 * forwards none; a bridge answers those that want an answer as unsupported requests.
 */
import type { DmaPort, MessagePort } from '@bulkhead/ports';

/** A message was sent, or is remembered as pending. */
export const SIGNAL_DONE = 0;
/** The kind of interrupt is off, or there is no such vector. */
export const SIGNAL_DISABLED = -0x1_0001;
/** Nobody is connected, or the function may not master the bus: nothing reaches memory. */
export const MASTER_REFUSED = -0x1_0002;
/** A bridge above forwards no requests. */
export const BRIDGE_REFUSED = -0x1_0003;

/** What the machine connects a function to: ports that already carry its requester ID. */
export interface UpstreamPorts {
  readonly dma: DmaPort;
  readonly message: MessagePort;
}

export class BusMaster implements DmaPort, MessagePort {
  /** True while the function may master the bus. */
  enabled = false;
  /** True while every bridge above forwards requests upstream. */
  forwarded = true;
  #dma: DmaPort | null = null;
  #message: MessagePort | null = null;
  readonly #onReadRefused: () => void;

  /** @param onReadRefused a request that wants a completion was completed as unsupported. */
  constructor(onReadRefused: () => void) {
    this.#onReadRefused = onReadRefused;
  }

  connect({ dma, message }: UpstreamPorts): void {
    this.#dma = dma;
    this.#message = message;
  }
  read(page: number, offset: number, into: Uint8Array, at: number, lenBytes: number): number {
    if (!this.enabled || this.#dma === null) return MASTER_REFUSED;
    const result = this.forwarded ? this.#dma.read(page, offset, into, at, lenBytes) : BRIDGE_REFUSED;
    if (result < 0) this.#onReadRefused();
    return result;
  }
  write(page: number, offset: number, from: Uint8Array, at: number, lenBytes: number): number {
    if (!this.enabled || this.#dma === null) return MASTER_REFUSED;
    return this.forwarded ? this.#dma.write(page, offset, from, at, lenBytes) : BRIDGE_REFUSED;
  }
  send(page: number, offset: number, data: number): number {
    if (!this.enabled || this.#message === null) return MASTER_REFUSED;
    return this.forwarded ? this.#message.send(page, offset, data) : BRIDGE_REFUSED;
  }
}
