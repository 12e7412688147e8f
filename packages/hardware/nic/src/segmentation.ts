/**
 * TCP (and UDP) segmentation. Intel 82574 Datasheet revision 3.4 §7.3 "TCP Segmentation".
 *
 * The first HDRLEN bytes of the data are a prototype of every frame's headers; the payload behind it is cut into pieces
 * of MSS bytes, and each goes out behind the prototype with its lengths, identification, sequence number, flags and
 * checksums brought up to date (§7.3.6.2 "IP/TCP/UDP Header Updating").
 *
 * Invariant: while it takes bytes, `position` and `room` stay inside a frame of LONGEST_FRAME_BYTES.
 *
 * CHOICE: data that end before PAYLEN are sent as far as they go, data beyond PAYLEN are not sent; either is a failure
 * (TSCTFC). CHOICE: an MSS of 0, and a frame that the device cannot hold, fail the whole segmentation.
 */
import * as reg from '@bulkhead/intel-82574-datasheet';
import type { ChecksumOffload } from './checksum-offload.ts';
import { LONGEST_FRAME_BYTES } from './device.ts';
import type { OffloadContext } from './offload-context.ts';

const PROTOTYPE_BYTES = 256;
const TYPE_AT = 12;
const MAC_HEADER_BYTES = 14;
const TYPE_IS_LENGTH_MAX = 1500;
/** Where fields stand in their headers. RFC 791 §3.1, RFC 8200 §3, RFC 9293 §3.1, RFC 768. */
const IPV4_TOTAL_LENGTH = 2;
const IPV4_IDENTIFICATION = 4;
const IPV6_PAYLOAD_LENGTH = 4;
const IPV6_HEADER_BYTES = 40;
const TCP_SEQUENCE = 4;
const TCP_FLAGS = 13;
const TCP_FIN_AND_PSH = 0x09;
const UDP_LENGTH = 4;

export class Segmentation {
  readonly #frame: Uint8Array;
  readonly #checksums: ChecksumOffload;
  readonly #prototype: Uint8Array = new Uint8Array(PROTOTYPE_BYTES);
  #context: OffloadContext;
  #options = 0;
  #headerFilled = 0;
  /** Of the frame that is being filled, and of all that came before it. */
  #payloadFilled = 0;
  #payloadSent = 0;
  #segments = 0;
  #isFailed = false;

  constructor(frame: Uint8Array, checksums: ChecksumOffload, context: OffloadContext) {
    this.#frame = frame;
    this.#checksums = checksums;
    this.#context = context;
  }

  /** @param options the word at TDESC_UPPER of the first data descriptor. */
  begin(context: OffloadContext, options: number): void {
    this.#context = context;
    this.#options = options;
    this.#headerFilled = 0;
    this.#payloadFilled = 0;
    this.#payloadSent = 0;
    this.#segments = 0;
    const longest = context.headerBytes + Math.min(context.segmentBytes, context.payloadBytes);
    this.#isFailed = context.segmentBytes === 0 || longest > LONGEST_FRAME_BYTES;
  }

