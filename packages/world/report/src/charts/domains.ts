/** Each system drawn: components as cells, domains as walls around them, connections as arrows, gates as their labels. */
import type { Comparison, ConnectionShape, DomainShape, SystemResult } from '@bulkhead/comparison';
import type { Chart } from '../figure.ts';
import { type Content, html, type Markup, NOTHING } from '../html.ts';
import { px, textWidth } from '../svg.ts';
import { listed, named } from '../words.ts';
import { CORE, type Layout, layoutOf, piecesOf } from './domain-layout.ts';
import { type Box, cell, domainName, ROW_PX, type Route, routeOf, WIDTH_PX, wall } from './domain-shapes.ts';

const GATE_PX = 10;
const LINE_PX = 11;
const HARDWARE_PX = 64;
/** What stands for a gate that is none: caller and called share a domain. */
const DIRECT = 'direct';

/** What the gates are called, and what each does. */
const GATES: Readonly<Record<string, readonly [word: string, meaning: string]>> = {
  'system-call': ['system call', 'a trap into the kernel and back'],
  upcall: ['upcall', 'the kernel leaves an entry in a ring and signals the process'],
  ipc: ['IPC', 'a message through an endpoint: two traps and two address-space switches, there and back'],
  outbox: ['outbox', 'left in a page of the sender, with a signal; the receiver fetches a batch with one call'],
  ring: ['ring', 'entries in shared memory, and a signal only when the other side sleeps'],
};
const wordOf = (gate: string): string => GATES[gate]?.[0] ?? gate;

/** A queue is what any downward cast waits in: no wall stands there. Without events there is no way back. */
const linesOf = ({ up, down }: ConnectionShape): string[] =>
  down === up || down === 'queue' || down === 'none' ? [wordOf(up)] : [wordOf(up), `← ${wordOf(down)}`];

const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** Where the label stands: the first spot of its way where it lies on no other, and on no cell. */
function spotOf({ spots, isUpright }: Route, lines: readonly string[], taken: Box[]): Box {
  const long = Math.max(...lines.map((line) => textWidth(line, GATE_PX))) + 2;
  const wide = lines.length * LINE_PX + 2;
  const boxAt = ([x, y]: readonly [number, number]): Box =>
    isUpright
      ? { x: x - wide / 2, y: y - long / 2, width: wide, height: long }
      : { x: x - long / 2, y: y - wide / 2, width: long, height: wide };
  const boxes = spots.map(boxAt);
  const box = boxes.find((candidate) => !taken.some((other) => overlap(candidate, other))) ?? boxes[0]!;
  taken.push(box);
  return box;
}

function gateLabel(route: Route, lines: readonly string[], taken: Box[]): Markup {
  const box = spotOf(route, lines, taken);
  const [x, y] = [px(box.x + box.width / 2), px(box.y + box.height / 2)];
  const turn = route.isUpright ? `rotate(-90 ${x} ${y})` : 'rotate(0)';
  const first = y - ((lines.length - 1) * LINE_PX) / 2 + 3.5;
  return html`<g transform="${turn}">${lines.map(
    (line, index) => html`<text class="gate" x="${x}" y="${px(first + index * LINE_PX)}">${line}</text>`,
  )}</g>`;
}

interface Arrow {
  readonly connection: ConnectionShape;
  readonly route: Route;
}

const arrowsOf = ({ connections }: SystemResult, { places }: Layout): Arrow[] =>
  connections.flatMap((connection) => {
    const from = places.get(connection.client);
    const to = places.get(connection.server);
    return from === undefined || to === undefined || from === to
      ? []
      : [{ connection, route: routeOf(from, to, connection.up === DIRECT) }];
  });

/** Arrow heads are named by drawing: names on a page are unique. */
function arrowLine({ connection, route }: Arrow, drawing: string): Markup {
  const { client, server, contract, up, down } = connection;
  const isDirect = up === DIRECT;
  return html`<path class="arrow ${isDirect ? 'direct' : 'crossing'}" d="${route.path}" marker-end="url(#${drawing}-${isDirect ? 'direct' : 'crossing'})"><title>${client} → ${server}, ${contract}: ${wordOf(up)}, back ${wordOf(down)}</title></path>`;
}

const head = (id: string, kind: string): Markup =>
  html`<marker id="${id}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="head ${kind}" d="M0 0L8 4L0 8Z"/></marker>`;

function domainWalls({ name, isKernel, components }: DomainShape, { places }: Layout): Markup[] {
  const members = [...(isKernel ? [CORE] : []), ...components.map((component) => component.name)];
  const standing = members.flatMap((member) => places.get(member) ?? []);
  const title = isKernel ? 'kernel mode' : components.length === 1 ? 'user process' : `user: ${name}`;
  return piecesOf(standing).map(
    (piece) => html`${wall(piece, isKernel ? 'kernel' : 'user')}${domainName(piece, title)}`,
  );
}

const cells = ({ places }: Layout): Markup[] =>
  [...places].map(([name, place]) => (name === CORE ? cell(place, 'kernel core', 'core') : cell(place, name, 'part')));

