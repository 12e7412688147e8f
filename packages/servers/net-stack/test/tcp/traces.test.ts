import {
  CONNECTION_REFUSED,
  CONNECTION_RESET,
  NO_SUCH_SOCKET,
  WOULD_BLOCK,
  WRONG_STATE,
} from '@bulkhead/net-stack-api';
import { describe, expect, it } from 'vitest';
import { checkBuffers } from '../invariants.ts';
import { PEER, pattern, Trace, text } from '../trace.ts';

describe('RFC 9293 §3.5 "Establishing a Connection"', () => {
  it('answers SYN with SYN,ACK and is established by the ACK', () => {
    const t = new Trace();
    const listener = t.lone.sockets.listen(80, 4);
    t.send({ control: 'S', seq: 0 });
    expect(t.sent()).toEqual(['SA 0:0 ack 1']);
    expect(t.lone.sockets.accept(listener)).toBe(WOULD_BLOCK);
    t.send({ control: 'A', seq: 1, ack: 1 });
    expect(t.sent()).toEqual([]);
    expect(t.events).toEqual([`${listener}:4`]);
    expect(t.lone.sockets.accept(listener)).toBeGreaterThan(0);
    expect([t.lone.sockets.answer[1], t.lone.sockets.answer[2]]).toEqual([PEER, 50_000]);
  });
  it('announces its MSS, and a window scale only to a peer that does', () => {
    const t = new Trace({ receiveBufferBytes: 0x40000 });
    t.lone.sockets.listen(80, 4);
    t.send({ control: 'S', seq: 0 });
    expect([...t.lastRaw().subarray(54)]).toEqual([2, 4, 5, 0xb4]);
    t.send({ control: 'S', seq: 0, peerPort: 50_001, options: [1, 3, 3, 7] });
    expect([...t.lastRaw().subarray(54)]).toEqual([2, 4, 5, 0xb4, 1, 3, 3, 3]);
  });
  it('repeats the SYN,ACK for a repeated SYN', () => {
    const t = new Trace();
    t.lone.sockets.listen(80, 4);
    t.send({ control: 'S', seq: 0 });
    t.sent();
    t.send({ control: 'S', seq: 0 });
    expect(t.sent()).toEqual(['SA 0:0 ack 1']);
  });
  it('opens actively, and says so', () => {
    const t = new Trace();
    const socket = t.lone.sockets.connect(PEER, 50_000);
    expect(t.sent()).toEqual(['S 0:0']);
    t.send({ control: 'SA', seq: 0, ack: 1 });
    expect(t.sent()).toEqual(['A 1:1 ack 1']);
    expect(t.events).toEqual([`${socket}:2`]);
  });
  it('Figure 7: simultaneous open ends in one connection', () => {
    const t = new Trace();
    const socket = t.lone.sockets.connect(PEER, 50_000);
    t.sent();
    t.send({ control: 'S', seq: 0 });
    expect(t.sent()).toEqual(['SA 0:0 ack 1']);
    t.send({ control: 'SA', seq: 0, ack: 1 });
    expect(t.sent()).toEqual(['A 1:1 ack 1']); // first check: the SYN stands before RCV.NXT
    t.send({ control: 'A', seq: 1, ack: 1 });
    expect(t.write(socket, 3)).toBe(3);
    expect(t.sent()).toEqual(['PA 1:4 ack 1']);
  });
  it('§3.10.7.3: RST that acknowledges our SYN refuses the connection; another RST does not', () => {
    const t = new Trace();
    const socket = t.lone.sockets.connect(PEER, 50_000);
    t.sent();
    t.send({ control: 'RA', seq: 0, ack: 7 });
    expect(t.read(socket)).toBe(WOULD_BLOCK);
    t.send({ control: 'RA', seq: 0, ack: 1 });
    expect(t.read(socket)).toBe(CONNECTION_REFUSED);
    expect(t.read(socket)).toBe(NO_SUCH_SOCKET);
  });
  it('§3.10.7.3: an ACK for what was never sent is reset', () => {
    const t = new Trace();
    t.lone.sockets.connect(PEER, 50_000);
    t.sent();
    t.send({ control: 'SA', seq: 0, ack: 9 });
    expect(t.sent()).toEqual(['R 9:9']);
  });
  it('gives a SYN up after its retries, and says so', () => {
    const t = new Trace();
    const socket = t.lone.sockets.connect(PEER, 50_000);
    t.wait(100_000);
    expect(t.sent()).toEqual(Array.from({ length: 6 }, () => 'S 0:0'));
    expect(t.read(socket)).toBe(CONNECTION_REFUSED);
  });
  it('drops a SYN beyond the backlog', () => {
    const t = new Trace();
    t.lone.sockets.listen(80, 1);
    t.send({ control: 'S', seq: 0 });
    t.send({ control: 'S', seq: 0, peerPort: 50_001 });
    expect(t.sent()).toEqual(['SA 0:0 ack 1']);
    expect(t.lone.stack.counter('synDropped')).toBe(1);
  });
});

