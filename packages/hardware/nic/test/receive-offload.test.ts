import { has } from '@bulkhead/bits';
import * as reg from '@bulkhead/intel-82574-datasheet';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bench, frameTo, MAC, RX_RING, RX_RING_1 } from './bench.ts';
import { address6, FLOW4, FLOW6, type Flow, packet, slowChecksum, slowSum } from './internet.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const IPCS = reg.RDESC_STATUS_IPCS.mask;
const TCPCS = reg.RDESC_STATUS_TCPCS.mask;
const UDPCS = reg.RDESC_STATUS_UDPCS.mask;
const IXSM = reg.RDESC_STATUS_IXSM.mask;
const IPE = reg.RDESC_ERROR_IPE.mask;
const TCPE = reg.RDESC_ERROR_TCPE.mask;
const JUDGEMENT = IPCS | TCPCS | UDPCS | IXSM | IPE | TCPE;
const UDP4: Flow = { ...FLOW4, protocol: 17 };
const UDP6: Flow = { ...FLOW6, protocol: 17 };
const PAYLOAD = Array.from({ length: 40 }, (_, i) => i);

interface Told {
  readonly status: number;
  readonly length: number;
  readonly checksum: number;
  readonly identification: number;
  readonly vlan: number;
}
/** Receives one frame with extended descriptors. @returns what its write-back tells. */
function receive(bytes: ArrayLike<number>, set: (bench: Bench) => void = () => {}, control?: number): Told {
  const bench = new Bench();
  bench.write(reg.RFCTL, reg.RFCTL_EXTEN.mask);
  set(bench);
  bench.startReceive(8, control);
  bench.nic.receive(Uint8Array.from(bytes), bytes.length);
  bench.run();
  return told(bench);
}
const told = ({ view }: Bench, at: number = RX_RING): Told => ({
  status: view.getUint32(at + reg.RDESC_EXT_STATUS_ERROR, true),
  length: view.getUint16(at + reg.RDESC_EXT_LENGTH, true),
  checksum: view.getUint16(at + reg.RDESC_EXT_CHECKSUM, true),
  identification: view.getUint16(at + reg.RDESC_EXT_IP_ID, true),
  vlan: view.getUint16(at + reg.RDESC_EXT_VLAN, true),
});
const judgementOf = (bytes: ArrayLike<number>, set?: (bench: Bench) => void): number =>
  (receive(bytes, set).status & JUDGEMENT) >>> 0;
const typeOf = (bytes: ArrayLike<number>): number =>
  (receive(bytes).status & reg.RDESC_STATUS_PACKET_TYPE.mask) >>> reg.RDESC_STATUS_PACKET_TYPE.shift;
const spoil = (bytes: readonly number[], at: number): number[] => bytes.with(at, bytes[at]! ^ 0x5a);

