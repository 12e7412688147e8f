/** All that a kernel remembers, taken out and put back: so that every state is left in every way. */
import { blocking } from '@bulkhead/ipc';
import { tcbLayout } from '../../src/index.ts';
import type { Cast } from './cast.ts';

const NOBODY = -1;
const RUNNABLE = 1;
const BUFFER_LANES = 256;

type Lanes = Int32Array | Uint8Array | Float64Array;

export class Memory {
  readonly #cast: Cast;
  readonly #parts: readonly Lanes[];

  constructor(cast: Cast) {
    const { threads, tcbs, scheduler } = cast.w.kernel;
    const t = scheduler.threads;
    this.#cast = cast;
    this.#parts = [
      cast.w.words,
      new Int32Array(threads.state.buffer),
      tcbs.trapped,
      tcbs.yielding,
      tcbs.incarnation,
      ...[t.state, t.priority, t.maximumControlled, t.domain, t.context, t.timeoutHandler, t.reply, t.yieldedTo],
      t.yieldReport,
    ];
  }
  /** What means nothing is made the same: registers, what running threads wrote to their buffers, who runs. */
  settle(): void {
    const { kernel, words } = this.#cast.w;
    const { threads } = kernel;
    kernel.attribute(NOBODY);
    threads.registers.fill(0);
    threads.badge.fill(0);
    for (const t of this.#cast.threads) {
      const context = kernel.tcbs.wordOf(t) + tcbLayout.CONTEXT;
      words.fill(0, context, context + 2 * tcbLayout.REGISTER_COUNT);
      if (threads.state[t] !== blocking.RUNNING) continue;
      threads.tag[t] = 0;
      const buffer = threads.buffer[t]!;
      if (buffer !== 0) words.fill(0, buffer, buffer + BUFFER_LANES);
    }
  }
  take(): Lanes[] {
    return this.#parts.map((part) => part.slice());
  }
  put(saved: readonly Lanes[]): void {
    const { kernel } = this.#cast.w;
    const { scheduler } = kernel;
    kernel.attribute(NOBODY);
    for (let t = 0; t < scheduler.threads.count; t++) if (scheduler.threads.state[t] === RUNNABLE) scheduler.suspend(t);
    saved.forEach((part, i) => {
      this.#parts[i]!.set(part as never);
    });
    for (let t = 0; t < scheduler.threads.count; t++)
      if (scheduler.threads.state[t] === RUNNABLE) scheduler.reconsider(scheduler.threads.context[t]!);
  }
  /** Of everything; two states with the same are taken for one. */
  hash(): string {
    let [a, b] = [17, 4711];
    for (const part of this.#parts)
      for (let i = 0; i < part.length; i++) {
        const value = part[i]!;
        if (value === 0) continue;
        a = Math.imul(a ^ value ^ Math.imul(i, 0x9e37_79b1), 0x0100_0193);
        b = Math.imul(b + value + Math.imul(i, 0x85eb_ca6b), 0xc2b2_ae35) ^ (b >>> 15);
      }
    return `${a} ${b}`;
  }
}
