/** IPv4 header. RFC 791 §3.1 "Internet Header Format". Addresses are signed 32-bit numbers, first octet highest. */
import {
  DEFAULT_TIME_TO_LIVE,
  IPV4_DESTINATION,
  IPV4_DONT_FRAGMENT,
  IPV4_FLAGS_FRAGMENT_OFFSET,
  IPV4_FRAGMENT_OFFSET_MASK,
  IPV4_HEADER_BYTES,
  IPV4_HEADER_CHECKSUM,
  IPV4_IDENTIFICATION,
  IPV4_IHL_MIN,
  IPV4_MORE_FRAGMENTS,
  IPV4_PROTOCOL,
  IPV4_SOURCE,
  IPV4_TIME_TO_LIVE,
  IPV4_TOTAL_LENGTH,
  IPV4_TYPE_OF_SERVICE,
  IPV4_VERSION,
  IPV4_VERSION_IHL,
} from '@bulkhead/internet-datasheet';
import { err, ok, type Result } from '@bulkhead/result';
import type { Window } from '@bulkhead/runtime';
import { loadBe16, loadBe32, storeBe16, storeBe32 } from './big-endian.ts';
import { checksum, sumsUp } from './checksum.ts';

/** What is read of one header; reused for every datagram. */
export class Ipv4Header {
  protocol = 0;
  source = 0;
  destination = 0;
  /** Offset of the data from the start of the header, options skipped. */
  headerLenBytes: number = IPV4_HEADER_BYTES;
  dataLenBytes = 0;
  isFragment = false;

  /**
   * RFC 1122 §3.2.1 checks: version, lengths and checksum. The link may have padded the datagram.
   * @returns false when the datagram must be silently discarded.
   */
  parse(window: Window, at: number, lenBytes: number): boolean {
    if (lenBytes < IPV4_HEADER_BYTES) return false;
    const versionIhl = window.load8(at + IPV4_VERSION_IHL);
    const headerLenBytes = (versionIhl & 0xf) * 4;
    const totalLenBytes = loadBe16(window, at + IPV4_TOTAL_LENGTH);
    if (versionIhl >>> 4 !== IPV4_VERSION || (versionIhl & 0xf) < IPV4_IHL_MIN) return false;
    if (totalLenBytes < headerLenBytes || totalLenBytes > lenBytes) return false;
    if (!sumsUp(window, at, headerLenBytes, 0)) return false;
    this.headerLenBytes = headerLenBytes;
    this.dataLenBytes = totalLenBytes - headerLenBytes;
    this.protocol = window.load8(at + IPV4_PROTOCOL);
    this.source = loadBe32(window, at + IPV4_SOURCE);
    this.destination = loadBe32(window, at + IPV4_DESTINATION);
    const fragment = loadBe16(window, at + IPV4_FLAGS_FRAGMENT_OFFSET);
    this.isFragment = (fragment & (IPV4_MORE_FRAGMENTS | IPV4_FRAGMENT_OFFSET_MASK)) !== 0;
    return true;
  }
  /**
   * Writes a header without options in front of `dataLenBytes` of data. Nothing that we send may be fragmented, so
   * every datagram is atomic and its identification may be anything: RFC 6864 §4.1 "IPv4 ID Used Only for Fragmentation".
   */
  emit(window: Window, at: number): void {
    window.store8(at + IPV4_VERSION_IHL, (IPV4_VERSION << 4) | IPV4_IHL_MIN);
    window.store8(at + IPV4_TYPE_OF_SERVICE, 0);
    storeBe16(window, at + IPV4_TOTAL_LENGTH, IPV4_HEADER_BYTES + this.dataLenBytes);
    storeBe16(window, at + IPV4_IDENTIFICATION, 0);
    storeBe16(window, at + IPV4_FLAGS_FRAGMENT_OFFSET, IPV4_DONT_FRAGMENT);
    window.store8(at + IPV4_TIME_TO_LIVE, DEFAULT_TIME_TO_LIVE);
    window.store8(at + IPV4_PROTOCOL, this.protocol);
    storeBe16(window, at + IPV4_HEADER_CHECKSUM, 0);
    storeBe32(window, at + IPV4_SOURCE, this.source);
    storeBe32(window, at + IPV4_DESTINATION, this.destination);
    storeBe16(window, at + IPV4_HEADER_CHECKSUM, checksum(window, at, IPV4_HEADER_BYTES, 0));
  }
}

const DOTTED = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/** Parses the dotted form of four decimal numbers. RFC 1123 §2.1. @returns the address, signed. */
export function parseIpv4Address(text: string): Result<number, 'not-an-address'> {
  const octets = (DOTTED.exec(text) ?? []).slice(1).map(Number);
  if (octets.length !== 4 || octets.some((octet) => octet > 255)) return err('not-an-address');
  return ok(octets.reduce((address, octet) => (address << 8) | octet, 0));
}

/** The dotted form, for people. */
export const formatIpv4Address = (address: number): string =>
  [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join('.');