const TRANSLATING = 'translating';

/** What stands between the NIC and memory, under the drawing. */
function hardware(iommu: string, topPx: number): Markup {
  const isWall = iommu === TRANSLATING;
  const y = topPx + 20;
  return html`<line class="floor" x1="0" x2="${WIDTH_PX}" y1="${topPx}" y2="${topPx}"/>
<text class="domain" x="4" y="${topPx + 13}">hardware: what the NIC's DMA can reach</text>
<rect class="device" x="12" y="${y}" width="60" height="28" rx="4"/><text class="in-cell" x="42" y="${y + 18}">NIC</text>
<line class="arrow crossing" x1="72" x2="112" y1="${y + 14}" y2="${y + 14}"/>
<rect class="${isWall ? 'iommu on' : 'iommu off'}" x="112" y="${y}" width="134" height="28" rx="4"/><text class="in-cell" x="179" y="${y + 18}">IOMMU ${iommu}</text>
<line class="arrow crossing" x1="246" x2="264" y1="${y + 14}" y2="${y + 14}"/>
<text class="gate left" x="268" y="${y + 11}">${isWall ? 'only what was' : iommu === 'bare' ? 'all of' : 'memory'}</text>
<text class="gate left" x="268" y="${y + 23}">${isWall ? 'mapped for it' : iommu === 'bare' ? 'memory' : ''}</text>`;
}

function drawing(result: SystemResult, index: number, systems: readonly SystemResult[]): Markup {
  const layout = layoutOf(result, systems);
  const arrows = arrowsOf(result, layout);
  const taken: Box[] = [];
  const labels = arrows
    .filter(({ connection }) => connection.up !== DIRECT)
    .map(({ route, connection }) => gateLabel(route, linesOf(connection), taken));
  const floor = layout.rows * ROW_PX;
  const height = floor + HARDWARE_PX;
  const id = `arrow-${index}`;
  return html`<div class="panel"><h3>${result.system}</h3><p class="note">${result.summary}</p>
<svg class="boxes" role="img" aria-label="${describe(result)}" viewBox="0 0 ${WIDTH_PX} ${height}">
<defs>${head(`${id}-direct`, 'direct')}${head(`${id}-crossing`, 'crossing')}</defs>
${result.domains.map((domain) => domainWalls(domain, layout))}${cells(layout)}
${arrows.map((arrow) => arrowLine(arrow, id))}${labels}${hardware(result.iommu, floor)}</svg></div>`;
}

const inKernel = ({ domains }: SystemResult): string[] =>
  domains.filter(({ isKernel }) => isKernel).flatMap(({ components }) => components.map(({ name }) => name));
const processes = ({ domains }: SystemResult): readonly DomainShape[] => domains.filter(({ isKernel }) => !isKernel);

function describe(result: SystemResult): string {
  const kernel = inKernel(result);
  const users = processes(result).map(({ components }) => components.map(({ name }) => name).join(' with '));
  return `${result.system}. In the kernel: ${kernel.length === 0 ? 'only its core' : kernel.join(', ')}. Processes: ${users.join('; ')}. IOMMU ${result.iommu}.`;
}

function captionOf(systems: readonly SystemResult[]): Content {
  if (systems.length === 0) return NOTHING;
  const inside = systems.map((result) => html`${named(result.system)} ${inKernel(result).length}`);
  const walls = systems.map((result) => html`${processes(result).length} in ${named(result.system)}`);
  return html`A component stands at the same place in every drawing; only the walls move. Components in the kernel beside its core: ${listed(inside)}. User processes: ${listed(walls)}.`;
}

function gateKey(systems: readonly SystemResult[]): Markup {
  const present = new Set(systems.flatMap(({ connections }) => connections.flatMap(({ up, down }) => [up, down])));
  const entries = Object.entries(GATES).filter(([gate]) => present.has(gate));
  return html`<p class="note">An arrow goes from caller to called. Thick arrows cross a wall, through the gate that is written on them; ← is the way back, for what the called side sends later. Thin ones are function calls inside one domain.</p>
<div class="key"><ul>${entries.map(([, [word, meaning]]) => html`<li><b>${word}</b> ${meaning}</li>`)}</ul></div>`;
}

export function domainBoxes({ systems, command }: Comparison): Chart {
  return {
    id: 'domains',
    title: 'Where the walls stand',
    caption: captionOf(systems),
    drawing: html`<div class="panels">${systems.map(drawing)}</div>`,
    key: gateKey(systems),
    data: {
      name: 'domains',
      columns: ['system', 'client', 'server', 'contract', 'gate up', 'gate down', "client's domain", "server's domain"],
      rows: systems.flatMap((result) =>
        result.connections.map(({ client, server, contract, up, down }) => [
          result.system,
          client,
          server,
          contract,
          up,
          down,
          domainOf(result, client),
          domainOf(result, server),
        ]),
      ),
    },
    command,
  };
}

const domainOf = ({ domains }: SystemResult, component: string): string =>
  domains.find(({ components }) => components.some(({ name }) => name === component))?.name ?? '';
