import { describe, expect, it } from 'vitest';
import { HttpDialogue } from '../src/http-dialogue.ts';
import { NO_ANSWER, NO_CONNECTION, WRONG_ANSWER } from '../src/requests.ts';
import { TcpLoad } from '../src/tcp-load.ts';
import { UdpLoad } from '../src/udp-load.ts';
import { PORT, serverOf } from './scripted-server.ts';

const CLOSED = { kind: 'closed' } as const;
const SIZE = 10;
const BODY = '0123456789';
const GOOD = `HTTP/1.1 200 OK\r\nContent-Length: ${SIZE}\r\n\r\n${BODY}`;

/** Clients of a server whose answer to its n-th request is what `script` says; `null` breaks the connection. */
function askHttp(clients: number, requests: number, script: (count: number) => string | null) {
  let count = 0;
  const server = serverOf({
    request: (self, socket) => {
      const answer = script(++count);
      if (answer === null) self.end.sockets.abort(socket);
      else if (answer !== '') self.say(socket, answer);
    },
  });
  const byteAt = (offset: number): number => BODY.charCodeAt(offset);
  let told = 0;
  class Told extends HttpDialogue {
    override failed(): void {
      told++;
    }
  }
  const dialogue = new Told({ clients, path: '/', expected: { lenBytes: SIZE, byteAt } });
  const load = new TcpLoad({ ...server, port: PORT, clients, requests, loop: CLOSED, dialogue, onEnded: () => {} });
  load.start();
  server.run(60_000, () => load.requests.isDone);
  return { requests: load.requests, server, asked: count, told };
}

describe('a client of a TCP server', () => {
  it('whose answer is right goes on with its next request', () => {
    const { requests, asked } = askHttp(3, 20, () => GOOD);
    expect([requests.answered, requests.failed, asked]).toEqual([20, 0, 20]);
    expect(requests.receivedBytes).toBe(20 * GOOD.length);
  });
  it.each([
    ['a wrong byte', GOOD.replace('5', '6')],
    ['a body that is too long', GOOD.replace('Length: 10', 'Length: 11').concat('x')],
    ['a body that is too short', GOOD.replace('Length: 10', 'Length: 9').slice(0, -1)],
    ['more than the answer', `${GOOD}x`],
    ['no answer at all', 'hello\r\n\r\n'],
  ])('that gets %s counts it as failed, and begins anew', (_what, wrong) => {
    const { requests, asked } = askHttp(1, 6, (count) => (count === 3 ? wrong : GOOD));
    expect([requests.answered, requests.failed, requests.ended, asked]).toEqual([5, 1, 6, 6]);
    expect(requests.lastFailure).toBe(WRONG_ANSWER);
  });
  it('that gets more than its last answer counts it as failed', () => {
    const { requests } = askHttp(1, 6, (count) => (count === 6 ? `${GOOD}x` : GOOD));
    expect([requests.answered, requests.failed]).toEqual([5, 1]);
  });
  it('tells its dialogue of what will not be answered', () => {
    const { told } = askHttp(2, 40, (count) => (count % 10 === 7 ? null : GOOD));
    expect(told).toBe(4);
  });
  it('that is refused what it asked for keeps its connection', () => {
    const no = 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n';
    const { requests, server } = askHttp(1, 6, (count) => (count === 3 ? no : GOOD));
    expect([requests.answered, requests.failed]).toEqual([5, 1]);
    expect(server.clock.now).toBeLessThan(10e6); // no time to connect again
  });
  it('whose connection breaks counts what it waits for as failed, and connects again after a while', () => {
    const { requests, server } = askHttp(2, 40, (count) => (count === 7 ? null : GOOD));
    expect([requests.answered, requests.failed]).toEqual([39, 1]);
    expect(requests.lastFailure).toBe(NO_CONNECTION);
    expect(server.clock.now).toBeGreaterThan(100e6);
    expect(server.clock.now).toBeLessThan(150e6);
  });
  it('gives up when every connection breaks', () => {
    const { requests } = askHttp(4, 1000, () => null);
    expect([requests.isHopeless, requests.answered, requests.failed]).toEqual([true, 0, 12]);
  });
  it('waits, without an end of its own, when nothing comes', () => {
    const { requests } = askHttp(2, 10, (count) => (count > 5 ? '' : GOOD));
    expect([requests.isDone, requests.answered, requests.failed]).toEqual([false, 5, 0]);
  });
  it('closes its connection when it has nothing more to ask', () => {
    const { server } = askHttp(3, 9, () => GOOD);
    server.run(100);
    expect(server.closed).toBe(3);
  });
});

/** `late`: it comes back just before the next. */
type Deed = 'echo' | 'lose' | 'spoil' | 'late';

/** Clients of an echo server that deals as `script` says with its n-th datagram. The first is the greeting. */
function askUdp(clients: number, requests: number, script: (count: number) => Deed) {
  let count = 0;
  let late: Uint8Array | null = null;
  const server = serverOf({
    datagram: (bytes, echo) => {
      const deed = script(++count);
      if (late !== null) echo(late);
      late = deed === 'late' ? bytes : null;
      if (deed === 'spoil') bytes[bytes.length - 1]! ^= 1;
      if (deed === 'echo' || deed === 'spoil') echo(bytes);
    },
  });
  const options = { ...server, port: PORT, clients, requests, sizeBytes: 40, loop: CLOSED, onEnded: () => {} };
  const load = new UdpLoad(options);
  load.start();
  server.run(60_000, () => load.requests.isDone);
  return { requests: load.requests, server, asked: count };
}

describe('a client of an echo server', () => {
  it('whose datagram comes back goes on with its next', () => {
    const { requests, asked, server } = askUdp(3, 20, () => 'echo');
    expect([requests.answered, requests.failed, asked]).toEqual([20, 0, 21]);
    expect(requests.bytes).toBe(20 * 80);
    expect(server.clock.now).toBeLessThan(10e6);
    server.run(300);
    expect([requests.answered, requests.failed]).toEqual([20, 0]);
  });
  it('whose datagram is lost counts it as failed after 100 ms, and goes on', () => {
    const { requests, server } = askUdp(1, 10, (count) => (count === 5 ? 'lose' : 'echo'));
    expect([requests.answered, requests.failed, requests.lastFailure]).toEqual([9, 1, NO_ANSWER]);
    expect(server.clock.now).toBeGreaterThan(100e6);
    expect(server.clock.now).toBeLessThan(110e6);
  });
  it('sees a byte that is another', () => {
    const { requests } = askUdp(2, 10, (count) => (count === 5 ? 'spoil' : 'echo'));
    expect([requests.answered, requests.failed, requests.lastFailure]).toEqual([9, 1, WRONG_ANSWER]);
  });
  it('takes an answer that comes too late for nobody’s', () => {
    const { requests } = askUdp(1, 10, (count) => (count === 5 ? 'late' : 'echo'));
    expect([requests.answered, requests.failed]).toEqual([9, 1]);
  });
  it('greets again when the greeting is lost, and asks when it was answered', () => {
    const { requests, asked } = askUdp(2, 10, (count) => (count === 1 ? 'lose' : 'echo'));
    expect([requests.answered, requests.failed, asked]).toEqual([9, 1, 11]);
  });
  it('gives up when nothing ever comes back', () => {
    const { requests, asked } = askUdp(5, 100, () => 'lose');
    expect([requests.isHopeless, requests.failed, requests.lastFailure, asked]).toEqual([true, 3, NO_ANSWER, 3]);
  });
});
