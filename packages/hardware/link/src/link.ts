/**
 * A full-duplex Ethernet link between two ends, `a` and `b`.
 *
 * A frame waits for those before it, takes its time on the wire, and arrives a propagation delay after its last
 * bit left. On the wire a frame is longer than its bytes: IEEE 802.3-2018 §3.1.1 "Packet format" (preamble and start
 * of frame delimiter 8, frame check sequence 4) and §4.4.2 "MAC parameters" (interpacket gap 12). Frames carry no FCS
 * here and are never damaged.
 *
 * CHOICE: the queue's bound counts frames whose last bit has not left; a frame above it is dropped at the tail.
 * CHOICE: a frame's time on the wire is whole cycles, rounded up, so that no rounding adds up differently elsewhere.
 * CHOICE: frames are delivered one an alarm, so that both directions are delivered in the order of their times.
 */
import type { AlarmId, Clock } from '@bulkhead/clock';
import type { WirePort } from '@bulkhead/ports';
import { invariant } from '@bulkhead/result';
import { FrameFifo } from './frame-fifo.ts';

/** Direction: from `a` to `b`, or back. */
export type Direction = 0 | 1;
export const A_TO_B = 0;
export const B_TO_A = 1;

/** Preamble and delimiter, FCS, gap. */
export const WIRE_OVERHEAD_BYTES = 24;
/** IEEE 802.3-2018 §3.2.7 "MAC Client Data field": 64 bytes with FCS; shorter frames are carried as they are. */
const FRAME_MIN_BYTES = 60;

export type FrameReceiver = (frame: Uint8Array, lenBytes: number) => void;
export type FrameTap = (direction: Direction, atCycles: number, frame: Uint8Array, lenBytes: number) => void;

export interface LinkOptions {
  readonly clock: Clock;
  readonly bitsPerSecond: number;
  /** Propagation delay, one way. */
  readonly delayNs: number;
  /** How many frames may wait at each end, the one being sent included. */
  readonly queueFrames: number;
  /** Longer frames are dropped and counted. @defaultValue 1536 */
  readonly maxFrameBytes?: number;
  /** Sees every frame when it is delivered. The frame is the link's again when the tap returns. */
  readonly tap?: FrameTap;
}

export interface LinkEnd extends WirePort {
  /** Sets who receives what the other end transmits. The frame is the link's again when the receiver returns. */
  connect(receiver: FrameReceiver): void;
}

interface LaneOptions extends Required<Omit<LinkOptions, 'tap'>> {
  readonly direction: Direction;
  readonly tap: FrameTap | undefined;
}

const BUSY_UNTIL = 0;
const CARRIED_BYTES = 1;

/** One direction of a link. */
class Lane {
  receiver: FrameReceiver = () => {};
  readonly #clock: Clock;
  readonly #alarm: AlarmId;
  readonly #direction: Direction;
  readonly #tap: FrameTap | undefined;
  readonly #bitsPerSecond: number;
  /** Cycles per second and bits per byte: what the rate divides. */
  readonly #bitCycles: number;
  readonly #delayCycles: number;
  readonly #queueFrames: number;
  readonly #maxFrameBytes: number;
  readonly #fifo: FrameFifo;
  readonly #departsAt: Float64Array;
  readonly #time: Float64Array = new Float64Array(2);
  readonly #delivered: Int32Array;
  readonly #frame: Uint8Array;
  /** Slots of the oldest frame, and of the oldest whose last bit has not left. */
  #first = 0;
  #firstWaiting = 0;
  #waiting = 0;
  carried = 0;
  dropped = 0;

  constructor({ clock, bitsPerSecond, delayNs, queueFrames, maxFrameBytes, direction, tap }: LaneOptions) {
    this.#clock = clock;
    this.#direction = direction;
    this.#tap = tap;
    this.#bitsPerSecond = bitsPerSecond;
    this.#bitCycles = 8 * clock.cyclesPerSecond;
    this.#delayCycles = clock.cyclesOf(delayNs);
    this.#queueFrames = queueFrames;
    this.#maxFrameBytes = maxFrameBytes;
    const flightBytes = Math.ceil((delayNs * bitsPerSecond) / 8e9);
    const frames = queueFrames + Math.ceil(flightBytes / WIRE_OVERHEAD_BYTES) + 2;
    this.#fifo = new FrameFifo((queueFrames + 2) * maxFrameBytes + flightBytes, frames);
    this.#departsAt = new Float64Array(frames);
    this.#delivered = new Int32Array(Math.ceil(maxFrameBytes / 4));
    this.#frame = new Uint8Array(this.#delivered.buffer);
    this.#alarm = clock.createAlarm(() => this.#deliver());
  }

