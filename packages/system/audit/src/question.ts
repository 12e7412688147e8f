/** Questions in plain words, answered with the shortest chain. */

import { canIt, pairs, whatCan, whoCan } from './ability.ts';
import { type Answer, type Question, type RunFacts, refusal } from './answer.ts';
import { type Asked, FORMS, meaningsOf } from './forms.ts';
import { type Blanks, wordsOf } from './grammar.ts';
import { allInterrupts, allUnused, beside, interrupted, interrupts, owner, place, rights, unused } from './holding.ts';
import type { Audit, AuditNode } from './model.ts';
import { findNames, namesOf } from './names.ts';
import { apart, depends, falls, fallsWith, isolated, survives, trusted, trusting, trusts } from './standing.ts';

const ANSWERS: Readonly<Record<Asked, (question: Question) => Answer>> = {
  trusted,
  trusting,
  trusts,
  owner,
  interrupts,
  interrupted,
  'all-interrupts': allInterrupts,
  isolated,
  apart,
  falls,
  'falls-with': fallsWith,
  survives,
  depends,
  place,
  beside,
  unused,
  'all-unused': allUnused,
  rights,
  pairs,
  can: canIt,
  who: whoCan,
  what: whatCan,
};

/**
 * @param facts what the audit alone does not know: lines of code, and what a run never used
 * @returns the answer, or one line with the forms that are understood
 */
export function ask(audit: Audit, question: string, facts: RunFacts = {}): Answer {
  const strange: string[] = [];
  for (const [asked, blanks] of meaningsOf(wordsOf(question))) {
    const found = named(audit, blanks);
    if (typeof found === 'string') strange.push(found);
    else
      return ANSWERS[asked]({
        audit,
        facts,
        ...found,
        verb: blanks.verb ?? 'reach',
        kind: blanks.kind,
        of: blanks.of ?? [],
      });
  }
  // Of all ways to read it, the one whose name is the shortest is the likeliest to be meant.
  strange.sort((a, b) => a.length - b.length);
  return notUnderstood(audit, strange[0] ?? `'${question}' is no question that is understood`);
}
const notUnderstood = (audit: Audit, why: string): Answer =>
  refusal(`${why}: ask ${FORMS.map((form) => `'${form}'`).join(', ')}; names: ${namesOf(audit).join(', ')}`);

/** @returns the nodes that fill the blanks, or why there are none. */
function named(audit: Audit, { a, b }: Blanks): { readonly a: AuditNode; readonly b: AuditNode } | string {
  const [first, second] = [a, b].map((text) => (text === undefined ? undefined : theOne(audit, text)));
  if (typeof first === 'string') return first;
  if (typeof second === 'string') return second;
  // What asks for a blank has it: a form names its own.
  return { a: (first ?? second)!, b: (second ?? first)! };
}
function theOne(audit: Audit, text: string): AuditNode | string {
  const found = findNames(audit, text);
  if (found.length === 1) return found[0]!;
  if (found.length === 0) return `there is no '${text}' in ${audit.system}`;
  return `'${text}' may be ${found.map(({ id }) => id).join(' or ')} in ${audit.system}: say which`;
}
