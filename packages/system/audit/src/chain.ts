/** Shortest chains through the graph. */
import type { Audit, AuditEdge, Verb } from './model.ts';

/** Verbs by which what stands at the first end gets the second under its control, or is the second. */
export const CONTROL: readonly Verb[] = ['runs-in', 'writes', 'contains', 'programs', 'dma-writes', 'holds-state-of'];
/** Verbs by which only content is learned: nothing follows from there but whose it is. */
const LEARN: readonly Verb[] = ['reads', 'dma-reads'];

/** Steps that may follow a step, along a chain. */
export type Rule = (next: AuditEdge, before: AuditEdge | null) => boolean;

/** A chain of control, and one last step by another verb. */
export const controlThen =
  (...last: readonly Verb[]): Rule =>
  (next, before) =>
    (before === null || CONTROL.includes(before.verb)) && (CONTROL.includes(next.verb) || last.includes(next.verb));
/** Chains at whose end something is read. */
export const learning: Rule = (next, before) => {
  if (before === null || CONTROL.includes(before.verb)) return [...CONTROL, ...LEARN].includes(next.verb);
  return LEARN.includes(before.verb) || before.verb === 'contains' ? isPart(next) : false;
};
const isPart = ({ verb }: AuditEdge): boolean =>
  verb === 'contains' || verb === 'holds-state-of' || verb === 'carries-data-of';
/** Any effect upon any other: whoever is talked to may talk on. */
export const anything: Rule = () => true;

/** Edges by their first end: made once an audit. */
const INDEXES = new WeakMap<Audit, ReadonlyMap<string, readonly AuditEdge[]>>();

function outOf(audit: Audit): ReadonlyMap<string, readonly AuditEdge[]> {
  const known = INDEXES.get(audit);
  if (known !== undefined) return known;
  const index = new Map<string, AuditEdge[]>();
  for (const edge of audit.edges) {
    const edges = index.get(edge.from);
    if (edges === undefined) index.set(edge.from, [edge]);
    else edges.push(edge);
  }
  INDEXES.set(audit, index);
  return index;
}

export type Chains = ReadonlyMap<string, readonly AuditEdge[]>;

/**
 * Breadth first, over pairs of a node and the kind of step that led there: what may follow depends on it.
 * @returns the shortest chain to every node that one leads to, `from` itself excluded.
 */
export function chainsFrom(audit: Audit, from: string, rule: Rule): Chains {
  const index = outOf(audit);
  const chains = new Map<string, readonly AuditEdge[]>();
  const seen = new Set<string>();
  let frontier: (readonly AuditEdge[])[] = [[]];
  while (frontier.length > 0) {
    const further: (readonly AuditEdge[])[] = [];
    for (const chain of frontier) {
      const before = chain.at(-1) ?? null;
      for (const next of index.get(before?.to ?? from) ?? []) {
        const state = `${next.verb} ${next.to}`;
        if (next.to === from || seen.has(state) || !rule(next, before)) continue;
        seen.add(state);
        const longer = [...chain, next];
        if (!chains.has(next.to)) chains.set(next.to, longer);
        further.push(longer);
      }
    }
    frontier = further;
  }
  return chains;
}

export const chainTo = (audit: Audit, from: string, to: string, rule: Rule): readonly AuditEdge[] | undefined =>
  chainsFrom(audit, from, rule).get(to);
