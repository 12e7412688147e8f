/**
 * Where the headers of a received frame stand. Intel 82574 Datasheet revision 3.4 §7.1.10 "Receive Packet Checksum
 * Offloading" names the frames that the device understands: Ethernet II and SNAP, one VLAN tag, IPv4 with options, IPv6
 * with extension headers, TCP and UDP. RFC 791 §3.1, RFC 8200 §3 and §4, RFC 9293 §3.1, RFC 768, RFC 1042.
 *
 * Invariant: every offset that is not 0 stands, with the whole of what it names, inside the frame.
 */

export const NO_IP = 0;
export const IPV4 = 4;
export const IPV6 = 6;

export const PROTOCOL_TCP = 6;
export const PROTOCOL_UDP = 17;
const TCP_ACK = 0x10;

const TYPE_AT = 12;
const TYPE_IPV4 = 0x0800;
const TYPE_IPV6 = 0x86dd;
const TYPE_IS_LENGTH_MAX = 1500;
const SNAP_BYTES = 8;
const IPV4_HEADER_BYTES = 20;
const IPV6_HEADER_BYTES = 40;
const TCP_HEADER_BYTES = 20;
const UDP_HEADER_BYTES = 8;

const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const DESTINATION_OPTIONS = 60;
const OPTION_PAD_1 = 0;
const OPTION_HOME_ADDRESS = 201; // RFC 6275 §6.3
const ROUTING_TYPE_2 = 2; // RFC 6275 §6.4
const IPV6_ADDRESS_BYTES = 16;

export class Headers {
  /** NO_IP, IPV4 or IPV6. */
  version: number = NO_IP;
  /** Absolute, as are the others: where the IP header starts, and where its packet ends. */
  ipAt = 0;
  ipEnd = 0;
  /** Behind the IP header and its extensions. */
  transportAt = 0;
  /** Behind the TCP or UDP header; 0 without one. */
  payloadAt = 0;
  protocol = -1;
  isFragment = false;
  isFirstFragment = false;
  hasExtensions = false;
  /** The packet is as long as its IP header says, and no routing header sends it on: its transport can be checked. */
  isWhole = false;
  /** Of IPv6: a home address option and the address of a routing header of type 2; 0 without. */
  homeAddressAt = 0;
  routedAddressAt = 0;

  #bytes: Uint8Array = new Uint8Array(0);
  #end = 0;