describe('82574 receive checksums (datasheet 3.4 §7.1.10)', () => {
  it.each<[string, Flow, number]>([
    ['TCP/IPv4', FLOW4, IPCS | TCPCS],
    ['UDP/IPv4', UDP4, IPCS | TCPCS | UDPCS],
    ['TCP/IPv6', FLOW6, TCPCS],
    ['UDP/IPv6', UDP6, TCPCS | UDPCS],
  ])('%s: good and bad checksums are told apart', (_name, flow, checked) => {
    const { bytes, ipAt, payloadAt } = packet(flow, PAYLOAD);
    expect(judgementOf(bytes)).toBe(checked);
    expect(judgementOf(spoil(bytes, payloadAt + 7))).toBe((checked | TCPE) >>> 0);
    if (flow.version === 4) expect(judgementOf(spoil(bytes, ipAt + 8))).toBe((checked | IPE) >>> 0);
  });
  it('a byte changed anywhere in header or payload is found', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 300 }),
        fc.nat(),
        fc.constantFrom(FLOW4, UDP4),
        (data, n, flow) => {
          const { bytes, ipAt, payloadAt } = packet(flow, [...data]);
          const at = payloadAt + (n % data.length);
          expect(has(judgementOf(bytes), { shift: 0, mask: IPE | TCPE })).toBe(false);
          expect(has(judgementOf(spoil(bytes, at)), reg.RDESC_ERROR_TCPE)).toBe(true);
          expect(has(judgementOf(spoil(bytes, ipAt + 4)), reg.RDESC_ERROR_IPE)).toBe(true);
        },
      ),
      { numRuns: 15 * EFFORT },
    );
  });
  it('RXCSUM and RFCTL switch the checks off; IXSM tells that nothing was checked', () => {
    const { bytes } = packet(FLOW4, PAYLOAD);
    expect(judgementOf(bytes, (bench) => bench.write(reg.RXCSUM, reg.RXCSUM_IPOFLD.mask))).toBe(IPCS);
    expect(judgementOf(bytes, (bench) => bench.write(reg.RXCSUM, reg.RXCSUM_TUOFLD.mask))).toBe(TCPCS);
    expect(judgementOf(bytes, (bench) => bench.write(reg.RXCSUM, 0))).toBe(IXSM);
    const six = packet(FLOW6, PAYLOAD).bytes;
    const noSix = reg.RFCTL_EXTEN.mask | reg.RFCTL_IPV6_XSUM_DIS.mask;
    expect(judgementOf(six, (bench) => bench.write(reg.RFCTL, noSix))).toBe(IXSM);
    expect(judgementOf(frameTo(MAC, 100))).toBe(IXSM);
  });
  it('a UDP checksum of 0 over IPv4 is none', () => {
    const { bytes, transportAt } = packet(UDP4, PAYLOAD);
    bytes.splice(transportAt + 6, 2, 0, 0);
    expect(judgementOf(bytes)).toBe(IPCS);
  });
  it('options, extension headers, SNAP and a VLAN tag are passed over', () => {
    expect(judgementOf(packet(FLOW4, PAYLOAD, { ipOptions: [1, 1, 1, 0], tcpOptions: [1, 1, 1, 0] }).bytes)).toBe(
      IPCS | TCPCS,
    );
    const hop = { extensions: [6, 0, 1, 4, 0, 0, 0, 0], firstExtension: 0 };
    expect(judgementOf(packet(FLOW6, PAYLOAD, hop).bytes)).toBe(TCPCS);
    const macHeader = [...MAC, 2, 0, 0, 0, 0, 1];
    const tagged = packet(FLOW4, PAYLOAD, { macHeader: [...macHeader, 0x81, 0, 0, 5] });
    expect(judgementOf(tagged.bytes)).toBe(IPCS | TCPCS);
    const snap = packet(FLOW4, PAYLOAD, { macHeader: [...macHeader, 0, 88, 0xaa, 0xaa, 3, 0, 0, 0] });
    expect(judgementOf(snap.bytes)).toBe(IPCS | TCPCS);
  });
  it('fragments, and packets shorter than they say, have no transport check', () => {
    expect(judgementOf(packet(FLOW4, PAYLOAD, { fragment: 0x2000 }).bytes)).toBe(IPCS);
    const { bytes, ipAt } = packet(FLOW4, PAYLOAD);
    bytes.splice(ipAt + 2, 2, 0x10, 0);
    expect(judgementOf(bytes)).toBe((IPCS | IPE) >>> 0);
  });
  it('through a routing header, or from a home address, there is no transport check', () => {
    const routing = { extensions: [6, 2, 2, 1, 0, 0, 0, 0, ...FLOW6.destination], firstExtension: 43 };
    expect(judgementOf(packet(FLOW6, PAYLOAD, routing).bytes)).toBe(IXSM);
  });

  it('the packet checksum is that of the bytes from PCSS on, with an FCS that is kept', () => {
    fc.assert(
      fc.property(fc.integer({ min: 60, max: 300 }), fc.nat({ max: 70 }), fc.boolean(), (length, pcss, keeps) => {
        const bench = new Bench();
        bench.write(reg.RFCTL, reg.RFCTL_EXTEN.mask);
        bench.write(reg.RXCSUM, pcss);
        bench.startReceive(8, keeps ? 0 : reg.RCTL_SECRC.mask);
        bench.nic.receive(frameTo(MAC, length), length);
        bench.run();
        const stored = bench.ram.slice(bench.bufferOf(0), bench.bufferOf(0) + length + (keeps ? 4 : 0));
        expect(told(bench).checksum).toBe(slowChecksum(stored.slice(pcss)));
      }),
      { numRuns: 20 * EFFORT },
    );
  });
  it('IPPCSE gives the checksum of a UDP fragment, and UDPV marks the one with a UDP checksum', () => {
    const { bytes, transportAt } = packet(UDP4, PAYLOAD, { fragment: 0x2000 });
    const { status, checksum } = receive(bytes, (bench) => bench.write(reg.RXCSUM, reg.RXCSUM_IPPCSE.mask));
    expect(checksum).toBe(~slowSum(bytes.slice(transportAt)) & 0xffff);
    expect(status & reg.RDESC_STATUS_UDPV.mask).not.toBe(0);
  });
});

