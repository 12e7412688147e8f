import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { enhancedPacket, INBOUND, interfaceDescription, OUTBOUND, sectionHeader } from '../src/index.ts';
import { blocksOf, optionsOf, packetOf } from './reference.ts';

const RUNS = { numRuns: 200 * Number(process.env.BULKHEAD_EFFORT ?? 1) };
const only = (block: Uint8Array) => {
  const blocks = blocksOf(Buffer.from(block));
  expect(blocks).toHaveLength(1);
  return blocks[0]!;
};

describe('Section Header Block (draft-ietf-opsawg-pcapng §4.1)', () => {
  it('begins a little-endian section of version 1.0 and unspecified length', () => {
    expect(Buffer.from(sectionHeader()).toString('hex')).toBe(
      '0a0d0d0a1c0000004d3c2b1a01000000ffffffffffffffff1c000000',
    );
  });
  it('carries hardware and application, as UTF-8', () => {
    const texts = fc.record({ hardware: fc.string({ unit: 'binary' }), application: fc.string({ unit: 'binary' }) });
    fc.assert(
      fc.property(texts, (section) => {
        const { type, body } = only(sectionHeader(section));
        expect(type).toBe(0x0a0d0d0a);
        const options = optionsOf(body.subarray(16)).map(({ code, value }) => [code, value.toString()]);
        expect(options).toEqual([
          [2, Buffer.from(section.hardware).toString()],
          [4, Buffer.from(section.application).toString()],
        ]);
      }),
      RUNS,
    );
  });
});

describe('Interface Description Block (§4.2)', () => {
  it('describes an Ethernet with if_tsresol 9', () => {
    const { type, body } = only(interfaceDescription({ name: 'nic0', snapLenBytes: 96 }));
    expect([type, body.readUInt16LE(0), body.readUInt16LE(2), body.readUInt32LE(4)]).toEqual([1, 1, 0, 96]);
    expect(optionsOf(body.subarray(8))).toEqual([
      { code: 2, value: Buffer.from('nic0') },
      { code: 9, value: Buffer.from([9]) },
    ]);
  });
  it('has no limit and no name when nothing is said', () => {
    const { body } = only(interfaceDescription());
    expect(body.readUInt32LE(4)).toBe(0);
    expect(optionsOf(body.subarray(8)).map(({ code }) => code)).toEqual([9]);
  });
});

describe('Enhanced Packet Block (§4.3)', () => {
  const packet = fc.record({
    interfaceIndex: fc.nat(9),
    timeNs: fc.maxSafeNat(),
    frame: fc.uint8Array({ maxLength: 2000 }),
    originalLenBytes: fc.nat(9000),
  });

  it('parses back to what was written, whatever the length', () => {
    fc.assert(
      fc.property(packet, (written) => {
        const read = packetOf(only(enhancedPacket(written)));
        expect(read).toEqual({
          ...written,
          timeNs: BigInt(written.timeNs),
          frame: Buffer.from(written.frame),
          options: [],
        });
      }),
      RUNS,
    );
  });
  it('takes only lenBytes of the frame, and pads with zeros', () => {
    const frame = new Uint8Array(64).fill(0xff);
    const block = Buffer.from(enhancedPacket({ timeNs: 0, frame, lenBytes: 61 }));
    expect(packetOf(only(block))).toMatchObject({ frame: Buffer.alloc(61, 0xff), originalLenBytes: 61 });
    expect(block.subarray(28 + 61, 28 + 64)).toEqual(Buffer.alloc(3));
  });
  it('tells the direction in the flags word (§4.3.1)', () => {
    for (const direction of [INBOUND, OUTBOUND] as const) {
      const block = enhancedPacket({ timeNs: 0, frame: new Uint8Array(1), direction });
      expect(packetOf(only(block)).options).toEqual([{ code: 2, value: Buffer.from([direction, 0, 0, 0]) }]);
    }
  });
  it('refuses a length that the frame does not have', () => {
    expect(() => enhancedPacket({ timeNs: 0, frame: new Uint8Array(3), lenBytes: 4 })).toThrow(/as long as it says/);
  });
});

it('a file is its blocks, one after the other', () => {
  const frame = new Uint8Array(60);
  const parts = [sectionHeader(), interfaceDescription(), enhancedPacket({ timeNs: 1, frame })];
  expect(blocksOf(Buffer.concat(parts)).map(({ type }) => type)).toEqual([0x0a0d0d0a, 1, 6]);
});
