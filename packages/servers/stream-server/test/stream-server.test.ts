import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PATTERN_PERIOD_BYTES, STREAM_PORT } from '../src/index.ts';
import { Host, type Reader } from './fake-stack.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const FIRST_RECORD = 4096;

describe('TCP Based Character Generator Service (RFC 864)', () => {
  it('listens on port 19, or where it is told', () => {
    expect(new Host().listenedPort).toBe(STREAM_PORT);
    expect(STREAM_PORT).toBe(19);
    expect(new Host({ config: { port: 4019 } }).listenedPort).toBe(4019);
  });
  it('"once a connection is established a stream of data is sent": as much as the client takes', () => {
    const host = new Host();
    const peer = host.connect(100_000);
    expect([peer.received, peer.wrong]).toEqual([100_000, 0]);
    host.open(peer, 1);
    host.open(peer, 3 * PATTERN_PERIOD_BYTES);
    expect([peer.received, peer.wrong]).toEqual([100_001 + 3 * PATTERN_PERIOD_BYTES, 0]);
  });
  it('"(and any data received is thrown away)"', () => {
    const host = new Host();
    const peer = host.connect(10);
    host.write(peer, new Uint8Array(100_000));
    expect(peer.unread).toBe(0);
    host.open(peer, 10);
    expect([peer.received, peer.wrong]).toEqual([20, 0]);
  });
  it('"this continues until the calling user terminates the connection"', () => {
    const host = new Host();
    const peer = host.connect(10);
    host.end(peer);
    expect([peer.serverClosed, peer.aborted, host.isOpen(peer)]).toEqual([true, false, false]);
  });
  it('"the user … may abort the connection"', () => {
    const host = new Host();
    const reading = host.connect(10);
    host.reset(reading);
    const next = host.connect(10);
    expect([host.isOpen(reading), next.received, host.isOpen(next)]).toEqual([false, 10, true]);
  });
});

describe('every byte at every offset', () => {
  it('is that of the pattern, however little the stack takes and whoever comes between', () => {
    const step = fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 40_000 }));
    const property = fc.property(
      fc.integer({ min: 1, max: 60_000 }),
      fc.array(step, { maxLength: 40 }),
      (most, steps) => {
        const host = new Host();
        host.maxSend = most;
        const peers = Array.from({ length: 4 }, () => host.connect(0));
        const opened = [0, 0, 0, 0];
        for (const [who, lenBytes] of steps) {
          host.open(peers[who]!, lenBytes);
          opened[who]! += lenBytes;
        }
        expect(peers.map(({ received }) => received)).toEqual(opened);
        expect(peers.every(({ wrong }) => wrong === 0)).toBe(true);
      },
    );
    fc.assert(property, { numRuns: 25 * EFFORT });
  });
});

describe('many connections', () => {
  const everyone = (host: Host): Reader[] => Array.from({ length: 256 }, () => host.connect(100));

  it('are served side by side, each from the beginning', () => {
    const host = new Host();
    const peers = everyone(host);
    for (const peer of peers) host.open(peer, 50);
    expect(peers.every(({ received, wrong }) => received === 150 && wrong === 0)).toBe(true);
  });
  it('beyond the table wait in the backlog until one ends', () => {
    const host = new Host();
    const peers = everyone(host);
    const late = host.connect(100);
    expect(late.received).toBe(0);
    host.end(peers[17]!);
    expect([late.received, late.wrong]).toEqual([100, 0]);
  });
  it('come and go by the thousand', () => {
    const host = new Host();
    for (let i = 0; i < 1000; i++) {
      const peer = host.connect(i);
      if (i % 2 === 0) host.end(peer);
      else host.reset(peer);
      expect([peer.received, host.isOpen(peer)]).toEqual([i, false]);
    }
    expect(host.spent.accept).toBe(1000);
  });
});

describe('a client that takes as fast as it is sent to', () => {
  it('keeps nobody else from being accepted and served', () => {
    const host = new Host();
    const greedy = host.arrive(100_000);
    let late: Reader | null = null;
    host.meanwhile = () => {
      if (late === null && host.calls.send > 100) late = host.arrive(1000);
      // Its window opens as fast as it is filled, until the other one has its share.
      if (late === null || late.received < 1000) greedy.window = 100_000;
      if (greedy.received > 1e9) throw new Error('the other one was never served');
    };
    host.run();
    expect([late!.received, late!.wrong, greedy.wrong]).toEqual([1000, 0, 0]);
    expect(greedy.window).toBe(0); // nor is the greedy one left waiting
  });
  it('and that sends as fast as it is read from is not read from for ever', () => {
    const host = new Host();
    const flooding = host.connect(10);
    const other = host.connect(10);
    host.write(flooding, new Uint8Array(2048 * 100));
    host.open(other, 10);
    expect([flooding.unread, other.received]).toEqual([0, 20]);
  });
});

describe('a record that a wild store has hit', () => {
  it('costs its own connection and no other', () => {
    const host = new Host();
    const [hit, other] = [host.connect(10), host.connect(10)];
    host.heap.store32(FIRST_RECORD + (hit.socket % 256) * 16 + 4, 0x7fff_0000);
    host.open(hit, 10);
    host.open(other, 10);
    expect([hit.aborted, other.received, other.wrong]).toEqual([true, 20, 0]);
  });
});

describe('the server', () => {
  it('pays for an accept, and for each block that it offers', () => {
    const host = new Host();
    host.connect(100);
    expect(host.spent).toEqual({ accept: 1, block: 2 });
    expect(host.calls.send).toBe(2);
  });
  it('whose port is taken serves nobody', () => {
    expect(new Host({ isPortTaken: true }).connect(10).received).toBe(0);
  });
});