describe('82574 extended write-back (datasheet 3.4 §7.1.4)', () => {
  it('tells the kind of packet', () => {
    expect(typeOf(frameTo(MAC, 60))).toBe(reg.RDESC_PACKET_TYPE_MAC);
    expect(typeOf(packet(FLOW4, PAYLOAD).bytes)).toBe(reg.RDESC_PACKET_TYPE_IPV4_L4);
    expect(typeOf(packet(FLOW4, PAYLOAD, { fragment: 1 }).bytes)).toBe(reg.RDESC_PACKET_TYPE_IPV4);
    expect(typeOf(packet(FLOW6, PAYLOAD).bytes)).toBe(reg.RDESC_PACKET_TYPE_IPV6_L4);
    expect(typeOf(packet(FLOW6, PAYLOAD, { extensions: [59, 0, 0, 1, 0, 0, 0, 0], firstExtension: 44 }).bytes)).toBe(
      reg.RDESC_PACKET_TYPE_IPV6,
    );
  });
  it('tells the IP identification while PCSD is clear', () => {
    const { status, identification } = receive(packet(FLOW4, PAYLOAD, { identification: 0xabcd }).bytes);
    expect([status & reg.RDESC_STATUS_IPIDV.mask, identification]).toEqual([reg.RDESC_STATUS_IPIDV.mask, 0xabcd]);
  });
  it('marks acknowledgements, with data only while ACKD_DIS is clear', () => {
    const ack = (payload: readonly number[], rfctl: number): boolean =>
      has(
        receive(packet(FLOW4, payload).bytes, (bench) => bench.write(reg.RFCTL, rfctl | reg.RFCTL_EXTEN.mask)).status,
        reg.RDESC_STATUS_ACK,
      );
    expect([ack([], 0), ack(PAYLOAD, 0)]).toEqual([true, true]);
    expect([ack([], reg.RFCTL_ACKD_DIS.mask), ack(PAYLOAD, reg.RFCTL_ACKD_DIS.mask)]).toEqual([true, false]);
    expect(ack([], reg.RFCTL_ACK_DIS.mask)).toBe(false);
  });
});