describe('RFC 9293 §3.5.2 "Reset Generation"', () => {
  it('group 1: a closed port answers SYN with RST,ACK, and ACK with RST', () => {
    const t = new Trace();
    t.send({ control: 'S', seq: 5 });
    expect(t.sent()).toEqual(['RA 0:0 ack 6']);
    t.send({ control: 'A', seq: 5, ack: 77 });
    expect(t.sent()).toEqual(['R 77:77']);
    t.send({ control: 'R', seq: 5 });
    expect(t.sent()).toEqual([]);
  });
  it('§3.10.5: abort sends RST and frees the number', () => {
    const t = new Trace();
    const [, socket] = t.establish();
    expect(t.lone.sockets.abort(socket)).toBe(0);
    expect(t.sent()).toEqual(['RA 1:1 ack 1']);
    expect(t.lone.sockets.abort(socket)).toBe(NO_SUCH_SOCKET);
  });
});

describe('RFC 5961: blind attacks', () => {
  it('§3.2: RST exactly at RCV.NXT resets, elsewhere in the window it is challenged, outside it is dropped', () => {
    const t = new Trace();
    const [, socket] = t.establish();
    t.send({ control: 'R', seq: 100 });
    expect(t.sent()).toEqual(['A 1:1 ack 1']);
    t.send({ control: 'R', seq: 100_000 });
    expect(t.sent()).toEqual([]);
    expect(t.read(socket)).toBe(WOULD_BLOCK);
    t.send({ control: 'R', seq: 1 });
    expect(t.events).toEqual([`${socket}:11`]);
    expect(t.write(socket, 1)).toBe(CONNECTION_RESET);
  });
  it('§4.2: SYN is challenged', () => {
    const t = new Trace();
    t.establish();
    t.send({ control: 'S', seq: 50 });
    expect(t.sent()).toEqual(['A 1:1 ack 1']);
  });
  it('§5.2: an ACK of what was never sent is challenged, and its text dropped', () => {
    const t = new Trace();
    const [, socket] = t.establish();
    t.send({ control: 'A', seq: 1, ack: 500, text: text('x') });
    expect(t.sent()).toEqual(['A 1:1 ack 1']);
    expect(t.read(socket)).toBe(WOULD_BLOCK);
  });
});

