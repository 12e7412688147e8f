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
  card: 'NIC',
  ecam: 'PCI configuration space',
  pci: 'PCI configuration space',
  'configuration space': 'PCI configuration space',
  'config space': 'PCI configuration space',
  interrupts: 'interrupt file',
  imsic: 'interrupt file',
  network: 'wire',
  world: 'wire',
};

/** Letters and digits, in lower case, one space between words. */
export const plain = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ' ')
    .trim();

/** @returns the node that a text names, by its name, an alias, or the only name that contains the text; or null. */
export function findName(audit: Audit, text: string): AuditNode | null {
  // A component's memory is what a chain to the component ends in.
  const wanted = plain(text.replace(/^\s*((the|a|an)\s+)?(memory\s+of\s+)?((the|a|an)\s+)?/i, ''));
  if (wanted === '') return null;
  const alias = ALIASES[wanted];
  const exact = audit.nodes.find(({ id }) => plain(id) === wanted || (alias !== undefined && id === alias));
  if (exact !== undefined) return exact;
  const containing = audit.nodes.filter(({ id }) => ` ${plain(id)} `.includes(` ${wanted} `));
  return containing.length === 1 ? containing[0]! : null;
}

/** Names that a question may use, those of memory left out: there are many. */
export const namesOf = (audit: Audit): string[] =>
  audit.nodes.filter(({ kind }) => kind !== 'memory').map(({ id }) => id);
