/**
 * Who goes first. A policy is a value: an order of jobs, and how long a turn may last. Orders are total, so that one set
 * of jobs has one schedule.
 */

/** What a policy may know of a client whose job is ready. Times are in the kernel's unit. */
export interface Job {
  /** Number of the client, from 0. */
  readonly client: number;
  readonly period: number;
  /** The most that it may use of every period. */
  readonly budget: number;
  /** When this job was released, and when it must be done. */
  readonly release: number;
  readonly deadline: number;
  /** Counts turns: the lower, the longer ago its last turn ended. */
  readonly turn: number;
}
export interface Policy {
  readonly name: string;
  /** Below 0 when `a` goes before `b`. */
  readonly compare: (a: Job, b: Job) => number;
  /** After so long others that are ready have a turn. @defaultValue for ever */
  readonly slice?: number;
}

/** The job whose deadline is next. Liu and Layland 1973, §7 "The Deadline Driven Scheduling Algorithm". */
export const earliestDeadlineFirst: Policy = {
  name: 'earliest deadline first',
  compare: (a, b) => a.deadline - b.deadline || a.release - b.release || a.client - b.client,
};
/** The job with the shortest period. Liu and Layland 1973, §4 "A Fixed Priority Scheduling Algorithm". */
export const rateMonotonic: Policy = {
  name: 'rate monotonic',
  compare: (a, b) => a.period - b.period || a.client - b.client,
};
/** Each in turn, for so long. */
export const roundRobin = (slice: number): Policy => ({
  name: 'round robin',
  slice,
  compare: (a, b) => a.turn - b.turn,
});
