/** Who holds what: devices, memory, interrupts, rights, and the domain in which a component stands. */
import { KERNEL_DOMAIN } from '@bulkhead/assembler';
import { shortened } from './ability.ts';
import { type Answer, briefly, listed, type Question, type Row, tabled } from './answer.ts';
import { chainFor } from './asking.ts';
import { type Audit, type AuditEdge, type AuditNode, componentsOf, domainId, INTERRUPT_FILE, VERBS } from './model.ts';

/** The driver of a device, the owner of memory, whoever may end and start a component. */
export function owner({ audit, b }: Question): Answer {
  if (b.kind === 'component' || b.kind === 'domain') return keepers(audit, b);
  const others = componentsOf(audit)
    .filter(({ id }) => id !== b.owner && id !== b.sharedWith)
    .filter((one) => chainFor(audit, one, 'write', b) !== null)
    .map(({ id }) => id);
  const owners = [b.owner, b.sharedWith].filter((name) => name !== null);
  const way = reasonFor(audit, b);
  return listed(`who owns ${b.id}`, owners, [
    ...(way === null ? [] : [`  ${way}`]),
    ...(others.length === 0
      ? []
      : [`who can ${b.kind === 'device' ? 'program' : 'write'} it, too: ${others.join(', ')}`]),
  ]);
}
function reasonFor(audit: Audit, b: AuditNode): string | null {
  const holder = audit.nodes.find(({ id }) => id === b.owner);
  const way = holder === undefined ? null : chainFor(audit, holder, 'write', b);
  if (way === null || way.length === 0) return null;
  return way.length === 1 ? briefly(way) : `${briefly(way)}: ${way.at(-1)!.reason}`;
}
/** Nobody owns a component: somebody may hold the right to its domain. */
function keepers(audit: Audit, { domain }: AuditNode): Answer {
  const ends = audit.edges.filter(({ verb, to }) => verb === 'ends' && to === domainId(domain!));
  const names = componentsOf(audit)
    .filter((one) => ends.some(({ from }) => from === domainId(one.domain!)))
    .map(({ id }) => id);
  return listed(`who holds a right to end and start ${domainId(domain!)}`, names);
}

const isInterrupt = ({ verb }: AuditEdge): boolean => verb === 'interrupts';
/** Devices whose interrupts it is given. */
const sourcesOf = (audit: Audit, id: string): AuditEdge[] =>
  audit.edges.filter((one) => isInterrupt(one) && one.to === id);
const takersOf = (audit: Audit, domain: string): AuditEdge | undefined =>
  audit.edges.find(({ from, verb, to }) => from === domainId(domain) && verb === 'takes' && to === INTERRUPT_FILE);

export function interrupts({ audit, a }: Question): Answer {
  const sources = sourcesOf(audit, a.id);
  const taking = a.domain === null ? undefined : takersOf(audit, a.domain);
  return listed(
    `whose interrupts ${a.id} gets`,
    sources.map(({ from }) => from),
    [
      ...sources.map((one) => `  ${briefly([one])}`),
      ...(taking === undefined ? [] : [`it may take more: ${taking.reason}`]),
    ],
  );
}
export function allInterrupts({ audit }: Question): Answer {
  const rows = componentsOf(audit).map(({ id }) => ({ name: id, names: sourcesOf(audit, id).map(({ from }) => from) }));
  return tabled('who gets whose interrupts', rows);
}
export function interrupted({ audit, b }: Question): Answer {
  const direct = audit.edges.filter((one) => isInterrupt(one) && one.from === b.id);
  const ends = direct.flatMap((one) =>
    one.to === INTERRUPT_FILE ? audit.edges.filter((next) => isInterrupt(next) && next.from === INTERRUPT_FILE) : [one],
  );
  return listed(
    `who gets the interrupts of ${b.id}`,
    [...new Set(ends.map(({ to }) => to))],
    direct.map((one) => `  ${briefly([one])}`),
  );
}

export function place({ audit, a }: Question): Answer {
  if (a.domain === null) return listed(`where ${a.id} stands`, ['in no domain']);
  const reason = audit.edges.find(({ from, verb }) => from === a.id && verb === 'runs-in')?.reason;
  return listed(
    `where ${a.id} ${a.kind === 'memory' ? 'comes from' : 'runs'}`,
    [domainId(a.domain)],
    [...(reason === undefined ? [] : [`  ${reason}`])],
  );
}
export function beside({ audit, a }: Question): Answer {
  const members = componentsOf(audit).filter(({ domain, id }) => domain === a.domain && id !== a.id);
  const wall = a.domain === KERNEL_DOMAIN ? 'with the privilege of the kernel' : 'in user mode, behind the MMU';
  const besides = a.kind === 'domain' ? '' : ` beside ${a.id}`;
  return listed(
    `who runs in ${domainId(a.domain ?? 'none')}${besides}, ${wall}`,
    members.map(({ id }) => id),
  );
}

/** All edges that leave it and its domain, by what they let it do. */
export function rights({ audit, a }: Question): Answer {
  const domain = a.kind === 'component' ? domainId(a.domain!) : a.id;
  const leaving = audit.edges.filter(({ from, verb }) => (from === a.id || from === domain) && verb !== 'runs-in');
  const rows = VERBS.flatMap((verb): Row[] => {
    const names = [...new Set(leaving.filter((one) => one.verb === verb).map(({ to }) => to))];
    return names.length === 0 ? [] : [{ name: verb.replaceAll('-', ' '), names }];
  });
  return tabled(`what ${a.id} may do by itself`, rows, ({ names }) => shortened(audit, a.id, names));
}
/** Rights are granted by the description, and used in a run. */
export const unused = (question: Question): Answer => unusedBy(question, [question.a.id], ` by ${question.a.id}`);
export const allUnused = (question: Question): Answer =>
  unusedBy(
    question,
    componentsOf(question.audit).map(({ id }) => id),
    '',
  );
function unusedBy({ audit, facts }: Question, holders: readonly string[], by: string): Answer {
  if (facts.unused === undefined)
    return { kind: 'needs-run', text: `only a run shows which rights of ${audit.system} are never used${by}` };
  const rows = holders.flatMap((name): Row[] => {
    const names = facts.unused!.filter(({ holder }) => holder === name).map(({ right }) => right);
    return names.length === 0 ? [] : [{ name, names }];
  });
  if (rows.length === 0) return tabled(`no right was left unused${by} in the run`, rows);
  return tabled(`rights granted and never used${by} in the run`, rows);
}
