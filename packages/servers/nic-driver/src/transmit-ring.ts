/** Transmission by legacy descriptors. Intel 82574 Datasheet revision 3.4 §7.2 "Transmit Functionality". */

import type { BufferRef } from '@bulkhead/abi';
import { has } from '@bulkhead/bits';
import type { DeviceRegion } from '@bulkhead/device-claim';
import * as nic from '@bulkhead/intel-82574-datasheet';
import type { Ring } from './ring.ts';

/**
 * One descriptor a frame, the FCS inserted by the device.
 * CHOICE: every descriptor asks for its status (RS); the interrupts that this costs are moderated.
 */
const COMMAND: number = nic.TDESC_CMD_EOP.mask | nic.TDESC_CMD_IFCS.mask | nic.TDESC_CMD_RS.mask;

export class TransmitRing {
  readonly ring: Ring;
  readonly #pool: DeviceRegion;

  constructor(ring: Ring, pool: DeviceRegion) {
    this.ring = ring;
    this.#pool = pool;
  }
  /** Queues a frame that lies in the pool; the ring is not full. The device starts when it is told the tail. */
  submit(buffer: number, lenBytes: number): void {
    const { descriptors, tailOffset } = this.ring;
    descriptors.store32(tailOffset + nic.TDESC_BUFFER_ADDRESS, this.#pool.addressLow(buffer));
    descriptors.store32(tailOffset + nic.TDESC_BUFFER_ADDRESS_HIGH, this.#pool.addressHigh(buffer));
    descriptors.store32(tailOffset + nic.TDESC_LOWER, COMMAND | lenBytes);
    descriptors.store32(tailOffset + nic.TDESC_UPPER, 0);
    this.ring.push(buffer);
  }
  /** @returns the buffer of the next frame that is transmitted, or -1. */
  reap(): BufferRef | -1 {
    if (this.ring.isEmpty) return -1;
    const upper = this.ring.descriptors.load32(this.ring.headOffset + nic.TDESC_UPPER);
    return has(upper, nic.TDESC_STA_DD) ? (this.ring.pop() as BufferRef) : -1;
  }
}
