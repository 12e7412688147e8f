/** The graph as text that others draw: DOT (Graphviz) and Mermaid. Domains are boxes around their components. */
import type { Audit, AuditEdge, AuditNode } from './model.ts';

/** What is drawn: memory that only its owner touches is left out, and verbs between two nodes share an arrow. */
interface Drawing {
  readonly boxes: readonly { readonly domain: string; readonly nodes: readonly AuditNode[] }[];
  readonly loose: readonly AuditNode[];
  readonly arrows: readonly { readonly from: string; readonly to: string; readonly label: string }[];
}

const LEFT_OUT: readonly string[] = ['runs-in', 'holds-state-of', 'contains', 'stalls'];

function drawingOf(audit: Audit): Drawing {
  const isShown = ({ kind, sharedWith, id }: AuditNode): boolean =>
    kind === 'component' || kind === 'device' || sharedWith !== null || id === 'physical memory';
  const shown = audit.nodes.filter(isShown);
  const ids = new Set(shown.map(({ id }) => id));
  const domains = audit.nodes.filter(({ kind }) => kind === 'domain');
  const boxes = domains.map(({ id, domain }) => ({
    domain: id,
    nodes: shown.filter((inside) => inside.kind === 'component' && inside.domain === domain),
  }));
  const isEnd = (id: string): boolean => ids.has(id) || domains.some((domain) => domain.id === id);
  const edges = audit.edges.filter(({ from, to, verb }) => !LEFT_OUT.includes(verb) && isEnd(from) && isEnd(to));
  return { boxes, loose: shown.filter(({ kind }) => kind !== 'component'), arrows: merged(edges) };
}
function merged(edges: readonly AuditEdge[]): Drawing['arrows'] {
  const labels = new Map<string, { from: string; to: string; verbs: Set<string> }>();
  for (const { from, to, verb } of edges) {
    const key = `${from}\n${to}`;
    const arrow = labels.get(key) ?? { from, to, verbs: new Set() };
    arrow.verbs.add(verb);
    labels.set(key, arrow);
  }
  return [...labels.values()].map(({ from, to, verbs }) => ({ from, to, label: [...verbs].join(', ') }));
}

const quoted = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

/** @returns a digraph in DOT. */
export function toDot(audit: Audit): string {
  const { boxes, loose, arrows } = drawingOf(audit);
  const lines = [`digraph ${quoted(audit.system)} {`, '  rankdir=LR; compound=true; node [shape=box];'];
  boxes.forEach(({ domain, nodes }, index) => {
    lines.push(`  subgraph cluster_${index} {`, `    label=${quoted(domain)};`);
    lines.push(`    ${quoted(domain)} [shape=point];`);
    for (const { id } of nodes) lines.push(`    ${quoted(id)};`);
    lines.push('  }');
  });
  for (const { id, kind } of loose)
    lines.push(`  ${quoted(id)} [shape=${kind === 'memory' ? 'cylinder' : 'component'}];`);
  for (const { from, to, label } of arrows) lines.push(`  ${quoted(from)} -> ${quoted(to)} [label=${quoted(label)}];`);
  return `${[...lines, '}'].join('\n')}\n`;
}

/** @returns a Mermaid flowchart. */
export function toMermaid(audit: Audit): string {
  const { boxes, loose, arrows } = drawingOf(audit);
  const ids = new Set([...boxes.map(({ domain }) => domain), ...audit.nodes.map(({ id }) => id)]);
  const numbers = new Map([...ids].map((id, index) => [id, `n${index}`]));
  const name = (id: string): string => numbers.get(id)!;
  const label = (text: string): string => `"${text.replaceAll('"', '#quot;')}"`;
  const lines = ['flowchart LR'];
  for (const { domain, nodes } of boxes) {
    lines.push(`  subgraph ${name(domain)} [${label(domain)}]`);
    for (const { id } of nodes) lines.push(`    ${name(id)}[${label(id)}]`);
    lines.push('  end');
  }
  for (const { id, kind } of loose)
    lines.push(`  ${name(id)}${kind === 'memory' ? `[(${label(id)})]` : `{{${label(id)}}}`}`);
  for (const { from, to, label: text } of arrows) lines.push(`  ${name(from)} -->|${label(text)}| ${name(to)}`);
  return `${lines.join('\n')}\n`;
}
