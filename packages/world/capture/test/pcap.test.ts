import { describe, expect, it } from 'vitest';
import { pcapHeader, pcapRecord } from '../src/index.ts';

describe('the older format (draft-ietf-opsawg-pcap §4, §5)', () => {
  it('begins with the nanosecond magic, version 2.4, Ethernet', () => {
    expect(Buffer.from(pcapHeader()).toString('hex')).toBe('4d3cb2a10200040000000000000000000000040001000000');
  });
  it('splits the time in seconds and nanoseconds', () => {
    const record = Buffer.from(pcapRecord(5_000_000_007, Uint8Array.of(1, 2, 3, 4), 3));
    expect([0, 4, 8, 12].map((at) => record.readUInt32LE(at))).toEqual([5, 7, 3, 3]);
    expect([...record.subarray(16)]).toEqual([1, 2, 3]);
  });
});
