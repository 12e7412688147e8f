import * as reg from '@bulkhead/intel-82574-datasheet';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bench, BUFFERS } from './bench.ts';
import { be16, FLOW4, FLOW6, type Flow, judge, packet, pseudoHeader, read16, read32, slowSum } from './internet.ts';
import { type Context, contextDescriptor, DATA, dataDescriptor, IXSM, place, sentFrames, TXSM } from './offload.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const TSE = reg.TDESC_CONTEXT_TUCMD_TSE.mask;
const TCP = reg.TDESC_CONTEXT_TUCMD_TCP.mask;
const IPV4 = reg.TDESC_CONTEXT_TUCMD_IP.mask;
const FIN_PSH_ACK = 0x19;

interface Job {
  readonly flow: Flow;
  readonly payload: readonly number[];
  readonly segmentBytes: number;
  /** Where the data are cut into descriptors. */
  readonly cuts?: readonly number[];
  readonly sequence?: number;
  readonly context?: Context;
  readonly vlan?: number;
}

/** Programs a segmentation as a driver does: prototype headers without lengths, the sum of a pseudo-header of length 0. */
function start({ flow, payload, segmentBytes, cuts = [], sequence = 1, context = {}, vlan }: Job): Bench {
  const bench = new Bench();
  const { bytes, ipAt, transportAt, payloadAt } = packet(flow, payload, { sequence, flags: FIN_PSH_ACK });
  const offset = transportAt + (flow.protocol === 6 ? 16 : 6);
  bytes.splice(flow.version === 4 ? ipAt + 2 : ipAt + 4, 2, 0, 0);
  if (flow.version === 4) bytes.splice(ipAt + 10, 2, 0, 0);
  bytes.splice(offset, 2, ...be16(slowSum(pseudoHeader(flow, 0))));
  const at = place(bench, bytes);
  bench.startTransmit(128);
  contextDescriptor(bench, 0, {
    ip: flow.version === 4 ? [ipAt, ipAt + 10, transportAt - 1] : [ipAt, 0, 0],
    transport: [transportAt, offset, 0],
    payloadBytes: payload.length,
    headerBytes: payloadAt,
    segmentBytes,
    command: TSE | (flow.protocol === 6 ? TCP : 0) | (flow.version === 4 ? IPV4 : 0),
    ...context,
  });
  const edges = [0, ...[...new Set(cuts)].filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
  const options = TXSM | (flow.version === 4 ? IXSM : 0) | ((vlan ?? 0) << 16);
  const command =
    (DATA & ~reg.TDESC_CMD_EOP.mask) | reg.TDESC_CMD_TSE.mask | (vlan === undefined ? 0 : reg.TDESC_CMD_VLE.mask);
  for (let i = 1; i < edges.length; i++) {
    const eop = i === edges.length - 1 ? reg.TDESC_CMD_EOP.mask : 0;
    dataDescriptor(bench, i, at + edges[i - 1]!, command | eop | (edges[i]! - edges[i - 1]!), options);
  }
  if (vlan !== undefined) bench.write(reg.CTRL, reg.CTRL_INITIAL | reg.CTRL_VME.mask);
  bench.write(reg.TDT, edges.length);
  bench.run(20_000_000);
  return bench;
}
const bytesOf = (count: number): number[] => Array.from({ length: count }, (_, i) => (i * 7 + (i >> 8)) & 0xff);

const flow = fc.constantFrom<Flow>(FLOW4, FLOW6, { ...FLOW4, protocol: 17 }, { ...FLOW6, protocol: 17 });

describe('82574 TCP segmentation (datasheet 3.4 §7.3)', () => {
  it('every frame is a good packet, and together they are the payload, however the data are cut', () => {
    fc.assert(
      fc.property(
        flow,
        fc.integer({ min: 1, max: 9000 }),
        fc.integer({ min: 17, max: 2000 }),
        fc.array(fc.integer({ min: 60, max: 9000 }), { maxLength: 6 }),
        fc.nat({ max: 0xffff_ffff }),
        (flow, length, segmentBytes, cuts, sequence) => {
          const payload = bytesOf(length);
          const bench = start({ flow, payload, segmentBytes, cuts, sequence });
          const frames = sentFrames(bench);
          const headerBytes = packet(flow, []).payloadAt;
          expect(frames.length).toBe(Math.ceil(length / segmentBytes));
          let done = 0;
          frames.forEach((frame, i) => {
            const isLast = i === frames.length - 1;
            const count = isLast ? length - done : segmentBytes;
            expect(judge(frame, flow)).toBe('');
            expect([...frame.slice(headerBytes, headerBytes + count)]).toEqual(payload.slice(done, done + count));
            if (flow.version === 4) expect(read16(frame, 18)).toBe((0x1234 + i) & 0xffff);
            if (flow.protocol === 6) {
              const tcpAt = flow.version === 4 ? 34 : 54;
              expect(read32(frame, tcpAt + 4)).toBe((sequence + done) % 2 ** 32);
              expect(frame[tcpAt + 13]).toBe(isLast ? FIN_PSH_ACK : 0x10);
            }
            done += count;
          });
          expect([bench.read(reg.TSCTC), bench.read(reg.TSCTFC), bench.read(reg.GPTC)]).toEqual([1, 0, frames.length]);
        },
      ),
      { numRuns: 60 * EFFORT },
    );
  });

  it('tags every frame with the VLAN of the first descriptor', () => {
    const bench = start({ flow: FLOW4, payload: bytesOf(3000), segmentBytes: 1000, vlan: 0x2005 });
    expect(sentFrames(bench).map((frame) => [read16(frame, 12), read16(frame, 14), judge(frame, FLOW4, 18)])).toEqual(
      new Array(3).fill([0x8100, 0x2005, '']),
    );
  });
  it('a megabyte in one descriptor is moved in many events', () => {
    const payload = bytesOf(200_000);
    const bench = start({ flow: FLOW4, payload, segmentBytes: 1460 });
    const frames = sentFrames(bench);
    expect(frames.length).toBe(Math.ceil(200_000 / 1460));
    expect(frames.flatMap((frame) => [...frame.slice(54)])).toEqual(payload);
    expect(new Set(bench.sent.map(({ at }) => at)).size).toBeGreaterThan(40);
  });

  describe('contexts and data that do not fit', () => {
    const payload = bytesOf(1000);
    const counts = (bench: Bench): number[] => [bench.sent.length, bench.read(reg.TSCTC), bench.read(reg.TSCTFC)];
    it('data that end before PAYLEN are sent, and fail', () => {
      const bench = start({ flow: FLOW4, payload, segmentBytes: 400, context: { payloadBytes: 2000 } });
      expect(counts(bench)).toEqual([3, 0, 1]);
    });
    it('data beyond PAYLEN are not sent, and fail', () => {
      const bench = start({ flow: FLOW4, payload, segmentBytes: 400, context: { payloadBytes: 500 } });
      expect(counts(bench)).toEqual([2, 0, 1]);
    });
    it.each([
      ['MSS 0', { segmentBytes: 0 }],
      ['a frame beyond what the device holds', { segmentBytes: 0xffff, payloadBytes: 0xffff }],
      ['headers longer than the data', { headerBytes: 255, payloadBytes: 0 }, 20],
    ])('%s sends nothing and fails', (_name, context, length = 1000) => {
      const bench = start({ flow: FLOW4, payload: bytesOf(length), segmentBytes: 400, context });
      expect(counts(bench)).toEqual([0, 0, 1]);
    });
    it('a second context in the midst ends the first; the ring goes on', () => {
      const bench = start({ flow: FLOW4, payload, segmentBytes: 400, cuts: [500] });
      const sent = bench.sent.length;
      dataDescriptor(bench, 3, BUFFERS, (DATA & ~reg.TDESC_CMD_EOP.mask) | reg.TDESC_CMD_TSE.mask | 500);
      contextDescriptor(bench, 4, { command: TSE, segmentBytes: 5, payloadBytes: 5 });
      dataDescriptor(bench, 5, BUFFERS, DATA | reg.TDESC_CMD_TSE.mask | 500);
      dataDescriptor(bench, 6, BUFFERS, DATA | 100);
      bench.write(reg.TDT, 7);
      bench.run();
      expect(bench.read(reg.TSCTFC)).toBe(1);
      expect(bench.sent.at(-1)!.frame.length).toBe(100);
      expect(bench.sent.length - sent).toBe(2); // the 446 bytes that made one frame of 400, and the last descriptor's
      expect(bench.read(reg.TDH)).toBe(7);
    });
    it('TSE without a context is an ordinary packet', () => {
      const bench = new Bench();
      bench.startTransmit();
      dataDescriptor(bench, 0, BUFFERS, DATA | reg.TDESC_CMD_TSE.mask | 200);
      bench.write(reg.TDT, 1);
      bench.run();
      expect(sentFrames(bench).map((frame) => frame.length)).toEqual([200]);
    });
  });
});
