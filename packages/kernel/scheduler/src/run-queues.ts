/**
 * Every thread that could run: in the ready queue of its domain, at its priority, or in the release queue until its
 * context has time again. A thread is in one of them, or in neither.
 */
import { ReadyQueues } from './ready-queues.ts';
import { NONE } from './records.ts';
import { ReleaseQueue } from './release-queue.ts';
import type { Threads } from './threads.ts';

const NOWHERE = 0;
const READY = 1;
const POSTPONED = 2;

export class RunQueues {
  readonly #release: ReleaseQueue;
  /** NOWHERE, READY or POSTPONED: so that most removals look at one byte. */
  readonly #place: Uint8Array;
  readonly #threads: Threads;
  readonly #ready: ReadyQueues[] = [];

  constructor(threads: Threads, domainCount: number) {
    this.#threads = threads;
    this.#release = new ReleaseQueue(threads.count);
    this.#place = new Uint8Array(threads.count);
    for (let domain = 0; domain < domainCount; domain++) this.#ready.push(new ReadyQueues(threads.count));
  }

  /** @returns the thread of a domain that runs first, or -1. */
  highest(domain: number): number {
    const queue = this.#ready[domain];
    return queue === undefined ? NONE : queue.highest();
  }
  /** @returns the highest priority of a domain at which a thread other than this one is ready, or -1. */
  highestPriorityWithout(domain: number, thread: number): number {
    const queue = this.#ready[domain];
    return queue === undefined ? NONE : queue.highestPriorityWithout(thread);
  }
  isReady(thread: number): boolean {
    return this.#place[thread] === READY;
  }
  isPostponed(thread: number): boolean {
    return this.#place[thread] === POSTPONED;
  }
  /** @returns the thread that is released first, or -1. */
  firstPostponed(): number {
    return this.#release.first();
  }
  /** @returns when it is, or Infinity. */
  firstRelease(): number {
    return this.#release.firstTime();
  }
  /** Behind all others of the thread's priority. */
  enqueue(thread: number): void {
    this.#place[thread] = READY;
    this.#queueOf(thread).enqueue(thread, this.#threads.priority[thread]!);
  }
  enqueueFront(thread: number): void {
    this.#place[thread] = READY;
    this.#queueOf(thread).enqueueFront(thread, this.#threads.priority[thread]!);
  }
  postpone(thread: number, time: number): void {
    this.#place[thread] = POSTPONED;
    this.#release.insert(thread, time);
  }
  /** Takes a thread out, wherever it is. */
  remove(thread: number): void {
    const place = this.#place[thread];
    if (place === NOWHERE) return;
    if (place === READY) this.#queueOf(thread).dequeue(thread);
    else this.#release.remove(thread);
    this.#place[thread] = NOWHERE;
  }
  #queueOf(thread: number): ReadyQueues {
    return this.#ready[this.#threads.domain[thread]!]!;
  }
}
