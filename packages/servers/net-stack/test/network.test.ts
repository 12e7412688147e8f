import { BAD_BUFFER, NO_SUCH_SOCKET, PORT_IN_USE, TOO_LONG, WOULD_BLOCK, WRONG_STATE } from '@bulkhead/net-stack-api';
import { describe, expect, it } from 'vitest';
import { checkBuffers } from './invariants.ts';
import { ipFrame, PEER, seal, Trace, text } from './trace.ts';
import { CLIENT, SERVER, SERVER_ADDRESS, World } from './world.ts';

const isArp = (frame: Uint8Array): boolean => frame[12] === 8 && frame[13] === 6;
const arpOf = (
  operation: number,
  sender: readonly number[],
  target: readonly number[],
  mac = [2, 0, 0, 0, 0, 9],
): Uint8Array =>
  Uint8Array.of(
    255,
    255,
    255,
    255,
    255,
    255,
    ...mac,
    8,
    6,
    0,
    1,
    8,
    0,
    6,
    4,
    0,
    operation,
    ...mac,
    ...sender,
    0,
    0,
    0,
    0,
    0,
    0,
    ...target,
  );
const udp = (port: number, data: Uint8Array, checksummed = true): Uint8Array => {
  const datagram = Uint8Array.of(0, 9, port >> 8, port & 255, 0, 8 + data.length, 0, 0, ...data);
  return checksummed ? seal(datagram, 17, 6) : datagram;
};

describe('ARP (RFC 826)', () => {
  it('answers a request for our address, to the asker alone', () => {
    const t = new Trace();
    t.frame(arpOf(1, [10, 0, 0, 9], [10, 0, 0, 1]));
    expect(t.frames.length).toBe(1);
    expect([...t.frames[0]!.subarray(0, 6)]).toEqual([2, 0, 0, 0, 0, 9]);
    expect(t.frames[0]![21]).toBe(2);
    t.frame(arpOf(1, [10, 0, 0, 9], [10, 0, 0, 77]));
    expect(t.frames.length).toBe(1);
  });
  it('announces itself when the device is ready', () => {
    const t = new Trace();
    t.lone.restartDevice();
    t.lone.settle();
    expect(t.frames.filter(isArp).length).toBe(1);
  });
  it('RFC 1122 §2.3.2.2: keeps the latest packet for an address that is not known yet', () => {
    const t = new Trace();
    t.answersArp = false;
    t.lone.sockets.connect(PEER, 50_000);
    t.lone.settle();
    expect(t.frames.map(isArp)).toEqual([true]);
    t.frame(arpOf(2, [10, 0, 0, 2], [10, 0, 0, 1]));
    expect(t.sent()).toEqual(['S 0:0']);
  });
  it('RFC 1122 §2.3.2.1: asks at most once a second, gives up, and loses no buffer', () => {
    const t = new Trace();
    t.answersArp = false;
    const socket = t.lone.sockets.bind(7);
    for (let i = 0; i < 20; i++) t.lone.sockets.sendTo(socket, 0, 10, PEER, 9);
    t.wait(10_000);
    expect(t.frames.filter(isArp).length).toBe(3);
    expect(t.lone.stack.counter('neighbourUnreachable')).toBe(1);
    checkBuffers(t.lone.stack);
  });
  it('asks the neighbour again when what it knows is old, and goes on using it', () => {
    const t = new Trace();
    const socket = t.lone.sockets.bind(7);
    t.lone.sockets.sendTo(socket, 0, 10, PEER, 9);
    t.lone.settle();
    t.answersArp = false;
    t.frames.length = 0;
    t.wait(61_000);
    t.lone.sockets.sendTo(socket, 0, 10, PEER, 9);
    t.lone.settle();
    expect(t.frames.map(isArp)).toEqual([true, false]);
    expect([...t.frames[0]!.subarray(0, 6)]).toEqual([2, 0, 0, 0, 0, 2]);
  });
  it('RFC 1122 §2.3.2.1 (4): asks everybody again when TCP gets no answer from where it believes the neighbour to be', () => {
    const t = new Trace();
    const [, socket] = t.establish();
    t.frame(arpOf(2, [10, 0, 0, 2], [10, 0, 0, 1])); // a lie, or a flipped bit
    t.write(socket, 5);
    t.sent();
    t.wait(1500);
    expect([...t.frames.at(-1)!.subarray(0, 6)]).toEqual([2, 0, 0, 0, 0, 2]);
  });
  it('a flood of requests from strangers leaves the stack able to answer', () => {
    const t = new Trace();
    for (let i = 0; i < 5000; i++) t.frame(arpOf(1, [10, 0, i >> 8, i & 255], [10, 0, 0, 1]));
    checkBuffers(t.lone.stack);
    const [, socket] = t.establish();
    expect(t.write(socket, 5)).toBe(5);
    expect(t.sent()).toEqual(['PA 1:6 ack 1']);
  });
  it('sends to the gateway what is not on the link', () => {
    const t = new Trace();
    t.answersArp = false;
    t.lone.sockets.connect(0x08080808, 53);
    t.lone.settle();
    expect([...t.frames[0]!.subarray(38, 42)]).toEqual([10, 0, 0, 254]);
  });
});

