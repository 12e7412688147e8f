import { FlatMemory, Window } from '@bulkhead/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArpPacket } from '../../src/wire/arp.ts';
import { EthernetHeader } from '../../src/wire/ethernet.ts';
import { formatIpv4Address, Ipv4Header, parseIpv4Address } from '../../src/wire/ipv4.ts';
import { NO_OPTION, TcpSegment } from '../../src/wire/tcp.ts';
import { UdpHeader } from '../../src/wire/udp.ts';

const numRuns = 100 * Number(process.env.BULKHEAD_EFFORT ?? 1);
const memory = new FlatMemory(1);
const window = new Window(memory, 0, 0, 4096);
const u8 = fc.integer({ min: 0, max: 0xff });
const u16 = fc.integer({ min: 0, max: 0xffff });
const i32 = fc.integer();
const AT = 14; // as in a frame: not aligned to a word

const bytesAt = (lenBytes: number): Uint8Array => {
  const bytes = new Uint8Array(lenBytes);
  window.loadBytes(AT, bytes, 0, lenBytes);
  return bytes;
};
/** One flipped bit anywhere must be noticed by what has a checksum. */
const flip = (lenBytes: number, where: number): void => {
  const at = AT + (where % lenBytes);
  window.store8(at, window.load8(at) ^ 0x10);
};

describe('parse(emit(x)) = x', () => {
  it('RFC 894 Ethernet', () => {
    fc.assert(
      fc.property(u16, i32, u16, i32, u16, (destinationHigh, destinationLow, sourceHigh, sourceLow, type) => {
        const header = { destinationHigh, destinationLow, sourceHigh, sourceLow, type };
        Object.assign(new EthernetHeader(), header).emit(window, AT);
        const parsed = new EthernetHeader();
        expect(parsed.parse(window, AT, 14)).toBe(true);
        expect({ ...parsed }).toEqual(header);
        expect(parsed.parse(window, AT, 13)).toBe(false);
      }),
      { numRuns },
    );
  });
  it('RFC 826 ARP', () => {
    fc.assert(
      fc.property(
        u16,
        u16,
        i32,
        i32,
        u16,
        i32,
        i32,
        (operation, senderHigh, senderLow, senderAddress, targetHigh, targetLow, targetAddress) => {
          const packet = { operation, senderHigh, senderLow, senderAddress, targetHigh, targetLow, targetAddress };
          Object.assign(new ArpPacket(), packet).emit(window, AT);
          const parsed = new ArpPacket();
          expect(parsed.parse(window, AT, 28)).toBe(true);
          expect({ ...parsed }).toEqual(packet);
        },
      ),
      { numRuns },
    );
  });
  it('RFC 791 IPv4, whose checksum notices a flipped bit', () => {
    fc.assert(
      fc.property(
        u8,
        i32,
        i32,
        fc.integer({ min: 0, max: 1480 }),
        fc.nat(),
        (protocol, source, destination, dataLenBytes, where) => {
          Object.assign(new Ipv4Header(), { protocol, source, destination, dataLenBytes }).emit(window, AT);
          const parsed = new Ipv4Header();
          expect(parsed.parse(window, AT, 20 + dataLenBytes)).toBe(true);
          expect(parsed).toMatchObject({
            protocol,
            source,
            destination,
            dataLenBytes,
            headerLenBytes: 20,
            isFragment: false,
          });
          flip(20, where);
          expect(parsed.parse(window, AT, 20 + dataLenBytes)).toBe(false);
        },
      ),
      { numRuns },
    );
  });
  it('RFC 768 UDP, whose checksum notices a flipped bit', () => {
    fc.assert(
      fc.property(
        u16,
        u16,
        i32,
        i32,
        fc.uint8Array({ maxLength: 60 }),
        fc.nat(),
        (sourcePort, destinationPort, a, b, data, where) => {
          window.storeBytes(AT + 8, data, 0, data.length);
          Object.assign(new UdpHeader(), { sourcePort, destinationPort, dataLenBytes: data.length }).emit(
            window,
            AT,
            a,
            b,
          );
          const parsed = new UdpHeader();
          expect(parsed.parse(window, AT, 8 + data.length, a, b)).toBe(true);
          expect({ ...parsed }).toEqual({ sourcePort, destinationPort, dataLenBytes: data.length });
          const checksumIsGone = where % (8 + data.length) === 6 || where % (8 + data.length) === 7;
          flip(8 + data.length, where);
          if (!checksumIsGone) expect(parsed.parse(window, AT, 8 + data.length, a, b)).toBe(false);
        },
      ),
      { numRuns },
    );
  });
  it('RFC 9293 TCP with and without options, whose checksum notices a flipped bit', () => {
    const option = fc.option(u16, { nil: NO_OPTION });
    const shift = fc.option(fc.integer({ min: 0, max: 14 }), { nil: NO_OPTION });
    fc.assert(
      fc.property(
        u16,
        i32,
        i32,
        u16,
        option,
        shift,
        fc.uint8Array({ maxLength: 60 }),
        fc.nat(),
        (port, seq, ack, wnd, mss, windowShift, data, where) => {
          const control = mss === NO_OPTION ? 0x10 : 0x12;
          const given = {
            sourcePort: port,
            destinationPort: 80,
            seq,
            ack,
            control,
            window: wnd,
            mss,
            textLenBytes: data.length,
          };
          const segment = Object.assign(new TcpSegment(), given, { windowShift });
          const lenBytes = segment.headerLenBytes + data.length;
          window.storeBytes(AT + segment.headerLenBytes, data, 0, data.length);
          segment.emit(window, AT, seq, ack);
          const parsed = new TcpSegment();
          expect(parsed.parse(window, AT, lenBytes, seq, ack)).toBe(true);
          expect(parsed).toMatchObject({ ...given, windowShift: mss === NO_OPTION ? NO_OPTION : windowShift });
          flip(lenBytes, where);
          expect(parsed.parse(window, AT, lenBytes, seq, ack)).toBe(false);
        },
      ),
      { numRuns },
    );
  });
  it('RFC 9293 §3.1: options of any kind and length, lies included, end the parse at the header', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 20, maxLength: 80 }), (bytes) => {
        window.fill(AT, 0xff, 200);
        window.storeBytes(AT, bytes, 0, bytes.length);
        window.store8(AT + 13, 0x02);
        window.store16(AT + 16, 0);
        const sum = ~window.sum16(AT, bytes.length, 6 + bytes.length) & 0xffff;
        window.store8(AT + 16, sum >>> 8);
        window.store8(AT + 17, sum & 0xff);
        const segment = new TcpSegment();
        const header = (bytes[12]! >>> 4) * 4;
        expect(segment.parse(window, AT, bytes.length, 0, 0)).toBe(header >= 20 && header <= bytes.length);
        expect(segment.windowShift).toBeLessThanOrEqual(14);
        expect(bytesAt(1).length).toBe(1);
      }),
      { numRuns },
    );
  });
  it('dotted addresses', () => {
    fc.assert(
      fc.property(i32, (address) => {
        expect(parseIpv4Address(formatIpv4Address(address))).toEqual({ ok: true, value: address });
      }),
      { numRuns },
    );
    for (const bad of ['', '1.2.3', '1.2.3.256', '1.2.3.4.5', 'a.b.c.d', '1.2.3.4 ']) {
      expect(parseIpv4Address(bad).ok).toBe(false);
    }
  });
});
