/**
 * Frames in the order in which they came, in one array of bytes that is allocated once.
 *
 * A frame is contiguous, so one that does not fit before the end of the array starts again at its beginning.
 * Frames start on word boundaries and are copied by words: a loop over bytes costs ten times as much, and a view a
 * frame is an allocation.
 *
 * Invariant: the frames from `#first` on, `count` of them, occupy disjoint ranges of `bytes`.
 */
import { invariant } from '@bulkhead/result';

export class FrameFifo {
  /** Where the frames stand: from `frontAt`, `frontLenBytes` of them. */
  readonly bytes: Uint8Array;
  readonly #words: Int32Array;
  readonly #at: Int32Array;
  readonly #lenBytes: Int32Array;
  #first = 0;
  #count = 0;
  /** The sender's array, in which senders give every frame, and its words from the first frame byte on. */
  #source: Uint8Array = new Uint8Array(0);
  #sourceWords: Int32Array | null = null;

  constructor(capacityBytes: number, capacityFrames: number) {
    invariant(capacityBytes >= 4 && capacityFrames >= 1, 'a queue holds at least one frame');
    this.#words = new Int32Array(Math.ceil(capacityBytes / 4));
    this.bytes = new Uint8Array(this.#words.buffer);
    this.#at = new Int32Array(capacityFrames);
    this.#lenBytes = new Int32Array(capacityFrames);
  }

  get count(): number {
    return this.#count;
  }
  /** Where the oldest frame starts in `bytes`; meaningless while there is none. */
  get frontAt(): number {
    return this.#at[this.#first]!;
  }
  get frontLenBytes(): number {
    return this.#lenBytes[this.#first]!;
  }

  /**
   * Appends a frame, followed by zeros up to `totalBytes`.
   * @returns where it stands in `bytes`, or -1 when there is no room.
   */
  push(frame: Uint8Array, lenBytes: number, totalBytes: number = lenBytes): number {
    const at = this.#count === this.#at.length ? -1 : this.#roomFor(totalBytes);
    if (at < 0) return -1;
    const slot = (this.#first + this.#count) % this.#at.length;
    this.#at[slot] = at;
    this.#lenBytes[slot] = totalBytes;
    this.#count += 1;
    this.#copy(frame, lenBytes, at);
    if (totalBytes > lenBytes) this.bytes.fill(0, at + lenBytes, at + totalBytes);
    return at;
  }

  /** Drops the oldest frame. */
  shift(): void {
    this.#first = (this.#first + 1) % this.#at.length;
    this.#count -= 1;
  }

  clear(): void {
    this.#first = 0;
    this.#count = 0;
  }

  /** Copies the oldest frame to the start of an array of whole words. */
  copyFront(into: Int32Array): void {
    const from = this.frontAt >>> 2;
    const words = (this.frontLenBytes + 3) >>> 2;
    for (let i = 0; i < words; i++) into[i] = this.#words[from + i]!;
  }

  #roomFor(lenBytes: number): number {
    const capacity = this.bytes.length;
    if (this.#count === 0) return lenBytes <= capacity ? 0 : -1;
    const first = this.frontAt;
    const last = (this.#first + this.#count - 1) % this.#at.length;
    const end = (this.#at[last]! + this.#lenBytes[last]! + 3) & ~3;
    if (this.#at[last]! < first) return end + lenBytes <= first ? end : -1;
    if (end + lenBytes <= capacity) return end;
    return lenBytes <= first ? 0 : -1;
  }

  #copy(frame: Uint8Array, lenBytes: number, at: number): void {
    if (frame !== this.#source) this.#adopt(frame);
    const words = this.#sourceWords;
    const whole = words === null ? 0 : lenBytes >>> 2;
    if (words !== null) copyWords(this.#words, at >>> 2, words, whole);
    for (let i = whole * 4; i < lenBytes; i++) this.bytes[at + i] = frame[i]!;
  }

  /** An array that does not begin on a word has no words. */
  #adopt(frame: Uint8Array): void {
    const isAligned = (frame.byteOffset & 3) === 0;
    this.#source = frame;
    this.#sourceWords = isAligned ? new Int32Array(frame.buffer, frame.byteOffset, frame.length >>> 2) : null;
  }
}

function copyWords(to: Int32Array, toIndex: number, from: Int32Array, count: number): void {
  for (let i = 0; i < count; i++) to[toIndex + i] = from[i]!;
}