describe('82574 VLAN (datasheet 3.4 §7.5)', () => {
  const tagged = frameTo(MAC, 100);
  tagged.set([0x81, 0x00, 0x30, 0x2a, 0x08, 0x06], 12);
  const VME = reg.CTRL_INITIAL | reg.CTRL_VME.mask;

  it('CTRL.VME strips the tag into the descriptor, sets VP, and shortens the frame', () => {
    const bench = new Bench();
    bench.write(reg.RFCTL, reg.RFCTL_EXTEN.mask);
    bench.write(reg.CTRL, VME);
    bench.startReceive();
    bench.nic.receive(tagged, 100);
    bench.run();
    const { status, length, vlan } = told(bench);
    expect([has(status, reg.RDESC_STATUS_VP), length, vlan]).toEqual([true, 96, 0x302a]);
    expect([...bench.ram.slice(bench.bufferOf(0), bench.bufferOf(0) + 96)]).toEqual([
      ...tagged.slice(0, 12),
      ...tagged.slice(16),
    ]);
  });
  it('without VME the tag stays and VP is clear; an untagged frame has no VP', () => {
    expect(receive(tagged).length).toBe(100);
    expect(has(receive(tagged).status, reg.RDESC_STATUS_VP)).toBe(false);
    const { status, length } = receive(frameTo(MAC, 100), (bench) => bench.write(reg.CTRL, VME));
    expect([has(status, reg.RDESC_STATUS_VP), length]).toEqual([false, 100]);
  });
  it('the legacy descriptor carries the tag in its special field', () => {
    const bench = new Bench();
    bench.write(reg.CTRL, VME);
    bench.startReceive();
    bench.nic.receive(tagged, 100);
    bench.run();
    expect(bench.view.getUint16(RX_RING + reg.RDESC_SPECIAL, true)).toBe(0x302a);
    expect(bench.view.getUint8(RX_RING + reg.RDESC_STATUS) & reg.RDESC_STATUS_VP.mask).not.toBe(0);
  });
  it('CFIEN lets only frames pass whose canonical form bit is RCTL.CFI', () => {
    const passes = (control: number): boolean => {
      const set = (bench: Bench): void => bench.write(reg.VFTA + 4, 1 << (0x2a - 32));
      return receive(tagged, set, reg.RCTL_SECRC.mask | reg.RCTL_VFE.mask | control).length > 0;
    };
    expect(passes(0)).toBe(true);
    expect(passes(reg.RCTL_CFIEN.mask)).toBe(false);
    expect(passes(reg.RCTL_CFIEN.mask | reg.RCTL_CFI.mask)).toBe(true);
  });
  it('VLE inserts a tag of type VET while CTRL.VME is set, and only then', () => {
    const bench = new Bench();
    const frame = frameTo(MAC, 100);
    bench.ram.set(frame, 0x8000);
    bench.startTransmit();
    const send = (index: number): void => {
      const command = reg.TDESC_CMD_EOP.mask | reg.TDESC_CMD_VLE.mask | reg.TDESC_CMD_IFCS.mask;
      bench.transmitDescriptor(index, 0x8000, 100, command);
      bench.view.setUint16(0x1000 + index * 16 + reg.TDESC_SPECIAL, 0x302a, true);
      bench.write(reg.TDT, index + 1);
      bench.run();
    };
    send(0);
    bench.write(reg.CTRL, VME);
    bench.write(reg.VET, 0x88a8);
    send(1);
    expect(bench.sent.map((sent) => [...sent.frame])).toEqual([
      [...frame],
      [...frame.slice(0, 12), 0x88, 0xa8, 0x30, 0x2a, ...frame.slice(12)],
    ]);
  });
});

