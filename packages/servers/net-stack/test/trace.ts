/**
 * A stack, and the test as its peer on the wire: tests read as traces. Frames are built and read by code of their own, so
 * that what is wrong in the stack's wire code cannot hide. Sequence numbers are relative to each side's first.
 *
 * A segment reads `SA 0:0 ack 1 win 65535`: control bits, first and last sequence number of the text, and so on.
 */
import { createLoneStack, type LoneStack, type NetStackConfig } from '../src/index.ts';

export const STACK = 0x0a000001;
export const PEER = 0x0a000002;
const PEER_MAC = [2, 0, 0, 0, 0, 2];
export const PEER_ISS = 0xffff_ff00; // wraps soon
const LETTERS = 'FSRPAU';

export interface Segment {
  readonly control: string;
  readonly seq: number;
  readonly ack?: number;
  readonly window?: number;
  readonly text?: Uint8Array;
  readonly options?: readonly number[];
  readonly port?: number;
  readonly peerPort?: number;
}

const sum = (bytes: Uint8Array, start: number, end: number): number => {
  let total = 0;
  for (let i = start; i < end; i++) total += i % 2 === start % 2 ? bytes[i]! * 256 : bytes[i]!;
  while (total > 0xffff) total = (total % 0x10000) + Math.floor(total / 0x10000);
  return total;
};
const put = (bytes: Uint8Array, at: number, widthBytes: number, value: number): void => {
  for (let i = 0; i < widthBytes; i++) bytes[at + i] = Math.floor((value >>> 0) / 2 ** (8 * (widthBytes - 1 - i)));
};
const take = (bytes: Uint8Array, at: number, widthBytes: number): number => {
  let value = 0;
  for (let i = 0; i < widthBytes; i++) value = value * 256 + bytes[at + i]!;
  return value;
};

/** An Ethernet frame with an IPv4 datagram from the peer. */
export function ipFrame(protocol: number, data: Uint8Array, toMac: readonly number[], destination = STACK): Uint8Array {
  const frame = new Uint8Array(34 + data.length);
  frame.set(toMac, 0);
  frame.set(PEER_MAC, 6);
  put(frame, 12, 2, 0x0800);
  put(frame, 14, 2, 0x4500);
  put(frame, 16, 2, 20 + data.length);
  put(frame, 20, 2, 0x4000);
  put(frame, 22, 1, 64);
  put(frame, 23, 1, protocol);
  put(frame, 26, 4, PEER);
  put(frame, 30, 4, destination);
  put(frame, 24, 2, 0);
  put(frame, 24, 2, ~sum(frame, 14, 34) & 0xffff);
  frame.set(data, 34);
  return frame;
}
/** Fills in the checksum of a transport header. */
export function seal(data: Uint8Array, protocol: number, checksumAt: number, from = PEER, to = STACK): Uint8Array {
  const pseudo = new Uint8Array(12);
  put(pseudo, 0, 4, from);
  put(pseudo, 4, 4, to);
  pseudo[9] = protocol;
  put(pseudo, 10, 2, data.length);
  put(data, checksumAt, 2, 0);
  const total = sum(data, 0, data.length) + sum(pseudo, 0, 12);
  put(data, checksumAt, 2, ~((total % 0x10000) + Math.floor(total / 0x10000)) & 0xffff);
  return data;
}

export class Trace {
  now = 0;
  readonly lone: LoneStack;
  readonly frames: Uint8Array[] = [];
  readonly events: string[] = [];
  /** The stack's and the peer's first sequence numbers. */
  iss = 0;
  answersArp = true;
  stackMac: number[] = [0x52, 0x54, 10, 0, 0, 1];
  stackPort = 80;
  #alarmAt = Number.POSITIVE_INFINITY;

