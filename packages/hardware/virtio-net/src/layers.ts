/**
 * Where the headers of a frame stand: Ethernet, at most one VLAN tag, IPv4 or IPv6, TCP or UDP.
 * UNIMPLEMENTED: IPv6 extension headers; such a frame has no transport here.
 */
import * as net from '@bulkhead/internet-datasheet';
import { add16, load16 } from './checksum.ts';

export const NO_IP = 0;
export const IPV4 = 4;
export const IPV6 = 6;

export class Layers {
  /** NO_IP, IPV4 or IPV6. */
  version = 0;
  ipAt = 0;
  /** The protocol of the transport that is there whole, -1 when there is none. */
  protocol = -1;
  transportAt = 0;
  /** Where the datagram ends; padding may follow. */
  endAt = 0;

  /** Finds the headers in `bytes[at … at + lenBytes)`. */
  find(bytes: Uint8Array, at: number, lenBytes: number): void {
    const end = at + lenBytes;
    this.version = NO_IP;
    this.protocol = -1;
    this.ipAt = at + net.ETHERNET_HEADER_BYTES;
    if (lenBytes < net.ETHERNET_HEADER_BYTES + net.IPV4_HEADER_BYTES) return;
    let type = load16(bytes, at + net.ETHERNET_TYPE);
    if (type === net.ETHERTYPE_VLAN) {
      type = load16(bytes, at + net.ETHERNET_TYPE + net.VLAN_TAG_BYTES);
      this.ipAt += net.VLAN_TAG_BYTES;
    }
    if (type === net.ETHERTYPE_IPV4) this.#findIpv4(bytes, end);
    else if (type === net.ETHERTYPE_IPV6) this.#findIpv6(bytes, end);
  }

  #findIpv4(bytes: Uint8Array, end: number): void {
    const { ipAt } = this;
    if (ipAt + net.IPV4_HEADER_BYTES > end || bytes[ipAt]! >>> 4 !== net.IPV4_VERSION) return;
    const headerBytes = (bytes[ipAt]! & 0xf) * 4;
    const endAt = ipAt + load16(bytes, ipAt + net.IPV4_TOTAL_LENGTH);
    if (headerBytes < net.IPV4_HEADER_BYTES || ipAt + headerBytes > end) return;
    this.version = IPV4;
    this.endAt = Math.min(endAt, end);
    const fragment = load16(bytes, ipAt + net.IPV4_FLAGS_FRAGMENT_OFFSET);
    if ((fragment & (net.IPV4_MORE_FRAGMENTS | net.IPV4_FRAGMENT_OFFSET_MASK)) !== 0) return;
    this.#findTransport(bytes[ipAt + net.IPV4_PROTOCOL]!, ipAt + headerBytes, this.endAt);
  }

  #findIpv6(bytes: Uint8Array, end: number): void {
    const { ipAt } = this;
    if (ipAt + net.IPV6_HEADER_BYTES > end || bytes[ipAt]! >>> 4 !== IPV6) return;
    this.version = IPV6;
    const transportAt = ipAt + net.IPV6_HEADER_BYTES;
    this.endAt = Math.min(transportAt + load16(bytes, ipAt + net.IPV6_PAYLOAD_LENGTH), end);
    this.#findTransport(bytes[ipAt + net.IPV6_NEXT_HEADER]!, transportAt, this.endAt);
  }

  #findTransport(protocol: number, at: number, end: number): void {
    const least = protocol === net.PROTOCOL_TCP ? net.TCP_HEADER_BYTES : net.UDP_HEADER_BYTES;
    if (protocol !== net.PROTOCOL_TCP && protocol !== net.PROTOCOL_UDP) return;
    if (at + least > end) return;
    this.protocol = protocol;
    this.transportAt = at;
  }

  /** RFC 9293 §3.1, RFC 8200 §8.1: the pseudo-header's sum for a transport of `lenBytes`, unfolded. */
  pseudoHeader(bytes: Uint8Array, lenBytes: number): number {
    const isV4 = this.version === IPV4;
    const addresses = this.ipAt + (isV4 ? net.IPV4_SOURCE : net.IPV6_SOURCE);
    return add16(bytes, addresses, isV4 ? 8 : 2 * net.IPV6_ADDRESS_BYTES, this.protocol + lenBytes);
  }
}
