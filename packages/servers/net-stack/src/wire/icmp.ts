/** ICMP. RFC 792 "Message Formats". */
import {
  ICMP_CHECKSUM,
  ICMP_CODE,
  ICMP_CODE_PORT_UNREACHABLE,
  ICMP_DESTINATION_UNREACHABLE,
  ICMP_ECHO_REPLY,
  ICMP_HEADER_BYTES,
  ICMP_REST,
  ICMP_TYPE,
} from '@bulkhead/internet-datasheet';
import type { Window } from '@bulkhead/runtime';
import { storeBe16, storeBe32 } from './big-endian.ts';
import { checksum, sumsUp } from './checksum.ts';

/** What is read of one message; reused for every message. */
export class IcmpHeader {
  type = 0;
  code = 0;

  /** @returns false when the message must be discarded. */
  parse(window: Window, at: number, lenBytes: number): boolean {
    if (lenBytes < ICMP_HEADER_BYTES || !sumsUp(window, at, lenBytes, 0)) return false;
    this.type = window.load8(at + ICMP_TYPE);
    this.code = window.load8(at + ICMP_CODE);
    return true;
  }
}

function seal(window: Window, at: number, lenBytes: number): void {
  storeBe16(window, at + ICMP_CHECKSUM, 0);
  storeBe16(window, at + ICMP_CHECKSUM, checksum(window, at, lenBytes, 0));
}

/** "Echo or Echo Reply Message": the same message with another type. */
export function emitEchoReply(window: Window, at: number, lenBytes: number): void {
  window.store8(at + ICMP_TYPE, ICMP_ECHO_REPLY);
  window.store8(at + ICMP_CODE, 0);
  seal(window, at, lenBytes);
}

/** "Destination Unreachable Message" in front of `lenBytes - 8` bytes of the datagram that was refused. */
export function emitPortUnreachable(window: Window, at: number, lenBytes: number): void {
  window.store8(at + ICMP_TYPE, ICMP_DESTINATION_UNREACHABLE);
  window.store8(at + ICMP_CODE, ICMP_CODE_PORT_UNREACHABLE);
  storeBe32(window, at + ICMP_REST, 0);
  seal(window, at, lenBytes);
}