describe('IPv4 (RFC 791, RFC 1122 §3.2.1)', () => {
  const drops = (change: (frame: Uint8Array) => void, counter: 'badIpv4' | 'fragment' | 'notForUs'): void => {
    const t = new Trace();
    t.lone.sockets.bind(7);
    const frame = ipFrame(17, udp(7, text('hello')), t.stackMac);
    change(frame);
    frame[24] = 0;
    frame[25] = 0;
    let sum = 0;
    for (let i = 14; i < 34; i += 2) sum += frame[i]! * 256 + frame[i + 1]!;
    sum = ~((sum & 0xffff) + (sum >>> 16)) & 0xffff;
    frame[24] = sum >> 8;
    frame[25] = sum & 255;
    t.frame(frame);
    expect(t.lone.stack.counter(counter)).toBe(1);
    expect(t.events).toEqual([]);
  };
  it('drops another version', () => drops((f) => (f[14] = 0x65), 'badIpv4'));
  it('drops a header that is too short', () => drops((f) => (f[14] = 0x44), 'badIpv4'));
  it('drops a length beyond the frame', () => drops((f) => (f[17] = 0xff), 'badIpv4'));
  it('drops and counts fragments', () => drops((f) => (f[20] = 0x20), 'fragment'));
  it('drops what is for somebody else', () => drops((f) => (f[33] = 77), 'notForUs'));
  it('drops a source that is no host', () => drops((f) => (f[26] = 224), 'badIpv4'));
  it('drops a wrong checksum', () => {
    const t = new Trace();
    const frame = ipFrame(17, udp(7, text('hello')), t.stackMac);
    frame[25]! ^= 1;
    t.frame(frame);
    expect(t.lone.stack.counter('badIpv4')).toBe(1);
  });
});

describe('ICMP (RFC 792)', () => {
  const echo = (): Uint8Array => Uint8Array.of(8, 0, 0, 0, 0x12, 0x34, 0, 1, ...text('abcdefg'));
  const sealed = (message: Uint8Array): Uint8Array => {
    message.fill(0, 2, 4);
    let sum = 0;
    for (let i = 0; i < message.length; i++) sum += i % 2 === 0 ? message[i]! * 256 : message[i]!;
    sum = ~((sum & 0xffff) + (sum >>> 16)) & 0xffff;
    message[2] = sum >> 8;
    message[3] = sum & 255;
    return message;
  };
  it('answers an echo request with its data', () => {
    const t = new Trace();
    t.frame(ipFrame(1, sealed(echo()), t.stackMac));
    const reply = t.frames[0]!.subarray(34);
    expect([...reply.subarray(4)]).toEqual([...echo().subarray(4)]);
    expect(reply[0]).toBe(0);
    expect([...sealed(Uint8Array.from(reply))]).toEqual([...reply]);
  });
  it('drops one whose checksum is wrong, and one to everybody', () => {
    const t = new Trace();
    t.frame(ipFrame(1, echo(), t.stackMac));
    t.frame(ipFrame(1, sealed(echo()), [255, 255, 255, 255, 255, 255], 0x0a0000ff));
    expect(t.frames).toEqual([]);
  });
  it('a datagram to a closed port is refused, at most so often a second', () => {
    const t = new Trace();
    for (let i = 0; i < 500; i++) t.frame(ipFrame(17, udp(99, text('x')), t.stackMac));
    expect(t.frames.length).toBe(100);
    expect([...t.frames[0]!.subarray(34, 36)]).toEqual([3, 3]);
    expect([...t.frames[0]!.subarray(42, 46)]).toEqual([0x45, 0, 0, 29]);
  });
});

