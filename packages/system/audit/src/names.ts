/** How people name what stands in a system. */
import type { Audit, AuditNode } from './model.ts';

/** What people say for a node that has another name. */
const ALIASES: Readonly<Record<string, string>> = {
  ram: 'physical memory',
  memory: 'physical memory',
  everything: 'physical memory',
  'all memory': 'physical memory',
  'network card': 'NIC',
  'network interface': 'NIC',
  'network adapter': 'NIC',
  'network controller': 'NIC',
  'network device': 'NIC',
  nic: 'NIC',
  card: 'NIC',
  ecam: 'PCI configuration space',
  pci: 'PCI configuration space',
  'configuration space': 'PCI configuration space',
  'config space': 'PCI configuration space',
  interrupts: 'interrupt file',
  imsic: 'interrupt file',
  'network stack': 'net-stack',
  'tcp stack': 'net-stack',
  'network driver': 'nic-driver',
  'pci bus': 'pci-bus-driver',
  network: 'wire',
  world: 'wire',
};

/** Letters and digits, in lower case, one space between words. */
export const plain = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ' ')
    .trim();

/** Said of a name, and no part of it. */
const BEFORE: readonly string[] = ['the', 'a', 'an', 'component', 'process', 'device'];
const CONDITIONS: readonly string[] = ['compromised', 'malicious', 'broken', 'buggy', 'faulty', 'failing', 'hostile'];
const AFTER: readonly string[] = ['component', 'process', 'memory'];

/** @returns the nodes that a text names: by its name or an alias, else all whose names contain it. */
export function findNames(audit: Audit, text: string): readonly AuditNode[] {
  const words = plain(text).split(' ');
  const exact = exactly(audit, words);
  if (exact !== undefined) return [exact];
  const bare = stripped(words);
  const known = exactly(audit, bare);
  if (known !== undefined || bare.length === 0) return known === undefined ? [] : [known];
  const wanted = [bare.join(' '), plain(ALIASES[bare.join(' ')] ?? '')].filter((name) => name !== '');
  const containing = audit.nodes.filter(({ id }) => wanted.some((name) => ` ${plain(id)} `.includes(` ${name} `)));
  // Of several cards, each is the "NIC of" somebody; a component's name stands in those of all its memory, too.
  const likely = [
    containing.filter(({ id, kind }) => kind === 'device' && wanted.some((name) => plain(id).startsWith(`${name} `))),
    containing.filter(({ kind }) => kind === 'component'),
  ];
  return likely.find((some) => some.length > 0) ?? containing;
}
/** A component's memory is what a chain to the component ends in, and so its name says enough. */
function stripped(words: readonly string[]): readonly string[] {
  const [first = '', second] = words;
  if (first === 'memory' && second === 'of') return stripped(words.slice(2));
  if (BEFORE.includes(first) || CONDITIONS.includes(first)) return stripped(words.slice(1));
  return words.length > 1 && AFTER.includes(words.at(-1)!) ? stripped(words.slice(0, -1)) : words;
}
function exactly(audit: Audit, words: readonly string[]): AuditNode | undefined {
  const wanted = words.join(' ');
  const alias = ALIASES[wanted];
  return audit.nodes.find(
    ({ id }) => plain(id) === wanted || id === alias || (words.length > 0 && plain(id).replaceAll(' ', '') === wanted),
  );
}

/** Names that a question may use, those of memory left out: there are many. */
export const namesOf = (audit: Audit): string[] =>
  audit.nodes.filter(({ kind }) => kind !== 'memory').map(({ id }) => id);
