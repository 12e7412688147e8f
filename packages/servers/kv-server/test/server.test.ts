import type { Peer } from '@bulkhead/fake-sockets';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KV_PORT } from '../src/index.ts';
import { CONNECTION_BYTES, CONNECTIONS, RECORDS, SLOT_COUNT, WAITING } from '../src/layout.ts';
import { Host } from './fake-stack.ts';
import { Failure, repliesIn, request } from './resp.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
/** Bytes of the arenas that nobody has: all of them when there are no keys and nothing waits. */
const freeBytes = (host: Host): number => host.heap.load32(RECORDS.words) + host.heap.load32(WAITING.words);
const ALL_BYTES: number = RECORDS.lenBytes + WAITING.lenBytes;

describe('a client', () => {
  it('finds the server on port 6379, or where it is told', () => {
    expect(new Host().listenedPort).toBe(KV_PORT);
    expect(KV_PORT).toBe(6379);
    expect(new Host({ config: { port: 7000 } }).listenedPort).toBe(7000);
  });
  it('may write inline commands ("Inline commands"), and leave lines empty', () => {
    expect(new Host().ask('PING\r\n\r\nset a  1\nGET a\r\n')).toBe('+PONG\r\n+OK\r\n$1\r\n1\r\n');
  });
  it('may pipeline ("Requests … can be pipelined"): all replies, in order, in one send', () => {
    const host = new Host();
    const peer = host.connect();
    host.write(peer, Array.from({ length: 100 }, (_, i) => request('INCRBY', 'a', String(i))).join(''));
    expect(repliesIn(peer.text)).toEqual(Array.from({ length: 100 }, (_, i) => (i * (i + 1)) / 2));
    expect(host.calls.send).toBe(1);
    expect(host.spent).toEqual({ accept: 1, request: 100, response: 100, key: 0, scan: 0 });
  });
  it('that asks to QUIT is told OK, and what follows is nobody’s', () => {
    const host = new Host();
    const peer = host.connect();
    host.write(peer, `${request('QUIT')}${request('SET', 'a', '1')}`);
    expect([peer.text, peer.serverClosed]).toEqual(['+OK\r\n', true]);
    host.write(peer, request('SET', 'a', '1'));
    host.end(peer);
    expect([host.isOpen(peer), host.ask(request('GET', 'a'))]).toEqual([false, '$-1\r\n']);
  });
  it('that cannot be understood is told why, after the replies before, and that is the end', () => {
    const host = new Host();
    const peer = host.connect();
    host.write(peer, `${request('PING')}*1\r\n:1\r\n${request('PING')}`);
    expect(peer.text).toBe("+PONG\r\n-ERR Protocol error: expected '$', got ':'\r\n");
    expect(peer.serverClosed).toBe(true);
    host.end(peer);
    expect([host.isOpen(peer), freeBytes(host)]).toEqual([false, ALL_BYTES]);
  });
  it('that talks on and on after its last reply is reset', () => {
    const host = new Host();
    const peer = host.connect();
    host.write(peer, request('QUIT'));
    for (let i = 0; i < 70; i++) host.write(peer, 'x'.repeat(1024));
    expect(peer.aborted).toBe(true);
  });
});

describe('requests that come in pieces', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 200 });
  const lengths = fc.array(fc.oneof(fc.nat(50), fc.nat(32_768)), { minLength: 1, maxLength: 4 });

  it('are answered as if they had come at once, and leave nothing behind', () => {
    const property = fc.property(lengths, sizes, (given, cuts) => {
      const host = new Host();
      const peer = host.connect();
      const values = given.map((lenBytes, i) => String.fromCharCode(97 + i).repeat(lenBytes));
      const text = values.map((value, i) => request('SET', `k${i}`, value) + request('GET', `k${i}`)).join('');
      for (let at = 0, i = 0; at < text.length; i++) {
        const end = at + cuts[i % cuts.length]!;
        host.write(peer, text.slice(at, end));
        at = end;
      }
      expect(repliesIn(peer.text)).toEqual(values.flatMap((value) => ['OK', value]));
      host.end(peer);
      host.ask('FLUSHALL\r\n');
      expect(freeBytes(host)).toBe(ALL_BYTES);
    });
    fc.assert(property, { numRuns: 15 * EFFORT });
  });
  it('one byte each too', () => {
    const host = new Host();
    expect(host.ask(...request('SET', 'a', 'hello'), ...'GET a\r\n')).toBe('+OK\r\n$5\r\nhello\r\n');
  });
  it('cost about one copy more, however many the pieces: what waits is not looked at before it is enough', () => {
    const host = new Host();
    const peer = host.connect();
    const text = request('SET', 'a', 'x'.repeat(32_000));
    let loaded = 0;
    const { loadBytes } = host.memory;
    host.memory.loadBytes = (page, offset, into, at, lenBytes) => {
      loaded += lenBytes;
      loadBytes.call(host.memory, page, offset, into, at, lenBytes);
    };
    for (let at = 0; at < text.length; at += 500) host.write(peer, text.slice(at, at + 500));
    expect(peer.text).toBe('+OK\r\n');
    expect(loaded).toBeLessThan(1.2 * text.length);
  });
  it('and never to an end are forgotten with their client', () => {
    const host = new Host();
    const [ending, reset] = [host.connect(), host.connect()];
    for (const peer of [ending, reset]) host.write(peer, request('SET', 'a', 'x'.repeat(5000)).slice(0, 3000));
    expect(freeBytes(host)).toBeLessThan(ALL_BYTES);
    host.end(ending);
    host.reset(reset);
    expect([freeBytes(host), host.ask(request('GET', 'a'))]).toEqual([ALL_BYTES, '$-1\r\n']);
  });
});

