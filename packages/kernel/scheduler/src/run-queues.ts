/**
 * Every thread that could run: in the ready queue of its domain, at its priority, or in the release queue until its
 * context has time again. A thread is in one of them, or in neither.
 */
import { ReadyQueues } from './ready-queues.ts';
import { NONE } from './records.ts';
import { ReleaseQueue } from './release-queue.ts';
import type { Threads } from './threads.ts';

export class RunQueues {
  readonly release: ReleaseQueue;
  readonly #threads: Threads;
  readonly #ready: ReadyQueues[] = [];

  constructor(threads: Threads, domainCount: number) {
    this.#threads = threads;
    this.release = new ReleaseQueue(threads.count);
    for (let domain = 0; domain < domainCount; domain++) this.#ready.push(new ReadyQueues(threads.count));
  }

  /** @returns the thread of a domain that runs first, or -1. */
  highest(domain: number): number {
    const queue = this.#ready[domain];
    return queue === undefined ? NONE : queue.highest();
  }
  isReady(thread: number): boolean {
    return this.#queueOf(thread).isQueued(thread);
  }
  /** Behind all others of the thread's priority. */
  enqueue(thread: number): void {
    this.#queueOf(thread).enqueue(thread, this.#threads.priority[thread]!);
  }
  enqueueFront(thread: number): void {
    this.#queueOf(thread).enqueueFront(thread, this.#threads.priority[thread]!);
  }
  /** Takes a thread out, wherever it is. */
  remove(thread: number): void {
    this.#queueOf(thread).dequeue(thread);
    this.release.remove(thread);
  }
  #queueOf(thread: number): ReadyQueues {
    return this.#ready[this.#threads.domain[thread]!]!;
  }
}
