/**
 * What happens to whom if a component fails, where failing is the worst: it does anything that its authority allows,
 * and then ends, or never does. Of every pair the effects that are possible, the most severe first.
 */
import { KERNEL_DOMAIN } from '@bulkhead/assembler';
import { type Chains, chainsFrom, controlThen } from './chain.ts';
import { type Audit, type AuditEdge, type AuditNode, domainId, edge, KERNEL, membersOf, type Verb } from './model.ts';

/** In order of severity: what a failing component can do to another. */
export const EFFECTS = ['falls', 'corrupted', 'data corrupted', 'stalled', 'notices', 'untouched'] as const;
export type Effect = (typeof EFFECTS)[number];

/** What each means for whom it meets, in one sentence; the mildest first. README "Effects" says how it comes about. */
export const MEANINGS: Readonly<Record<Effect, string>> = {
  untouched: 'Nothing reaches it.',
  notices: 'It sees calls refused and messages missing, and goes on.',
  stalled: 'It may wait, or not get the processor, for as long as the other likes.',
  'data corrupted': 'Data that passes through it may be changed; its own memory is not reached.',
  corrupted: 'Its memory may be changed, and so what it does.',
  falls: 'It ends with the other, or may be ended by it.',
};

export interface Finding {
  readonly effect: Effect;
  /** How: the steps, each with its reason. */
  readonly chain: readonly AuditEdge[];
}
/** What a failure of one component does to another. */
export interface Cell {
  readonly failing: string;
  readonly affected: string;
  /** The most severe. */
  readonly effect: Effect;
  /** All that are possible, in order of severity; none when untouched. */
  readonly findings: readonly Finding[];
}
export interface Containment {
  readonly components: readonly string[];
  /** Rows by failing component, columns by affected one, in the order of `components`. */
  readonly cells: readonly (readonly Cell[])[];
}

/** The matrix, the kernel included as its last row and column. */
export function containment(audit: Audit): Containment {
  const members = [...membersOf(audit), ...audit.nodes.filter(({ id }) => id === KERNEL)];
  const components = members.map(({ id }) => id);
  return { components, cells: members.map((failing) => rowOf(audit, failing, members)) };
}

function rowOf(audit: Audit, failing: AuditNode, members: readonly AuditNode[]): Cell[] {
  const controlled = chainsFrom(audit, failing.id, controlThen());
  return members.map((affected) => {
    const findings =
      affected === failing
        ? [{ effect: 'falls', chain: [] } as const]
        : findingsOf(audit, controlled, failing, affected);
    return { failing: failing.id, affected: affected.id, effect: findings[0]?.effect ?? 'untouched', findings };
  });
}
function findingsOf(audit: Audit, controlled: Chains, failing: AuditNode, affected: AuditNode): Finding[] {
  const shared = fate(failing, affected);
  const chains: readonly (readonly [Effect, readonly AuditEdge[] | null | undefined])[] = [
    ['falls', shared ?? endedBy(audit, failing, affected)],
    ['corrupted', controlled.get(affected.id)],
    ['data corrupted', lastStep(audit, controlled, failing.id, 'carries-data-of', affected.id)],
    ['stalled', stalls(failing, affected)],
    ['notices', shared === null ? talk(audit, failing, affected) : null],
  ];
  return chains.flatMap(([effect, chain]) => (chain === null || chain === undefined ? [] : [{ effect, chain }]));
}
/** The shortest chain whose last step, by one verb, leads to `to`. */
export function lastStep(
  audit: Audit,
  controlled: Chains,
  from: string,
  verb: Verb,
  to: string,
): readonly AuditEdge[] | null {
  const ways = audit.edges
    .filter((last) => last.verb === verb && last.to === to && (last.from === from || controlled.has(last.from)))
    .map((last) => [...(controlled.get(last.from) ?? []), last]);
  return ways.sort((a, b) => a.length - b.length)[0] ?? null;
}

/** One domain is one fate; the kernel's is everybody's. */
export function fate(failing: AuditNode, affected: AuditNode): readonly AuditEdge[] | null {
  const domain = failing.domain!;
  const inDomain = edge(failing.id, 'runs-in', domainId(domain), 'an exception or a page fault there ends the domain');
  if (domain === KERNEL_DOMAIN)
    return [inDomain, edge(domainId(domain), 'ends', affected.id, 'a panic: nothing runs without the kernel')];
  if (domain === affected.domain) return [inDomain, edge(domainId(domain), 'ends', affected.id, 'it stands in it too')];
  return null;
}
/** By its own right to the other's domain, or by taking away what the other needs; not by having others do it. */
export function endedBy(audit: Audit, failing: AuditNode, affected: AuditNode): readonly AuditEdge[] | null {
  const domain = domainId(failing.domain!);
  const standing = audit.edges.filter(({ from, verb }) => from === failing.id && verb === 'runs-in');
  const end = (verb: Verb, to: string): AuditEdge | undefined =>
    audit.edges.find((last) => last.from === domain && last.verb === verb && last.to === to);
  const last = end('ends', domainId(affected.domain!)) ?? end('revokes', affected.id);
  return last === undefined ? null : [...standing, last];
}

/**
 * Without a budget a component keeps the hart from everybody whose level is not higher: with a handler that does not
 * end, or, where a limit ends that, with one after another. With a budget it waits between them, and others run.
 */
export function stalls(failing: AuditNode, affected: AuditNode): readonly AuditEdge[] | null {
  if (affected.level! > failing.level! || failing.budget !== null) return null;
  const levels = `its level ${failing.level} is not below ${affected.level}, and it has no budget`;
  return [edge(failing.id, 'stalls', affected.id, levels)];
}
/** Whoever is connected with what ends is told; the kernel takes its exception. */
function talk(audit: Audit, failing: AuditNode, affected: AuditNode): readonly AuditEdge[] | null {
  if (affected.id === KERNEL)
    return [edge(failing.id, 'calls', KERNEL, 'its exceptions and page faults are taken there')];
  const ended = membersOf(audit).filter(({ domain }) => domain === failing.domain);
  const areEnds = ({ verb, from, to }: AuditEdge): boolean =>
    (verb === 'calls' || verb === 'casts') &&
    ended.some(({ id }) => (from === affected.id && to === id) || (from === id && to === affected.id));
  const found = audit.edges.find(areEnds);
  return found === undefined ? null : [found];
}

/** The most severe effect of a failure, told by whom it meets. */
export interface Summary {
  readonly failing: string;
  readonly affected: Readonly<Record<Effect, readonly string[]>>;
}
/** @returns for each component, who meets what if it fails, itself left out. */
export function summarise({ cells }: Containment): Summary[] {
  return cells.map((row) => ({
    failing: row[0]!.failing,
    affected: Object.fromEntries(
      EFFECTS.map((effect) => [
        effect,
        row.filter((cell) => cell.effect === effect && cell.affected !== cell.failing).map(({ affected }) => affected),
      ]),
    ) as Record<Effect, string[]>,
  }));
}
