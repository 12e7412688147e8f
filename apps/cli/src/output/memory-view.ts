/** Memory as tables: physical RAM, each domain's map, each device's; and who shares frames with whom as a drawing. */
import type { MemorySnapshot } from '@bulkhead/inspection';
import { bytes, physical, physicalRange, times, virtual } from './addresses.ts';
import { attributes, digraph, quoted } from './dot.ts';
import { table, whole } from './table.ts';

type Region = MemorySnapshot['ram'][number];
type Run = MemorySnapshot['domains'][number]['runs'][number];

const PAGE_BYTES = 4096;
const LEGEND = [
  'Access: r read, w write, x execute; - what is not allowed. * marks frames that two domains or more have.',
  'The kernel sees all of RAM at one distance; a view of the kernel is not listed.',
  'Lost: what alignment or a deleted object took from an untyped, until everything made of it is taken back.',
];

export function memoryText(snapshot: MemorySnapshot): string {
  const { system, ram, ramBytes, bytesByUse, domains, devices } = snapshot;
  const uses = Object.entries(bytesByUse).map(([use, count]) => [use, bytes(count)]);
  return [
    `${system}: ${bytes(ramBytes)} of RAM`,
    '',
    table(['physical', 'size', 'owner', 'what', 'mapped by'], rowsOf(ram), false),
    '',
    table(['use', 'bytes'], [...uses, ['in all', bytes(ramBytes)]]),
    '',
    ...domains.flatMap(({ domain, rootPage, alive, runs }) => [
      `${domain}: ${spaceText(rootPage, alive)}`,
      ...mapLines(runs),
    ]),
    ...devices.flatMap(({ device, reach, busMaster, runs }) => [
      `device ${device}: ${DMA[reach]}${busMaster ? '' : '; bus mastering is off, so that it reaches nothing now'}`,
      ...mapLines(runs),
    ]),
    ...LEGEND,
    '',
  ].join('\n');
}

const DMA = {
  nothing: 'by DMA it reaches nothing',
  everything: 'by DMA it reaches everything: the IOMMU passes its addresses on as they are',
  mapped: 'by DMA it reaches this, through the IOMMU',
} as const;
const spaceText = (rootPage: number, alive: boolean): string =>
  rootPage === 0
    ? 'no address space yet'
    : `virtual memory, root table at ${physical(rootPage * PAGE_BYTES)}${alive ? '' : '; dead: nothing of it runs'}`;

function mapLines(runs: readonly Run[]): string[] {
  if (runs.length === 0) return [''];
  const rows = runs.map(({ page, count, physicalPage, access, what, owner }) => [
    virtual(page),
    `${whole(count)} ${count === 1 ? 'page' : 'pages'}`,
    physical(physicalPage * PAGE_BYTES),
    access,
    what,
    owner ?? '',
  ]);
  return [table(['address', 'pages', 'physical', 'access', 'what', 'whose memory'], rows, false), ''];
}

/** Objects smaller than a page, and the holes between them, are one row. */
function rowsOf(ram: readonly Region[]): string[][] {
  const rows: string[][] = [];
  for (let at = 0; at < ram.length; ) {
    let end = at;
    while (end < ram.length && isSmall(ram[end]!) && ram[end]!.owner === ram[at]!.owner) end++;
    if (end - at > 1) rows.push(smallRow(ram.slice(at, end)));
    else rows.push(rowOf(ram[at]!));
    at = Math.max(end, at + 1);
  }
  return rows;
}
const isSmall = ({ unitBytes, use }: Region): boolean => unitBytes < PAGE_BYTES && use !== 'tcb';

function rowOf({ address, lenBytes, owner, what, count, unitBytes, views, shared }: Region): string[] {
  const seen = views.map((view) => `${view.name} ${virtual(view.page)} ${view.access}`);
  const label = `${shared ? '* ' : ''}${what}`;
  return [physicalRange(address, lenBytes), times(count, unitBytes), owner ?? '–', label, seen.join(', ')];
}
function smallRow(regions: readonly Region[]): string[] {
  const [first] = regions;
  const lenBytes = regions.reduce((sum, region) => sum + region.lenBytes, 0);
  const lost = regions.filter(({ use }) => use === 'lost').reduce((sum, region) => sum + region.lenBytes, 0);
  const kept = regions.filter(({ use }) => use !== 'lost').map(({ what, unitBytes }) => `${what} ${bytes(unitBytes)}`);
  const what = [...kept, ...(lost > 0 ? [`lost ${bytes(lost)}`] : [])].join(', ');
  return [physicalRange(first!.address, lenBytes), bytes(lenBytes), first!.owner ?? '–', what, ''];
}

/** An ellipse a domain or device, a box a shared piece of memory, an edge who has it, with the access. */
export function memoryDot({ system, ram, domains, devices }: MemorySnapshot): string {
  const shown = ram.filter(({ shared, views }) => shared || views.some(({ kind }) => kind === 'device'));
  const nodes = [
    ...domains.map(({ domain }) => `${quoted(domain)} ${attributes({ shape: 'ellipse' })};`),
    ...devices.map(({ device, reach }) => {
      const label = reach === 'everything' ? `${device}\nreaches everything` : device;
      return `${quoted(device)} ${attributes({ shape: 'hexagon', label })};`;
    }),
  ];
  const pieces = shown.flatMap(({ address, count, unitBytes, what, owner, views }, index) => [
    `m${index} ${attributes({ shape: 'box', label: `${what}\n${physical(address)}, ${times(count, unitBytes)}` })};`,
    ...(views.some(({ name }) => name === owner) || owner === null
      ? []
      : [`${quoted(owner)} -> m${index} ${attributes({ label: 'owns', dir: 'none', style: 'dashed' })};`]),
    ...views.map(({ name, access }) => `${quoted(name)} -> m${index} ${attributes({ label: access, dir: 'none' })};`),
  ]);
  return digraph(`${system}: shared memory`, ['rankdir=LR;', ...nodes, ...pieces]);
}
