/**
 * Checksums that the device inserts on transmission. Intel 82574 Datasheet revision 3.4 §7.2.9 "Legacy Transmit
 * Descriptor" (CSO and CSS) and "TCP/IP Context Transmit Descriptor" (IPCSS, IPCSO, IPCSE and TUCSS, TUCSO, TUCSE).
 *
 * The device knows no protocol: it sums from a start to an end, and what stands in the checksum's place is summed with
 * the rest, so that software can leave the sum of the pseudo-header there.
 *
 * CHOICE: what lies outside of the frame is not inserted (8254x manual: IC is ignored when CSS is not below the length
 * or CSO not below the length less one). CHOICE: a UDP checksum of zero is sent as all ones (RFC 768).
 */
import { fold, OnesComplement } from './ones-complement.ts';

export class ChecksumOffload {
  readonly #frame: Uint8Array;
  readonly #sums: OnesComplement;

  constructor(frame: Uint8Array) {
    this.#frame = frame;
    this.#sums = new OnesComplement(frame);
  }

  /**
   * Sums the frame's bytes `start … end`, or to its end when `end` is 0, and stores the complement at `offset`.
   * @param pseudo what is added: a part of the pseudo-header that software could not know.
   */
  insert(lenBytes: number, start: number, offset: number, end: number, pseudo: number): void {
    if (start >= lenBytes || offset >= lenBytes - 1) return;
    const stop = end === 0 ? lenBytes : Math.min(end + 1, lenBytes);
    this.#store(offset, ~fold(this.#sums.sum(start, stop - start) + pseudo) & 0xffff);
  }
  /** The same for UDP, where no checksum is written 0. */
  insertUdp(lenBytes: number, start: number, offset: number, end: number, pseudo: number): void {
    this.insert(lenBytes, start, offset, end, pseudo);
    if (start >= lenBytes || offset >= lenBytes - 1) return;
    if (this.#frame[offset] === 0 && this.#frame[offset + 1] === 0) this.#store(offset, 0xffff);
  }

  #store(offset: number, value: number): void {
    this.#frame[offset] = value >>> 8;
    this.#frame[offset + 1] = value;
  }
}
