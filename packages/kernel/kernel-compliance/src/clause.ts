/** How clauses are written. */
import type { Check } from './check.ts';
import type { ErrorName } from './numbers.ts';
import type { Clause } from './run.ts';
import type { Answer } from './stage.ts';
import type { Story } from './story.ts';
import type { Feature } from './subject.ts';

type Run = (story: Story, check: Check) => void;

/** @returns a maker of clauses of one section. */
export const sectionOf =
  (section: string) =>
  (clause: string, run: Run, ...needs: Feature[]): Clause => ({ section, clause, needs, run });

/** An answer is this error, and says exactly this; of a failed look-up, how much of it is to be compared is the clause's. */
export function answers(
  check: Check,
  answer: Answer,
  error: ErrorName,
  words?: readonly number[],
  what: string = error,
): void {
  const all = answer.words;
  const said = error === 'FailedLookup' ? all.slice(0, words?.length) : all;
  if (words === undefined) check.equal(answer.error, error, what);
  else check.equal([answer.error, ...said], [error, ...words], what);
}

/** What an invocation is made of, while it is mended. */
export interface Draft {
  pointer: number;
  label: number;
  words: number[];
  capabilities: number[];
}
/** Mends one thing more, and names the error that wins now. */
export interface Rung {
  readonly mend?: (draft: Draft) => void;
  readonly error: ErrorName;
  readonly words?: readonly number[];
  readonly what: string;
}

/**
 * The order in which errors win: an invocation that is wrong in everything is mended step by step, and each time the
 * next error must show. So every error is seen to win over all that come after it.
 */
export function climb(story: Story, check: Check, draft: Draft, rungs: readonly Rung[]): void {
  for (const { mend, error, words, what } of rungs) {
    mend?.(draft);
    const answer = story.invokeNumbered(draft.pointer, draft.label, draft.words, draft.capabilities);
    answers(check, answer, error, words, what);
  }
}
