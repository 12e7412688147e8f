/**
 * Checksums that the device checks on reception. Intel 82574 Datasheet revision 3.4 §7.1.10 "Receive Packet Checksum
 * Offloading", §10.2.5 "Receive Checksum Control - RXCSUM".
 *
 * Three of them: of the IPv4 header (IPOFLD), of TCP or UDP with its pseudo-header (TUOFLD), and of the packet from byte
 * PCSS on, or of the payload of a UDP fragment (IPPCSE), which software gets as a number. The payload is summed once: what
 * stands before and behind it is subtracted from the packet's sum.
 *
 * CHOICE: the packet checksum is the complement of the sum, as drivers of the family take it, in network order stored
 * as a little-endian word. CHOICE: PCSS beyond the frame gives the checksum of nothing. A UDP checksum of 0 over IPv4 is
 * none. A packet shorter than its headers say, or on its way through a routing header, has no transport check.
 */
import { get, has, swap16 } from '@bulkhead/bits';
import * as reg from '@bulkhead/intel-82574-datasheet';
import { type Headers, IPV4, PROTOCOL_UDP } from './headers.ts';
import { fold, OnesComplement } from './ones-complement.ts';

const IPV4_ADDRESSES_AT = 12;
const IPV4_ADDRESSES_BYTES = 8;
const IPV6_ADDRESSES_AT = 8;
const IPV6_ADDRESSES_BYTES = 32;
const UDP_CHECKSUM_AT = 6;
const ALL_ONES = 0xffff;
const CHECKED = reg.RDESC_STATUS_IPCS.mask | reg.RDESC_STATUS_TCPCS.mask;

export class ChecksumCheck {
  /** Status and error bits that the frame earned. */
  status = 0;
  /** The packet checksum. */
  packet = 0;
  readonly #bytes: Uint8Array;
  readonly #sums: OnesComplement;
  /** What has been summed, from an even address: where it starts and ends, and the sum; it is empty when there is none. */
  #from = 0;
  #to = 0;
  #sum = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#sums = new OnesComplement(bytes);
  }

  /** @param lenBytes of the frame at `at`, whose headers are known; with its FCS if that is stored. */
  check(headers: Headers, at: number, lenBytes: number, rxcsum: number, rfctl: number): void {
    this.status = 0;
    this.packet = 0;
    this.#to = this.#from = at;
    if (!has(rxcsum, reg.RXCSUM_PCSD)) {
      if (has(rxcsum, reg.RXCSUM_IPPCSE) && isUdpFragment(headers)) this.#sumFragment(headers);
      else this.#sumPacket(at + get(rxcsum, reg.RXCSUM_PCSS), at + lenBytes);
    }
    if (headers.version === IPV4 && has(rxcsum, reg.RXCSUM_IPOFLD)) this.#checkIpv4(headers);
    if (has(rxcsum, reg.RXCSUM_TUOFLD) && isCheckable(headers, rfctl)) this.#checkTransport(headers);
    if ((this.status & CHECKED) === 0) this.status |= reg.RDESC_STATUS_IXSM.mask;
  }

  /** UDPV: the fragment holds the UDP header, and its checksum is one. */
  #sumFragment({ transportAt, ipEnd, isFirstFragment }: Headers): void {
    this.packet = ~this.#sums.sum(transportAt, ipEnd - transportAt) & ALL_ONES;
    const at = transportAt + UDP_CHECKSUM_AT;
    const hasChecksum = at + 2 <= ipEnd && (this.#bytes[at] !== 0 || this.#bytes[at + 1] !== 0);
    if (isFirstFragment && hasChecksum) this.status |= reg.RDESC_STATUS_UDPV.mask;
  }
  #sumPacket(from: number, to: number): void {
    const sum = this.#sums.sum(from, to - from);
    this.packet = ~sum & ALL_ONES;
    if ((from & 1) !== 0) return;
    this.#from = from;
    this.#to = to;
    this.#sum = sum;
  }

  #checkIpv4({ ipAt, transportAt }: Headers): void {
    const isGood = this.#sums.sum(ipAt, transportAt - ipAt) === ALL_ONES;
    this.status |= reg.RDESC_STATUS_IPCS.mask | (isGood ? 0 : reg.RDESC_ERROR_IPE.mask);
  }

  #checkTransport(headers: Headers): void {
    const { version, transportAt, ipEnd, isUdp, protocol } = headers;
    const bytes = this.#bytes;
    const at = transportAt + UDP_CHECKSUM_AT;
    if (isUdp && version === IPV4 && bytes[at] === 0 && bytes[at + 1] === 0) return;
    const pseudo = this.#sumAddresses(headers) + protocol + ipEnd - transportAt;
    const sum = fold(pseudo + this.#sumTransport(transportAt, ipEnd));
    this.status |= reg.RDESC_STATUS_TCPCS.mask | (isUdp ? reg.RDESC_STATUS_UDPCS.mask : 0);
    if (sum !== ALL_ONES && sum !== 0) this.status |= reg.RDESC_ERROR_TCPE.mask;
  }
  #sumAddresses({ version, ipAt }: Headers): number {
    if (version === IPV4) return this.#sums.sum(ipAt + IPV4_ADDRESSES_AT, IPV4_ADDRESSES_BYTES);
    return this.#sums.sum(ipAt + IPV6_ADDRESSES_AT, IPV6_ADDRESSES_BYTES);
  }
  /** Of what has been summed already, all but what stands before and behind. Zero has two spellings then. */
  #sumTransport(transportAt: number, ipEnd: number): number {
    if (transportAt < this.#from || ipEnd > this.#to) return this.#sums.sum(transportAt, ipEnd - transportAt);
    const before = this.#sums.sum(this.#from, transportAt - this.#from);
    const behind = this.#sums.sum(ipEnd, this.#to - ipEnd);
    return fold(this.#sum + (ALL_ONES - before) + (ALL_ONES - ((ipEnd & 1) === 0 ? behind : swap16(behind))));
  }
}

function isUdpFragment({ version, isFragment, protocol, isWhole }: Headers): boolean {
  return version === IPV4 && isFragment && protocol === PROTOCOL_UDP && isWhole;
}
function isCheckable({ version, isWhole, payloadAt }: Headers, rfctl: number): boolean {
  if (!isWhole || payloadAt === 0) return false;
  return version === IPV4 || !(has(rfctl, reg.RFCTL_IPV6_XSUM_DIS) || has(rfctl, reg.RFCTL_IPV6_DIS));
}
