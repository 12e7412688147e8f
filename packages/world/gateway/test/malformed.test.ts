import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fetchPage, RawClient, serving } from './serving.ts';
import { SYSTEMS } from './systems.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);

const REQUESTS: readonly (readonly [what: string, request: string, status: number])[] = [
  ['no HTTP at all', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\r\n\r\n', 400],
  ['a blank before the method', ' GET / HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ['no Host', 'GET / HTTP/1.1\r\n\r\n', 400],
  ['two Hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', 400],
  ['a blank before the colon', 'GET / HTTP/1.1\r\nHost : a\r\n\r\n', 400],
  ['a length that is no number', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n', 400],
  ['a method that nobody knows', 'BREW / HTTP/1.1\r\nHost: a\r\n\r\n', 501],
  ['a page that is not there', 'GET /nowhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 404],
  ['a target without end', `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 414],
  ['fields without end', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(40_000)}\r\n\r\n`, 431],
  ['another version', 'GET / HTTP/2.0\r\nHost: a\r\n\r\n', 505],
];

describe.each(SYSTEMS)('What is malformed, to $name', (description) => {
  it('a malformed request is refused by its status, and the server goes on (RFC 9112 §2.2, RFC 9110 §15)', () =>
    serving(description, async ({ port }) => {
      for (const [what, request, status] of REQUESTS) {
        const client = await RawClient.connect(port);
        client.socket.end(request, 'latin1');
        await client.closed;
        expect(client.text, what).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
        expect((await fetchPage(port, '/')).status, `after ${what}`).toBe(200);
      }
    }));

  it('malformed frames on the wire are dropped, and the server goes on', () =>
    serving(description, async ({ system, port }) => {
      expect((await fetchPage(port, '/')).status).toBe(200);
      const frames = fc.sample(anyFrame, { numRuns: 300 * EFFORT, seed: 1 });
      for (const [index, frame] of frames.entries()) {
        system.wire.transmit(frame, frame.length);
        if (index % 100 === 99) expect((await fetchPage(port, '/about')).status).toBe(200);
      }
      expect(system.panic).toBeNull();
      expect(system.faults).toEqual([]);
    }));
});

/** To everybody, from a stranger: Ethernet's two addresses, then a type, IPv4's and ARP's among them. */
const header = fc
  .constantFrom('0800', '0806', '86dd', '0000', 'ffff')
  .map((type) => Buffer.from(`ffffffffffff0a0000000001${type}`, 'hex'));
/** IPv4 with whatever protocol, lengths and checksum, to the machine. RFC 791 §3.1 "Internet Header Format". */
const datagram = fc
  .tuple(
    fc.integer({ min: 0x40, max: 0x4f }),
    fc.constantFrom(1, 6, 17, 99),
    fc.uint8Array({ minLength: 0, maxLength: 200 }),
  )
  .map(([versionAndLength, protocol, rest]) =>
    Buffer.concat([
      Buffer.from([versionAndLength, 0, 0, rest.length, 0, 0, 0, 0, 64, protocol, 0, 0, 10, 0, 2, 99, 10, 0, 2, 15]),
      rest,
    ]),
  );
const anyFrame = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 1600 }),
  fc
    .tuple(header, fc.oneof(datagram, fc.uint8Array({ maxLength: 1500 })))
    .map((parts) => new Uint8Array(Buffer.concat(parts))),
);
