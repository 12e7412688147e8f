/** What is asked, and what an answer is; how chains and lists are told. */
import type { Audit, AuditEdge, AuditNode, NodeKind } from './model.ts';
import type { ScarceResource } from './starvation.ts';
import type { TrustedBase } from './trusted-base.ts';
import type { UnusedRight } from './use.ts';
import type { Askable } from './verbs.ts';

export interface Row {
  readonly name: string;
  readonly names: readonly string[];
}
export type Answer =
  | { readonly kind: 'yes' | 'no'; readonly text: string; readonly chain: readonly AuditEdge[] }
  | {
      readonly kind: 'list';
      readonly text: string;
      readonly names: readonly string[];
      /** For each name how, where the question was who can. */
      readonly chains?: readonly (readonly AuditEdge[])[];
    }
  | { readonly kind: 'table'; readonly text: string; readonly rows: readonly Row[] }
  /** Understood, but only a run can tell. */
  | { readonly kind: 'needs-run' | 'not-understood'; readonly text: string };

/** What no graph knows. */
export interface RunFacts {
  /** In lines of code. */
  readonly trustedBases?: readonly TrustedBase[];
  /** Of a run. */
  readonly unused?: readonly UnusedRight[];
}
export interface Question {
  readonly audit: Audit;
  readonly facts: RunFacts;
  /** Both are the same where the question has one name. */
  readonly a: AuditNode;
  readonly b: AuditNode;
  readonly verb: Askable;
  readonly kind: NodeKind | undefined;
  readonly of: readonly ScarceResource[];
}

/** Numbered steps in words. */
export const stepsOf = (chain: readonly AuditEdge[]): string[] =>
  chain.map((step, i) => `  ${i + 1}. ${inWords(step)}: ${step.reason}`);
/** All steps in a line; a single one with its reason. */
export const briefly = (chain: readonly AuditEdge[]): string =>
  chain.map(inWords).join(', ') + (chain.length === 1 ? `: ${chain[0]!.reason}` : '');
const inWords = ({ from, verb, to }: AuditEdge): string => `${from} ${verb.replaceAll('-', ' ')} ${to}`;

export const enumerated = (names: readonly string[], nothing = 'nobody'): string =>
  names.length === 0 ? nothing : names.join(', ');

export const refusal = (text: string): Answer => ({ kind: 'not-understood', text });
export const yes = (text: string, chain: readonly AuditEdge[]): Answer => ({
  kind: 'yes',
  text: [`yes: ${text}`, ...stepsOf(chain)].join('\n'),
  chain,
});
/** @param chain what stands against it, told step by step. */
export const no = (text: string, chain: readonly AuditEdge[] = []): Answer => ({
  kind: 'no',
  text: [`no: ${text}`, ...stepsOf(chain)].join('\n'),
  chain,
});
type List = Answer & { readonly kind: 'list' };
export const listed = (what: string, names: readonly string[], more: readonly string[] = []): List => ({
  kind: 'list',
  text: [`${what}: ${enumerated(names)}`, ...more].join('\n'),
  names,
});
/** @param told the names of a row as the text has them */
export const tabled = (
  what: string,
  rows: readonly Row[],
  told = ({ names }: Row): readonly string[] => names,
): Answer => ({
  kind: 'table',
  text: [what, ...rows.map((row) => `  ${row.name}: ${enumerated(told(row), '–')}`)].join('\n'),
  rows,
});
