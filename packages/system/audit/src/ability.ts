/** Who can do what to whom: one pair, all who can, all that one can, and everybody. */
import { type Answer, briefly, listed, no, type Question, tabled, yes } from './answer.ts';
import { chainFor } from './asking.ts';
import { chainsFrom, controlThen } from './chain.ts';
import { type Audit, type AuditNode, componentsOf, type NodeKind, PHYSICAL_MEMORY, VERBS } from './model.ts';
import { GUARANTEES, type ScarceResource } from './starvation.ts';

export function canIt(question: Question): Answer {
  const { audit, a, b, verb, of } = question;
  const can = `${a.id} can ${verb} ${b.id}`;
  if (a.id === b.id) return yes(`${can}: it is itself`, []);
  const chain = chainFor(audit, a, verb, b, of);
  if (chain === null) return no(`nothing lets ${a.id} ${verb} ${b.id}${ofText(of)}. ${why(question)}`);
  const isData = chain.at(-1)!.verb === 'carries-data-of' && verb !== 'share memory with';
  return yes(`${can}${ofText(of)}${isData ? ', but only memory that carries data between two components' : ''}`, chain);
}
const ofText = (of: readonly ScarceResource[]): string => (of.length === 0 ? '' : ` of ${of.join(' or ')}`);
/** What comes nearest, or what stands against it. */
function why({ audit, a, b, verb, of }: Question): string {
  if (verb === 'starve') return (of.length === 0 ? (['memory'] as const) : of).map((one) => GUARANTEES[one]).join(' ');
  const nearest = chainFor(audit, a, 'reach', b);
  if (nearest === null) return `No chain of rights, memory or devices leads from ${a.id} to ${b.id}`;
  return `What comes nearest: ${briefly(nearest)}`;
}

const candidates = (audit: Audit, kind: NodeKind = 'component'): readonly AuditNode[] =>
  audit.nodes.filter((one) => one.kind === kind);

export function whoCan({ audit, b, verb, kind, of }: Question): Answer {
  const found = candidates(audit, kind).flatMap((a) => {
    const chain = a.id === b.id ? null : chainFor(audit, a, verb, b, of);
    return chain === null ? [] : [{ id: a.id, chain }];
  });
  const names = found.map(({ id }) => id);
  const chains = found.map(({ chain }) => chain);
  const ways = chains.map((chain) => `  ${briefly(chain)}`);
  return { ...listed(`who can ${verb} ${b.id}${ofText(of)}`, names, ways), chains };
}

/** What it does by itself, then what others do for it. */
export function whatCan({ audit, a, verb, kind, of }: Question): Answer {
  const others = audit.nodes.filter((b) => b.id !== a.id && b.kind !== 'domain' && (kind ?? b.kind) === b.kind);
  const all = others.filter((b) => chainFor(audit, a, verb, b, of) !== null).map(({ id }) => id);
  const head = `what ${kind === undefined ? '' : `${PLURAL[kind]} `}${a.id} can ${verb}${ofText(of)}`;
  if (verb !== 'reach') return listed(head, all);
  const own = chainsFrom(audit, a.id, controlThen(...VERBS));
  const names = all.filter((id) => own.has(id));
  const through = others.filter(({ id, kind: its }) => its !== 'memory' && all.includes(id) && !own.has(id));
  const more = through.length === 0 ? [] : [`only through others: ${through.map(({ id }) => id).join(', ')}`];
  return listed(head, names, more);
}
const PLURAL: Readonly<Record<NodeKind, string>> = {
  component: 'components',
  device: 'devices',
  memory: 'memory',
  domain: 'domains',
};

/** Each component's row of what it can do to others by itself. */
export function pairs({ audit, verb, kind = 'component', of }: Question): Answer {
  const rows = componentsOf(audit).map((a) => {
    const own = verb === 'reach' ? chainsFrom(audit, a.id, controlThen(...VERBS)) : null;
    const names = candidates(audit, kind)
      .filter((b) => b.id !== a.id && (own?.has(b.id) ?? chainFor(audit, a, verb, b, of) !== null))
      .map(({ id }) => id);
    return { name: a.id, names };
  });
  return tabled(`who can ${verb} which ${PLURAL[kind]}${ofText(of)}`, rows, ({ name, names }) =>
    shortened(audit, name, names),
  );
}
/** Whoever has all of memory has every piece of it; its own memory is everybody's. */
export function shortened(audit: Audit, name: string, names: readonly string[]): readonly string[] {
  if (names.includes(PHYSICAL_MEMORY)) return ['all of physical memory'];
  const isOwn = (id: string): boolean => {
    const { kind, owner, sharedWith } = audit.nodes.find((one) => one.id === id)!;
    return kind === 'memory' && owner === name && sharedWith === null;
  };
  return names.some(isOwn) ? ['its own', ...names.filter((id) => !isOwn(id))] : names;
}
