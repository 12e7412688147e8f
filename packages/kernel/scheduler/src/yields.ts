/** Who yielded to which scheduling context, and awaits its report. Manual §6.1 "Scheduling Contexts", YieldTo. */
import { SC_YIELD_FROM } from './records.ts';
import type { SchedContexts } from './sched-contexts.ts';
import type { Threads } from './threads.ts';

export class Yields {
  readonly #threads: Threads;
  readonly #contexts: SchedContexts;
  readonly #words: Int32Array;

  constructor(threads: Threads, contexts: SchedContexts) {
    this.#threads = threads;
    this.#contexts = contexts;
    this.#words = contexts.words;
  }
  /** A thread waits until it is chosen again, or the context changes hands. */
  begin(thread: number, sc: number): void {
    this.#threads.yieldedTo[thread] = sc;
    this.#words[sc + SC_YIELD_FROM] = thread + 1;
  }
  /** Whoever yielded to this context has its report. */
  end(sc: number): void {
    const thread = this.#words[sc + SC_YIELD_FROM]! - 1;
    if (thread >= 0 && this.#threads.yieldedTo[thread] === sc) this.complete(thread);
  }
  /** A thread that yielded has its report. */
  complete(thread: number): void {
    const sc = this.#threads.yieldedTo[thread]!;
    this.#threads.yieldReport[thread] = this.#contexts.takeConsumed(sc);
    this.forget(thread);
  }
  /** It wants none any more. */
  forget(thread: number): void {
    const sc = this.#threads.yieldedTo[thread]!;
    if (sc === 0) return;
    this.#threads.yieldedTo[thread] = 0;
    this.#words[sc + SC_YIELD_FROM] = 0;
  }
}
