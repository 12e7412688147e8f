/**
 * Frames on the wire, as they are delivered: what they are in a line, and, of TCP, each direction's window and how much
 * of it is used. RFC 9293 §3.1 "Header Format"; RFC 7323 §2 "TCP Window Scale Option".
 *
 * Whoever sends from X to Y may have as much in flight as Y last offered. Both are seen here when a frame arrives, so
 * they are what the wire knows, and not what either stack does. Nothing is believed: a frame that is cut short or no
 * IPv4 is a frame, and no more.
 */
import {
  ACK,
  ETHERNET_HEADER_BYTES,
  ETHERNET_TYPE,
  ETHERTYPE_ARP,
  ETHERTYPE_IPV4,
  FIN,
  IPV4_DESTINATION,
  IPV4_FLAGS_FRAGMENT_OFFSET,
  IPV4_FRAGMENT_OFFSET_MASK,
  IPV4_HEADER_BYTES,
  IPV4_PROTOCOL,
  IPV4_SOURCE,
  IPV4_TOTAL_LENGTH,
  IPV4_VERSION_IHL,
  MAX_WINDOW_SHIFT,
  OPTION_END,
  OPTION_NO_OPERATION,
  OPTION_WINDOW_SCALE,
  PROTOCOL_ICMP,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  PSH,
  RST,
  SYN,
  TCP_ACKNOWLEDGMENT_NUMBER,
  TCP_CONTROL_BITS,
  TCP_DATA_OFFSET,
  TCP_HEADER_BYTES,
  TCP_SEQUENCE_NUMBER,
  TCP_WINDOW,
} from '@bulkhead/internet-datasheet';

export interface Frame {
  readonly text: string;
  readonly nic: number;
  readonly toMachine: boolean;
  readonly lenBytes: number;
}
/** One direction of a connection. Sequence numbers are modulo 2^32, held signed. */
export interface Direction {
  readonly name: string;
  readonly index: number;
  /** One past the last byte that was seen on the wire. */
  next: number;
  /** The first byte that the peer has not acknowledged. */
  unacknowledged: number;
  /** What the peer offers. */
  window: number;
  /** By how much this end's own windows are shifted; -1 while its SYN had no such option. */
  shift: number;
  isKnown: boolean;
}

const FLAG_NAMES: readonly (readonly [number, string])[] = [
  [SYN, 'SYN'],
  [FIN, 'FIN'],
  [RST, 'RST'],
  [PSH, 'PSH'],
  [ACK, 'ACK'],
];
const PROTOCOL_NAMES: Readonly<Record<number, string>> = {
  [PROTOCOL_ICMP]: 'ICMP',
  [PROTOCOL_TCP]: 'TCP',
  [PROTOCOL_UDP]: 'UDP',
};

export class FrameReader {
  /** In the order in which they were first seen; at most `limit`, and what comes later has no windows. */
  readonly directions: Direction[] = [];
  readonly #limit: number;
  readonly #byName: Map<string, Direction> = new Map();
  readonly #told: (direction: Direction, inFlight: number) => void;

  /** @param told hears of a direction whenever something moved in it. */
  constructor(limit: number, told: (direction: Direction, inFlight: number) => void) {
    this.#limit = limit;
    this.#told = told;
  }

  /** @returns what the frame is, in a line. */
  read(bytes: Uint8Array, lenBytes: number): string {
    const frame = new DataView(bytes.buffer, bytes.byteOffset, Math.min(lenBytes, bytes.byteLength));
    if (frame.byteLength < ETHERNET_HEADER_BYTES) return 'cut short';
    const type = frame.getUint16(ETHERNET_TYPE);
    if (type === ETHERTYPE_ARP) return 'ARP';
    return type === ETHERTYPE_IPV4 ? this.#readPacket(frame) : `type 0x${type.toString(16)}`;
  }