describe('a slow reader', () => {
  it('gets everything, however little it takes at a time', () => {
    const host = new Host();
    const peer = host.connect(0);
    const value = 'v'.repeat(20_000);
    host.write(peer, request('SET', 'a', value) + request('GET', 'a').repeat(5) + request('PING'));
    for (let i = 0; i < 4000; i++) host.open(peer, 1 + (i % 97));
    expect(repliesIn(peer.text)).toEqual(['OK', value, value, value, value, value, 'PONG']);
  });
  it('is not read from while its replies wait', () => {
    const host = new Host();
    const peer = host.connect(1);
    host.write(peer, request('PING'));
    const before = host.calls.receive;
    for (let i = 0; i < 5; i++) host.write(peer, request('PING'));
    expect(host.calls.receive).toBe(before);
    host.open(peer, Number.POSITIVE_INFINITY);
    expect(repliesIn(peer.text)).toEqual(Array.from({ length: 6 }, () => 'PONG'));
  });
  it('that goes away leaves nothing behind', () => {
    const host = new Host();
    const peer = host.connect(100);
    host.write(peer, request('SET', 'a', 'x'.repeat(9000)) + request('GET', 'a').repeat(12));
    host.reset(peer);
    host.ask('FLUSHALL\r\n');
    expect([host.isOpen(peer), freeBytes(host)]).toEqual([false, ALL_BYTES]);
  });
});

describe('a stack that takes little at once', () => {
  it.each([1, 7, 1460])('of %i bytes gets everything', (most) => {
    const host = new Host();
    host.maxSend = most;
    expect(repliesIn(host.ask(request('SET', 'a', 'x'.repeat(5000)), request('GET', 'a'), 'PING\r\n'))).toEqual([
      'OK',
      'x'.repeat(5000),
      'PONG',
    ]);
  });
});

describe('many connections', () => {
  it('are served side by side, each its own half-sent request', () => {
    const host = new Host();
    const peers = Array.from({ length: 256 }, () => host.connect());
    const text = (i: number): string => request('SET', `k${i}`, `v${i}`) + request('GET', `k${i}`);
    for (const [i, peer] of peers.entries()) host.write(peer, text(i).slice(0, 15));
    for (const [i, peer] of peers.entries()) host.write(peer, text(i).slice(15));
    for (const [i, peer] of peers.entries()) expect(repliesIn(peer.text)).toEqual(['OK', `v${i}`]);
  });
  it('beyond the table wait in the backlog until one ends', () => {
    const host = new Host();
    const peers = Array.from({ length: 256 }, () => host.connect());
    const late = host.connect();
    host.write(late, 'PING\r\n');
    expect(late.text).toBe('');
    host.end(peers[17]!);
    expect(late.text).toBe('+PONG\r\n');
  });
  it('come and go by the thousand', () => {
    const host = new Host();
    for (let i = 0; i < 1000; i++) expect(host.ask('INCR a\r\n')).toBe(`:${i + 1}\r\n`);
    expect(host.spent.accept).toBe(1000);
  });
  it('are not kept waiting by one that asks as fast as it is answered', () => {
    const host = new Host();
    const greedy = host.arrive(Number.POSITIVE_INFINITY);
    greedy.incoming.push(Buffer.from('PING\r\n'));
    let late: Peer | null = null;
    host.meanwhile = () => {
      if (host.calls.send > 10_000) throw new Error('the other one was never served');
      if (late === null && host.calls.send > 100) {
        late = host.arrive(Number.POSITIVE_INFINITY);
        late.incoming.push(Buffer.from('PING\r\n'));
      }
      if (late === null || late.text === '') greedy.incoming.push(Buffer.from('PING\r\n'));
    };
    host.run();
    expect([late!.text, greedy.incoming]).toEqual(['+PONG\r\n', []]); // and he is not left waiting either
  });
});

