import * as net from '@bulkhead/internet-datasheet';
import * as virtio from '@bulkhead/virtio-datasheet';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bench, BUFFERS, frameTo, MAC } from './bench.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const { NET_HDR_F_NEEDS_CSUM, NET_HDR_GSO_TCPV4, NET_HDR_GSO_TCPV6, NET_HDR_GSO_ECN } = virtio;
const ALL = [
  virtio.NET_F_CSUM,
  virtio.NET_F_GUEST_CSUM,
  virtio.NET_F_HOST_TSO4,
  virtio.NET_F_HOST_TSO6,
  virtio.NET_F_CTRL_VQ,
  virtio.NET_F_CTRL_GUEST_OFFLOADS,
];

/** The checksum by its definition, in bigint: the words are summed, the carries added once at the end. */
function slowSum(bytes: Uint8Array): number {
  let sum = 0n;
  for (let i = 0; i < bytes.length; i += 2) sum += (BigInt(bytes[i]!) << 8n) + BigInt(bytes[i + 1] ?? 0);
  while (sum > 0xffffn) sum = (sum & 0xffffn) + (sum >> 16n);
  return Number(sum);
}
const concat = (...parts: readonly (readonly number[] | Uint8Array)[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]));
const word = (value: number): number[] => [(value >>> 8) & 0xff, value & 0xff];

interface PacketOptions {
  readonly v6?: boolean;
  readonly tagged?: boolean;
  readonly payload: readonly number[];
  readonly flags?: number;
  readonly options?: readonly number[];
  /** Of the transport. @defaultValue the right one */
  readonly checksum?: number;
}
const SOURCE = [10, 0, 2, 15];
const DESTINATION = [10, 0, 2, 2];
const V6 = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7];

const pseudo = (v6: boolean, lenBytes: number): Uint8Array =>
  v6 ? concat(V6, V6, [0, 0], word(lenBytes), [0, 0, 0, 6]) : concat(SOURCE, DESTINATION, [0, 6], word(lenBytes));

/** A TCP packet, whole and with right checksums. */
function packetOf({ v6 = false, tagged = false, payload, flags = 0x10, options = [], checksum }: PacketOptions) {
  const tcp = concat(
    word(1234),
    word(80),
    [0x10, 0x20, 0x30, 0xf0],
    [0, 0, 0, 9],
    [((20 + options.length) / 4) << 4, flags],
    word(0x2000),
    [0, 0, 0, 0],
    options,
    payload,
  );
  const sum = slowSum(concat(pseudo(v6, tcp.length), tcp));
  tcp.set(word(checksum ?? ~sum & 0xffff), net.TCP_CHECKSUM);
  const ip = v6
    ? concat([0x60, 0, 0, 0], word(tcp.length), [6, 64], V6, V6)
    : concat([0x45, 0], word(20 + tcp.length), [0x12, 0xfe, 0x40, 0, 64, 6, 0, 0], SOURCE, DESTINATION);
  if (!v6) ip.set(word(~slowSum(ip) & 0xffff), net.IPV4_HEADER_CHECKSUM);
  const tag = tagged ? [0x81, 0, 0, 5] : [];
  return concat(MAC, [2, 0, 0, 0, 0, 1], tag, word(v6 ? 0x86dd : 0x0800), ip, tcp);
}
const headerOf = (flags: number, gso = 0, size = 0, start = 0, offset = 0): number[] => [
  flags,
  gso,
  0xff, // hdr_len is not to be relied on
  0xff,
  ...word(size).reverse(),
  ...word(start).reverse(),
  ...word(offset).reverse(),
  0,
  0,
];

function send(header: readonly number[], packet: Uint8Array, features: readonly number[] = ALL): Uint8Array[] {
  const bench = new Bench();
  const { tx } = bench.start(features);
  bench.transmit(tx, 0, BUFFERS, packet, header);
  bench.notify(virtio.NET_TRANSMITQ);
  bench.run();
  expect([bench.needsReset, tx.usedIdx]).toEqual([false, 1]);
  return bench.sent.map(({ frame }) => frame);
}

