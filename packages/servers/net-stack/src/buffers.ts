/**
 * The packet pool and one descriptor a buffer, both in simulated memory.
 *
 * Invariant: every buffer is in exactly one place (its PLACE), and at most one other party has it meanwhile (its OUT).
 * A buffer of place NOWHERE that nobody has is FREE; `release` and `returned` keep it so. All 2048-byte buffers are
 * alike: CHOICE: which of them receive and which transmit is not fixed, but reception and control segments have a
 * reserve that payload never takes (`spareForPayload`), so that a reader who does not read cannot silence the stack.
 */
import { alignUp } from '@bulkhead/bits';
import { BUFFER_SIZE_BYTES, CREDITS } from '@bulkhead/nic-driver-api';
import type { Window } from '@bulkhead/runtime';
import type { Arena } from './arena.ts';

/** No buffer. Stored as 0, so that zeroed memory holds none. */
export const NO_BUFFER = -1;

/** PLACE: the list that holds the buffer. */
export const FREE = 0;
/** A handler's hand, or nobody's: free as soon as it is not out. */
export const NOWHERE = 1;
export const SEND_QUEUE = 2;
export const RECEIVE_QUEUE = 3;
export const OUT_OF_ORDER_QUEUE = 4;
export const DATAGRAM_QUEUE = 5;

/** OUT: who has it beside its place. */
export const NOT_OUT = 0;
export const OUT_TO_RECEIVE = 1;
export const OUT_TO_TRANSMIT = 2;
/** Waits at a neighbour whose address is not known yet. */
export const OUT_AT_NEIGHBOUR = 3;

const NEXT = 0; // i32, index + 1
const PLACE = 4; // u8
const OUT = 5; // u8
const PORT = 6; // u16: a datagram's sender
const OFFSET = 8; // u16: where the payload starts
const LENGTH = 10; // u16: of the payload
const FRAME_LENGTH = 12; // u16: of the whole frame, while it waits at a neighbour
const SEQ = 16; // i32: of the payload's first byte
const ADDRESS = 20; // i32: a datagram's sender
const DESCRIPTOR_BYTES = 32;

/** A queue's head and tail: two words, each index + 1. */
export const QUEUE_BYTES = 8;
const TAIL = 4;

/** Buffers that only control segments, ARP and ICMP may take. */
const CONTROL_RESERVE = 32;

const FREE_HEAD = 0;
const FREE_COUNT = 4;
const SUPPLIED_COUNT = 8;
const SUBMITTED_COUNT = 12;
const STATE_BYTES = 16;

export class Buffers {
  /** All payload and all headers. */
  readonly pool: Window;
  readonly count: number;
  readonly #table: Window;
  readonly #state: Window;

  constructor(pool: Window, arena: Arena) {
    this.pool = pool;
    this.count = Math.floor(pool.lenBytes / BUFFER_SIZE_BYTES);
    this.#table = arena.take(alignUp(this.count * DESCRIPTOR_BYTES, 64));
    this.#state = arena.take(STATE_BYTES);
    for (let buffer = this.count - 1; buffer >= 0; buffer--) this.#pushFree(buffer);
  }

  get freeCount(): number {
    return this.#state.load32(FREE_COUNT);
  }
  /** Buffers that the driver has for reception. */
  get suppliedCount(): number {
    return this.#state.load32(SUPPLIED_COUNT);
  }
  /** Buffers that the driver has for transmission. */
  get submittedCount(): number {
    return this.#state.load32(SUBMITTED_COUNT);
  }
  /** How many more buffers payload may fill: what is free beside the reserves. May be negative. */
  get spareForPayload(): number {
    return this.freeCount - (CREDITS - this.suppliedCount) - CONTROL_RESERVE;
  }