describe('RFC 9293 §3.10.7.4, text', () => {
  it('trims what was received before, and what is beyond the window', () => {
    const t = new Trace({ receiveBufferBytes: 1024 });
    const [, socket] = t.establish();
    t.send({ control: 'PA', seq: 1, ack: 1, text: text('abc') });
    t.send({ control: 'PA', seq: 2, ack: 1, text: text('bcdef') });
    expect(t.read(socket)).toBe('abcdef');
    t.send({ control: 'PA', seq: 7, ack: 1, text: pattern(1400) });
    expect(String(t.read(socket)).length).toBeLessThanOrEqual(1024);
  });
  it('puts early segments in order, whatever their overlap', () => {
    const t = new Trace();
    const [, socket] = t.establish();
    t.send({ control: 'A', seq: 7, ack: 1, text: text('ghi') });
    expect(t.sent()).toEqual(['A 1:1 ack 1']); // RFC 5681 §4.2: at once
    t.send({ control: 'A', seq: 4, ack: 1, text: text('defgh') });
    expect(t.read(socket)).toBe(WOULD_BLOCK);
    t.sent();
    t.send({ control: 'A', seq: 1, ack: 1, text: text('abc') });
    expect(t.sent()).toEqual(['A 1:1 ack 10']);
    expect(t.read(socket)).toBe('abcdefghi');
  });
  it('takes a FIN that comes early when its turn has come', () => {
    const t = new Trace();
    const [, socket] = t.establish();
    t.send({ control: 'FA', seq: 4, ack: 1, text: text('def') });
    t.send({ control: 'A', seq: 1, ack: 1, text: text('abc') });
    expect(t.sent().at(-1)).toBe('A 1:1 ack 8');
    expect(t.read(socket)).toBe('abcdef');
    expect(t.read(socket)).toBe('');
  });
  it('§3.8.6.3: acknowledges one segment after the delay, two at once', () => {
    const t = new Trace({ delayedAckMs: 40 });
    t.establish();
    t.send({ control: 'A', seq: 1, ack: 1, text: pattern(1460) });
    expect(t.sent()).toEqual([]);
    t.wait(41);
    expect(t.sent()).toEqual(['A 1:1 ack 1461']);
    t.send({ control: 'A', seq: 1461, ack: 1, text: pattern(1460) });
    t.send({ control: 'A', seq: 2921, ack: 1, text: pattern(1460) });
    expect(t.sent()).toEqual(['A 1:1 ack 4381']);
  });
  it('closes the window on a reader who does not read, and opens it by a good step', () => {
    const t = new Trace({ receiveBufferBytes: 4096 });
    const [, socket] = t.establish();
    t.send({ control: 'A', seq: 1, ack: 1, text: pattern(1400) });
    t.send({ control: 'A', seq: 1401, ack: 1, text: pattern(1400) });
    t.send({ control: 'A', seq: 2801, ack: 1, text: pattern(1296) });
    t.wait(100);
    t.sent();
    t.send({ control: 'A', seq: 4097, ack: 1, text: text('!') }); // a probe of the closed window
    expect(t.sent()).toEqual(['A 1:1 ack 4097']);
    t.read(socket, 100);
    expect(t.sent()).toEqual([]); // silly window avoidance: §3.8.6.2.2
    t.read(socket, 2000);
    expect(t.sent()).toEqual(['A 1:1 ack 4097']);
  });
});

describe('RFC 9293 §3.7 and §3.8: sending', () => {
  it("cuts text into segments of the peer's MSS, 536 when it said none", () => {
    const t = new Trace();
    const [, socket] = t.establish([]);
    t.write(socket, 1100);
    expect(t.sent()).toEqual(['A 1:537 ack 1', 'A 537:1073 ack 1']);
    t.send({ control: 'A', seq: 1, ack: 1073 });
    expect(t.sent()).toEqual(['PA 1073:1101 ack 1']); // §3.7.4 Nagle
  });
  it('§3.7.4: sends a short segment at once when nothing is in flight, and holds the next back', () => {
    const t = new Trace();
    const [, socket] = t.establish();
    t.write(socket, 10);
    t.write(socket, 10);
    t.write(socket, 10);
    expect(t.sent()).toEqual(['PA 1:11 ack 1']);
    t.send({ control: 'A', seq: 1, ack: 11 });
    expect(t.sent()).toEqual(['PA 11:31 ack 1']);
  });
  it('never sends beyond the offered window, and splits to fill a good part of it', () => {
    const t = new Trace();
    const [, socket] = t.establish([2, 4, 5, 0xb4], 2000);
    t.write(socket, 5000);
    expect(t.sent()).toEqual(['A 1:1461 ack 1']);
    t.send({ control: 'A', seq: 1, ack: 1461, window: 2000 });
    expect(t.sent()).toEqual(['A 1461:2921 ack 1']);
    t.send({ control: 'A', seq: 1, ack: 2921, window: 1100 });
    expect(t.sent()).toEqual(['A 2921:4021 ack 1']);
  });
  it('§3.8.6.1: probes a closed window, with back-off, for as long as the peer answers', () => {
    const t = new Trace();
    const [, socket] = t.establish([2, 4, 5, 0xb4], 0);
    t.write(socket, 5);
    expect(t.sent()).toEqual([]);
    for (let i = 0; i < 30; i++) {
      t.wait(61_000);
      expect(t.sent().every((line) => line === 'A 1:2 ack 1')).toBe(true);
      t.send({ control: 'A', seq: 1, ack: 1, window: 0 });
    }
    t.send({ control: 'A', seq: 1, ack: 1, window: 100 });
    expect(t.sent()[0]).toBe('A 1:2 ack 1');
    t.send({ control: 'A', seq: 1, ack: 2, window: 100 });
    expect(t.sent().at(-1)).toBe('PA 2:6 ack 1');
  });
  it('tells a writer who was refused when half of the buffer is free', () => {
    const t = new Trace({ sendBufferBytes: 4096 });
    const [, socket] = t.establish();
    expect(t.write(socket, 8000)).toBe(4096);
    expect(t.write(socket, 8000)).toBe(WOULD_BLOCK);
    t.send({ control: 'A', seq: 1, ack: 1461 });
    expect(t.events).toEqual([]);
    t.send({ control: 'A', seq: 1, ack: 2921 });
    expect(t.events).toEqual([`${socket}:2`]);
  });
});

