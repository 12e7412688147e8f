/**
 * What a context descriptor says, until another one replaces it. Intel 82574 Datasheet revision 3.4 §7.2.9 "TCP/IP
 * Context Transmit Descriptor". A queue holds two: one for segmentation (TUCMD.TSE) and one for everything else.
 *
 * CHOICE: without a context since the last reset, descriptors that ask for one are sent as they are.
 */
import { get, has } from '@bulkhead/bits';
import * as reg from '@bulkhead/intel-82574-datasheet';

export class OffloadContext {
  isSet = false;
  ipStart = 0;
  ipOffset = 0;
  ipEnd = 0;
  transportStart = 0;
  transportOffset = 0;
  transportEnd = 0;
  isTcp = false;
  isIpv4 = false;
  payloadBytes = 0;
  headerBytes = 0;
  segmentBytes = 0;

  /** @param words four of them, the descriptor's, from `at` on. */
  load(words: Int32Array, at: number): void {
    const lower = words[at + reg.TDESC_LOWER / 4]!;
    const upper = words[at + reg.TDESC_UPPER / 4]!;
    this.isSet = true;
    this.ipStart = get(words[at]!, reg.TDESC_CONTEXT_START);
    this.ipOffset = get(words[at]!, reg.TDESC_CONTEXT_OFFSET);
    this.ipEnd = get(words[at]!, reg.TDESC_CONTEXT_END);
    this.transportStart = get(words[at + 1]!, reg.TDESC_CONTEXT_START);
    this.transportOffset = get(words[at + 1]!, reg.TDESC_CONTEXT_OFFSET);
    this.transportEnd = get(words[at + 1]!, reg.TDESC_CONTEXT_END);
    this.isTcp = has(lower, reg.TDESC_CONTEXT_TUCMD_TCP);
    this.isIpv4 = has(lower, reg.TDESC_CONTEXT_TUCMD_IP);
    this.payloadBytes = get(lower, reg.TDESC_CONTEXT_PAYLEN);
    this.headerBytes = get(upper, reg.TDESC_CONTEXT_HDRLEN);
    this.segmentBytes = get(upper, reg.TDESC_CONTEXT_MSS);
  }
  forget(): void {
    this.isSet = false;
  }
}