  #readPacket(frame: DataView): string {
    const at = ETHERNET_HEADER_BYTES;
    if (frame.byteLength < at + IPV4_HEADER_BYTES) return 'IPv4, cut short';
    const headerBytes = (frame.getUint8(at + IPV4_VERSION_IHL) & 0xf) * 4;
    const end = at + frame.getUint16(at + IPV4_TOTAL_LENGTH);
    const protocol = frame.getUint8(at + IPV4_PROTOCOL);
    const [source, destination] = [addressAt(frame, at + IPV4_SOURCE), addressAt(frame, at + IPV4_DESTINATION)];
    const name = PROTOCOL_NAMES[protocol] ?? `protocol ${protocol}`;
    const isFirst = (frame.getUint16(at + IPV4_FLAGS_FRAGMENT_OFFSET) & IPV4_FRAGMENT_OFFSET_MASK) === 0;
    const segment = at + headerBytes;
    const hasPorts = protocol === PROTOCOL_TCP || protocol === PROTOCOL_UDP;
    const isWhole = headerBytes >= IPV4_HEADER_BYTES && end <= frame.byteLength;
    if (!isWhole || !isFirst || !hasPorts || end < segment + 4) return `${name} ${source} → ${destination}`;
    const from = `${source}:${frame.getUint16(segment)}`;
    const to = `${destination}:${frame.getUint16(segment + 2)}`;
    if (protocol === PROTOCOL_UDP || end < segment + TCP_HEADER_BYTES) return `${name} ${from} → ${to}`;
    return `TCP ${from} → ${to}${this.#readSegment(frame, segment, end, from, to)}`;
  }

  #readSegment(frame: DataView, at: number, end: number, from: string, to: string): string {
    const flags = frame.getUint8(at + TCP_CONTROL_BITS);
    const headerBytes = (frame.getUint8(at + TCP_DATA_OFFSET) >>> 4) * 4;
    const length = end - at - headerBytes;
    if (headerBytes < TCP_HEADER_BYTES || length < 0) return ', malformed';
    const [forth, back] = [this.#direction(`${from} → ${to}`), this.#direction(`${to} → ${from}`)];
    if (forth !== null && back !== null) {
      this.#followSent(forth, frame, at, headerBytes, length, flags);
      this.#followOffered(forth, back, frame, at, flags);
    }
    const names = FLAG_NAMES.filter(([flag]) => (flags & flag) !== 0).map(([, name]) => name);
    return ` ${names.join(' ')}, ${length} bytes`;
  }

  /** What the sender has sent. A SYN and a FIN take a number each. */
  #followSent(forth: Direction, frame: DataView, at: number, headerBytes: number, length: number, flags: number): void {
    const sequence = frame.getInt32(at + TCP_SEQUENCE_NUMBER);
    const isSyn = (flags & SYN) !== 0;
    const next = (sequence + length + (isSyn ? 1 : 0) + ((flags & FIN) !== 0 ? 1 : 0)) | 0;
    if (isSyn) forth.shift = windowScale(frame, at, headerBytes);
    if (isSyn || !forth.isKnown) {
      forth.isKnown = true;
      forth.unacknowledged = sequence;
      forth.next = next;
    } else if (((next - forth.next) | 0) > 0) forth.next = next;
    else return;
    this.#tell(forth);
  }
  /** What the sender acknowledges and offers concerns the other direction. Windows in SYNs are never shifted. */
  #followOffered(forth: Direction, back: Direction, frame: DataView, at: number, flags: number): void {
    if ((flags & ACK) === 0) return;
    const acknowledged = frame.getInt32(at + TCP_ACKNOWLEDGMENT_NUMBER);
    const areScaled = (flags & SYN) === 0 && forth.shift >= 0 && back.shift >= 0;
    back.window = frame.getUint16(at + TCP_WINDOW) * (areScaled ? 2 ** forth.shift : 1);
    if (((acknowledged - back.unacknowledged) | 0) > 0) back.unacknowledged = acknowledged;
    if (back.isKnown) this.#tell(back);
  }
  #tell(direction: Direction): void {
    this.#told(direction, Math.max(0, (direction.next - direction.unacknowledged) | 0));
  }

  #direction(name: string): Direction | null {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    if (this.directions.length >= this.#limit) return null;
    const made = {
      name,
      index: this.directions.length,
      next: 0,
      unacknowledged: 0,
      window: 0,
      shift: -1,
      isKnown: false,
    };
    this.#byName.set(name, made);
    this.directions.push(made);
    return made;
  }
}

const addressAt = (frame: DataView, at: number): string =>
  [0, 1, 2, 3].map((index) => frame.getUint8(at + index)).join('.');

/** @returns the shift that a SYN's options ask for; -1 when none does. */
function windowScale(frame: DataView, at: number, headerBytes: number): number {
  const end = at + headerBytes;
  for (let option = at + TCP_HEADER_BYTES; option < end; ) {
    const kind = frame.getUint8(option);
    if (kind === OPTION_END) break;
    if (kind === OPTION_NO_OPERATION) {
      option++;
      continue;
    }
    const lenBytes = option + 1 < end ? frame.getUint8(option + 1) : 0;
    if (lenBytes < 2 || option + lenBytes > end) break;
    if (kind === OPTION_WINDOW_SCALE && lenBytes === 3) return Math.min(frame.getUint8(option + 2), MAX_WINDOW_SHIFT);
    option += lenBytes;
  }
  return -1;
}
