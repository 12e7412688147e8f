import * as reg from '@bulkhead/intel-82574-datasheet';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bench, frameTo, MAC } from './bench.ts';
import { be16, FLOW4, FLOW6, judge, packet, pseudoHeader, read16, slowSum } from './internet.ts';
import { contextDescriptor, DATA, dataDescriptor, EOP_RS, IXSM, place, sentFrames, TXSM } from './offload.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const TCP = reg.TDESC_CONTEXT_TUCMD_TCP.mask;
const IC = reg.TDESC_CMD_IC.mask;

describe('82574 checksum insertion (datasheet 3.4 §7.2.9)', () => {
  /** A legacy descriptor whose CSS and CSO are these. */
  function sendLegacy(bytes: readonly number[], css: number, cso: number, command = EOP_RS | IC): Uint8Array {
    const bench = new Bench();
    bench.startTransmit();
    dataDescriptor(bench, 0, place(bench, bytes), command | bytes.length | (cso << 16), css << 8);
    bench.write(reg.TDT, 1);
    bench.run();
    return sentFrames(bench)[0]!;
  }

  it('IC sums from CSS to the end of the frame and stores the complement at CSO', () => {
    const frame = [...frameTo(MAC, 101)];
    frame.splice(50, 2, 0, 0);
    const sent = sendLegacy(frame, 14, 50);
    expect(read16(sent, 50)).toBe(~slowSum(frame.slice(14)) & 0xffff);
    expect([...sent.slice(0, 50), ...sent.slice(52)]).toEqual([...frame.slice(0, 50), ...frame.slice(52)]);
  });
  it('IC is ignored when CSS is not below the length, or CSO not below the length less one', () => {
    const frame = [...frameTo(MAC, 100)];
    expect([...sendLegacy(frame, 100, 20)]).toEqual(frame);
    expect([...sendLegacy(frame, 14, 99)]).toEqual(frame);
    expect([...sendLegacy(frame, 14, 98)]).not.toEqual(frame);
  });
  it('takes CSS from the first descriptor of a packet, IC and CSO from its last', () => {
    const bench = new Bench();
    const frame = [...frameTo(MAC, 100)];
    const at = place(bench, frame);
    bench.startTransmit();
    dataDescriptor(bench, 0, at, 40 | (60 << 16) | reg.TDESC_CMD_IFCS.mask, 20 << 8);
    dataDescriptor(bench, 1, at + 40, 60 | (50 << 16) | EOP_RS | IC, 30 << 8);
    bench.write(reg.TDT, 2);
    bench.run();
    expect(read16(sentFrames(bench)[0]!, 50)).toBe(~slowSum(frame.slice(20)) & 0xffff);
  });

  it.each([
    [FLOW4, 6],
    [FLOW4, 17],
    [FLOW6, 6],
    [FLOW6, 17],
  ] as const)('POPTS inserts good checksums, whatever the payload (%#)', (base, protocol) => {
    const flow = { ...base, protocol };
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 20, maxLength: 400 }), fc.integer({ min: 1, max: 60 }), (payload, cut) => {
        const bench = new Bench();
        const { bytes, ipAt, transportAt } = packet(flow, [...payload]);
        const offset = transportAt + (protocol === 6 ? 16 : 6);
        const pseudo = slowSum(pseudoHeader(flow, bytes.length - transportAt));
        bytes.splice(offset, 2, ...be16(pseudo));
        if (flow.version === 4) bytes.splice(ipAt + 10, 2, 0, 0);
        const at = place(bench, bytes);
        bench.startTransmit();
        const ip = flow.version === 4 ? ([ipAt, ipAt + 10, transportAt - 1] as const) : ([0, 0, 0] as const);
        contextDescriptor(bench, 0, { ip, transport: [transportAt, offset, 0], command: protocol === 6 ? TCP : 0 });
        const options = TXSM | (flow.version === 4 ? IXSM : 0);
        dataDescriptor(bench, 1, at, (DATA & ~reg.TDESC_CMD_EOP.mask) | cut, options);
        dataDescriptor(bench, 2, at + cut, DATA | (bytes.length - cut), 0);
        bench.write(reg.TDT, 3);
        bench.run();
        expect(judge(sentFrames(bench)[0]!, flow)).toBe('');
      }),
      { numRuns: 20 * EFFORT },
    );
  });

  it('a checksum of UDP that comes out as 0 is sent as all ones', () => {
    const udp = { ...FLOW4, protocol: 17 } as const;
    const withoutChecksum = (word: number): number[] => {
      const { bytes } = packet(udp, be16(word));
      return [...bytes.slice(34, 40), 0, 0, ...be16(word)];
    };
    const rest = slowSum([...pseudoHeader(udp, 10), ...withoutChecksum(0)]);
    const { bytes } = packet(udp, be16(0xffff - rest));
    expect(slowSum([...pseudoHeader(udp, 10), ...withoutChecksum(0xffff - rest)])).toBe(0xffff);
    bytes.splice(40, 2, ...be16(slowSum(pseudoHeader(udp, 10))));
    const bench = new Bench();
    bench.startTransmit();
    contextDescriptor(bench, 0, { transport: [34, 40, 0] });
    dataDescriptor(bench, 1, place(bench, bytes), DATA | bytes.length, TXSM);
    bench.write(reg.TDT, 2);
    bench.run();
    expect(read16(sentFrames(bench)[0]!, 40)).toBe(0xffff);
  });
  it('a context stays until the next one, for every packet that asks', () => {
    const bench = new Bench();
    const { bytes, ipAt, transportAt } = packet(FLOW4, [1, 2, 3, 4, 5, 6]);
    bytes.splice(ipAt + 10, 2, 0, 0);
    const at = place(bench, bytes);
    bench.startTransmit();
    contextDescriptor(bench, 0, { ip: [ipAt, ipAt + 10, transportAt - 1] });
    for (let i = 1; i < 4; i++) dataDescriptor(bench, i, at, DATA | bytes.length, i === 2 ? 0 : IXSM);
    bench.write(reg.TDT, 4);
    bench.run();
    expect(sentFrames(bench).map((frame) => judge(frame, FLOW4))).toEqual(['', 'IPv4 checksum', '']);
  });
  it('options without a context since the reset change nothing', () => {
    const bench = new Bench();
    const frame = [...frameTo(MAC, 100)];
    bench.startTransmit();
    dataDescriptor(bench, 0, place(bench, frame), DATA | 100, IXSM | TXSM);
    bench.write(reg.TDT, 1);
    bench.run();
    expect([...sentFrames(bench)[0]!]).toEqual(frame);
  });
});

describe('82574 frame check sequence on transmission (IFCS)', () => {
  it('without IFCS the last four bytes are the FCS: a good one is taken off, a wrong one reaches nobody', () => {
    const bench = new Bench();
    const frame = frameTo(MAC, 60).fill(0, 14);
    let crc = 0xffff_ffff;
    for (const byte of frame) {
      crc ^= byte;
      for (let i = 0; i < 8; i++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb8_8320 : 0);
    }
    place(bench, frame);
    bench.view.setUint32(0x1_0000 + 60, ~crc >>> 0, true);
    bench.startTransmit();
    for (let i = 0; i < 2; i++) dataDescriptor(bench, i, 0x1_0000, 64 | reg.TDESC_CMD_EOP.mask);
    bench.write(reg.TDT, 1);
    bench.run();
    expect(sentFrames(bench)).toEqual([frame]);
    bench.ram[0x1_0000 + 30] = 1;
    bench.write(reg.TDT, 2);
    bench.run();
    expect([bench.sent.length, bench.read(reg.GPTC)]).toEqual([1, 2]);
  });
});
