/** An audit for people: domains, who reaches what, what a failure does, who starves whom, what must be trusted. */
import type { Description } from '@bulkhead/assembler';
import { type Audit, type Effect, GUARANTEES, showing, summarise } from '@bulkhead/audit';
import type { AuditReport } from '../commands/audit.ts';
import { table, whole } from './table.ts';

/** What stands in a cell of the matrix. */
const SHORT: Readonly<Record<Effect, string>> = {
  falls: 'falls',
  corrupted: 'corrupted',
  'data corrupted': 'data',
  stalled: 'stalled',
  notices: 'notices',
  untouched: '–',
};
const LEGEND =
  'falls: ends with it · corrupted: its own memory · data: only memory that both exchange data in ·\nstalled: kept from running or from a service · notices: is told, and goes on · –: nothing (a dot: itself)\nEach cell is the worst of what is possible, whatever the failing component does with what it was given.';

export function auditText(description: Description, report: AuditReport): string {
  const { audit } = report;
  return [
    `${description.name}: ${description.summary}`,
    `from its ${audit.source === 'live' ? 'capabilities and page tables while it runs' : 'description alone'}; the IOMMU is ${audit.iommu}`,
    '',
    domains(report),
    '',
    'Who reaches what, by its own authority',
    reached(report),
    '',
    'If the one on the left fails, what happens to the one above',
    matrix(report),
    LEGEND,
    '',
    'What a failure takes down, or may',
    falls(report),
    '',
    'Who can starve whom',
    starving(report),
    '',
    'What must be right for a component to be right (lines of TypeScript, its own left out)',
    trusted(report),
    '',
    'Edges of the graph that an attack shows (attacks that the tests of the audit run along every such edge of their systems)',
    attacked(report),
    '',
    'Edges that no attack shows, and why',
    unattacked(report),
    ...seen(report),
    '',
  ].join('\n');
}

type Node = Audit['nodes'][number];

const list = (names: readonly string[]): string => (names.length === 0 ? '–' : names.join(', '));

function domains({ audit }: AuditReport): string {
  const rows = audit.nodes
    .filter(({ kind }) => kind === 'domain')
    .map(({ domain }) => {
      const members = audit.nodes.filter((node) => node.kind === 'component' && node.domain === domain);
      const wall = domain === 'kernel' ? 'none: all of memory' : 'MMU';
      return [domain!, wall, members.map(({ id, level }) => `${id} (${level})`).join(', ')];
    });
  return table(['domain', 'wall', 'components (level)'], rows, false);
}

/** Those that it has bound, and those that it may still take. */
function interruptsOf({ edges }: Audit, { id, domain }: Node): string {
  const isBound = edges.some(({ verb, from, to }) => verb === 'interrupts' && from === INTERRUPT_FILE && to === id);
  const mayTake = edges.some(
    ({ verb, from, to }) => verb === 'takes' && from === `domain ${domain}` && to === INTERRUPT_FILE,
  );
  return list([...(isBound ? ['its own'] : []), ...(mayTake ? ['any that nobody has'] : [])]);
}
const INTERRUPT_FILE = 'interrupt file';

/** Memory of others, devices, interrupts, and whom it may talk to. The kernel's domain reaches everything, which is one word. */
function reached({ audit }: AuditReport): string {
  const nodes = new Map(audit.nodes.map((node) => [node.id, node]));
  const rows = audit.nodes
    .filter(({ kind, id }) => kind === 'component' && id !== 'kernel')
    .map((component) => {
      const edges = audit.edges.filter(({ from }) => from === component.id || from === `domain ${component.domain}`);
      const to = (...verbs: readonly string[]): Node[] => [
        ...new Set(edges.filter(({ verb }) => verbs.includes(verb)).map((edge) => nodes.get(edge.to)!)),
      ];
      const isAll = to('writes').some(({ id }) => id === 'physical memory');
      const shared = to('writes').filter(({ owner, sharedWith }) => sharedWith !== null && owner !== component.id);
      return [
        component.id,
        isAll ? 'everything' : list([...new Set(shared.map(({ owner }) => `of ${owner}`))]),
        isAll ? 'everything' : list(to('programs').map(({ id }) => id)),
        isAll ? 'all' : interruptsOf(audit, component),
        list(
          to('calls', 'casts')
            .filter(({ id }) => id !== component.id)
            .map(({ id }) => id),
        ),
      ];
    });
  return table(['component', 'writes memory', 'programs', 'interrupts', 'calls or casts to'], rows, false);
}