  constructor(config: Partial<NetStackConfig> = {}) {
    this.lone = createLoneStack({
      config: { address: '10.0.0.1', prefixBits: 24, gateway: '10.0.0.254', seed: 5, ...config },
      nowUs: () => this.now | 0,
      transmit: (frame, lenBytes) => this.#transmitted(frame.slice(0, lenBytes)),
      setAlarm: (delayUs) => {
        this.#alarmAt = this.now + delayUs;
      },
      onReady: (socket, what) => this.events.push(`${socket}:${what}`),
    });
    this.lone.settle();
    this.frames.length = 0;
  }
  #transmitted(frame: Uint8Array): void {
    const isArpRequest = take(frame, 12, 2) === 0x0806 && take(frame, 20, 2) === 1;
    if (!isArpRequest || !this.answersArp || take(frame, 38, 4) === STACK) {
      this.frames.push(frame);
      return;
    }
    const reply = Uint8Array.from(frame);
    reply.set(frame.subarray(6, 12), 0);
    reply.set(PEER_MAC, 6);
    put(reply, 20, 2, 2);
    reply.set(PEER_MAC, 22);
    reply.set(frame.subarray(38, 42), 28);
    reply.set(frame.subarray(22, 32), 32);
    this.lone.receive(reply, reply.length);
  }
  /** Lets time pass; alarms ring when they are due. */
  wait(ms: number): void {
    this.lone.settle();
    const until = this.now + ms * 1000;
    while (this.#alarmAt <= until) {
      this.now = this.#alarmAt;
      this.#alarmAt = Number.POSITIVE_INFINITY;
      this.lone.alarm();
      this.lone.settle();
    }
    this.now = until;
  }
  frame(frame: Uint8Array): void {
    this.lone.receive(frame, frame.length);
    this.lone.settle();
  }
  segmentFrame({
    control,
    seq,
    ack = 0,
    window = 0xffff,
    text = new Uint8Array(0),
    options = [],
    ...ports
  }: Segment): Uint8Array {
    const header = 20 + Math.ceil(options.length / 4) * 4;
    const data = new Uint8Array(header + text.length);
    put(data, 0, 2, ports.peerPort ?? 50_000);
    put(data, 2, 2, ports.port ?? this.stackPort);
    put(data, 4, 4, (PEER_ISS + seq) % 2 ** 32);
    put(data, 8, 4, control.includes('A') ? (this.iss + ack) % 2 ** 32 : 0);
    put(data, 12, 1, header << 2);
    put(
      data,
      13,
      1,
      [...control].reduce((bits, letter) => bits | (1 << LETTERS.indexOf(letter)), 0),
    );
    put(data, 14, 2, window);
    data.set(options, 20);
    data.set(text, header);
    return ipFrame(6, seal(data, 6, 16), this.stackMac);
  }
  /** The peer sends. */
  send(segment: Segment): void {
    this.frame(this.segmentFrame(segment));
  }
  /** What the stack sent since the last call, TCP only. */
  sent(): string[] {
    this.lone.settle();
    return this.frames
      .splice(0)
      .flatMap((frame) => (take(frame, 12, 2) === 0x0800 && frame[23] === 6 ? [this.#read(frame)] : []));
  }
  #read(frame: Uint8Array): string {
    const bits = frame[47]!;
    const control = [...LETTERS]
      .filter((_, i) => (bits >> i) & 1)
      .reverse()
      .join('');
    const lenBytes = take(frame, 16, 2) - 20 - (frame[46]! >> 4) * 4;
    const absolute = take(frame, 38, 4);
    if (control.includes('S')) this.iss = absolute;
    this.stackPort = take(frame, 34, 2);
    const seq = (absolute - this.iss) | 0;
    const ack = control.includes('A') ? ` ack ${(take(frame, 42, 4) - PEER_ISS) | 0}` : '';
    return `${[...'SFRPA'].filter((l) => control.includes(l)).join('')} ${seq}:${seq + lenBytes}${ack}`;
  }
  /** The window field and the options of the latest TCP frame that is still unread. */
  lastRaw(): Uint8Array {
    return this.frames[this.frames.length - 1]!;
  }

  /** Opens port 80 and shakes hands. @returns the listener and the socket. */
  establish(options: readonly number[] = [2, 4, 5, 0xb4], window = 0xffff): [number, number] {
    const listener = this.lone.sockets.listen(80, 8);
    this.stackPort = 80;
    this.send({ control: 'S', seq: 0, options, window });
    this.sent();
    this.send({ control: 'A', seq: 1, ack: 1, window });
    const socket = this.lone.sockets.accept(listener);
    this.lone.settle();
    this.events.length = 0;
    this.frames.length = 0;
    return [listener, socket];
  }
  /** The application sends `lenBytes` of a pattern. */
  write(socket: number, lenBytes: number): number {
    const bytes = pattern(lenBytes);
    this.lone.sockets.write(0, bytes, 0, lenBytes);
    return this.lone.sockets.send(socket, 0, lenBytes);
  }
  /** The application reads; the text, or the refusal. */
  read(socket: number, maxBytes = 0x8000): string | number {
    const taken = this.lone.sockets.receive(socket, 0, maxBytes);
    if (taken < 0) return taken;
    const bytes = new Uint8Array(taken);
    this.lone.sockets.read(0, bytes, 0, taken);
    return Buffer.from(bytes).toString('latin1');
  }
}

export const pattern = (lenBytes: number): Uint8Array => Uint8Array.from({ length: lenBytes }, (_, i) => 97 + (i % 26));
export const text = (string: string): Uint8Array => Uint8Array.from(Buffer.from(string, 'latin1'));
