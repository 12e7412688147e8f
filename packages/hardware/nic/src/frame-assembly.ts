/**
 * From the bytes of descriptors to frames. Intel 82574 Datasheet revision 3.4 §7.2 "Transmit Functionality", §7.3 "TCP
 * Segmentation", §7.5.2.1 "Adding 802.1q Tags on Transmits".
 *
 * The queue says what a descriptor asks for (`begin`), fetches bytes to `position` as long as there is `room`, and says
 * when the packet ends. What a field of which descriptor means: POPTS and CSS count in the first of a packet; EOP, IC,
 * CSO, VLE, IFCS and the tag in its last, or all in the first of a segmentation.
 *
 * CHOICE: a frame longer than 16380 bytes is dropped whole. CHOICE: without IFCS the last four bytes of a frame are its
 * FCS, which links carry apart; when it is wrong, the frame takes its time on the wire and arrives nowhere. Insertion of
 * a tag, and segmentation, insert the FCS as well.
 */
import { get, has } from '@bulkhead/bits';
import * as reg from '@bulkhead/intel-82574-datasheet';
import { ChecksumOffload } from './checksum-offload.ts';
import { hasGoodFcs } from './crc.ts';
import { type DeviceParts, LONGEST_FRAME_BYTES } from './device.ts';
import type { Egress } from './egress.ts';
import { OffloadContext } from './offload-context.ts';
import { Segmentation } from './segmentation.ts';
import { ADDRESSES_BYTES, insertTag, TAG_BYTES } from './vlan.ts';

const FCS_BYTES = reg.FRAME_CHECK_SEQUENCE_BYTES;

export class FrameAssembly {
  readonly frame: Uint8Array = new Uint8Array(LONGEST_FRAME_BYTES + TAG_BYTES);
  readonly #parts: DeviceParts;
  readonly #egress: Egress;
  readonly #checksums: ChecksumOffload = new ChecksumOffload(this.frame);
  readonly #plain: OffloadContext = new OffloadContext();
  readonly #segmenting: OffloadContext = new OffloadContext();
  readonly #segmentation: Segmentation = new Segmentation(this.frame, this.#checksums, this.#segmenting);
  #lenBytes = 0;
  #isTooLong = false;
  /** A packet has begun and not ended. */
  #isInside = false;
  #isSegmented = false;
  /** The words of the packet's first descriptor. */
  #lower = 0;
  #upper = 0;

  constructor(parts: DeviceParts, egress: Egress) {
    this.#parts = parts;
    this.#egress = egress;
  }

  /** A frame that had not ended is forgotten. */
  abandon(): void {
    this.#isInside = false;
    this.#isSegmented = false;
    this.#lenBytes = 0;
    this.#isTooLong = false;
  }
  reset(): void {
    this.abandon();
    this.#plain.forget();
    this.#segmenting.forget();
  }