  /** The buffer's first byte in the pool: its name at the device's port. */
  at(buffer: number): number {
    return buffer * BUFFER_SIZE_BYTES;
  }
  /** @returns the buffer of that name, or NO_BUFFER: what comes from the device is not believed. */
  named(ref: number): number {
    const buffer = ref / BUFFER_SIZE_BYTES;
    return Number.isInteger(buffer) && buffer >= 0 && buffer < this.count ? buffer : NO_BUFFER;
  }

  /** @returns a buffer of place NOWHERE, or NO_BUFFER. */
  allocate(): number {
    const buffer = this.#state.load32(FREE_HEAD) - 1;
    if (buffer === NO_BUFFER) return NO_BUFFER;
    this.#state.store32(FREE_HEAD, this.next(buffer) + 1);
    this.#state.store32(FREE_COUNT, this.freeCount - 1);
    this.setPlace(buffer, NOWHERE);
    this.setNext(buffer, NO_BUFFER);
    return buffer;
  }
  /** The same for payload, which leaves the reserves alone. */
  allocateForPayload(): number {
    return this.spareForPayload > 0 ? this.allocate() : NO_BUFFER;
  }
  /** Takes a buffer out of its place: free now, or when whoever has it gives it back. */
  release(buffer: number): void {
    this.setPlace(buffer, NOWHERE);
    if (this.out(buffer) === NOT_OUT) this.#pushFree(buffer);
  }
  /** Lends a buffer. */
  lend(buffer: number, to: number): void {
    this.#count(to, 1);
    this.#setOut(buffer, to);
  }
  /** Nobody has the buffer any more but its place; without one it is free. */
  returned(buffer: number): void {
    this.#count(this.out(buffer), -1);
    this.#setOut(buffer, NOT_OUT);
    if (this.place(buffer) === NOWHERE) this.#pushFree(buffer);
  }
  /** As `returned`, and the buffer stays in the caller's hand. */
  takeBack(buffer: number): void {
    this.#count(this.out(buffer), -1);
    this.#setOut(buffer, NOT_OUT);
  }

  /** A buffer that was taken back and has no place goes free, unless it is out again. */
  settleReturned(buffer: number): void {
    if (this.place(buffer) === NOWHERE && this.out(buffer) === NOT_OUT) this.#pushFree(buffer);
  }

  place(buffer: number): number {
    return this.#table.load8(buffer * DESCRIPTOR_BYTES + PLACE);
  }
  setPlace(buffer: number, place: number): void {
    this.#table.store8(buffer * DESCRIPTOR_BYTES + PLACE, place);
  }
  out(buffer: number): number {
    return this.#table.load8(buffer * DESCRIPTOR_BYTES + OUT);
  }
  next(buffer: number): number {
    return this.#table.load32(buffer * DESCRIPTOR_BYTES + NEXT) - 1;
  }
  setNext(buffer: number, next: number): void {
    this.#table.store32(buffer * DESCRIPTOR_BYTES + NEXT, next + 1);
  }
  offset(buffer: number): number {
    return this.#table.load16(buffer * DESCRIPTOR_BYTES + OFFSET);
  }
  length(buffer: number): number {
    return this.#table.load16(buffer * DESCRIPTOR_BYTES + LENGTH);
  }
  seq(buffer: number): number {
    return this.#table.load32(buffer * DESCRIPTOR_BYTES + SEQ);
  }
  /** Says where in the buffer the payload stands, and where in the stream. */
  describe(buffer: number, offset: number, lenBytes: number, seq: number): void {
    const at = buffer * DESCRIPTOR_BYTES;
    this.#table.store16(at + OFFSET, offset);
    this.#table.store16(at + LENGTH, lenBytes);
    this.#table.store32(at + SEQ, seq);
  }
  /** Drops the first `lenBytes` of the payload. */
  trimFront(buffer: number, lenBytes: number): void {
    this.describe(
      buffer,
      this.offset(buffer) + lenBytes,
      this.length(buffer) - lenBytes,
      (this.seq(buffer) + lenBytes) | 0,
    );
  }
  setLength(buffer: number, lenBytes: number): void {
    this.#table.store16(buffer * DESCRIPTOR_BYTES + LENGTH, lenBytes);
  }
  frameLength(buffer: number): number {
    return this.#table.load16(buffer * DESCRIPTOR_BYTES + FRAME_LENGTH);
  }
  setFrameLength(buffer: number, lenBytes: number): void {
    this.#table.store16(buffer * DESCRIPTOR_BYTES + FRAME_LENGTH, lenBytes);
  }
  senderAddress(buffer: number): number {
    return this.#table.load32(buffer * DESCRIPTOR_BYTES + ADDRESS);
  }
  senderPort(buffer: number): number {
    return this.#table.load16(buffer * DESCRIPTOR_BYTES + PORT);
  }
  setSender(buffer: number, address: number, port: number): void {
    this.#table.store32(buffer * DESCRIPTOR_BYTES + ADDRESS, address);
    this.#table.store16(buffer * DESCRIPTOR_BYTES + PORT, port);
  }

