/** What the scheduler asks of the kernel: each is a value to yield, and the answer's label is 0 or the error. */
import { message } from '@bulkhead/ipc';
import { labels, type ThreadContext } from '@bulkhead/kernel-core';
import { setTime } from './protocol.ts';

export function invoke(
  t: ThreadContext,
  object: number,
  label: number,
  words: readonly number[],
  capabilities: readonly number[],
): number {
  for (const [i, word] of words.entries()) setTime(t, i, word);
  for (const [i, capability] of capabilities.entries()) t.setCapability(i, capability);
  return t.call(object, message.messageTag(label, 0, capabilities.length, words.length));
}
export const bind = (t: ThreadContext, context: number, thread: number): number =>
  invoke(t, context, labels.SCHED_CONTEXT_BIND, [], [thread]);
export const unbind = (t: ThreadContext, context: number, thread: number): number =>
  invoke(t, context, labels.SCHED_CONTEXT_UNBIND_OBJECT, [], [thread]);
/** A context that nobody holds has its whole budget from now on. */
export const configure = (t: ThreadContext, control: number, context: number, budget: number, period: number): number =>
  invoke(t, control, labels.SCHED_CONTROL_CONFIGURE_FLAGS, [Math.min(budget, period), period, 0, 0, 0], [context]);
