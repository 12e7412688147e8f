/**
 * A system as a graph of who can do what to whom. Nodes are components, domains, memory, devices; an edge says what its
 * first end can do to its second, and why: which wall stands there or is missing, and which capability or mapping gives it.
 *
 * An edge holds for arbitrary behaviour of its first end within its authority, not for what the code of today does.
 */

export type NodeKind = 'component' | 'domain' | 'memory' | 'device';

export interface AuditNode {
  /** Its name: unique, and what questions use. */
  readonly id: string;
  readonly kind: NodeKind;
  /** A component's domain; the domain whose promised memory a piece of memory was made from. */
  readonly domain: string | null;
  /** Memory: the component whose state it holds. Devices: the component that drives it. */
  readonly owner: string | null;
  /** Memory: the component at the other end of a connection, when the memory belongs to both. */
  readonly sharedWith: string | null;
  /** Components: the level at which they run. */
  readonly level: number | null;
  /** Components: what they get of the hart in every period, in microseconds; null: as much as they like. */
  readonly budget: { readonly budgetUs: number; readonly periodUs: number } | null;
  readonly sizeBytes: number | null;
}

/** What one end of an edge can do to the other. */
export const VERBS = [
  /** A component stands in a domain: whatever the domain may do, the component may do. */
  'runs-in',
  'reads',
  'writes',
  /** The second is a part of the first. */
  'contains',
  /** Sets up a device: tells it what to do, and where in memory. */
  'programs',
  'dma-reads',
  'dma-writes',
  /** Whoever changes this memory changes what the component does. */
  'holds-state-of',
  /** Both ends of a connection read and write this memory, and neither believes what is in it. */
  'carries-data-of',
  'calls',
  'casts',
  'signals',
  'interrupts',
  /** May take interrupts that nobody has yet, and a device before or from whoever drives it. */
  'takes',
  'ends',
  'starts',
  /** Takes back memory that it lent, and whoever has it mapped faults on it. */
  'revokes',
  /** Keeps it from running. */
  'stalls',
  /** Frames go out and come in. */
  'exchanges-frames-with',
] as const;
export type Verb = (typeof VERBS)[number];

export interface AuditEdge {
  readonly from: string;
  readonly to: string;
  readonly verb: Verb;
  /** Which wall stands or is missing, and what gives the right. */
  readonly reason: string;
}

/** The graph, as plain data: `JSON.stringify` prints all of it. */
export interface Audit {
  readonly system: string;
  /** From the description alone, or from the capabilities and page tables of a system that runs. */
  readonly source: 'description' | 'live';
  readonly iommu: 'off' | 'bare' | 'translating';
  /** Domains that somebody starts again. */
  readonly supervised: readonly string[];
  readonly nodes: readonly AuditNode[];
  readonly edges: readonly AuditEdge[];
}

export const KERNEL = 'kernel';
export const PHYSICAL_MEMORY = 'physical memory';
export const KERNEL_MEMORY = 'kernel memory';
export const IOMMU = 'IOMMU';
export const CONFIGURATION_SPACE = 'PCI configuration space';
export const INTERRUPT_FILE = 'interrupt file';
export const WIRE = 'wire';

/** Domains and components share names; a domain's node says that it is one. */
export const domainId = (name: string): string => `domain ${name}`;

const NOTHING = { domain: null, owner: null, sharedWith: null, level: null, budget: null, sizeBytes: null } as const;

/** @returns a node of which only what is given is known. */
export const node = (id: string, kind: NodeKind, known: Partial<Omit<AuditNode, 'id' | 'kind'>> = {}): AuditNode => ({
  id,
  kind,
  ...NOTHING,
  ...known,
});

export const edge = (from: string, verb: Verb, to: string, reason: string): AuditEdge => ({ from, to, verb, reason });

/** Components in the order of the description; the kernel, which is one of them here, comes last. */
export const componentsOf = (audit: Audit): readonly AuditNode[] =>
  audit.nodes.filter(({ kind }) => kind === 'component');
/** Components that the description names: all but the kernel. */
export const membersOf = (audit: Audit): readonly AuditNode[] => componentsOf(audit).filter(({ id }) => id !== KERNEL);
