import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameReader } from '../src/frames.ts';

const runs = { numRuns: 300 * Number(process.env.BULKHEAD_EFFORT ?? 1) };
const [FIN, SYN, RST, ACK] = [1, 2, 4, 16];

interface Segment {
  readonly fromClient: boolean;
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly flags: number;
  readonly window: number;
  readonly length: number;
  readonly shift?: number;
}

/** An Ethernet frame of one segment between 10.0.0.1:1000 and 10.0.0.2:80. */
function frameOf({ fromClient, sequence, acknowledgment, flags, window, length, shift }: Segment): Uint8Array {
  const options = shift === undefined ? 0 : 4;
  const frame = new Uint8Array(14 + 20 + 20 + options + length);
  const view = new DataView(frame.buffer);
  view.setUint16(12, 0x0800);
  view.setUint8(14, 0x45);
  view.setUint16(16, frame.length - 14);
  view.setUint8(23, 6);
  view.setUint32(26, fromClient ? 0x0a000001 : 0x0a000002);
  view.setUint32(30, fromClient ? 0x0a000002 : 0x0a000001);
  view.setUint16(34, fromClient ? 1000 : 80);
  view.setUint16(36, fromClient ? 80 : 1000);
  view.setUint32(38, sequence);
  view.setUint32(42, acknowledgment);
  view.setUint8(46, ((20 + options) / 4) << 4);
  view.setUint8(47, flags);
  view.setUint16(48, window);
  if (shift !== undefined) frame.set([1, 3, 3, shift], 54);
  return frame;
}

/** What each direction has in flight and is offered, after each segment. */
function follow(segments: readonly Segment[], limit = 8): { texts: string[]; state: Map<string, readonly number[]> } {
  const state = new Map<string, readonly number[]>();
  const reader = new FrameReader(limit, ({ name, window }, inFlight) => state.set(name, [inFlight, window]));
  const texts = segments.map((segment) => {
    const frame = frameOf(segment);
    return reader.read(frame, frame.length);
  });
  return { texts, state };
}
const FORTH = '10.0.0.1:1000 → 10.0.0.2:80';
const BACK = '10.0.0.2:80 → 10.0.0.1:1000';
const base = { window: 1000, length: 0, acknowledgment: 0 };
/** Both with window scale, first numbers just below 2^32. */
const handshake = (clientShift: number | undefined, serverShift: number | undefined): readonly Segment[] => {
  const withShift = (shift: number | undefined) => (shift === undefined ? {} : { shift });
  const first = { ...base, fromClient: true, sequence: 0xfffffff0, flags: SYN, ...withShift(clientShift) };
  const second = { ...base, fromClient: false, sequence: 500, acknowledgment: 0xfffffff1, flags: SYN | ACK };
  const third = { ...base, fromClient: true, sequence: 0xfffffff1, acknowledgment: 501, flags: ACK };
  return [first, { ...second, ...withShift(serverShift) }, third];
};

