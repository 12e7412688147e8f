/**
 * What a driver leaves to the device when it transmits: checksums and TCP segmentation. Virtio 1.2 §5.1.6.2 "Packet
 * Transmission".
 *
 * The headers are found anew: hdr_len is not relied on, and neither is the pseudo-header's sum of a packet that is cut.
 * CHOICE: a header that asks for what was not negotiated, or for what the packet cannot have, drops the packet; it does
 * not break the device.
 */
import * as net from '@bulkhead/internet-datasheet';
import * as virtio from '@bulkhead/virtio-datasheet';
import { add16, fold, load16, load32, store16, store32 } from './checksum.ts';
import type { Features } from './features.ts';
import { IPV4, IPV6, Layers } from './layers.ts';
import { ETHERNET_HEADER_BYTES, VLAN_TAG_BYTES } from './parts.ts';

/** RFC 3168 §6.1: congestion window reduced; told once. */
const CWR = 0x80;
/** The largest packet that a driver may give: a datagram of 65,535 bytes and its Ethernet header with a tag. */
export const LONGEST_PACKET_BYTES: number = 65535 + ETHERNET_HEADER_BYTES + VLAN_TAG_BYTES + net.IPV6_HEADER_BYTES;

export type Sender = (frame: Uint8Array, lenBytes: number) => void;

const little16 = (bytes: Uint8Array, at: number): number => bytes[at]! | (bytes[at + 1]! << 8);

export class Offload {
  readonly #features: Features;
  readonly #longestFrameBytes: number;
  readonly #send: Sender;
  readonly #layers: Layers = new Layers();
  readonly #segment: Uint8Array;

  constructor(features: Features, mtuBytes: number, send: Sender) {
    this.#features = features;
    this.#longestFrameBytes = mtuBytes + ETHERNET_HEADER_BYTES + VLAN_TAG_BYTES;
    this.#send = send;
    this.#segment = new Uint8Array((this.#longestFrameBytes + 3) & ~3);
  }

  /** Sends a packet as its virtio-net header says. @returns false when it is dropped. */
  transmit(header: Uint8Array, packet: Uint8Array, lenBytes: number): boolean {
    const gso = header[virtio.NET_HDR_GSO_TYPE]!;
    if (gso !== virtio.NET_HDR_GSO_NONE) return this.#cut(header, packet, lenBytes, gso);
    if (lenBytes > this.#longestFrameBytes || lenBytes < ETHERNET_HEADER_BYTES) return false;
    if ((header[virtio.NET_HDR_FLAGS]! & virtio.NET_HDR_F_NEEDS_CSUM) !== 0) {
      if (!this.#complete(header, packet, lenBytes)) return false;
    }
    this.#send(packet, lenBytes);
    return true;
  }

  /** The checksum of everything from csum_start on goes to csum_offset behind it. */
  #complete(header: Uint8Array, packet: Uint8Array, lenBytes: number): boolean {
    if (!this.#features.has(virtio.NET_F_CSUM)) return false;
    const start = little16(header, virtio.NET_HDR_CSUM_START);
    const at = start + little16(header, virtio.NET_HDR_CSUM_OFFSET);
    if (at + 2 > lenBytes) return false;
    const sum = fold(add16(packet, start, lenBytes - start, 0));
    // RFC 768: a checksum of 0 is sent as all ones, for 0 means that there is none. The two are one number otherwise.
    store16(packet, at, ~sum & 0xffff || 0xffff);
    return true;
  }

  #cut(header: Uint8Array, packet: Uint8Array, lenBytes: number, gso: number): boolean {
    const size = little16(header, virtio.NET_HDR_GSO_SIZE);
    const layers = this.#layers;
    layers.find(packet, 0, lenBytes);
    if (size === 0 || layers.protocol !== net.PROTOCOL_TCP || !this.#maySegment(gso)) return false;
    const tcpBytes = (packet[layers.transportAt + net.TCP_DATA_OFFSET]! >>> 4) * 4;
    const headersBytes = layers.transportAt + tcpBytes;
    if (tcpBytes < net.TCP_HEADER_BYTES || headersBytes > lenBytes) return false;
    if (headersBytes + Math.min(size, lenBytes - headersBytes) > this.#longestFrameBytes) return false;
    const payloadBytes = lenBytes - headersBytes;
    const count = Math.max(1, Math.ceil(payloadBytes / size));
    for (let i = 0; i < count; i++) {
      this.#copy(packet, headersBytes, i * size, Math.min(size, payloadBytes - i * size));
      this.#finish(headersBytes, Math.min(size, payloadBytes - i * size), i, i * size, i === count - 1);
    }
    return true;
  }

  /** §5.1.6.2.1: only for the version that is asked for, when that was negotiated. */
  #maySegment(gso: number): boolean {
    if (gso === virtio.NET_HDR_GSO_TCPV4)
      return this.#layers.version === IPV4 && this.#features.has(virtio.NET_F_HOST_TSO4);
    if (gso === virtio.NET_HDR_GSO_TCPV6)
      return this.#layers.version === IPV6 && this.#features.has(virtio.NET_F_HOST_TSO6);
    return false;
  }

  #copy(packet: Uint8Array, headersBytes: number, offset: number, lenBytes: number): void {
    const segment = this.#segment;
    const from = headersBytes + offset;
    for (let i = 0; i < headersBytes; i++) segment[i] = packet[i]!;
    for (let i = 0; i < lenBytes; i++) segment[headersBytes + i] = packet[from + i]!;
  }

  /** Lengths, identification, sequence number, flags and checksums of segment `index`, and off it goes. */
  #finish(headersBytes: number, payloadBytes: number, index: number, offset: number, isLast: boolean): void {
    const segment = this.#segment;
    const { ipAt, transportAt, version } = this.#layers;
    const lenBytes = headersBytes + payloadBytes;
    if (version === IPV4) this.#finishIpv4(lenBytes - ipAt, index);
    else store16(segment, ipAt + net.IPV6_PAYLOAD_LENGTH, lenBytes - transportAt);
    const sequence = transportAt + net.TCP_SEQUENCE_NUMBER;
    store32(segment, sequence, load32(segment, sequence) + offset);
    const clear = (isLast ? 0 : net.FIN | net.PSH) | (index === 0 ? 0 : CWR);
    segment[transportAt + net.TCP_CONTROL_BITS] = segment[transportAt + net.TCP_CONTROL_BITS]! & ~clear;
    const tcpBytes = lenBytes - transportAt;
    store16(segment, transportAt + net.TCP_CHECKSUM, 0);
    const sum = fold(add16(segment, transportAt, tcpBytes, this.#layers.pseudoHeader(segment, tcpBytes)));
    store16(segment, transportAt + net.TCP_CHECKSUM, ~sum & 0xffff);
    this.#send(segment, lenBytes);
  }
  #finishIpv4(totalBytes: number, index: number): void {
    const segment = this.#segment;
    const { ipAt, transportAt } = this.#layers;
    store16(segment, ipAt + net.IPV4_TOTAL_LENGTH, totalBytes);
    const identification = load16(segment, ipAt + net.IPV4_IDENTIFICATION) + index;
    store16(segment, ipAt + net.IPV4_IDENTIFICATION, identification & 0xffff);
    store16(segment, ipAt + net.IPV4_HEADER_CHECKSUM, 0);
    const sum = fold(add16(segment, ipAt, transportAt - ipAt, 0));
    store16(segment, ipAt + net.IPV4_HEADER_CHECKSUM, ~sum & 0xffff);
  }
}