  get carriedBytes(): number {
    return this.#time[CARRIED_BYTES]!;
  }

  transmit(frame: Uint8Array, lenBytes: number): void {
    this.#forgetDeparted();
    if (this.#waiting >= this.#queueFrames || lenBytes > this.#maxFrameBytes || this.#fifo.push(frame, lenBytes) < 0) {
      this.dropped += 1;
      return;
    }
    const start = Math.max(this.#clock.now, this.#time[BUSY_UNTIL]!);
    const departs = start + Math.ceil(((lenBytes + WIRE_OVERHEAD_BYTES) * this.#bitCycles) / this.#bitsPerSecond);
    this.#time[BUSY_UNTIL] = departs;
    this.#departsAt[(this.#firstWaiting + this.#waiting) % this.#departsAt.length] = departs;
    this.#waiting += 1;
    if (this.#fifo.count === 1) this.#arm();
  }

  #forgetDeparted(): void {
    const { now } = this.#clock;
    while (this.#waiting > 0 && this.#departsAt[this.#firstWaiting]! <= now) {
      this.#firstWaiting = (this.#firstWaiting + 1) % this.#departsAt.length;
      this.#waiting -= 1;
    }
  }

  /** The oldest frame's time of arrival. */
  get #arrivesAt(): number {
    return this.#departsAt[this.#first]! + this.#delayCycles;
  }

  #arm(): void {
    this.#clock.setAfter(this.#alarm, this.#arrivesAt - this.#clock.now);
  }

  #deliver(): void {
    const lenBytes = this.#fifo.frontLenBytes;
    const atCycles = this.#arrivesAt;
    this.#fifo.copyFront(this.#delivered);
    this.#fifo.shift();
    this.#forgetDeparted();
    this.#first = (this.#first + 1) % this.#departsAt.length;
    if (this.#fifo.count > 0) this.#arm();
    this.carried += 1;
    this.#time[CARRIED_BYTES] = this.#time[CARRIED_BYTES]! + lenBytes;
    this.#tap?.(this.#direction, atCycles, this.#frame, lenBytes);
    this.receiver(this.#frame, lenBytes);
  }
}

export class Link {
  readonly a: LinkEnd;
  readonly b: LinkEnd;
  readonly #lanes: readonly [Lane, Lane];

  constructor({ tap, maxFrameBytes = 1536, ...options }: LinkOptions) {
    invariant(options.bitsPerSecond > 0 && options.delayNs >= 0, 'a link has a positive rate and no negative delay');
    invariant(options.queueFrames >= 1, 'a link queues at least the frame it sends');
    invariant(maxFrameBytes >= FRAME_MIN_BYTES, 'a link carries at least the shortest frame');
    const lane = (direction: Direction): Lane => new Lane({ ...options, maxFrameBytes, direction, tap });
    this.#lanes = [lane(A_TO_B), lane(B_TO_A)];
    this.a = this.#end(A_TO_B, B_TO_A);
    this.b = this.#end(B_TO_A, A_TO_B);
  }

  /** @returns how many frames were delivered. */
  carried(direction: Direction): number {
    return this.#lanes[direction].carried;
  }
  carriedBytes(direction: Direction): number {
    return this.#lanes[direction].carriedBytes;
  }
  /** @returns how many frames were dropped for want of room, or for their length. */
  dropped(direction: Direction): number {
    return this.#lanes[direction].dropped;
  }

  #end(outgoing: Direction, incoming: Direction): LinkEnd {
    return {
      transmit: (frame, lenBytes) => this.#lanes[outgoing].transmit(frame, lenBytes),
      connect: (receiver) => {
        this.#lanes[incoming].receiver = receiver;
      },
    };
  }
}

export const createLink = (options: LinkOptions): Link => new Link(options);