describe('memory that is used up', () => {
  it('by requests that never end, costs the client that wants more of it its connection, and no key', () => {
    const host = new Host();
    const asker = host.connect();
    host.write(asker, request('SET', 'a', 'kept'));
    const hoarders = Array.from({ length: 200 }, () => host.connect());
    for (const peer of hoarders) host.write(peer, request('SET', 'b', 'x'.repeat(32_000)).slice(0, 20_000));
    const refused = hoarders.filter((peer) => peer.serverClosed);
    expect(refused.length).toBeGreaterThan(0);
    for (const peer of refused)
      expect(repliesIn(peer.text)).toEqual([new Failure('OOM no memory for a request of this size')]);
    host.write(asker, request('GET', 'a'));
    expect(repliesIn(asker.text)).toEqual(['OK', 'kept']);
    for (const peer of hoarders) host.end(peer);
    host.write(asker, request('SET', 'b', 'x'.repeat(32_000)));
    expect(repliesIn(asker.text)).toEqual(['OK', 'kept', 'OK']);
  });
});

describe('whatever comes', () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.string({ unit: fc.constantFrom(...'*$:-019\r\n GETSDLkey'), maxLength: 60 }).map((text) => Buffer.from(text)),
    fc
      .array(fc.string({ unit: 'binary-ascii', maxLength: 12 }), { maxLength: 4 })
      .map((words) => Buffer.from(request(...words))),
    fc
      .tuple(
        fc.constantFrom(
          'GET',
          'SET',
          'APPEND',
          'INCR',
          'DEL',
          'MGET',
          'MSET',
          'SCAN',
          'KEYS',
          'CONFIG',
          'CLIENT',
          'HELLO',
        ),
        fc.array(fc.constantFrom('a', 'b', '1', '-1', '*', '[', 'get', 'NX', 'COUNT', '0', ''), { maxLength: 5 }),
      )
      .map(([name, words]) => Buffer.from(request(name, ...words))),
  );
  it('nothing throws, replies are whole, and the next client is served', () => {
    const host = new Host();
    const property = fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      const peer = host.connect();
      for (const each of pieces) if (each.length > 0 && !peer.aborted) host.write(peer, each);
      host.end(peer);
      expect(() => repliesIn(peer.text)).not.toThrow();
      expect([host.isOpen(peer), host.ask('PING\r\n')]).toEqual([false, '+PONG\r\n']);
    });
    fc.assert(property, { numRuns: 400 * EFFORT });
    host.ask('FLUSHALL\r\n');
    expect(freeBytes(host)).toBe(ALL_BYTES);
  });
  it('a record of a connection that a wild store has hit costs that connection and no other', () => {
    for (const [word, value] of [
      [4, 99], // phase
      [12, -1], // length of what is kept
      [12, 0x7fff_ffff],
    ] as const) {
      const host = new Host();
      const [hit, other] = [host.connect(), host.connect()];
      host.heap.store32(CONNECTIONS + (hit.socket % 256) * CONNECTION_BYTES + word, value);
      host.write(hit, 'PING\r\n');
      host.write(other, 'PING\r\n');
      expect([hit.aborted, hit.text, other.text]).toEqual([true, '', '+PONG\r\n']);
    }
  });
});

describe('the server', () => {
  it('pays for each key beyond a request’s first, and for the slots that it goes through', () => {
    const host = new Host();
    host.ask(request('MSET', 'a', '1', 'b', '2', 'c', '3'), request('MGET', 'a', 'b'), request('DEL', 'a', 'b', 'x'));
    expect(host.spent).toMatchObject({ request: 3, key: 2 + 1 + 2, scan: 0 });
    host.ask(request('KEYS', '*'), request('FLUSHALL'));
    expect(host.spent).toMatchObject({ request: 5, key: 5 + 2, scan: 3 * (SLOT_COUNT / 512) });
  });
  it('whose port is taken serves nobody', () => {
    expect(new Host({ isPortTaken: true }).ask('PING\r\n')).toBe('');
  });
});