describe('82574 receive side scaling: the published verification suite', () => {
  const KEY = '6d5a56da255b0ec24167253d43a38fb0d0ca2bcbae7b30b477cb2da38030f20c6a42b73bbeac01fa';
  const flow = (
    version: 4 | 6,
    source: number[],
    sourcePort: number,
    destination: number[],
    destinationPort: number,
  ): Flow => ({
    version,
    protocol: 6,
    source,
    destination,
    sourcePort,
    destinationPort,
  });
  const SUITE: readonly (readonly [Flow, number, number])[] = [
    [flow(4, [66, 9, 149, 187], 2794, [161, 142, 100, 80], 1766), 0x323e8fc2, 0x51ccc178],
    [flow(4, [199, 92, 111, 2], 14230, [65, 69, 140, 83], 4739), 0xd718262a, 0xc626b0ea],
    [flow(4, [24, 19, 198, 95], 12898, [12, 22, 207, 184], 38024), 0xd2d0a5de, 0x5c2b394a],
    [flow(4, [38, 27, 205, 30], 48228, [209, 142, 163, 6], 2217), 0x82989176, 0xafc7327f],
    [flow(4, [153, 39, 163, 191], 44251, [202, 188, 127, 2], 1303), 0x5d1809c5, 0x10e828a2],
    [
      flow(
        6,
        address6(0x3ffe, 0x2501, 0x200, 0x1fff, 0, 0, 0, 7),
        2794,
        address6(0x3ffe, 0x2501, 0x200, 3, 0, 0, 0, 1),
        1766,
      ),
      0x2cc18cd5,
      0x40207d3d,
    ],
    [
      flow(
        6,
        address6(0x3ffe, 0x501, 8, 0, 0x260, 0x97ff, 0xfe40, 0xefab),
        14230,
        address6(0xff02, 0, 0, 0, 0, 0, 0, 1),
        4739,
      ),
      0x0f0c461c,
      0xdde51bbf,
    ],
    [
      flow(
        6,
        address6(0x3ffe, 0x1900, 0x4545, 3, 0x200, 0xf8ff, 0xfe21, 0x67cf),
        44251,
        address6(0xfe80, 0, 0, 0, 0x200, 0xf8ff, 0xfe21, 0x67cf),
        38024,
      ),
      0x4b61e985,
      0x02d1feef,
    ],
  ];

  function hash(bytes: ArrayLike<number>, fields: number, rfctl = 0): { queue: number; hash: number; type: number } {
    const bench = new Bench();
    bench.write(reg.RFCTL, reg.RFCTL_EXTEN.mask | rfctl);
    bench.write(reg.RXCSUM, reg.RXCSUM_PCSD.mask);
    bench.write(reg.MRQC, reg.MRQC_ENABLE_RSS | fields);
    const key = Uint8Array.from(KEY.match(/../g)!, (byte) => Number.parseInt(byte, 16));
    for (let i = 0; i < 10; i++) bench.write(reg.RSSRK + i * 4, new DataView(key.buffer).getUint32(i * 4, true));
    for (let i = 0; i < 32; i++) bench.write(reg.RETA + i * 4, 0x8000_8000); // odd entries go to queue 1
    bench.startReceive(8);
    bench.startReceive(8, undefined, 1);
    bench.nic.receive(Uint8Array.from(bytes), bytes.length);
    bench.run();
    const queue = bench.read(reg.RDH + reg.QUEUE_STRIDE_BYTES);
    const at = queue === 1 ? RX_RING_1 : RX_RING;
    const mrq = bench.view.getUint32(at, true);
    expect((mrq & reg.RDESC_MRQ_QUEUE.mask) >>> reg.RDESC_MRQ_QUEUE.shift).toBe(queue);
    return { queue, hash: bench.view.getUint32(at + 4, true), type: mrq & reg.RDESC_MRQ_RSS_TYPE.mask };
  }
  const ALL = reg.MRQC_RSS_IPV4.mask | reg.MRQC_RSS_TCP_IPV4.mask | reg.MRQC_RSS_IPV6.mask | reg.MRQC_RSS_TCP_IPV6.mask;

  it.each(SUITE)('vector %#', (tcp, addresses, ports) => {
    const { bytes } = packet(tcp, PAYLOAD);
    const plain = tcp.version === 4 ? reg.MRQC_RSS_IPV4.mask : reg.MRQC_RSS_IPV6.mask;
    const four = tcp.version === 4;
    expect(hash(bytes, plain)).toEqual({ queue: addresses & 1, hash: addresses, type: four ? 2 : 5 });
    expect(hash(bytes, ALL)).toEqual({ queue: ports & 1, hash: ports, type: four ? 1 : 3 });
    expect(hash(packet({ ...tcp, protocol: 17 }, PAYLOAD).bytes, ALL)).toEqual({
      queue: addresses & 1,
      hash: addresses,
      type: four ? 2 : 5,
    });
  });
  it('a home address and a routing header of type 2 stand in for the addresses (IPv6Ex), unless RFCTL forbids it', () => {
    const [flow6, addresses] = SUITE[5]!;
    const home = [43, 2, OPTION_HOME, 16, ...flow6.source, 0, 0, 0, 0];
    const extensions = [...home, 6, 2, 2, 1, 0, 0, 0, 0, ...flow6.destination];
    const other = { ...flow6, source: address6(1, 2, 3, 4, 5, 6, 7, 8), destination: address6(8, 7, 6, 5, 4, 3, 2, 1) };
    const { bytes } = packet(other, PAYLOAD, { extensions, firstExtension: 60 });
    expect(hash(bytes, reg.MRQC_RSS_IPV6_EX.mask)).toEqual({ queue: addresses & 1, hash: addresses, type: 4 });
    const forbidden = hash(bytes, reg.MRQC_RSS_IPV6_EX.mask | reg.MRQC_RSS_IPV6.mask, reg.RFCTL_NEW_IPV6_EXT_DIS.mask);
    expect([forbidden.type, forbidden.hash === addresses]).toEqual([5, false]);
    expect(hash(bytes, reg.MRQC_RSS_IPV6_EX.mask, reg.RFCTL_IPV6_EX_DIS.mask)).toEqual({ queue: 0, hash: 0, type: 0 });
  });
  it('what has no hash goes to queue 0', () => {
    expect(hash(frameTo(MAC, 60), ALL)).toEqual({ queue: 0, hash: 0, type: 0 });
  });
});
const OPTION_HOME = 201;