describe('A TCP connection on the wire (RFC 9293 §3.1)', () => {
  it('has in flight what was sent and not acknowledged, over the wrap of sequence numbers', () => {
    const opened = handshake(2, 3);
    const data = { ...base, fromClient: true, sequence: 0xfffffff1, acknowledgment: 501, flags: ACK, length: 100 };
    expect(follow([...opened, data]).state.get(FORTH)).toEqual([100, 1000]);
    const half = { ...base, fromClient: false, sequence: 501, acknowledgment: (0xfffffff1 + 40) >>> 0, flags: ACK };
    expect(follow([...opened, data, half]).state.get(FORTH)).toEqual([60, 8000]);
    const again = { ...data, length: 30 };
    expect(follow([...opened, data, half, again]).state.get(FORTH)).toEqual([60, 8000]);
    const fin = { ...data, sequence: (0xfffffff1 + 100) >>> 0, length: 0, flags: FIN | ACK };
    expect(follow([...opened, data, half, fin]).state.get(FORTH)).toEqual([61, 8000]);
  });

  it('shifts windows only if both ends have said by how much, and never those of a SYN (RFC 7323 §2.2, §2.3)', () => {
    const offer = { ...base, fromClient: false, sequence: 501, acknowledgment: 0xfffffff1, flags: ACK };
    const windowAfter = (client: number | undefined, server: number | undefined): unknown =>
      follow([...handshake(client, server), offer]).state.get(FORTH)?.[1];
    expect(windowAfter(2, 3)).toBe(8000);
    expect(windowAfter(undefined, 3)).toBe(1000);
    expect(windowAfter(2, undefined)).toBe(1000);
    expect(windowAfter(0, 0)).toBe(1000);
    expect(windowAfter(2, 200)).toBe(1000 * 2 ** 14);
    expect(follow(handshake(2, 3).slice(0, 2)).state.get(FORTH)).toEqual([0, 1000]);
    expect(follow(handshake(2, 3)).state.get(BACK)).toEqual([0, 4000]);
  });

  it('agrees with a reference that keeps sets of bytes', () => {
    const step = fc.record({ length: fc.integer({ min: 0, max: 40 }), acked: fc.integer({ min: 0, max: 3 }) });
    const edge = fc.constantFrom(0, 0x7fffffff, 0xffffffff);
    const first = fc.oneof(
      fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      fc.tuple(edge, fc.nat(200)).map(([at, back]) => (at - back) >>> 0),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30, size: 'max' }), first, (steps, start) => {
        const segments: Segment[] = [{ ...base, fromClient: true, sequence: start, flags: SYN }];
        const sent: bigint[] = [BigInt(start) + 1n];
        let acknowledged = BigInt(start);
        for (const { length, acked } of steps) {
          const at = sent.at(-1)!;
          segments.push({ ...base, fromClient: true, sequence: Number(at % 2n ** 32n), flags: ACK, length });
          sent.push(at + BigInt(length));
          acknowledged = [acknowledged, sent[Math.max(0, sent.length - 1 - acked)]!].reduce((a, b) => (a > b ? a : b));
          const acknowledgment = Number(acknowledged % 2n ** 32n);
          segments.push({ ...base, fromClient: false, sequence: 7, acknowledgment, flags: ACK });
        }
        expect(follow(segments).state.get(FORTH)![0]).toBe(Number(sent.at(-1)! - acknowledged));
      }),
      runs,
    );
  });

  it('begins in the middle as well, and is followed only up to the limit', () => {
    const data = { ...base, fromClient: true, sequence: 77, flags: ACK, length: 10 };
    expect(follow([data]).state.get(FORTH)).toEqual([10, 0]);
    expect(follow([data], 0).state.size).toBe(0);
    expect(follow([data], 1).state.size).toBe(0);
  });
});

describe('A line about a frame', () => {
  it('says protocol, ends, flags and length', () => {
    const { texts } = follow([{ ...base, fromClient: true, sequence: 1, flags: SYN }]);
    expect(texts).toEqual([`TCP ${FORTH} SYN, 0 bytes`]);
    const { texts: reset } = follow([{ ...base, fromClient: false, sequence: 1, flags: RST | ACK, length: 5 }]);
    expect(reset).toEqual([`TCP ${BACK} RST ACK, 5 bytes`]);
    const reader = new FrameReader(2, () => {});
    const arp = new Uint8Array(60);
    arp.set([8, 6], 12);
    expect([reader.read(arp, 60), reader.read(arp, 10)]).toEqual(['ARP', 'cut short']);
  });

  it('is there for every frame, however spoilt, and no frame stops the reader', () => {
    const whole = frameOf({ ...base, fromClient: true, sequence: 1, flags: SYN, shift: 3, length: 4 });
    const spoil = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 6 });
    fc.assert(
      fc.property(spoil, fc.nat(whole.length), (changes, lenBytes) => {
        const frame = whole.slice();
        for (const [at, value] of changes) frame[at] = value;
        const reader = new FrameReader(4, (_, inFlight) => expect(inFlight).toBeGreaterThanOrEqual(0));
        expect(reader.read(frame, lenBytes)).not.toBe('');
        reader.read(frame, frame.length);
      }),
      runs,
    );
  });
});