describe('Packet Transmission, checksums (Virtio 1.2 §5.1.6.2)', () => {
  it('completes the checksum from csum_start, of a packet with that of its pseudo-header', () => {
    for (const v6 of [false, true]) {
      const whole = packetOf({ v6, payload: [1, 2, 3, 4, 5] });
      const transport = v6 ? 54 : 34;
      const partial = whole.slice();
      const lenBytes = whole.length - transport;
      partial.set(word(slowSum(pseudo(v6, lenBytes))), transport + net.TCP_CHECKSUM);
      expect(send(headerOf(NET_HDR_F_NEEDS_CSUM, 0, 0, transport, 16), partial)).toEqual([whole]);
    }
  });
  it('RFC 768: sends a checksum of UDP that comes out as 0 as all ones', () => {
    const datagram = concat(word(53), word(4096), word(10), word(0), [0, 0]);
    const inPlace = slowSum(concat(SOURCE, DESTINATION, [0, 17], word(datagram.length)));
    datagram.set(word(inPlace), net.UDP_CHECKSUM);
    datagram.set(word(0xffff - slowSum(datagram)), 8);
    const ip = concat([0x45, 0], word(20 + datagram.length), [0, 1, 0x40, 0, 64, 17, 0, 0], SOURCE, DESTINATION);
    const partial = concat(MAC, [2, 0, 0, 0, 0, 1], word(0x0800), ip, datagram);
    const [sent] = send(headerOf(NET_HDR_F_NEEDS_CSUM, 0, 0, 34, net.UDP_CHECKSUM), partial);
    expect([...sent!.slice(40, 42)]).toEqual([0xff, 0xff]);
  });
  it('does not look at csum_start and csum_offset without NEEDS_CSUM', () => {
    const packet = packetOf({ payload: [1], checksum: 0x1234 });
    expect(send(headerOf(0, 0, 0, 34, 16), packet)).toEqual([packet]);
  });
  it.each([
    [40, 16],
    [0xffff, 0],
    [54, 0xffff],
  ])('drops a packet whose checksum would stand outside it (%i, %i)', (start, offset) => {
    expect(send(headerOf(NET_HDR_F_NEEDS_CSUM, 0, 0, start, offset), packetOf({ payload: [] }).slice(0, 55))).toEqual(
      [],
    );
  });
  it('drops what was not negotiated, and what is no frame', () => {
    const packet = packetOf({ payload: new Array(3000).fill(7) });
    expect(send(headerOf(NET_HDR_F_NEEDS_CSUM, 0, 0, 34, 16), packet.slice(0, 100), [])).toEqual([]);
    expect(send(headerOf(1, NET_HDR_GSO_TCPV4, 1000, 34, 16), packet, [virtio.NET_F_CSUM])).toEqual([]);
    expect(send(headerOf(1, NET_HDR_GSO_TCPV4 | NET_HDR_GSO_ECN, 1000, 34, 16), packet)).toEqual([]);
    expect(send(headerOf(1, NET_HDR_GSO_TCPV6, 1000, 34, 16), packet)).toEqual([]);
    expect(send(headerOf(1, NET_HDR_GSO_TCPV4, 0, 34, 16), packet)).toEqual([]);
    expect(send(headerOf(1, NET_HDR_GSO_TCPV4, 1500, 34, 16), packet)).toEqual([]);
    expect(send(headerOf(1, virtio.NET_HDR_GSO_UDP, 1000, 34, 16), packet)).toEqual([]);
    expect(send(headerOf(0), packet)).toEqual([]);
    expect(send(headerOf(0), packet.slice(0, 13))).toEqual([]);
  });
  it('passes a frame of the MTU with a tag, and none beyond', () => {
    expect(send(headerOf(0), frameTo(MAC, 1518)).length).toBe(1);
    expect(send(headerOf(0), frameTo(MAC, 1519)).length).toBe(0);
  });
});

