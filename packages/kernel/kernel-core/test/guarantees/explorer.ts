/** All that a kernel remembers, taken out and put back: so that every state is left in every way. */
import { blocking } from '@bulkhead/ipc';
import { tcbLayout } from '../../src/index.ts';
import type { Cast } from './cast.ts';

const NOBODY = -1;
const RUNNABLE = 1;
const BUFFER_LANES = 256;
const BLOCK = 512;

type Lanes = Int32Array | Uint8Array | Float64Array;
/** Where a state differs from the first: part, index and value, one after the other. Two states are one if these are. */
export type Saved = readonly number[];

const bytesOf = ({ buffer, byteOffset, BYTES_PER_ELEMENT: size }: Lanes, from: number, to: number): Buffer =>
  Buffer.from(buffer as ArrayBuffer, byteOffset + from * size, (to - from) * size);

export class Memory {
  readonly #cast: Cast;
  readonly #parts: readonly Lanes[];
  readonly #first: readonly Lanes[];

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
      cast.machine.enabled,
    ];
    this.settle();
    this.#first = this.#parts.map((part) => part.slice());
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
  take(): Saved {
    const saved: number[] = [];
    this.#parts.forEach((part, p) => {
      const first = this.#first[p]!;
      for (let from = 0; from < part.length; from += BLOCK) {
        const to = Math.min(from + BLOCK, part.length);
        if (bytesOf(part, from, to).equals(bytesOf(first, from, to))) continue;
        for (let i = from; i < to; i++) if (part[i] !== first[i]) saved.push(p, i, part[i]!);
      }
    });
    return saved;
  }
  put(saved: Saved): void {
    const { kernel } = this.#cast.w;
    const { scheduler } = kernel;
    kernel.attribute(NOBODY);
    for (let t = 0; t < scheduler.threads.count; t++) if (scheduler.threads.state[t] === RUNNABLE) scheduler.suspend(t);
    this.#parts.forEach((part, p) => {
      part.set(this.#first[p]! as never);
    });
    for (let at = 0; at < saved.length; at += 3) this.#parts[saved[at]!]![saved[at + 1]!] = saved[at + 2]!;
    for (let t = 0; t < scheduler.threads.count; t++)
      if (scheduler.threads.state[t] === RUNNABLE) scheduler.reconsider(scheduler.threads.context[t]!);
  }
}
