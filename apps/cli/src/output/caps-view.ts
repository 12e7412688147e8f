/** Capabilities as tables by holder and as a tree; what is alike and follows each other is one line. */
import { type CapsSnapshot, type NamedCapability, RIGHTS } from '@bulkhead/inspection';
import { physicalRange, span, times, virtual } from './addresses.ts';
import { foldTree, isAlike, type TreeNode } from './capability-tree.ts';
import { attributes, digraph } from './dot.ts';
import { table, whole } from './table.ts';

export function capsText({ system, spaces, capabilities, derivation }: CapsSnapshot): string {
  const sections = spaces.map(({ holder, slots, used }) => {
    const rows = runsOf(capabilities.filter((one) => one.holder === holder)).map(rowOf);
    const head = ['slot', 'type', 'object', 'size', 'rights', 'badge', 'what', 'mapped at'];
    const title = `${holder}: ${whole(used)} of ${whole(slots)} slots`;
    return [title, table(head, rows, false), ''].join('\n');
  });
  const tree = foldTree(capabilities, derivation).flatMap((node) => linesOf(node, 0));
  return [
    `${system}: every capability, by who holds it`,
    '',
    ...sections,
    'Derivation tree: under each capability those that were derived from it, and go when it is revoked',
    '',
    ...tree,
    '',
    'A slot is written holder:number; for a domain the number is the right by which it names the slot.',
    `Rights: ${RIGHTS.map(([letter, , meaning]) => `${letter} ${meaning}`).join('; ')}.`,
    'A badge tells a server which client calls, and is the bits that a signal sets. IRQControl makes handlers.',
    '',
  ].join('\n');
}

/** Capabilities that follow each other in slots, and whose objects and mappings follow each other too. */
interface Run {
  readonly first: NamedCapability;
  last: NamedCapability;
  count: number;
}
function runsOf(capabilities: readonly NamedCapability[]): Run[] {
  const runs: Run[] = [];
  for (const capability of capabilities) {
    const run = runs.at(-1);
    if (run !== undefined && follows(run.last, capability)) {
      run.last = capability;
      run.count++;
    } else runs.push({ first: capability, last: capability, count: 1 });
  }
  return runs;
}
function follows(a: NamedCapability, b: NamedCapability): boolean {
  if (!isAlike(a, b) || a.address === null || b.address !== a.address + a.lenBytes || b.index !== a.index + 1)
    return false;
  if (a.mapping === null || b.mapping === null) return a.mapping === b.mapping;
  return a.mapping.domain === b.mapping.domain && b.mapping.page === a.mapping.page + a.lenBytes / 4096;
}
function rowOf({ first, last, count }: Run): string[] {
  const { type, address, lenBytes, rights, badge, mapping } = first;
  return [
    first.space === `CNode of ${first.holder}` || first.space === 'root CNode'
      ? span(first.index, last.index)
      : `${first.space} ${first.index}`,
    type,
    objectText(first, lenBytes * count),
    address === null ? '' : times(count, lenBytes),
    rights,
    badge === 0 ? '' : `0x${badge.toString(16)}`,
    first.what,
    mapping === null ? '' : virtual(mapping.page),
  ];
}
function objectText({ address, interrupt, sizeBits, type }: NamedCapability, lenBytes: number): string {
  if (interrupt !== null || address === null) return '';
  const slots = type === 'CNode' ? ` (${whole(2 ** sizeBits)} slots)` : '';
  return `${physicalRange(address, lenBytes)}${slots}`;
}

/** `net-stack:2…17 Frame 0x84021000…0x84030fff, 16 × 4 KiB, RW, heap of net-stack` */
const nodeText = (node: TreeNode): string => `${slotsText(node)} ${objectsText(node)}`;
function slotsText({ low, high }: TreeNode): string {
  const [a, b] = [low.capability.index, high.capability.index];
  return `${low.capability.holder}:${span(Math.min(a, b), Math.max(a, b))}`;
}
function objectsText({ low, count }: TreeNode): string {
  const { type, lenBytes, rights, badge, what } = low.capability;
  const parts = [
    objectText(low.capability, lenBytes * count),
    lenBytes > 0 ? times(count, lenBytes) : '',
    rights,
    badge === 0 ? '' : `badge 0x${badge.toString(16)}`,
    what,
  ];
  return `${type} ${parts.filter((part) => part !== '').join(', ')}`;
}
const linesOf = (node: TreeNode, depth: number): string[] => [
  `${'  '.repeat(depth)}${nodeText(node)}`,
  ...node.children.flatMap((child) => linesOf(child, depth + 1)),
];

/** The derivation tree, a node a line of the text. */
export function capsDot({ system, capabilities, derivation }: CapsSnapshot): string {
  const statements: string[] = ['rankdir=LR;', `node ${attributes({ shape: 'box', fontsize: '10' })};`];
  let next = 0;
  const draw = (node: TreeNode, parent: number): void => {
    const id = next++;
    statements.push(`n${id} ${attributes({ label: `${slotsText(node)}\n${objectsText(node)}` })};`);
    if (parent >= 0) statements.push(`n${parent} -> n${id};`);
    for (const child of node.children) draw(child, id);
  };
  for (const root of foldTree(capabilities, derivation)) draw(root, -1);
  return digraph(`${system}: derivation`, statements);
}
