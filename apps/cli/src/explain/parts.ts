/** Lists of steps, and what they add up to. */
import type { Step } from '@bulkhead/assembler';
import type { Profile } from '@bulkhead/costs';
import { type MessageCounts, messageCountsOf } from './counts.ts';

/** What the lecture adds up: the kernel entered and left, and the page-table register reloaded, there and back. */
const LECTURE_PARTS: readonly string[] = ['kernel-entry-exit', 'address-space-switch'];

/** A step, and its place in time: the first is 1. */
export interface OrderedStep extends Step {
  readonly nth: number;
}
export interface Part {
  readonly parts: readonly OrderedStep[];
  readonly cycles: number;
}

/** Ways in which one message can go. */
export const GATES = ['direct', 'system-call', 'ipc', 'slow', 'async'] as const;
export type Gate = (typeof GATES)[number];

/** One message, every charge. */
export interface Explanation {
  readonly operation: 'ipc';
  readonly profile: string;
  readonly profileTitle: string;
  readonly gate: Gate;
  /** The lecture's sum: its parts, and nothing else. */
  readonly lecture: Part;
  /** What really happened besides. */
  readonly leftOut: Part;
  readonly totalCycles: number;
  readonly counts: MessageCounts;
}

export const cyclesOf = (steps: readonly { readonly cycles: number }[]): number =>
  steps.reduce((total, { cycles }) => total + cycles, 0);

const part = (parts: readonly OrderedStep[]): Part => ({ parts, cycles: cyclesOf(parts) });

/** Sorts the steps of one message into the lecture's and the others. Steps of nothing are no steps. */
export function explanationOf(profile: Profile, gate: Gate, steps: readonly Step[]): Explanation {
  const happened = steps.filter(({ count }) => count > 0).map((step, at) => ({ ...step, nth: at + 1 }));
  const isLecture = ({ primitive }: Step): boolean => LECTURE_PARTS.includes(primitive);
  return {
    operation: 'ipc',
    profile: profile.name,
    profileTitle: profile.title,
    gate,
    lecture: part(happened.filter(isLecture)),
    leftOut: part(happened.filter((step) => !isLecture(step))),
    totalCycles: cyclesOf(happened),
    counts: messageCountsOf(happened),
  };
}