  get isTcp(): boolean {
    return this.protocol === PROTOCOL_TCP && this.payloadAt !== 0;
  }
  /** A TCP segment whose ports are there, whatever else its header holds. */
  get hasTcpPorts(): boolean {
    return this.protocol === PROTOCOL_TCP && !this.isFragment && this.transportAt + 4 <= this.ipEnd;
  }
  get isUdp(): boolean {
    return this.protocol === PROTOCOL_UDP && this.payloadAt !== 0;
  }
  /** @returns true for a TCP segment that acknowledges, and carries nothing else when `isPure`. */
  isAck(isPure: boolean): boolean {
    if (!this.isTcp || (this.#bytes[this.transportAt + 13]! & TCP_ACK) === 0) return false;
    return !isPure || this.payloadAt === this.ipEnd;
  }

  /** Looks at the frame of `lenBytes` at `at`. */
  parse(bytes: Uint8Array, at: number, lenBytes: number, vlanType: number): void {
    this.#bytes = bytes;
    this.#end = at + lenBytes;
    this.version = NO_IP;
    this.ipAt = 0;
    this.ipEnd = 0;
    this.transportAt = 0;
    this.payloadAt = 0;
    this.protocol = -1;
    this.isFragment = false;
    this.isFirstFragment = false;
    this.hasExtensions = false;
    this.isWhole = false;
    this.homeAddressAt = 0;
    this.routedAddressAt = 0;
    this.#parseLink(at, vlanType);
    if (this.transportAt !== 0 && !this.isFragment) this.#parseTransport();
  }

  #parseLink(at: number, vlanType: number): void {
    let typeAt = at + TYPE_AT;
    if (this.#load16(typeAt) === vlanType) typeAt += 4;
    if (this.#isSnap(typeAt)) typeAt += SNAP_BYTES;
    const type = this.#load16(typeAt);
    if (type === TYPE_IPV4) this.#parseIpv4(typeAt + 2);
    else if (type === TYPE_IPV6) this.#parseIpv6(typeAt + 2);
  }
  #isSnap(typeAt: number): boolean {
    const isLength = this.#load16(typeAt) <= TYPE_IS_LENGTH_MAX;
    return isLength && this.#load16(typeAt + 2) === 0xaaaa && this.#load16(typeAt + 4) === 0x0300;
  }

  #parseIpv4(at: number): void {
    if (!this.#holds(at, IPV4_HEADER_BYTES) || this.#bytes[at]! >>> 4 !== 4) return;
    const headerBytes = (this.#bytes[at]! & 0xf) * 4;
    if (headerBytes < IPV4_HEADER_BYTES || !this.#holds(at, headerBytes)) return;
    const fragment = this.#load16(at + 6) & 0x3fff;
    const totalBytes = this.#load16(at + 2);
    this.version = IPV4;
    this.ipAt = at;
    this.transportAt = at + headerBytes;
    this.protocol = this.#bytes[at + 9]!;
    this.isFragment = fragment !== 0;
    this.isFirstFragment = fragment === 0x2000;
    this.isWhole = totalBytes >= headerBytes && this.#holds(at, totalBytes);
    this.ipEnd = this.isWhole ? at + totalBytes : this.#end;
  }

  #parseIpv6(at: number): void {
    if (!this.#holds(at, IPV6_HEADER_BYTES) || this.#bytes[at]! >>> 4 !== 6) return;
    const payloadBytes = this.#load16(at + 4);
    this.version = IPV6;
    this.ipAt = at;
    this.isWhole = this.#holds(at, IPV6_HEADER_BYTES + payloadBytes);
    this.ipEnd = this.isWhole ? at + IPV6_HEADER_BYTES + payloadBytes : this.#end;
    this.#parseExtensions(this.#bytes[at + 6]!, at + IPV6_HEADER_BYTES);
  }

  /** RFC 8200 §4 "IPv6 Extension Headers": each is at least eight bytes, so the frame's end bounds the walk. */
  #parseExtensions(first: number, firstAt: number): void {
    let next = first;
    let at = firstAt;
    while (next === HOP_BY_HOP || next === ROUTING || next === FRAGMENT || next === DESTINATION_OPTIONS) {
      const headerBytes = next === FRAGMENT ? 8 : this.#holds(at, 8) ? (this.#bytes[at + 1]! + 1) * 8 : 8;
      if (!this.#holds(at, headerBytes)) return;
      this.hasExtensions = true;
      this.#parseExtension(next, at, headerBytes);
      next = this.#bytes[at]!;
      at += headerBytes;
    }
    this.transportAt = at;
    this.protocol = next;
  }
  #parseExtension(kind: number, at: number, headerBytes: number): void {
    if (kind === FRAGMENT) {
      this.isFragment = true;
      this.isFirstFragment = (this.#load16(at + 2) & 0xfff8) === 0;
    } else if (kind === ROUTING) this.#parseRouting(at, headerBytes);
    else if (kind === DESTINATION_OPTIONS) this.#parseOptions(at + 2, at + headerBytes);
  }
  #parseRouting(at: number, headerBytes: number): void {
    const segmentsLeft = this.#bytes[at + 3]!;
    if (segmentsLeft !== 0) this.isWhole = false; // the destination of the pseudo-header is another
    const isType2 = this.#bytes[at + 2] === ROUTING_TYPE_2 && headerBytes === 8 + IPV6_ADDRESS_BYTES;
    if (isType2 && segmentsLeft === 1) this.routedAddressAt = at + 8;
  }
  #parseOptions(from: number, end: number): void {
    let at = from;
    while (at + 1 < end) {
      const isPad = this.#bytes[at] === OPTION_PAD_1;
      const optionBytes = isPad ? 1 : this.#bytes[at + 1]! + 2;
      const isHome = this.#bytes[at] === OPTION_HOME_ADDRESS && optionBytes === IPV6_ADDRESS_BYTES + 2;
      if (isHome && at + optionBytes <= end) {
        this.homeAddressAt = at + 2;
        this.isWhole = false; // the source of the pseudo-header is another
      }
      at += optionBytes;
    }
  }

  #parseTransport(): void {
    const at = this.transportAt;
    if (this.protocol === PROTOCOL_UDP && at + UDP_HEADER_BYTES <= this.ipEnd) this.payloadAt = at + UDP_HEADER_BYTES;
    if (this.protocol !== PROTOCOL_TCP || at + TCP_HEADER_BYTES > this.ipEnd) return;
    const headerBytes = (this.#bytes[at + 12]! >>> 4) * 4;
    if (headerBytes >= TCP_HEADER_BYTES && at + headerBytes <= this.ipEnd) this.payloadAt = at + headerBytes;
  }

  #holds(at: number, lenBytes: number): boolean {
    return at + lenBytes <= this.#end;
  }
  #load16(at: number): number {
    return at + 2 <= this.#end ? (this.#bytes[at]! << 8) | this.#bytes[at + 1]! : -1;
  }
}