function matrix({ containment }: AuditReport): string {
  const rows = containment.cells.map((row) => [
    row[0]!.failing,
    ...row.map(({ failing, affected, effect }) => (failing === affected ? '·' : SHORT[effect])),
  ]);
  return table(['', ...containment.components], rows, false);
}

function falls({ containment }: AuditReport): string {
  const rows = summarise(containment).map(({ failing, affected }) => [
    failing,
    list(affected.falls),
    list(affected.corrupted),
  ]);
  return table(['failing', 'ends with it', 'may do anything'], rows, false);
}

function starving({ starvation }: AuditReport): string {
  const lines: string[] = [];
  for (const [resource, guarantee] of Object.entries(GUARANTEES)) {
    const found = starvation.filter((one) => one.resource === resource);
    lines.push(`${resource}: ${guarantee}`);
    for (const starver of new Set(found.map((one) => one.starver))) {
      const starved = new Set(found.filter((one) => one.starver === starver).map((one) => one.starved));
      lines.push(`  ${starver} can starve ${[...starved].join(', ')}`);
    }
    if (found.length === 0) lines.push('  nobody can starve another');
  }
  return lines.join('\n');
}

function trusted({ trustedBases }: AuditReport): string {
  const rows = trustedBases.map(({ component, kernelLines, componentLines, lines, trusted: others }) => [
    component,
    whole(lines),
    whole(kernelLines),
    whole(componentLines),
    list(others),
  ]);
  return table(['component', 'lines', 'kernel', 'others', 'these others'], rows, false);
}

function attacked({ showings }: AuditReport): string {
  const rows = Object.keys(showing.ATTACKS).flatMap((attack) => {
    const edges = showings.flatMap((one) => (one.shown && one.attack === attack ? [one.edge] : []));
    const verbs = new Set(edges.map(({ verb }) => verb));
    return edges.length === 0 ? [] : [[attack, whole(edges.length), list([...verbs])]];
  });
  return table(['attack', 'edges', 'of these verbs'], rows, false);
}
/** One of each kind: `--json` has them all. */
function unattacked({ showings }: AuditReport): string {
  const unseen = showings.flatMap((one) => (one.shown ? [] : [one]));
  return [...new Set(unseen.map(({ reason }) => reason))]
    .flatMap((reason) => {
      const edges = unseen.filter((one) => one.reason === reason).map(({ edge }) => edge);
      const { from, verb, to } = edges[0]!;
      const left = edges.length === 1 ? '' : ` and ${whole(edges.length - 1)} more`;
      return [`${from} ${verb} ${to}${left}:`, `  ${reason}`];
    })
    .join('\n');
}

/** Of a run: what nobody foretold, and what nobody needed. */
function seen({ live }: AuditReport): string[] {
  if (live === undefined) return [];
  const { requests, unforeseen, unused } = live;
  const rows = [...new Set(unused.map(({ holder }) => holder))].map((holder) => {
    const of = (wanted: string): string =>
      list(unused.filter((one) => one.holder === holder && one.kind === wanted).map(({ right }) => right));
    return [holder, of('resource'), of('method'), of('invocation')];
  });
  const edges = unforeseen.map(({ from, verb, to, reason }) => `  ${from} ${verb} ${to}: ${reason}`);
  return [
    '',
    edges.length === 0
      ? 'The run allows nothing that the description did not foretell'
      : 'Allowed, and not foretold by the description:',
    ...edges,
    '',
    `Granted, and never used in this run (boot and ${whole(requests)} requests)`,
    wrapped(rows),
  ];
}
/** One right a line would be long, one holder a line too wide. */
const wrapped = (rows: readonly (readonly string[])[]): string =>
  rows
    .flatMap(([holder, resources, methods, invocations]) => [
      `${holder}`,
      `  rights to the machine  ${resources}`,
      `  methods of others      ${methods}`,
      `  the kernel's own       ${invocations}`,
    ])
    .join('\n');
