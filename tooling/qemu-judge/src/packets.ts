/** Ethernet frames by their parts, with whatever is wrong about them. */
import { Chance } from '@bulkhead/clock';

export interface PacketSpec {
  readonly destination: readonly number[];
  /** The 802.1Q tag, or undefined. */
  readonly vlanTag?: number | undefined;
  readonly network: 'ipv4' | 'ipv6' | 'arp' | 'other';
  readonly transport: 'tcp' | 'udp' | 'other';
  /** Words of IPv4 or TCP options. */
  readonly networkOptions: number;
  readonly transportOptions: number;
  readonly payloadBytes: number;
  /** IPv4: more fragments follow, or this is not the first. */
  readonly fragment?: boolean;
  /** What is added to the right checksum. */
  readonly networkError: number;
  readonly transportError: number;
  /** UDP without a checksum. */
  readonly withoutChecksum?: boolean;
  readonly seed: number;
}

export interface Packet {
  readonly bytes: Uint8Array;
  /** Where the headers start; 0 where there is none. */
  readonly networkAt: number;
  readonly transportAt: number;
  readonly payloadAt: number;
  /** Where the transport's checksum stands. */
  readonly checksumAt: number;
}

const SOURCE: readonly number[] = [0x02, 0, 0, 0, 0, 0x01];
const TYPES = { ipv4: 0x0800, ipv6: 0x86dd, arp: 0x0806, other: 0x88b5 };
const PROTOCOLS = { tcp: 6, udp: 17, other: 253 };
const TPID = 0x8100;

/** The sum of big-endian 16-bit words, folded. RFC 1071 §1. */
export function onesSum(bytes: Uint8Array, from: number, to: number, start = 0): number {
  let sum = start;
  for (let at = from; at < to; at++) sum += (at - from) % 2 === 0 ? bytes[at]! << 8 : bytes[at]!;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}

/** RFC 793 §3.1, RFC 8200 §8.1: the pseudo header's sum. */
export function pseudoSum(
  bytes: Uint8Array,
  networkAt: number,
  isIpv6: boolean,
  protocol: number,
  lenBytes: number,
): number {
  const [from, to] = isIpv6 ? [8, 40] : [12, 20];
  return onesSum(bytes, networkAt + from, networkAt + to, protocol + lenBytes);
}

/** @param partial leaves in the transport's checksum what a driver leaves there: the pseudo header's sum. */
export function packetOf(spec: PacketSpec, partial = false): Packet {
  const chance = new Chance(spec.seed);
  const linkBytes = spec.vlanTag === undefined ? 14 : 18;
  const isIp = spec.network === 'ipv4' || spec.network === 'ipv6';
  const networkBytes = spec.network === 'ipv4' ? 20 + spec.networkOptions * 4 : spec.network === 'ipv6' ? 40 : 0;
  const hasPorts = isIp && spec.transport !== 'other';
  const transportBytes = !hasPorts ? 0 : spec.transport === 'tcp' ? 20 + spec.transportOptions * 4 : 8;
  const networkAt = linkBytes;
  const transportAt = networkAt + networkBytes;
  const payloadAt = transportAt + transportBytes;
  const bytes = new Uint8Array(payloadAt + spec.payloadBytes).map(() => chance.below(256));
  const view = new DataView(bytes.buffer);
  bytes.set(spec.destination);
  bytes.set(SOURCE, 6);
  if (spec.vlanTag !== undefined) {
    view.setUint16(12, TPID);
    view.setUint16(14, spec.vlanTag);
  }
  view.setUint16(linkBytes - 2, TYPES[spec.network]);
  const protocol = PROTOCOLS[spec.transport];
  const contentBytes = transportBytes + spec.payloadBytes;
  if (spec.network === 'ipv4') ipv4(view, networkAt, networkBytes, contentBytes, protocol, spec);
  if (spec.network === 'ipv6') ipv6(view, networkAt, contentBytes, protocol);
  const checksumAt = hasPorts ? transportAt + (spec.transport === 'tcp' ? 16 : 6) : 0;
  if (hasPorts) {
    if (spec.transport === 'tcp') bytes[transportAt + 12] = ((transportBytes / 4) << 4) | chance.below(2);
    else view.setUint16(transportAt + 4, contentBytes);
    view.setUint16(checksumAt, 0);
    const pseudo = pseudoSum(bytes, networkAt, spec.network === 'ipv6', protocol, contentBytes);
    const whole = ~onesSum(bytes, transportAt, bytes.length, pseudo) & 0xffff;
    const right = partial ? pseudo : spec.transport === 'udp' && whole === 0 ? 0xffff : whole;
    view.setUint16(checksumAt, spec.withoutChecksum ? 0 : (right + spec.transportError) & 0xffff);
  }
  return { bytes, networkAt: isIp ? networkAt : 0, transportAt: hasPorts ? transportAt : 0, payloadAt, checksumAt };
}

function ipv4(
  view: DataView,
  at: number,
  lenBytes: number,
  contentBytes: number,
  protocol: number,
  spec: PacketSpec,
): void {
  view.setUint8(at, 0x40 | (lenBytes / 4));
  view.setUint16(at + 2, lenBytes + contentBytes);
  view.setUint16(at + 6, spec.fragment ? 0x2000 : 0x4000);
  view.setUint8(at + 8, 64);
  view.setUint8(at + 9, protocol);
  view.setUint16(at + 10, 0);
  for (let option = 20; option < lenBytes; option++) view.setUint8(at + option, 1); // no operation
  const sum = onesSum(new Uint8Array(view.buffer), at, at + lenBytes);
  view.setUint16(at + 10, (~sum + spec.networkError) & 0xffff);
}

function ipv6(view: DataView, at: number, contentBytes: number, protocol: number): void {
  view.setUint8(at, 0x60);
  view.setUint16(at + 4, contentBytes);
  view.setUint8(at + 6, protocol);
  view.setUint8(at + 7, 64);
}