describe('Packet Transmission, TCP segmentation (Virtio 1.2 §5.1.6.2)', () => {
  it('cuts a packet into segments that are as if they had been sent one by one', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.boolean(),
        fc.integer({ min: 0, max: 8000 }),
        fc.integer({ min: 1, max: 1400 }),
        fc.nat({ max: 0xff }),
        fc.nat({ max: 4 }),
        (v6, tagged, lenBytes, size, flags, words) => {
          fc.pre(lenBytes / size < 200);
          const payload = Array.from({ length: lenBytes }, (_, i) => (i * 7) & 0xff);
          const options = new Array(words * 4).fill(1);
          const packet = packetOf({ v6, tagged, payload, flags, options, checksum: 0xdead });
          const header = headerOf(1, v6 ? NET_HDR_GSO_TCPV6 : NET_HDR_GSO_TCPV4, size, 34, 16);
          const segments = send(header, packet);
          const count = Math.max(1, Math.ceil(lenBytes / size));
          expect(segments.length).toBe(count);
          segments.forEach((segment, i) => {
            const last = i === count - 1;
            const isFlags = flags & ~((last ? 0 : 0x09) | (i === 0 ? 0 : 0x80));
            const wanted = packetOf({
              v6,
              tagged,
              payload: payload.slice(i * size, (i + 1) * size),
              flags: isFlags,
              options,
              checksum: 0,
            });
            const ip = tagged ? 18 : 14;
            const transport = ip + (v6 ? 40 : 20);
            const view = new DataView(wanted.buffer);
            view.setUint32(transport + 4, 0x102030f0 + i * size);
            if (!v6) {
              view.setUint16(ip + 4, (0x12fe + i) & 0xffff);
              view.setUint16(ip + 10, 0);
              view.setUint16(ip + 10, ~slowSum(wanted.slice(ip, ip + 20)));
            }
            const tcp = wanted.slice(transport);
            view.setUint16(transport + 16, ~slowSum(concat(pseudo(v6, tcp.length), tcp)));
            expect(segment).toEqual(wanted);
          });
        },
      ),
      { numRuns: 40 * EFFORT },
    );
  });
  it('takes the largest packet that there is, and drops a larger one', () => {
    const packet = packetOf({ payload: new Array(65_495).fill(3) });
    expect(send(headerOf(1, NET_HDR_GSO_TCPV4, 1400, 34, 16), packet).length).toBe(47);
    expect(send(headerOf(1, NET_HDR_GSO_TCPV4, 1400, 34, 16), concat(packet, new Array(200).fill(0))).length).toBe(0);
  });
});

describe('Processing of Incoming Packets, checksums (Virtio 1.2 §5.1.6.4)', () => {
  const flagsOf = (packet: Uint8Array, features: readonly number[] = ALL) => {
    const bench = new Bench();
    const { rx } = bench.start(features);
    bench.supply(rx, 0, BUFFERS, 2048);
    bench.notify(virtio.NET_RECEIVEQ);
    bench.nic.receive(packet, packet.length);
    bench.run();
    expect(rx.usedIdx).toBe(1);
    expect([...bench.ram.subarray(BUFFERS + 1, BUFFERS + 10)]).toEqual(new Array(9).fill(0));
    return bench.ram[BUFFERS]!;
  };
  it('says DATA_VALID for a right checksum, padding or not, and only then', () => {
    for (const v6 of [false, true])
      for (const tagged of [false, true]) {
        const packet = packetOf({ v6, tagged, payload: [1, 2, 3] });
        expect(flagsOf(packet)).toBe(virtio.NET_HDR_F_DATA_VALID);
        expect(flagsOf(concat(packet, [9, 9, 9]))).toBe(virtio.NET_HDR_F_DATA_VALID);
        expect(flagsOf(packetOf({ v6, tagged, payload: [1, 2, 3], checksum: 0x1234 }))).toBe(0);
      }
  });
  it('says nothing of what it cannot judge', () => {
    expect(flagsOf(frameTo(MAC, 100))).toBe(0);
    const fragment = packetOf({ payload: [1] });
    fragment[20] = 0x20; // more fragments
    expect(flagsOf(fragment)).toBe(0);
    const spoilt = packetOf({ payload: [1] });
    spoilt[22] = 1; // time to live: the header's own checksum is wrong
    expect(flagsOf(spoilt)).toBe(0);
  });
  it('sets flags to zero without GUEST_CSUM', () => {
    expect(flagsOf(packetOf({ payload: [1] }), [])).toBe(0);
  });
  it('§5.1.6.5.8: stops when the driver switches the offload off', () => {
    const bench = new Bench();
    const { rx, control } = bench.start(ALL);
    const set = (low: number): number =>
      bench.control(control, virtio.NET_CTRL_GUEST_OFFLOADS, 0, [low, 0, 0, 0, 0, 0, 0, 0]);
    const packet = packetOf({ payload: [1] });
    for (const [low, flags] of [
      [0, 0],
      [2, virtio.NET_HDR_F_DATA_VALID],
    ] as const) {
      expect(set(low)).toBe(virtio.NET_CTRL_OK);
      bench.supply(rx, 0, BUFFERS, 2048);
      bench.nic.receive(packet, packet.length);
      bench.run();
      expect(bench.ram[BUFFERS]).toBe(flags);
    }
    expect(set(0x80)).toBe(virtio.NET_CTRL_ERR); // GUEST_TSO4 was not negotiated
  });
});
