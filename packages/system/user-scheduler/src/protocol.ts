/**
 * What a client says to the scheduler, through an endpoint whose badge says who it is: two calls. Each is a value to
 * yield; the answer's label is 0, or why it was refused, and its words are the release and the deadline of the job that
 * begins with it.
 */
import { message } from '@bulkhead/ipc';
import type { ThreadContext } from '@bulkhead/kernel-core';

const { messageTag } = message;
const HIGH = 0x1_0000_0000;

/* Labels of calls. Faults have lower ones. */
export const REGISTER = 16;
export const NEXT = 17;

/* Labels of answers. */
export const ACCEPTED = 0;
/** No such call, a client that has no job, or times that make no sense. */
export const REFUSED = 1;
/** It would be more than there is. */
export const NO_CAPACITY = 2;

export interface Times {
  readonly period: number;
  /** What a job may use, with its calls to the scheduler. */
  readonly budget: number;
  /** After the release. @defaultValue the period */
  readonly deadline?: number;
  /** When the first job is released. @defaultValue at once */
  readonly first?: number;
}

/** Asks for a place, and waits for the first release. */
export function register(t: ThreadContext, scheduler: number, { period, budget, deadline, first }: Times): number {
  for (const [i, time] of [period, budget, deadline ?? period, first ?? 0].entries()) setTime(t, i, time);
  return t.call(scheduler, messageTag(REGISTER, 0, 0, 4));
}
/** The job is done: waits for the next release. */
export const jobDone = (t: ThreadContext, scheduler: number): number => t.call(scheduler, messageTag(NEXT, 0, 0, 0));

/** When the job that begins was released, and when it must be done: as long as the answer lies in the registers. */
export const releaseOf = (t: ThreadContext): number => timeAt(t, 0);
export const deadlineOf = (t: ThreadContext): number => timeAt(t, 1);

export const timeAt = (t: ThreadContext, index: number): number => t.wordHigh(index) * HIGH + (t.word(index) >>> 0);
export const setTime = (t: ThreadContext, index: number, time: number): void =>
  t.setWord(index, time | 0, Math.floor(time / HIGH));
