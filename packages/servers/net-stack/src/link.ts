/**
 * The device's end of the stack: lends buffers, takes them back, believes nothing that comes with them.
 *
 * Invariant: never more than CREDITS buffers are out for transmission, nor for reception.
 */
import type { BufferRef, ClientPort } from '@bulkhead/abi';
import { ETHERNET_MAX_FRAME_BYTES } from '@bulkhead/internet-datasheet';
import { CREDITS, type netDevice } from '@bulkhead/nic-driver-api';
import type { Window } from '@bulkhead/runtime';
import { type Buffers, NO_BUFFER, OUT_TO_RECEIVE, OUT_TO_TRANSMIT } from './buffers.ts';
import type { Core } from './core.ts';
import { COUNT, type Counters } from './counters.ts';

const UP = 0;
const MAC_HIGH = 4;
const MAC_LOW = 8;
const STATE_BYTES = 12;

export class Link {
  readonly #device: ClientPort<typeof netDevice>;
  readonly #buffers: Buffers;
  readonly #counters: Counters;
  readonly #state: Window;

  constructor(core: Core, device: ClientPort<typeof netDevice>) {
    this.#device = device;
    this.#buffers = core.buffers;
    this.#counters = core.counters;
    this.#state = core.arena.take(STATE_BYTES);
  }

  get macHigh(): number {
    return this.#state.load32(MAC_HIGH);
  }
  get macLow(): number {
    return this.#state.load32(MAC_LOW);
  }
  /** A driver is there, and may be lent another buffer. */
  get canTransmit(): boolean {
    return this.#state.load32(UP) !== 0 && this.#buffers.submittedCount < CREDITS;
  }

  /** A new driver: it has none of our buffers, whatever the old one had, and takes none before it hears that we know. */
  ready(macHigh: number, macLow: number): void {
    this.#state.store32(MAC_HIGH, macHigh & 0xffff);
    this.#state.store32(MAC_LOW, macLow);
    for (let buffer = 0; buffer < this.#buffers.count; buffer++) {
      const out = this.#buffers.out(buffer);
      if (out === OUT_TO_RECEIVE || out === OUT_TO_TRANSMIT) this.#buffers.returned(buffer);
    }
    this.#state.store32(UP, this.#device.open() < 0 ? 0 : 1);
  }

  /** Lends the frame in `buffer`. @returns false when it cannot go now. */
  transmit(buffer: number, lenBytes: number): boolean {
    if (!this.canTransmit) return false;
    this.#buffers.lend(buffer, OUT_TO_TRANSMIT);
    if (this.#device.submit(this.#buffers.at(buffer) as BufferRef, lenBytes) < 0) {
      this.#buffers.takeBack(buffer);
      this.#state.store32(UP, 0); // never QUEUE_FULL within our credits: the driver is gone until `ready`
      return false;
    }
    this.#counters.count(COUNT.frameOut);
    return true;
  }
  /** The driver has as many buffers for reception as it may. */
  supply(): void {
    while (this.#state.load32(UP) !== 0 && this.#buffers.suppliedCount < CREDITS) {
      const buffer = this.#buffers.allocate();
      if (buffer === NO_BUFFER) return;
      this.#buffers.lend(buffer, OUT_TO_RECEIVE);
      if (this.#device.supply(this.#buffers.at(buffer) as BufferRef) < 0) {
        this.#buffers.returned(buffer);
        this.#state.store32(UP, 0);
      }
    }
  }

  /** @returns the buffer, in the caller's hand, or NO_BUFFER when the event is a lie. */
  arrived(ref: number, lenBytes: number): number {
    const buffer = this.#buffers.named(ref);
    if (buffer === NO_BUFFER || this.#buffers.out(buffer) !== OUT_TO_RECEIVE) {
      this.#counters.count(COUNT.badDeviceEvent);
      return NO_BUFFER;
    }
    this.#buffers.takeBack(buffer);
    if (lenBytes >= 0 && lenBytes <= ETHERNET_MAX_FRAME_BYTES) return buffer;
    this.#counters.count(COUNT.badDeviceEvent);
    this.#buffers.release(buffer);
    return NO_BUFFER;
  }
  completed(ref: number): void {
    const buffer = this.#buffers.named(ref);
    if (buffer !== NO_BUFFER && this.#buffers.out(buffer) === OUT_TO_TRANSMIT) this.#buffers.returned(buffer);
    else this.#counters.count(COUNT.badDeviceEvent);
  }
}