  /** The first buffer of the queue whose two words stand at `at`. */
  head(window: Window, at: number): number {
    return window.load32(at) - 1;
  }
  tail(window: Window, at: number): number {
    return window.load32(at + TAIL) - 1;
  }
  /** Appends to a queue of kind `place`. */
  push(window: Window, at: number, buffer: number, place: number): void {
    this.setPlace(buffer, place);
    this.setNext(buffer, NO_BUFFER);
    const tail = this.tail(window, at);
    if (tail === NO_BUFFER) window.store32(at, buffer + 1);
    else this.setNext(tail, buffer);
    window.store32(at + TAIL, buffer + 1);
  }
  /** Puts `buffer` behind `previous`, or first when that is NO_BUFFER. */
  insert(window: Window, at: number, previous: number, buffer: number, place: number): void {
    const following = previous === NO_BUFFER ? this.head(window, at) : this.next(previous);
    this.setPlace(buffer, place);
    this.setNext(buffer, following);
    if (previous === NO_BUFFER) window.store32(at, buffer + 1);
    else this.setNext(previous, buffer);
    if (following === NO_BUFFER) window.store32(at + TAIL, buffer + 1);
  }
  /** Takes the buffer behind `previous` (NO_BUFFER: the first) out of the queue, into the caller's hand. */
  removeAfter(window: Window, at: number, previous: number): number {
    const buffer = previous === NO_BUFFER ? this.head(window, at) : this.next(previous);
    if (buffer === NO_BUFFER) return NO_BUFFER;
    const following = this.next(buffer);
    if (previous === NO_BUFFER) window.store32(at, following + 1);
    else this.setNext(previous, following);
    if (following === NO_BUFFER) window.store32(at + TAIL, previous + 1);
    this.setPlace(buffer, NOWHERE);
    return buffer;
  }
  shift(window: Window, at: number): number {
    return this.removeAfter(window, at, NO_BUFFER);
  }
  /** Empties a queue. */
  releaseAll(window: Window, at: number): void {
    for (let buffer = this.shift(window, at); buffer !== NO_BUFFER; buffer = this.shift(window, at))
      this.release(buffer);
  }

  #setOut(buffer: number, out: number): void {
    this.#table.store8(buffer * DESCRIPTOR_BYTES + OUT, out);
  }
  #count(out: number, change: number): void {
    if (out === OUT_TO_RECEIVE) this.#state.store32(SUPPLIED_COUNT, this.suppliedCount + change);
    else if (out === OUT_TO_TRANSMIT) this.#state.store32(SUBMITTED_COUNT, this.submittedCount + change);
  }
  #pushFree(buffer: number): void {
    this.setPlace(buffer, FREE);
    this.setNext(buffer, this.#state.load32(FREE_HEAD) - 1);
    this.#state.store32(FREE_HEAD, buffer + 1);
    this.#state.store32(FREE_COUNT, this.freeCount + 1);
  }
}
