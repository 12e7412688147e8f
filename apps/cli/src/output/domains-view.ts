/** The domains of a system as tables, and as boxes with their gates. */
import type { DomainsSnapshot } from '@bulkhead/inspection';
import { bytes, physicalRange } from './addresses.ts';
import { attributes, digraph, quoted } from './dot.ts';
import { table, whole } from './table.ts';

const LEGEND = [
  'A component of a higher level preempts those below it, and is called by them. ASID: the tag of its translations.',
  'Memory: what the domain was promised; used is what objects and alignment have taken. Slots: of its CNode.',
  'Gates: direct and queue stay inside a domain; system-call and upcall cross into and out of the kernel; ipc, outbox and',
  'ring join user domains.',
];

export function domainsText({ system, summary, domains, connections }: DomainsSnapshot): string {
  const walls = domains.map(({ name, privilege, asid, alive, starts, components }) => [
    name,
    privilege,
    String(asid),
    alive ? 'alive' : 'dead',
    whole(starts),
    components.map((component) => `${component.name} (${component.level})`).join(', ') || '–',
  ]);
  const holdings = domains.map(({ name, memory, slots, mappedPages }) => [
    name,
    memory === null ? '–' : physicalRange(memory.page * 4096, memory.sizeBytes),
    memory === null ? '–' : bytes(memory.sizeBytes),
    memory === null ? '–' : bytes(memory.usedBytes),
    memory === null ? '–' : bytes(memory.freeBytes),
    slots === null ? '–' : `${whole(slots.used)} of ${whole(slots.total)}`,
    mappedPages === null ? 'all' : whole(mappedPages),
  ]);
  const gates = connections.map(({ client, server, contract, calls, events }) => [
    client,
    server,
    contract,
    calls,
    events,
  ]);
  return [
    `${system}: ${summary}`,
    '',
    table(['domain', 'privilege', 'ASID', 'state', 'starts', 'components (level)'], walls, false),
    '',
    table(['domain', 'memory', 'size', 'used', 'free', 'slots', 'pages mapped'], holdings),
    '',
    table(['client', 'server', 'contract', 'calls by', 'events by'], gates, false),
    '',
    ...LEGEND,
    '',
  ].join('\n');
}

/** A box a domain, its components inside, and an edge a connection, from the client to the server. */
export function domainsDot({ system, domains, connections }: DomainsSnapshot): string {
  const boxes = domains.flatMap(({ name, privilege, alive, components }, index) => [
    `subgraph cluster_${index} {`,
    `  label=${quoted(`${name}\n${privilege}${alive ? '' : ', dead'}`)}; style=${privilege === 'kernel' ? 'filled' : 'solid'}; color=gray;`,
    `  anchor_${index} ${attributes({ shape: 'point', style: 'invis' })};`,
    ...components.map((component) => `  ${quoted(component.name)} ${attributes({ shape: 'box' })};`),
    '}',
  ]);
  const edges = connections.map(({ client, server, calls, events }) => {
    const label = events === '' ? calls : `${calls} / ${events}`;
    return `${quoted(componentOf(client))} -> ${quoted(componentOf(server))} ${attributes({ label })};`;
  });
  return digraph(system, ['rankdir=TB;', ...boxes, ...edges]);
}

const componentOf = (end: string): string => end.split('.')[0]!;