  /** A context descriptor. One in the midst of a segmentation would pull the rug from under it: it ends that. */
  load(words: Int32Array, at: number): void {
    const isForSegmentation = has(words[at + reg.TDESC_LOWER / 4]!, reg.TDESC_CONTEXT_TUCMD_TSE);
    if (!isForSegmentation) {
      this.#plain.load(words, at);
      return;
    }
    if (this.#isSegmented) this.#fail();
    this.#segmenting.load(words, at);
  }

  /** A data descriptor, of either kind. */
  begin(lower: number, upper: number): void {
    if (this.#isInside) return;
    this.#isInside = true;
    this.#lower = lower;
    this.#upper = upper;
    this.#isSegmented = isSegmenting(lower) && this.#segmenting.isSet;
    if (this.#isSegmented) this.#segmentation.begin(this.#segmenting, upper);
  }
  /** The packet is being cut into frames. */
  get isSegmented(): boolean {
    return this.#isSegmented;
  }
  get position(): number {
    return this.#isSegmented ? this.#segmentation.position : this.#lenBytes;
  }
  /** @returns how many of the next `lenBytes` go to `position` at once; 0 when they go nowhere. */
  room(lenBytes: number): number {
    if (this.#isSegmented) return this.#segmentation.room(lenBytes);
    if (this.#lenBytes + lenBytes > LONGEST_FRAME_BYTES) this.#isTooLong = true;
    return this.#isTooLong ? 0 : lenBytes;
  }
  /** So many bytes went there. */
  filled(lenBytes: number): void {
    if (!this.#isSegmented) this.#lenBytes += lenBytes;
    else if (this.#segmentation.filled(lenBytes)) this.#sendSegment(false);
  }

  /** The packet's last descriptor has been taken. */
  end(lower: number, upper: number): void {
    if (this.#isSegmented) this.#endSegmentation();
    else if (!this.#isTooLong) this.#sendFrame(lower, upper);
    this.abandon();
  }

  #sendFrame(lower: number, upper: number): void {
    const isExtended = has(this.#lower, reg.TDESC_CMD_DEXT);
    if (isExtended) this.#insertChecksums();
    else if (has(lower, reg.TDESC_CMD_IC)) {
      const start = get(this.#upper, reg.TDESC_UPPER_CSS);
      this.#checksums.insert(this.#lenBytes, start, get(lower, reg.TDESC_LOWER_CSO), 0, 0);
    }
    if (this.#takesTag(lower)) this.#sendTagged(this.#lenBytes, upper);
    else if (has(lower, reg.TDESC_CMD_IFCS)) this.#egress.transmit(this.frame, this.#lenBytes, true);
    else this.#sendWithFcs();
  }

  /** §7.2.9 "TCP/IP Data Descriptor": POPTS. */
  #insertChecksums(): void {
    const context = this.#plain;
    if (!context.isSet) return;
    const { ipStart, ipOffset, ipEnd, transportStart, transportOffset, transportEnd } = context;
    if (has(this.#upper, reg.TDESC_POPTS_IXSM)) {
      this.#checksums.insert(this.#lenBytes, ipStart, ipOffset, ipEnd, 0);
    }
    if (!has(this.#upper, reg.TDESC_POPTS_TXSM)) return;
    if (context.isTcp) this.#checksums.insert(this.#lenBytes, transportStart, transportOffset, transportEnd, 0);
    else this.#checksums.insertUdp(this.#lenBytes, transportStart, transportOffset, transportEnd, 0);
  }

  #sendWithFcs(): void {
    const lenBytes = this.#lenBytes - FCS_BYTES;
    if (lenBytes < ADDRESSES_BYTES) return;
    if (hasGoodFcs(this.frame, lenBytes)) this.#egress.transmit(this.frame, lenBytes, false);
    else this.#egress.occupy(this.frame, lenBytes);
  }

  #takesTag(lower: number): boolean {
    return has(lower, reg.TDESC_CMD_VLE) && has(this.#parts.registers.get(reg.CTRL), reg.CTRL_VME);
  }
  #sendTagged(lenBytes: number, upper: number): void {
    if (lenBytes < ADDRESSES_BYTES) return;
    const tag = get(upper, reg.TDESC_UPPER_VLAN);
    const taggedBytes = insertTag(this.frame, lenBytes, this.#parts.registers.get(reg.VET), tag);
    this.#egress.transmit(this.frame, taggedBytes, true);
  }

  #sendSegment(isEnd: boolean): void {
    const lenBytes = this.#segmentation.finish(isEnd);
    if (this.#takesTag(this.#lower)) this.#sendTagged(lenBytes, this.#upper);
    else this.#egress.transmit(this.frame, lenBytes, true);
    this.#segmentation.next();
  }
  #endSegmentation(): void {
    if (this.#segmentation.hasRest) this.#sendSegment(true);
    if (this.#segmentation.isComplete) this.#parts.registers.count(reg.TSCTC);
    else this.#fail();
  }
  #fail(): void {
    this.#parts.registers.count(reg.TSCTFC);
    this.#isSegmented = false;
    this.#isTooLong = true; // what is left of it goes nowhere
  }
}

/** @returns true when the data descriptor belongs to a segmentation. */
export function isSegmenting(lower: number): boolean {
  if (!has(lower, reg.TDESC_CMD_DEXT) || !has(lower, reg.TDESC_CMD_TSE)) return false;
  return get(lower, reg.TDESC_LOWER_DTYP) !== reg.TDESC_DTYP_CONTEXT;
}
