import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ECHO_PORT } from '../src/index.ts';
import { type Datagram, Host } from './fake-stack.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const from = (text: string, port = 50_000, address = 0x0a000202): Datagram => ({
  address,
  port,
  bytes: Uint8Array.from(Buffer.from(text)),
});
const datagram: fc.Arbitrary<Datagram> = fc.record({
  address: fc.integer(),
  port: fc.integer({ min: 1024, max: 0xffff }),
  bytes: fc.uint8Array({ maxLength: 1472 }),
});

describe('UDP Based Echo Service (RFC 862)', () => {
  it('listens on port 7, or where it is told', () => {
    expect(new Host().boundPort).toBe(ECHO_PORT);
    expect(ECHO_PORT).toBe(7);
    expect(new Host({ config: { port: 4007 } }).boundPort).toBe(4007);
  });
  it('sends the data of a datagram back to where it came from', () => {
    const host = new Host();
    host.arrive(from('hello'));
    expect(host.sent).toEqual([from('hello')]);
  });
  it('answers a datagram without data with one', () => {
    const host = new Host();
    host.arrive(from(''));
    expect(host.sent).toEqual([from('')]);
  });
  it('returns whatever arrives, however it arrives, each datagram once and in order', () => {
    const bursts = fc.array(fc.array(datagram, { maxLength: 6 }), { maxLength: 6 });
    const property = fc.property(bursts, (given) => {
      const host = new Host();
      for (const burst of given) host.arrive(...burst);
      expect(host.sent).toEqual(given.flat());
    });
    fc.assert(property, { numRuns: 60 * EFFORT });
  });
});

describe('the echo server', () => {
  it('takes all that has arrived on one event, and asks once more to be told again', () => {
    const host = new Host();
    host.arrive(from('a'), from('b'), from('c'));
    expect(host.calls).toEqual({ receiveFrom: 4, sendTo: 3 });
    expect(host.spent).toEqual({ datagram: 3 });
  });
  it('drops what the stack has no room for, and goes on', () => {
    const host = new Host();
    host.room = 1;
    host.arrive(from('a'), from('b'));
    host.room = 1;
    host.arrive(from('c'));
    expect(host.sent).toEqual([from('a'), from('c')]);
  });
  it('does not answer another service: two that echo each other never stop (CA-1996-01)', () => {
    const host = new Host();
    host.arrive(from('a', 7), from('b', 19), from('c', 1023), from('d', 1024), from('e', 0));
    expect(host.sent).toEqual([from('d', 1024)]);
  });
  it('drops a datagram that was longer than it could take, as part of it is lost', () => {
    const host = new Host();
    host.arrive({ ...from(''), bytes: new Uint8Array(2049) }, { ...from(''), bytes: new Uint8Array(2048) });
    expect(host.sent.map(({ bytes }) => bytes.length)).toEqual([2048]);
  });
  it('counts in its heap what it echoed and what it dropped', () => {
    const host = new Host();
    host.arrive(from('a'), from('b', 7), from('c'));
    expect([host.heap.load32(4), host.heap.load32(8)]).toEqual([2, 1]);
  });
  it('whose port is taken serves nothing, and takes no event as its own', () => {
    const host = new Host({ isPortTaken: true });
    host.event(0);
    host.event(5);
    expect(host.calls.receiveFrom).toBe(0);
  });
});
