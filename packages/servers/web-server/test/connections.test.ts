import { createHash } from 'node:crypto';
import type { Peer } from '@bulkhead/fake-sockets';
import { describe, expect, it } from 'vitest';
import { bytesPage } from '../src/index.ts';
import { Host, responsesIn } from './fake-stack.ts';

const GET = (path: string, fields = ''): string => `GET ${path} HTTP/1.1\r\nHost: h\r\n${fields}\r\n`;
const digestOf = (count: number): string =>
  createHash('sha256')
    .update(Uint8Array.from({ length: count }, (_, i) => bytesPage(i)))
    .digest('hex');

describe('a slow reader', () => {
  it('gets everything, however little it takes at a time', () => {
    const host = new Host();
    const peer = host.connect();
    peer.window = 0;
    host.write(peer, GET('/bytes/20000') + GET('/about'));
    for (let i = 0; i < 4000 && responseCount(peer) < 2; i++) host.open(peer, 1 + (i % 53));
    const [bytes, about] = responsesIn(peer.bytes);
    expect(createHash('sha256').update(bytes!.body).digest('hex')).toBe(digestOf(20_000));
    expect(about!.status).toBe(200);
  });
  it('is not read from while its response waits', () => {
    const host = new Host();
    const peer = host.connect();
    peer.window = 10;
    host.write(peer, GET('/'));
    const before = host.calls.receive;
    for (let i = 0; i < 5; i++) host.write(peer, GET('/about'));
    expect(host.calls.receive).toBe(before);
    host.open(peer, Number.POSITIVE_INFINITY);
    expect(responsesIn(peer.bytes)).toHaveLength(6);
  });
  it('costs about twice the copies and no more: what is composed follows what is taken', () => {
    const host = new Host();
    const peer = host.connect();
    peer.window = 3000;
    host.write(peer, GET('/bytes/1000000'));
    for (let i = 0; i < 400; i++) host.open(peer, 3000);
    expect(responsesIn(peer.bytes)[0]!.body).toHaveLength(1_000_000);
    expect(host.memory.composedBytes).toBeLessThan(2.5 * 1_000_000);
    expect(host.calls.send).toBeLessThan(400 * 4);
  });
});

const responseCount = (peer: Peer): number => {
  try {
    return responsesIn(peer.bytes).length;
  } catch {
    return 0;
  }
};

describe('a stack that takes little at once', () => {
  it.each([1, 7, 1460])('of %i bytes gets everything', (maxSend) => {
    const host = new Host();
    host.maxSend = maxSend;
    const peer = host.ask(GET('/bytes/5000'), GET('/'));
    const [bytes, home] = responsesIn(peer.bytes);
    expect(createHash('sha256').update(bytes!.body).digest('hex')).toBe(digestOf(5000));
    expect(home!.status).toBe(200);
  });
});

describe('many connections', () => {
  it('are served side by side, each its own half-sent request', () => {
    const host = new Host();
    const peers = Array.from({ length: 256 }, () => host.connect());
    const request = (i: number): string => GET(`/bytes/${i}`);
    for (const [i, peer] of peers.entries()) host.write(peer, request(i).slice(0, 12));
    for (const [i, peer] of peers.entries()) host.write(peer, request(i).slice(12));
    for (const [i, peer] of peers.entries()) expect(responsesIn(peer.bytes)[0]!.body).toHaveLength(i);
  });
  it('beyond the table wait in the backlog until one ends', () => {
    const host = new Host();
    const peers = Array.from({ length: 256 }, () => host.connect());
    const late = host.ask(GET('/'));
    expect(late.text).toBe('');
    host.end(peers[17]!);
    expect(responsesIn(late.bytes)[0]!.status).toBe(200);
  });
  it('beyond the table take the place of one that was silent for the timeout, as soon as anything happens', () => {
    const host = new Host({ config: { idleTimeoutUs: 1000 } });
    const peers = Array.from({ length: 256 }, () => host.connect());
    host.context.timeUs = 900;
    for (const [i, peer] of peers.entries()) if (i !== 99) host.write(peer, 'G');
    host.context.timeUs = 1000;
    const late = host.ask(GET('/'));
    expect(late.text).toBe('');
    host.context.timeUs = 1100;
    host.write(peers[0]!, 'E');
    expect(responsesIn(late.bytes)[0]!.status).toBe(200);
    expect(peers.filter((peer) => peer.aborted)).toEqual([peers[99]]);
  });
  it('come and go by the thousand', () => {
    const host = new Host();
    for (let i = 0; i < 1000; i++) {
      const peer = host.ask(GET('/'));
      expect(responsesIn(peer.bytes)).toHaveLength(1);
      host.end(peer);
      expect(host.isOpen(peer)).toBe(false);
    }
  });
});

describe('a peer that goes away', () => {
  it.each(['', 'GET / HT', GET('/').slice(0, -1)])('after %j leaves nothing behind', (sent) => {
    const host = new Host();
    const peer = host.connect();
    if (sent !== '') host.write(peer, sent);
    host.end(peer);
    expect(peer.text).toBe('');
    expect(host.isOpen(peer)).toBe(false);
  });
  it('by reset leaves nothing behind, while it is read and while it is written to', () => {
    const host = new Host();
    const reading = host.ask('GET / HT');
    host.reset(reading);
    expect(host.isOpen(reading)).toBe(false);
    const writing = host.connect();
    writing.window = 100;
    host.write(writing, GET('/bytes/1000'));
    host.reset(writing);
    expect(host.isOpen(writing)).toBe(false);
    expect(responsesIn(host.ask(GET('/')).bytes)).toHaveLength(1);
  });
  it('is not heard of again', () => {
    const host = new Host();
    const peer = host.ask(GET('/'));
    host.end(peer);
    host.reset(peer);
    expect(responsesIn(host.ask(GET('/')).bytes)).toHaveLength(1);
  });
});

describe('work', () => {
  it('is charged once an accept, a request, a response', () => {
    const host = new Host();
    host.ask(GET('/'), GET('/about'));
    expect(host.spent).toEqual({ accept: 1, request: 2, response: 2 });
  });
  it('a small response is one send', () => {
    const host = new Host();
    host.ask(GET('/'));
    expect(host.calls.send).toBe(1);
  });
});
