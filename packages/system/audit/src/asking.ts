/** The shortest chain for each verb that can be asked. */
import { anything, chainsFrom, controlThen, learning, type Rule } from './chain.ts';
import { endedBy, fate } from './containment.ts';
import { type Audit, type AuditEdge, type AuditNode, domainId, INTERRUPT_FILE } from './model.ts';
import { type ScarceResource, starvation } from './starvation.ts';
import type { Askable } from './verbs.ts';

/** A message that no IOMMU turns goes to the interrupt file, and from there to whoever bound it. */
const interrupting: Rule = (next, before) =>
  controlThen('interrupts')(next, before) ||
  (before?.verb === 'interrupts' && before.to === INTERRUPT_FILE && next.verb === 'interrupts');

const RULES: Readonly<
  Record<Exclude<Askable, 'access' | 'starve' | 'DMA' | 'end' | 'talk to' | 'share memory with'>, Rule>
> = {
  read: learning,
  write: controlThen('carries-data-of'),
  reach: anything,
  call: controlThen('calls', 'casts'),
  signal: controlThen('signals'),
  interrupt: interrupting,
  start: controlThen('starts'),
};
/** The verbs by which a chain that answers a question may end; other chains lead there by another way. */
const LAST: Readonly<Partial<Record<Askable, readonly string[]>>> = {
  call: ['calls', 'casts'],
  signal: ['signals'],
  interrupt: ['interrupts'],
  start: ['starts'],
};

/**
 * The shortest chain by which one can do it to the other; null when it cannot.
 * @param of what it may be starved of; anything when empty
 */
export function chainFor(
  audit: Audit,
  a: AuditNode,
  verb: Askable,
  b: AuditNode,
  of: readonly ScarceResource[] = [],
): readonly AuditEdge[] | null {
  if (verb === 'starve') return starving(audit, a, b, of);
  if (verb === 'access') return shorter(chainFor(audit, a, 'write', b), withRule(audit, a, 'read', b));
  if (verb === 'talk to') return talking(audit, a, b) ?? talking(audit, b, a) ?? sharing(audit, a, b);
  if (verb === 'share memory with') return sharing(audit, a, b);
  if (verb === 'DMA') return throughDevice(audit, a, b);
  if (verb === 'write') return chainsFrom(audit, a.id, controlThen()).get(b.id) ?? withRule(audit, a, verb, b);
  if (verb === 'end') return ending(audit, a, b);
  return withRule(audit, a, verb, b) ?? (LAST[verb] === undefined ? null : throughControl(audit, a, b));
}
function withRule(audit: Audit, a: AuditNode, verb: keyof typeof RULES, b: AuditNode): readonly AuditEdge[] | null {
  const last = LAST[verb];
  const target = verb === 'start' && b.kind === 'component' ? domainId(b.domain!) : b.id;
  const rule = RULES[verb];
  const chain = chainsFrom(audit, a.id, last === undefined ? rule : endingWith(rule, last, target)).get(target);
  return chain === undefined || (last !== undefined && !last.includes(chain.at(-1)!.verb)) ? null : chain;
}
/** No other way into the target counts. */
const endingWith =
  (rule: Rule, last: readonly string[], target: string): Rule =>
  (next, before) =>
    rule(next, before) && (next.to !== target || last.includes(next.verb));
/** Whoever has another under control does to it what it likes. */
const throughControl = (audit: Audit, a: AuditNode, b: AuditNode): readonly AuditEdge[] | null =>
  chainsFrom(audit, a.id, controlThen()).get(b.id) ?? null;

function ending(audit: Audit, a: AuditNode, b: AuditNode): readonly AuditEdge[] | null {
  const shared = a.kind === 'component' && b.kind === 'component' ? fate(a, b) : null;
  const controlled = chainsFrom(audit, a.id, controlThen());
  return (
    shared ?? (a.domain === null || b.domain === null ? null : endedBy(audit, a, b)) ?? controlled.get(b.id) ?? null
  );
}
function starving(
  audit: Audit,
  a: AuditNode,
  b: AuditNode,
  of: readonly ScarceResource[],
): readonly AuditEdge[] | null {
  const found = starvation(audit).find(
    ({ resource, starver, starved }) =>
      starver === a.id && starved === b.id && (of.length === 0 || of.includes(resource)),
  );
  if (found === undefined) return throughControl(audit, a, b);
  return [{ from: a.id, verb: 'stalls', to: b.id, reason: `${found.resource}: ${found.reason}` }];
}
/** First to a device, and from there by its own accesses. */
function throughDevice(audit: Audit, a: AuditNode, b: AuditNode): readonly AuditEdge[] | null {
  const byDevice: Rule = ({ verb }, before) =>
    before === null ? verb.startsWith('dma-') : ['contains', 'holds-state-of', 'carries-data-of'].includes(verb);
  const ways: (readonly AuditEdge[])[] = [];
  const control = chainsFrom(audit, a.id, controlThen());
  for (const { id, kind } of audit.nodes) {
    const there = id === a.id ? [] : control.get(id);
    const on = kind === 'device' && there !== undefined ? chainsFrom(audit, id, byDevice).get(b.id) : undefined;
    if (there !== undefined && on !== undefined) ways.push([...there, ...on]);
  }
  return ways.sort((one, other) => one.length - other.length)[0] ?? null;
}
/** By a connection of their own. */
const talking = (audit: Audit, a: AuditNode, b: AuditNode): readonly AuditEdge[] | null =>
  chainsFrom(audit, a.id, ({ verb, to }, before) =>
    before === null || before.verb === 'runs-in'
      ? verb === 'runs-in' || (to === b.id && (verb === 'calls' || verb === 'casts'))
      : false,
  ).get(b.id) ?? null;
type Chain = readonly AuditEdge[] | null;
const shorter = (one: Chain, other: Chain): Chain =>
  one === null || (other !== null && other.length < one.length) ? other : one;
/** Memory that both have mapped, or a domain in which both stand. */
function sharing(audit: Audit, a: AuditNode, b: AuditNode): readonly AuditEdge[] | null {
  const standing = (node: AuditNode): AuditEdge | undefined =>
    audit.edges.find(({ from, verb }) => from === node.id && verb === 'runs-in');
  const [one, other] = [standing(a), standing(b)];
  if (one === undefined || other === undefined) return null;
  if (one.to === other.to) return [one, other];
  const maps = (domain: string, memory: string): AuditEdge | undefined =>
    audit.edges.find(({ from, verb, to }) => from === domain && verb === 'writes' && to === memory);
  for (const part of audit.edges.filter(({ verb, to }) => verb === 'carries-data-of' && to === b.id)) {
    const mapped = maps(one.to, part.from);
    if (mapped !== undefined && maps(other.to, part.from) !== undefined) return [one, mapped, part];
  }
  return null;
}
