import { message } from '@bulkhead/ipc';
import { tcbLayout } from '../src/index.ts';
import type { World } from './support.ts';

/** All that is remembered, but for what an answer writes: the caller's registers and its message buffer. */
export function stateOf(w: World): readonly unknown[] {
  const { threads, scheduler, tcbs } = w.kernel;
  const { thread } = w.info;
  const words = w.words.slice();
  const context = tcbs.wordOf(thread) + tcbLayout.CONTEXT;
  words.fill(0, context, context + 2 * tcbLayout.REGISTER_COUNT);
  words.fill(0, w.info.bufferWord, w.info.bufferWord + message.BUFFER_LANES);
  const t = scheduler.threads;
  return [
    Buffer.from(words.buffer).toString('latin1'),
    ...[threads.state, threads.priority, threads.object, threads.reply, threads.bound, threads.buffer, threads.fault],
    ...[t.context, t.reply, t.state, t.priority, t.maximumControlled, t.domain, t.timeoutHandler, t.yieldedTo],
    [w.kernel.current, scheduler.until(), scheduler.domains.current],
  ].map((part) => (typeof part === 'string' ? part : [...(part as Iterable<number>)].join()));
}
