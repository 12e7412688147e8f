/**
 * Runs clauses, each on a fresh machine. Where the subject has a fast path, each clause runs with it and without it, and
 * everything that a thread could see must be the same: manual §4 "Message Passing (IPC)" knows only one behaviour.
 */
import { Check } from './check.ts';
import { Story } from './story.ts';
import { FEATURES, type Feature, type Subject } from './subject.ts';

export interface Clause {
  /** Of the manual: number and title. */
  readonly section: string;
  readonly clause: string;
  /** What the kernel must have for the clause to mean something. */
  readonly needs: readonly Feature[];
  readonly run: (story: Story, check: Check) => void;
}

export type Verdict = 'held' | 'failed' | 'skipped';
export interface Outcome {
  readonly section: string;
  readonly clause: string;
  readonly verdict: Verdict;
  /** Why it failed, or what was missing. */
  readonly reasons: readonly string[];
}

/** @returns what became of each clause; `report` hears of each as it is done. */
export function runSuites(
  subject: Subject,
  clauses: readonly Clause[],
  report: (outcome: Outcome) => void = () => {},
): Outcome[] {
  return clauses.map((clause) => {
    const outcome = runClause(subject, clause);
    report(outcome);
    return outcome;
  });
}

export function runClause(subject: Subject, clause: Clause): Outcome {
  const { section, clause: name } = clause;
  const missing = clause.needs.filter((feature) => !subject.features.has(feature));
  if (missing.length > 0) {
    return { section, clause: name, verdict: 'skipped', reasons: missing.map((feature) => `no ${FEATURES[feature]}`) };
  }
  const slow = runOnce(subject, clause, false);
  const reasons = [...slow.failures];
  if (subject.features.has('fastPath')) {
    const fast = runOnce(subject, clause, true);
    for (const failure of fast.failures) if (!reasons.includes(failure)) reasons.push(`with the fast path: ${failure}`);
    const difference = differenceOf(slow.trace, fast.trace);
    if (difference !== '') reasons.push(`the fast path shows: ${difference}`);
  }
  return { section, clause: name, verdict: reasons.length === 0 ? 'held' : 'failed', reasons };
}

interface Once {
  readonly failures: readonly string[];
  readonly trace: readonly string[];
}
function runOnce(subject: Subject, clause: Clause, fastPath: boolean): Once {
  const check = new Check();
  const trace: string[] = [];
  try {
    clause.run(new Story(subject, subject.boot({ fastPath }), trace), check);
    if (check.count === 0) check.failures.push('the clause compared nothing');
  } catch (error) {
    check.failures.push(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
  }
  return { failures: check.failures, trace };
}

function differenceOf(slow: readonly string[], fast: readonly string[]): string {
  const at = slow.findIndex((line, index) => line !== fast[index]);
  if (at >= 0) return `${fast[at] ?? 'nothing'} where ${slow[at]} was`;
  return fast.length > slow.length ? `${fast[slow.length]} where nothing was` : '';
}
