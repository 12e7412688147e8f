/** Two far ends on one link: no machine between them. Time moves from event to event. */
import { Clock, Digest } from '@bulkhead/clock';
import { createLink, type Link, type LinkOptions } from '@bulkhead/link';
import { createFarEnd, type FarEnd } from '../src/index.ts';

export const HTTP = 80;
/** 10.0.0.1 and 10.0.0.2. */
export const A = 0x0a00_0001;
export const B = 0x0a00_0002;

export class Pair {
  readonly clock: Clock = new Clock(2.5e9);
  readonly link: Link;
  readonly a: FarEnd;
  readonly b: FarEnd;
  readonly #digest = new Digest();
  /** How often something happened: frames and alarms. */
  events = 0;
  onReady: (at: FarEnd, socket: number, what: number) => void = () => {};

  constructor(options: Partial<LinkOptions> = {}, seed = 1) {
    this.link = createLink({
      clock: this.clock,
      bitsPerSecond: 1e9,
      delayNs: 5000,
      queueFrames: 64,
      tap: (direction, atCycles, frame, lenBytes) => {
        this.#digest.word(direction);
        this.#digest.number(atCycles);
        this.#digest.bytes(frame, lenBytes);
      },
      ...options,
    });
    this.a = this.#create('a', A, seed);
    this.b = this.#create('b', B, seed + 1);
  }
  #create(end: 'a' | 'b', address: number, seed: number): FarEnd {
    return createFarEnd({
      clock: this.clock,
      wire: this.link[end],
      config: { address, prefixBits: 24, gateway: 0, seed, timeWaitMs: 1 },
      onReady: (socket, what) => this.onReady(this[end], socket, what),
    });
  }
  digest(): string {
    return this.#digest.toString();
  }
  /** Until nothing is left to happen, `isDone` says so, or the time is over. */
  run(ns: number, isDone: () => boolean = () => false): void {
    const { clock } = this;
    for (const end = clock.now + clock.cyclesOf(ns); clock.due <= end && !isDone(); ) {
      clock.advance(Math.max(0, clock.due - clock.now));
      clock.runDue();
      this.events++;
    }
  }
}

/** One stream from `a` to `b`: what was sent, cut as asked, and what came. */
export class Stream {
  readonly received: number[] = [];
  isOver = false;
  failure = 0;
  readonly #pair: Pair;
  readonly #bytes: Uint8Array;
  readonly #chunk: number;
  readonly #buffer: Uint8Array = new Uint8Array(4096);
  #sent = 0;
  #listener = -1;
  #isClosed = false;

  constructor(pair: Pair, bytes: Uint8Array, chunk: number) {
    this.#pair = pair;
    this.#bytes = bytes;
    this.#chunk = chunk;
    pair.onReady = (at, socket) => (at === pair.a ? this.#write(socket) : this.#read(socket));
  }
  start(): void {
    const { a, b } = this.#pair;
    this.#listener = b.sockets.listen(HTTP, 4);
    a.sockets.connect(B, HTTP);
    a.settle();
  }
  #write(socket: number): void {
    const { sockets } = this.#pair.a;
    while (this.#sent < this.#bytes.length) {
      const lenBytes = Math.min(this.#chunk, this.#bytes.length - this.#sent);
      sockets.write(0, this.#bytes, this.#sent, lenBytes);
      const taken = sockets.send(socket, 0, lenBytes);
      if (taken <= 0) return;
      this.#sent += taken;
    }
    if (!this.#isClosed) sockets.close(socket);
    this.#isClosed = true;
  }
  #read(socket: number): void {
    const { sockets } = this.#pair.b;
    if (socket === this.#listener) {
      sockets.accept(socket);
      return;
    }
    for (;;) {
      const count = sockets.receive(socket, 0, this.#buffer.length);
      if (count > 0) {
        sockets.read(0, this.#buffer, 0, count);
        this.received.push(...this.#buffer.subarray(0, count));
        continue;
      }
      if (count === 0) {
        sockets.close(socket);
        this.isOver = true;
      }
      return;
    }
  }
}
