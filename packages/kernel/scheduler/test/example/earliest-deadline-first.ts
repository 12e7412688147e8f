/**
 * A scheduler outside the kernel: it decides who runs by saying who has the scheduling context. Of the jobs that are
 * released and not complete, the one with the earliest deadline has it; the threads of the others are passive.
 *
 * It must be called by a thread that runs on time of its own, above those that it schedules.
 */
import type { Invocations } from '../../src/index.ts';

interface Job {
  readonly thread: number;
  readonly deadline: number;
}

export class EarliestDeadlineFirst {
  readonly #invocations: Invocations;
  readonly #context: number;
  readonly #jobs: Job[] = [];
  #holder = -1;

  constructor(invocations: Invocations, context: number) {
    this.#invocations = invocations;
    this.#context = context;
  }
  released(thread: number, deadline: number): void {
    this.#jobs.push({ thread, deadline });
    this.#decide();
  }
  completed(thread: number): void {
    const index = this.#jobs.findIndex((job) => job.thread === thread);
    if (index >= 0) this.#jobs.splice(index, 1);
    this.#decide();
  }
  #decide(): void {
    const earliest = this.#jobs.toSorted((a, b) => a.deadline - b.deadline)[0]?.thread ?? -1;
    if (earliest === this.#holder) return;
    if (this.#holder >= 0) this.#invocations.unbindObject(this.#context, this.#holder);
    if (earliest >= 0) this.#invocations.bind(this.#context, earliest);
    this.#holder = earliest;
  }
}