describe('RFC 5681 and RFC 6582: loss', () => {
  /** Ten segments in flight: the initial window of RFC 6928. */
  const inFlight = (): [Trace, number] => {
    const t = new Trace();
    const [, socket] = t.establish();
    t.write(socket, 40_000);
    expect(t.sent().length).toBe(10);
    return [t, socket];
  };
  it('RFC 5681 §3.2: the third duplicate sends the first segment again; the first two send new ones (RFC 3042)', () => {
    const [t] = inFlight();
    const duplicate = { control: 'A', seq: 1, ack: 1 };
    t.send(duplicate);
    expect(t.sent()).toEqual(['A 14601:16061 ack 1']);
    t.send(duplicate);
    expect(t.sent()).toEqual(['A 16061:17521 ack 1']);
    t.send(duplicate);
    expect(t.sent()).toEqual(['A 1:1461 ack 1']);
    expect(t.lone.stack.counter('fastRetransmit')).toBe(1);
  });
  it('RFC 6582 §3.2 step 5: a partial acknowledgment sends the next hole at once', () => {
    const [t] = inFlight();
    for (let i = 0; i < 3; i++) t.send({ control: 'A', seq: 1, ack: 1 });
    t.sent();
    t.send({ control: 'A', seq: 1, ack: 2921 });
    expect(t.sent()[0]).toBe('A 2921:4381 ack 1');
  });
  it('RFC 6298 §5: the timeout sends one segment again, and doubles', () => {
    const t = new Trace();
    const [, socket] = t.establish();
    t.write(socket, 10);
    t.sent();
    const times: number[] = [];
    for (let ms = 0; ms < 4000; ms += 10) {
      t.wait(10);
      if (t.sent().length > 0) times.push(ms + 10);
    }
    expect(times).toEqual([200, 600, 1400, 3000]); // the handshake took no time: the least RTO, then twice as long each
  });
  it('RFC 6298 §5 (5.1): sending more does not put the timeout off', () => {
    const t = new Trace();
    const [, socket] = t.establish();
    t.write(socket, 1460);
    t.wait(150);
    t.write(socket, 1460);
    expect(t.sent()).toEqual(['PA 1:1461 ack 1', 'PA 1461:2921 ack 1']);
    t.wait(60);
    expect(t.sent()).toEqual(['A 1:1461 ack 1']);
  });
  it('gives up after R2 and tells the owner', () => {
    const t = new Trace();
    const [, socket] = t.establish();
    t.write(socket, 10);
    t.wait(250_000);
    expect(t.read(socket)).toBe(CONNECTION_RESET);
    checkBuffers(t.lone.stack);
  });
});

