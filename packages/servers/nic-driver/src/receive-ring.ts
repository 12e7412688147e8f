/** Reception by legacy descriptors. Intel 82574 Datasheet revision 3.4 §7.1 "Receive Functionality". */

import type { BufferRef } from '@bulkhead/abi';
import { has } from '@bulkhead/bits';
import type { DeviceRegion } from '@bulkhead/device-claim';
import * as nic from '@bulkhead/intel-82574-datasheet';
import { BUFFER_SIZE_BYTES } from '@bulkhead/nic-driver-api';
import type { Ring } from './ring.ts';

/** In `reap`: no descriptor is done. */
export const NONE = -1;
/** In `reap`: a descriptor was done, its frame was not fit to be delivered, and its buffer is supplied again. */
export const DROPPED = -2;

/** The error byte of the word that holds the status byte: CE, SE, SEQ, CXE, RXE. Checksum errors are the stack's. */
const ERRORS_OF_THE_LINK: number =
  (nic.RDESC_ERROR_CE.mask |
    nic.RDESC_ERROR_SE.mask |
    nic.RDESC_ERROR_SEQ.mask |
    nic.RDESC_ERROR_CXE.mask |
    nic.RDESC_ERROR_RXE.mask) >>>
  (nic.RDESC_ERRORS_SHIFT - (nic.RDESC_ERRORS - nic.RDESC_STATUS) * 8);
const LENGTH_MASK = 0xffff;

export class ReceiveRing {
  readonly ring: Ring;
  readonly #pool: DeviceRegion;
  /** Length of the frame that `reap` gave, without FCS. */
  lenBytes = 0;
  /** The beginning of a frame was longer than a buffer: the rest is dropped with it. */
  #inFragments = false;

  constructor(ring: Ring, pool: DeviceRegion) {
    this.ring = ring;
    this.#pool = pool;
  }
  /** Lends the device a buffer that lies in the pool; the ring is not full. */
  supply(buffer: number): void {
    const { descriptors, tailOffset } = this.ring;
    descriptors.store32(tailOffset + nic.RDESC_BUFFER_ADDRESS, this.#pool.addressLow(buffer));
    descriptors.store32(tailOffset + nic.RDESC_BUFFER_ADDRESS_HIGH, this.#pool.addressHigh(buffer));
    descriptors.store32(tailOffset + nic.RDESC_STATUS, 0);
    this.ring.push(buffer);
  }
  /** @returns the buffer of the next frame, whose length is in `lenBytes`; or NONE, or DROPPED. */
  reap(): BufferRef | typeof NONE | typeof DROPPED {
    if (this.ring.isEmpty) return NONE;
    const at = this.ring.headOffset;
    const status = this.ring.descriptors.load32(at + nic.RDESC_STATUS);
    if (!has(status, nic.RDESC_STATUS_DD)) return NONE;
    this.lenBytes = this.ring.descriptors.load32(at + nic.RDESC_LENGTH) & LENGTH_MASK;
    const buffer = this.ring.pop();
    if (this.#isFit(status)) return buffer as BufferRef;
    this.supply(buffer);
    return DROPPED;
  }
  #isFit(status: number): boolean {
    const isLast = has(status, nic.RDESC_STATUS_EOP);
    const isWhole = isLast && !this.#inFragments;
    this.#inFragments = !isLast;
    return isWhole && (status & ERRORS_OF_THE_LINK) === 0 && this.lenBytes <= BUFFER_SIZE_BYTES;
  }
}
