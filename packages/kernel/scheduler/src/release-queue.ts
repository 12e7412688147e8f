/**
 * Threads that wait for time: a heap by release time, first come, first served among equals. Its keys are copies, so
 * its order does not depend on memory that others can write.
 */
import { NONE } from './records.ts';

export class ReleaseQueue {
  readonly #heap: Int32Array;
  readonly #position: Int32Array;
  readonly #time: Float64Array;
  readonly #arrival: Float64Array;
  #count = 0;
  #arrivals = 0;

  constructor(threadCount: number) {
    this.#heap = new Int32Array(threadCount).fill(NONE);
    this.#position = new Int32Array(threadCount).fill(NONE);
    this.#time = new Float64Array(threadCount);
    this.#arrival = new Float64Array(threadCount);
  }

  get count(): number {
    return this.#count;
  }
  contains(thread: number): boolean {
    return this.#position[thread]! >= 0;
  }
  /** @returns the thread that is released first, or -1. */
  first(): number {
    return this.#count === 0 ? NONE : this.#heap[0]!;
  }
  /** @returns when the first thread is released, or Infinity. */
  firstTime(): number {
    return this.#count === 0 ? Number.POSITIVE_INFINITY : this.#time[this.#heap[0]!]!;
  }
  /** The thread must not wait here yet. */
  insert(thread: number, time: number): void {
    this.#time[thread] = time;
    this.#arrival[thread] = this.#arrivals++;
    this.#rise(thread, this.#count++);
  }
  /** Nothing happens when the thread does not wait here. */
  remove(thread: number): void {
    const at = this.#position[thread]!;
    if (at < 0) return;
    this.#position[thread] = NONE;
    const last = this.#heap[--this.#count]!;
    if (last === thread) return;
    if (at > 0 && this.#isBefore(last, this.#heap[(at - 1) >> 1]!)) this.#rise(last, at);
    else this.#sink(last, at);
  }

  #isBefore(a: number, b: number): boolean {
    const timeA = this.#time[a]!;
    const timeB = this.#time[b]!;
    return timeA < timeB || (timeA === timeB && this.#arrival[a]! < this.#arrival[b]!);
  }
  #rise(thread: number, from: number): void {
    let at = from;
    while (at > 0) {
      const parent = this.#heap[(at - 1) >> 1]!;
      if (!this.#isBefore(thread, parent)) break;
      this.#place(parent, at);
      at = (at - 1) >> 1;
    }
    this.#place(thread, at);
  }
  #sink(thread: number, from: number): void {
    let at = from;
    for (let child = 2 * at + 1; child < this.#count; child = 2 * at + 1) {
      if (child + 1 < this.#count && this.#isBefore(this.#heap[child + 1]!, this.#heap[child]!)) child++;
      if (!this.#isBefore(this.#heap[child]!, thread)) break;
      this.#place(this.#heap[child]!, at);
      at = child;
    }
    this.#place(thread, at);
  }
  #place(thread: number, at: number): void {
    this.#heap[at] = thread;
    this.#position[thread] = at;
  }
}
