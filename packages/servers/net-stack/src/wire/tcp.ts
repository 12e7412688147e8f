/** A TCP segment. RFC 9293 §3.1 "Header Format", §3.2 "Specific Option Definitions"; RFC 7323 §2.2. */
import {
  FIN,
  MAX_WINDOW_SHIFT,
  OPTION_END,
  OPTION_MAXIMUM_SEGMENT_SIZE,
  OPTION_MAXIMUM_SEGMENT_SIZE_BYTES,
  OPTION_NO_OPERATION,
  OPTION_WINDOW_SCALE,
  OPTION_WINDOW_SCALE_BYTES,
  PROTOCOL_TCP,
  SYN,
  TCP_ACKNOWLEDGMENT_NUMBER,
  TCP_CHECKSUM,
  TCP_CONTROL_BITS,
  TCP_DATA_OFFSET,
  TCP_DESTINATION_PORT,
  TCP_HEADER_BYTES,
  TCP_SEQUENCE_NUMBER,
  TCP_SOURCE_PORT,
  TCP_URGENT_POINTER,
  TCP_WINDOW,
} from '@bulkhead/internet-datasheet';
import type { Window } from '@bulkhead/runtime';
import { loadBe16, loadBe32, storeBe16, storeBe32 } from './big-endian.ts';
import { checksum, pseudoHeaderSum, sumsUp } from './checksum.ts';

/** The option did not come, or is not to be sent. */
export const NO_OPTION = -1;
/** MSS, then window scale behind a no-operation: the options of a SYN. */
export const SYN_OPTIONS_BYTES: number = OPTION_MAXIMUM_SEGMENT_SIZE_BYTES + 1 + OPTION_WINDOW_SCALE_BYTES;
const CONTROL_MASK = 0x3f;

/** What is read of, or written to, one segment's header; reused for every segment. Numbers of 32 bits are signed. */
export class TcpSegment {
  sourcePort = 0;
  destinationPort = 0;
  seq = 0;
  ack = 0;
  control = 0;
  /** As it stands in the header, unscaled. */
  window = 0;
  mss: number = NO_OPTION;
  windowShift: number = NO_OPTION;
  /** Offset of the text from the start of the header. */
  dataOffset: number = TCP_HEADER_BYTES;
  textLenBytes = 0;

  /** SEG.LEN: the text, and one for SYN and FIN each. RFC 9293 §3.3.1. */
  get length(): number {
    return this.textLenBytes + ((this.control & SYN) !== 0 ? 1 : 0) + ((this.control & FIN) !== 0 ? 1 : 0);
  }

  /** @returns false when the segment must be silently discarded. */
  parse(window: Window, at: number, lenBytes: number, source: number, destination: number): boolean {
    if (lenBytes < TCP_HEADER_BYTES) return false;
    const dataOffset = (window.load8(at + TCP_DATA_OFFSET) >>> 4) * 4;
    if (dataOffset < TCP_HEADER_BYTES || dataOffset > lenBytes) return false;
    if (!sumsUp(window, at, lenBytes, pseudoHeaderSum(source, destination, PROTOCOL_TCP, lenBytes))) return false;
    this.sourcePort = loadBe16(window, at + TCP_SOURCE_PORT);
    this.destinationPort = loadBe16(window, at + TCP_DESTINATION_PORT);
    this.seq = loadBe32(window, at + TCP_SEQUENCE_NUMBER);
    this.ack = loadBe32(window, at + TCP_ACKNOWLEDGMENT_NUMBER);
    this.control = window.load8(at + TCP_CONTROL_BITS) & CONTROL_MASK;
    this.window = loadBe16(window, at + TCP_WINDOW);
    this.dataOffset = dataOffset;
    this.textLenBytes = lenBytes - dataOffset;
    this.#parseOptions(window, at + TCP_HEADER_BYTES, at + dataOffset);
    return true;
  }

  /** Options other than on a SYN are skipped: those that we know mean nothing there. RFC 9293 §3.2, RFC 7323 §2.2. */
  #parseOptions(window: Window, start: number, end: number): void {
    this.mss = NO_OPTION;
    this.windowShift = NO_OPTION;
    if ((this.control & SYN) === 0) return;
    for (let at = start; at < end; ) {
      const kind = window.load8(at);
      if (kind === OPTION_END) return;
      if (kind === OPTION_NO_OPERATION) {
        at++;
        continue;
      }
      const lenBytes = at + 1 < end ? window.load8(at + 1) : 0;
      if (lenBytes < 2 || at + lenBytes > end) return; // RFC 9293 §3.1: must not crash on an illegal length (MUST-7)
      this.#parseOption(window, at, kind, lenBytes);
      at += lenBytes;
    }
  }
  #parseOption(window: Window, at: number, kind: number, lenBytes: number): void {
    if (kind === OPTION_MAXIMUM_SEGMENT_SIZE && lenBytes === OPTION_MAXIMUM_SEGMENT_SIZE_BYTES) {
      this.mss = (window.load8(at + 2) << 8) | window.load8(at + 3); // may be unaligned to anything
    } else if (kind === OPTION_WINDOW_SCALE && lenBytes === OPTION_WINDOW_SCALE_BYTES) {
      this.windowShift = Math.min(window.load8(at + 2), MAX_WINDOW_SHIFT);
    }
  }

  /** @returns the length of the header that `emit` writes. */
  get headerLenBytes(): number {
    if (this.mss === NO_OPTION) return TCP_HEADER_BYTES;
    return TCP_HEADER_BYTES + (this.windowShift === NO_OPTION ? OPTION_MAXIMUM_SEGMENT_SIZE_BYTES : SYN_OPTIONS_BYTES);
  }
  /** Writes the header in front of `textLenBytes` of text that already stands behind it. */
  emit(window: Window, at: number, source: number, destination: number): void {
    const headerLenBytes = this.headerLenBytes;
    storeBe16(window, at + TCP_SOURCE_PORT, this.sourcePort);
    storeBe16(window, at + TCP_DESTINATION_PORT, this.destinationPort);
    storeBe32(window, at + TCP_SEQUENCE_NUMBER, this.seq);
    storeBe32(window, at + TCP_ACKNOWLEDGMENT_NUMBER, this.ack);
    window.store8(at + TCP_DATA_OFFSET, headerLenBytes << 2);
    window.store8(at + TCP_CONTROL_BITS, this.control);
    storeBe16(window, at + TCP_WINDOW, this.window);
    storeBe16(window, at + TCP_CHECKSUM, 0);
    storeBe16(window, at + TCP_URGENT_POINTER, 0);
    if (headerLenBytes > TCP_HEADER_BYTES) this.#emitOptions(window, at + TCP_HEADER_BYTES);
    const lenBytes = headerLenBytes + this.textLenBytes;
    const pseudo = pseudoHeaderSum(source, destination, PROTOCOL_TCP, lenBytes);
    storeBe16(window, at + TCP_CHECKSUM, checksum(window, at, lenBytes, pseudo));
  }
  #emitOptions(window: Window, at: number): void {
    window.store8(at, OPTION_MAXIMUM_SEGMENT_SIZE);
    window.store8(at + 1, OPTION_MAXIMUM_SEGMENT_SIZE_BYTES);
    storeBe16(window, at + 2, this.mss);
    if (this.windowShift === NO_OPTION) return;
    window.store8(at + 4, OPTION_NO_OPERATION);
    window.store8(at + 5, OPTION_WINDOW_SCALE);
    window.store8(at + 6, OPTION_WINDOW_SCALE_BYTES);
    window.store8(at + 7, this.windowShift);
  }
}
