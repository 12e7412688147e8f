/** Slow, plain models of Internet packets, independent of the device: they build frames and judge them. */
export type Bytes = readonly number[];

export const be16 = (value: number): number[] => [(value >>> 8) & 0xff, value & 0xff];
export const be32 = (value: number): number[] => [...be16(value >>> 16), ...be16(value & 0xffff)];
export const read16 = (bytes: ArrayLike<number>, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;
export const read32 = (bytes: ArrayLike<number>, at: number): number =>
  read16(bytes, at) * 0x1_0000 + read16(bytes, at + 2);

/** RFC 1071, by the book, over big integers: the one's complement sum of 16-bit words. */
export function slowSum(bytes: ArrayLike<number>): number {
  let sum = 0n;
  for (let i = 0; i < bytes.length; i += 2) sum += BigInt(bytes[i]!) * 256n + BigInt(bytes[i + 1] ?? 0);
  while (sum > 0xffffn) sum = (sum & 0xffffn) + (sum >> 16n);
  return Number(sum);
}
export const slowChecksum = (bytes: ArrayLike<number>): number => ~slowSum(bytes) & 0xffff;

export interface Flow {
  readonly version: 4 | 6;
  readonly protocol: 6 | 17;
  readonly source: Bytes;
  readonly destination: Bytes;
  readonly sourcePort: number;
  readonly destinationPort: number;
}
export const FLOW4: Flow = {
  version: 4,
  protocol: 6,
  source: [66, 9, 149, 187],
  destination: [161, 142, 100, 80],
  sourcePort: 2794,
  destinationPort: 1766,
};
/** Sixteen bytes from eight groups. */
export const address6 = (...groups: readonly number[]): number[] => groups.flatMap(be16);
export const FLOW6: Flow = {
  version: 6,
  protocol: 6,
  source: address6(0x3ffe, 0x2501, 0x200, 0x1fff, 0, 0, 0, 7),
  destination: address6(0x3ffe, 0x2501, 0x200, 3, 0, 0, 0, 1),
  sourcePort: 2794,
  destinationPort: 1766,
};

export const pseudoHeader = ({ source, destination, protocol, version }: Flow, lenBytes: number): number[] => [
  ...source,
  ...destination,
  ...(version === 4 ? [0, protocol, ...be16(lenBytes)] : [...be32(lenBytes), 0, 0, 0, protocol]),
];

export interface PacketOptions {
  readonly macHeader?: Bytes;
  readonly sequence?: number;
  readonly flags?: number;
  readonly ipOptions?: Bytes;
  readonly tcpOptions?: Bytes;
  readonly extensions?: Bytes;
  /** The next header of the IPv6 header when there are extensions. */
  readonly firstExtension?: number;
  readonly fragment?: number;
  readonly identification?: number;
}
export interface Packet {
  readonly bytes: number[];
  readonly ipAt: number;
  readonly transportAt: number;
  readonly payloadAt: number;
}

const MAC_HEADER: Bytes = [0x52, 0x54, 0, 0x12, 0x34, 0x56, 2, 0, 0, 0, 0, 1];

/** A frame with good checksums. */
export function packet(flow: Flow, payload: Bytes, options: PacketOptions = {}): Packet {
  const { macHeader = [...MAC_HEADER], sequence = 1, flags = 0x10, ipOptions = [], tcpOptions = [] } = options;
  const { extensions = [], firstExtension = flow.protocol, fragment = 0, identification = 0x1234 } = options;
  const { version, protocol, source, destination, sourcePort, destinationPort } = flow;
  const ports = [...be16(sourcePort), ...be16(destinationPort)];
  const tcp = [
    ...ports,
    ...be32(sequence),
    0,
    0,
    0,
    0,
    (5 + tcpOptions.length / 4) << 4,
    flags,
    0x20,
    0,
    0,
    0,
    0,
    0,
    ...tcpOptions,
  ];
  const udp = [...ports, ...be16(8 + payload.length), 0, 0];
  const transport = protocol === 6 ? tcp : udp;
  const lenBytes = transport.length + payload.length;
  const sum = slowChecksum([...pseudoHeader(flow, lenBytes), ...transport, ...payload]) || 0xffff;
  transport.splice(protocol === 6 ? 16 : 6, 2, ...be16(sum));
  const ipv4 = [
    0x45 + ipOptions.length / 4,
    0,
    ...be16(20 + ipOptions.length + lenBytes),
    ...be16(identification),
    ...be16(fragment),
  ];
  ipv4.push(64, protocol, 0, 0, ...source, ...destination, ...ipOptions);
  ipv4.splice(10, 2, ...be16(slowChecksum(ipv4)));
  const ipv6 = [0x60, 0, 0, 0, ...be16(extensions.length + lenBytes), firstExtension, 64, ...source, ...destination];
  const ip = version === 4 ? ipv4 : [...ipv6, ...extensions];
  const link = [...macHeader, ...(version === 4 ? [0x08, 0x00] : [0x86, 0xdd])];
  return {
    bytes: [...link, ...ip, ...transport, ...payload],
    ipAt: link.length,
    transportAt: link.length + ip.length,
    payloadAt: link.length + ip.length + transport.length,
  };
}

/** What is wrong with a frame of `flow` whose IP header stands at `ipAt`: lengths and checksums; '' when all is well. */
export function judge(frame: ArrayLike<number>, flow: Flow, ipAt = 14): string {
  const bytes = Array.from(frame);
  const headerBytes = flow.version === 4 ? (bytes[ipAt]! & 0xf) * 4 : 40;
  const totalBytes = flow.version === 4 ? read16(bytes, ipAt + 2) : 40 + read16(bytes, ipAt + 4);
  const end = ipAt + totalBytes;
  if (end > bytes.length || (end < bytes.length && bytes.length > 60))
    return `length ${totalBytes} of ${bytes.length - ipAt}`;
  if (flow.version === 4 && slowChecksum(bytes.slice(ipAt, ipAt + headerBytes)) !== 0) return 'IPv4 checksum';
  const transport = bytes.slice(ipAt + headerBytes, end);
  if (flow.protocol === 17 && read16(transport, 4) !== transport.length) return 'UDP length';
  return slowChecksum([...pseudoHeader(flow, transport.length), ...transport]) === 0 ? '' : 'transport checksum';
}
