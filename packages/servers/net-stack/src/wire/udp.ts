/** UDP. RFC 768 "Format"; what a host must check: RFC 1122 §4.1.3.4 "UDP Checksums". */
import {
  PROTOCOL_UDP,
  UDP_CHECKSUM,
  UDP_DESTINATION_PORT,
  UDP_HEADER_BYTES,
  UDP_LENGTH,
  UDP_NO_CHECKSUM,
  UDP_SOURCE_PORT,
} from '@bulkhead/internet-datasheet';
import type { Window } from '@bulkhead/runtime';
import { loadBe16, storeBe16 } from './big-endian.ts';
import { checksum, pseudoHeaderSum, sumsUp } from './checksum.ts';

/** What is read of one header; reused for every datagram. */
export class UdpHeader {
  sourcePort = 0;
  destinationPort = 0;
  dataLenBytes = 0;

  /** @returns false when the datagram must be silently discarded. */
  parse(window: Window, at: number, lenBytes: number, source: number, destination: number): boolean {
    if (lenBytes < UDP_HEADER_BYTES) return false;
    const udpLenBytes = loadBe16(window, at + UDP_LENGTH);
    if (udpLenBytes < UDP_HEADER_BYTES || udpLenBytes > lenBytes) return false;
    if (loadBe16(window, at + UDP_CHECKSUM) !== UDP_NO_CHECKSUM) {
      const pseudo = pseudoHeaderSum(source, destination, PROTOCOL_UDP, udpLenBytes);
      if (!sumsUp(window, at, udpLenBytes, pseudo)) return false;
    }
    this.sourcePort = loadBe16(window, at + UDP_SOURCE_PORT);
    this.destinationPort = loadBe16(window, at + UDP_DESTINATION_PORT);
    this.dataLenBytes = udpLenBytes - UDP_HEADER_BYTES;
    return true;
  }
  emit(window: Window, at: number, source: number, destination: number): void {
    const lenBytes = UDP_HEADER_BYTES + this.dataLenBytes;
    storeBe16(window, at + UDP_SOURCE_PORT, this.sourcePort);
    storeBe16(window, at + UDP_DESTINATION_PORT, this.destinationPort);
    storeBe16(window, at + UDP_LENGTH, lenBytes);
    storeBe16(window, at + UDP_CHECKSUM, 0);
    const sum = checksum(window, at, lenBytes, pseudoHeaderSum(source, destination, PROTOCOL_UDP, lenBytes));
    storeBe16(window, at + UDP_CHECKSUM, sum === UDP_NO_CHECKSUM ? 0xffff : sum); // RFC 768: 0 means none
  }
}
