/** Threads that run, wait, and stop. */
import type { State, Thing, Thread } from './things.ts';

export function wait(t: Thread, at: Thing, state: State): void {
  t.state = state;
  t.at = at;
  at.queue.push(t);
}
export function unwait(t: Thread): void {
  if (t.at !== null) t.at.queue = t.at.queue.filter((each) => each !== t);
  t.at = null;
  t.state = 'running';
}
export function tie(reply: Thing, t: Thread, state: State): void {
  reply.thread = t;
  t.reply = reply;
  t.state = state;
}
export function untie(t: Thread): void {
  if (t.reply !== null) t.reply.thread = null;
  t.reply = null;
}
export function unbind(t: Thread): void {
  if (t.bound !== null) t.bound.bound = null;
  t.bound = null;
}
export function suspend(t: Thread): void {
  unwait(t);
  untie(t);
  t.state = 'inactive';
  t.fault = false;
}
/** It makes its system call again, whatever it waited for. */
export function resume(t: Thread): void {
  if (t.state === 'running') return;
  suspend(t);
  t.state = 'running';
}
/** What it waited for is gone: it tries again; one that has a fault cannot. */
export function restart(t: Thread): void {
  const { fault } = t;
  suspend(t);
  if (!fault) t.state = 'running';
}