describe('UDP (RFC 768)', () => {
  it('delivers datagrams whole, with their sender, in order', () => {
    const t = new Trace();
    const socket = t.lone.sockets.bind(7);
    t.frame(ipFrame(17, udp(7, text('first')), t.stackMac));
    t.frame(ipFrame(17, udp(7, text('second'), false), t.stackMac)); // no checksum: "the transmitter generated none"
    expect(t.events).toEqual([`${socket}:1`]);
    expect(t.lone.sockets.receiveFrom(socket, 0, 3)).toBe(5); // its length; three bytes of it were copied
    expect([t.lone.sockets.answer[1], t.lone.sockets.answer[2]]).toEqual([PEER, 9]);
    expect(t.lone.sockets.receiveFrom(socket, 0, 100)).toBe(6);
    expect(t.lone.sockets.receiveFrom(socket, 0, 100)).toBe(WOULD_BLOCK);
  });
  it('drops a wrong checksum', () => {
    const t = new Trace();
    t.lone.sockets.bind(7);
    const datagram = udp(7, text('hello'));
    datagram[9]! ^= 1;
    t.frame(ipFrame(17, datagram, t.stackMac));
    expect(t.lone.stack.counter('badUdp')).toBe(1);
  });
  it('echoes between two stacks', () => {
    const world = new World();
    const server = world.add(SERVER);
    const client = world.add(CLIENT);
    const at = server.lone.sockets.bind(7);
    server.onReady = (socket) => {
      const lenBytes = server.lone.sockets.receiveFrom(socket, 0, 2000);
      const { answer } = server.lone.sockets;
      expect(server.lone.sockets.sendTo(socket, 0, lenBytes, answer[1]!, answer[2]!)).toBe(lenBytes);
    };
    expect(at).toBeGreaterThanOrEqual(0);
    const socket = client.lone.sockets.bind(0);
    client.lone.sockets.write(0, text('ping'), 0, 4);
    client.lone.sockets.sendTo(socket, 0, 4, SERVER_ADDRESS, 7);
    world.run();
    expect(client.lone.sockets.receiveFrom(socket, 8, 100)).toBe(4);
    const back = new Uint8Array(4);
    client.lone.sockets.read(8, back, 0, 4);
    expect([...back]).toEqual([...text('ping')]);
    expect(client.lone.sockets.answer[1]).toBe(SERVER_ADDRESS);
  });
});

describe('refusals come in the order of their checks', () => {
  it('NO_SUCH_SOCKET, WRONG_STATE, BAD_BUFFER, then the rest', () => {
    const t = new Trace();
    const [listener, socket] = t.establish();
    const s = t.lone.sockets;
    const datagram = s.bind(7);
    const beyond = s.regionLenBytes;
    expect(s.send(999, beyond, 1)).toBe(NO_SUCH_SOCKET);
    expect(s.send(listener, beyond, 1)).toBe(WRONG_STATE);
    expect(s.send(socket, beyond, 1)).toBe(BAD_BUFFER);
    expect(s.send(socket, -4, 1)).toBe(BAD_BUFFER);
    expect(s.receive(socket, 0, beyond + 1)).toBe(BAD_BUFFER);
    expect(s.receive(socket, 0, 10)).toBe(WOULD_BLOCK);
    expect(s.sendTo(datagram, beyond, 2000, PEER, 9)).toBe(BAD_BUFFER);
    expect(s.sendTo(datagram, 0, 2000, PEER, 9)).toBe(TOO_LONG);
    expect(s.listen(80, 1)).toBe(PORT_IN_USE);
    expect(s.bind(7)).toBe(PORT_IN_USE);
    expect(s.close(listener)).toBe(0);
    expect(s.accept(listener)).toBe(NO_SUCH_SOCKET);
  });
  it("a socket is its owner's alone", () => {
    const t = new Trace();
    const [, socket] = t.establish();
    expect(t.lone.stack.handlers.sockets.close(2, socket)).toBe(NO_SUCH_SOCKET);
  });
});