describe('RFC 9293 §3.6 "Closing a Connection"', () => {
  it('Figure 12: the side that closes first waits 2MSL', () => {
    const t = new Trace({ timeWaitMs: 1000 });
    const [, socket] = t.establish();
    t.lone.sockets.close(socket);
    expect(t.sent()).toEqual(['FA 1:1 ack 1']);
    t.send({ control: 'A', seq: 1, ack: 2 });
    t.send({ control: 'FA', seq: 1, ack: 2 });
    expect(t.sent()).toEqual(['A 2:2 ack 2']);
    expect(t.events).toEqual([`${socket}:9`]);
    t.send({ control: 'FA', seq: 1, ack: 2 });
    expect(t.sent()).toEqual(['A 2:2 ack 2']);
    t.send({ control: 'R', seq: 2 }); // RFC 1337: ignored
    t.send({ control: 'FA', seq: 1, ack: 2 });
    expect(t.sent()).toEqual(['A 2:2 ack 2']);
    expect(t.read(socket)).toBe('');
    expect(t.read(socket)).toBe(NO_SUCH_SOCKET);
    t.wait(1100);
    t.send({ control: 'FA', seq: 1, ack: 2 });
    t.lone.sockets.abort(0);
    expect(t.sent()).toEqual(['R 2:2']);
  });
  it('Figure 13: simultaneous close', () => {
    const t = new Trace();
    const [, socket] = t.establish();
    t.lone.sockets.close(socket);
    t.sent();
    t.send({ control: 'FA', seq: 1, ack: 1 });
    expect(t.sent()).toEqual(['A 2:2 ack 2']);
    t.send({ control: 'A', seq: 2, ack: 2 });
    expect(t.lone.stack.inspection.transitions.count('CLOSING', 'rcv ACK of FIN')).toBe(1);
  });
  it('the side that closes second is done with the last ACK', () => {
    const t = new Trace();
    const [, socket] = t.establish();
    t.send({ control: 'FA', seq: 1, ack: 1 });
    expect(t.sent()).toEqual(['A 1:1 ack 2']);
    expect(t.read(socket)).toBe('');
    expect(t.write(socket, 4)).toBe(4); // half closed: the other direction is open
    t.lone.sockets.close(socket);
    expect(t.sent()).toEqual(['PA 1:5 ack 2', 'FA 5:5 ack 2']);
    expect(t.write(socket, 4)).toBe(NO_SUCH_SOCKET);
    t.send({ control: 'A', seq: 2, ack: 6 });
    t.send({ control: 'A', seq: 2, ack: 6 });
    expect(t.sent()).toEqual(['R 6:6']);
  });
  it('§3.10.4: the FIN follows what is queued; no SEND after CLOSE', () => {
    const t = new Trace();
    const [, socket] = t.establish([2, 4, 5, 0xb4], 1460);
    t.write(socket, 2000);
    t.lone.sockets.close(socket);
    expect(t.write(socket, 1)).toBe(WRONG_STATE);
    expect(t.sent()).toEqual(['A 1:1461 ack 1']);
    t.send({ control: 'A', seq: 1, ack: 1461, window: 1460 });
    expect(t.sent()).toEqual(['FPA 1461:2001 ack 1']);
  });
  it('§3.6.1: a later SYN reopens a connection in TIME-WAIT', () => {
    const t = new Trace();
    const [, socket] = t.establish();
    t.lone.sockets.close(socket);
    t.sent();
    t.send({ control: 'FA', seq: 1, ack: 2 });
    t.sent();
    t.send({ control: 'S', seq: 1000 });
    expect(t.sent()).toEqual(['SA 0:0 ack 1001']);
  });
});

describe('a driver that dies', () => {
  it('costs no connection: what was unacknowledged goes again at once when the next one is ready', () => {
    const t = new Trace();
    const [, socket] = t.establish();
    t.lone.stack.handlers.sockets.send(1, socket, 0 as never, 100); // lent, and never to come back
    t.lone.restartDevice();
    expect(t.sent()).toEqual(['PA 1:101 ack 1']);
    checkBuffers(t.lone.stack);
    t.send({ control: 'A', seq: 1, ack: 101 });
    checkBuffers(t.lone.stack);
  });
});