  /** Where the next bytes go. */
  get position(): number {
    const { headerBytes } = this.#context;
    return this.#headerFilled < headerBytes ? this.#headerFilled : headerBytes + this.#payloadFilled;
  }
  /** @returns how many of the next `lenBytes` go there; 0 when they go nowhere. */
  room(lenBytes: number): number {
    const { headerBytes, segmentBytes, payloadBytes } = this.#context;
    if (this.#isFailed) return 0;
    if (this.#headerFilled < headerBytes) return Math.min(lenBytes, headerBytes - this.#headerFilled);
    const left = payloadBytes - this.#payloadSent - this.#payloadFilled;
    if (left === 0) this.#isFailed = true;
    return Math.min(lenBytes, left, segmentBytes - this.#payloadFilled);
  }
  /** So many bytes went there. @returns true when a frame is full. */
  filled(lenBytes: number): boolean {
    const { headerBytes, segmentBytes, payloadBytes } = this.#context;
    if (this.#headerFilled < headerBytes) {
      this.#headerFilled += lenBytes;
      if (this.#headerFilled === headerBytes) copy(this.#frame, this.#prototype, headerBytes);
      return false;
    }
    this.#payloadFilled += lenBytes;
    return this.#payloadFilled === segmentBytes || this.#payloadSent + this.#payloadFilled === payloadBytes;
  }

  /** @returns true when the end of the data leaves something to send: a short frame, or headers without payload. */
  get hasRest(): boolean {
    if (this.#isFailed || this.#headerFilled < this.#context.headerBytes) return false;
    return this.#payloadFilled > 0 || this.#segments === 0;
  }
  /** @returns true when all of PAYLEN was sent and nothing else. */
  get isComplete(): boolean {
    return !this.#isFailed && this.#segments > 0 && this.#payloadSent === this.#context.payloadBytes;
  }

  /** Brings the headers of the frame up to date. @returns its length. */
  finish(isEnd: boolean): number {
    const lenBytes = this.#context.headerBytes + this.#payloadFilled;
    const isLast = isEnd || this.#payloadSent + this.#payloadFilled === this.#context.payloadBytes;
    this.#updateLengths(lenBytes);
    if (this.#context.isTcp) this.#updateTcp(isLast);
    this.#insertChecksums(lenBytes);
    return lenBytes;
  }
  /** The frame has been sent: the next one begins with the prototype. */
  next(): void {
    this.#payloadSent += this.#payloadFilled;
    this.#payloadFilled = 0;
    this.#segments += 1;
    copy(this.#prototype, this.#frame, this.#context.headerBytes);
  }

  #updateLengths(lenBytes: number): void {
    const { ipStart, isIpv4, isTcp, transportStart } = this.#context;
    if (this.#isInHeader(TYPE_AT) && this.#load16(TYPE_AT) <= TYPE_IS_LENGTH_MAX) {
      this.#store16(TYPE_AT, lenBytes - MAC_HEADER_BYTES);
    }
    if (isIpv4) {
      this.#store16(ipStart + IPV4_TOTAL_LENGTH, lenBytes - ipStart);
      this.#store16(ipStart + IPV4_IDENTIFICATION, this.#load16(ipStart + IPV4_IDENTIFICATION) + this.#segments);
    } else this.#store16(ipStart + IPV6_PAYLOAD_LENGTH, lenBytes - ipStart - IPV6_HEADER_BYTES);
    if (!isTcp) this.#store16(transportStart + UDP_LENGTH, lenBytes - transportStart);
  }

  #updateTcp(isLast: boolean): void {
    const at = this.#context.transportStart + TCP_SEQUENCE;
    const sequence = (this.#load16(at) << 16) + this.#load16(at + 2) + this.#payloadSent;
    this.#store16(at, sequence >>> 16);
    this.#store16(at + 2, sequence);
    const flags = this.#context.transportStart + TCP_FLAGS;
    if (!isLast && this.#isInHeader(flags - 1)) this.#frame[flags]! &= ~TCP_FIN_AND_PSH;
  }

  /** §7.3.6.1: the pseudo-header that software left in the checksum's place has no length yet. */
  #insertChecksums(lenBytes: number): void {
    const { ipStart, ipOffset, ipEnd, transportStart, transportOffset, transportEnd, isTcp } = this.#context;
    const checksums = this.#checksums;
    if ((this.#options & reg.TDESC_POPTS_IXSM.mask) !== 0) checksums.insert(lenBytes, ipStart, ipOffset, ipEnd, 0);
    if ((this.#options & reg.TDESC_POPTS_TXSM.mask) === 0) return;
    const length = Math.max(0, lenBytes - transportStart);
    if (isTcp) checksums.insert(lenBytes, transportStart, transportOffset, transportEnd, length);
    else checksums.insertUdp(lenBytes, transportStart, transportOffset, transportEnd, length);
  }

  /** Fields outside of the prototype are left alone, whatever the context says. */
  #isInHeader(at: number): boolean {
    return at + 2 <= this.#context.headerBytes;
  }
  #load16(at: number): number {
    return (this.#frame[at]! << 8) | this.#frame[at + 1]!;
  }
  #store16(at: number, value: number): void {
    if (!this.#isInHeader(at)) return;
    this.#frame[at] = value >>> 8;
    this.#frame[at + 1] = value;
  }
}

function copy(from: Uint8Array, to: Uint8Array, lenBytes: number): void {
  for (let i = 0; i < lenBytes; i++) to[i] = from[i]!;
}
