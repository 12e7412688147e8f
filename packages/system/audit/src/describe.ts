/** From a description alone to the graph of who can do what: everything follows from where the walls stand. */
import { kernel as kernelAbi } from '@bulkhead/abi';
import { type Description, KERNEL_DOMAIN, type Resource } from '@bulkhead/assembler';
import { iommu } from '@bulkhead/iommu-driver-api';
import { pciBus } from '@bulkhead/pci-bus-driver-api';
import { LEVELS } from '@bulkhead/runtime';
import { handsOf, holdersOf, serversOf } from './authority.ts';
import {
  domainOf,
  hasCalls,
  hasCasts,
  hasEvents,
  type Link,
  linksOf,
  type Piece,
  piecesOf,
  queuesUp,
} from './layout.ts';
import {
  type Audit,
  type AuditEdge,
  type AuditNode,
  CONFIGURATION_SPACE,
  domainId,
  edge,
  INTERRUPT_FILE,
  IOMMU,
  KERNEL,
  KERNEL_MEMORY,
  node,
  PHYSICAL_MEMORY,
  WIRE,
} from './model.ts';

/** What a description says, before it runs. The description is one that the assembler accepts. */
export function auditDescription(description: Description): Audit {
  const links = linksOf(description);
  const pieces = piecesOf(description);
  const { devices } = handsOf(description, links);
  return {
    system: description.name,
    source: 'description',
    iommu: description.iommu,
    supervised: description.supervised,
    nodes: [...domainNodes(description), ...memoryNodes(description, pieces), ...deviceNodes(description, links)],
    edges: [
      ...standing(description),
      ...memoryEdges(description, pieces),
      ...physicalMemory(description, pieces, devices),
      ...machineEdges(description, links, pieces),
      ...links.flatMap((link) => talk(description, link)),
      ...kernelCalls(description),
      ...lifeAndDeath(description),
      ...loans(description, links),
    ],
  };
}

// ---------------------------------------------------------------- nodes

const userDomains = ({ domains }: Description): string[] =>
  Object.keys(domains).filter((domain) => domain !== KERNEL_DOMAIN && domains[domain]!.length > 0);

const levelOf = (description: Description, component: string): number =>
  description.levels?.[domainOf(description, component)] ??
  description.components.find(({ name }) => name === component)!.level;

function domainNodes(description: Description): AuditNode[] {
  return [
    ...description.components.map(({ name }) =>
      node(name, 'component', {
        domain: domainOf(description, name),
        level: levelOf(description, name),
        budget: description.budgets?.[name] ?? null,
      }),
    ),
    node(KERNEL, 'component', { domain: KERNEL_DOMAIN, level: LEVELS.kernel }),
    ...[KERNEL_DOMAIN, ...userDomains(description)].map((name) => node(domainId(name), 'domain', { domain: name })),
  ];
}
const tablesOf = (domain: string): string => `page tables of ${domainId(domain)}`;
const spaceOf = (domain: string): string => `capability space of ${domainId(domain)}`;

function memoryNodes(description: Description, pieces: readonly Piece[]): AuditNode[] {
  return [
    node(PHYSICAL_MEMORY, 'memory'),
    node(KERNEL_MEMORY, 'memory', { domain: KERNEL_DOMAIN, owner: KERNEL }),
    ...userDomains(description).flatMap((domain) => [
      node(tablesOf(domain), 'memory', { domain, owner: KERNEL }),
      node(spaceOf(domain), 'memory', { domain, owner: KERNEL }),
    ]),
    ...pieces.map(({ id, owner, peer, sizeBytes }) =>
      node(id, 'memory', { domain: domainOf(description, owner), owner, sharedWith: peer, sizeBytes }),
    ),
  ];
}
/** A card is its driver's; what the kernel's rights at boot give belongs to whoever is given it. */
function deviceNodes(description: Description, links: readonly Link[]): AuditNode[] {
  const { devices, hands } = handsOf(description, links);
  const driverOf = (nic: string): string | null =>
    hands.find(({ device, drives }) => device === nic && drives)?.component ?? null;
  return [
    ...devices.map((nic) => node(nic, 'device', { owner: driverOf(nic) })),
    node(IOMMU, 'device', { owner: holdersOf(description, 'iommu-registers')[0] ?? null }),
    node(CONFIGURATION_SPACE, 'device', { owner: holdersOf(description, 'ecam')[0] ?? null }),
    ...[INTERRUPT_FILE, WIRE].map((id) => node(id, 'device')),
  ];
}

// ---------------------------------------------------------------- domains and memory

function standing(description: Description): AuditEdge[] {
  const inDomain = (component: string): AuditEdge => {
    const domain = domainOf(description, component);
    const others = description.domains[domain]!.filter((name) => name !== component);
    if (domain === KERNEL_DOMAIN)
      return edge(
        component,
        'runs-in',
        domainId(domain),
        'with the privilege of the kernel: no wall stands between them',
      );
    const together = others.length === 0 ? '' : `, which it shares with ${others.join(' and ')}`;
    return edge(component, 'runs-in', domainId(domain), `in user mode, behind the MMU${together}`);
  };
  return [
    ...description.components.map(({ name }) => inDomain(name)),
    edge(KERNEL, 'runs-in', domainId(KERNEL_DOMAIN), 'it is the privileged mode itself'),
  ];
}

function memoryEdges(description: Description, pieces: readonly Piece[]): AuditEdge[] {
  return [
    ...pieces.flatMap((piece) => [...mapped(description, piece), ...meant(piece)]),
    edge(KERNEL_MEMORY, 'holds-state-of', KERNEL, 'its root tables, thread control blocks, interrupt table'),
    ...userDomains(description).flatMap((domain) =>
      description.domains[domain]!.flatMap((component) => [
        edge(tablesOf(domain), 'holds-state-of', component, 'they decide what it reaches'),
        edge(spaceOf(domain), 'holds-state-of', component, 'it holds the rights of the domain'),
      ]),
    ),
    ...userDomains(description).flatMap((domain) => [
      edge(spaceOf(domain), 'holds-state-of', KERNEL, 'the kernel follows what it finds there'),
    ]),
  ];
}
function mapped(description: Description, { id, owner, peer, mappedIn, what }: Piece): AuditEdge[] {
  return mappedIn.flatMap(({ domain, access }) => {
    const whose =
      domain === domainOf(description, owner)
        ? `made of the memory promised to it, for ${owner}`
        : `${owner} shares it with ${peer}`;
    const reason = `${what} is mapped ${access} by a frame capability: ${whose}`;
    const reads = edge(domainId(domain), 'reads', id, reason);
    return access === 'read-write' ? [reads, edge(domainId(domain), 'writes', id, reason)] : [reads];
  });
}
/** What a piece means to whom. A queue or region of a connection is believed by neither end. */
function meant({ id, owner, peer, what }: Piece): AuditEdge[] {
  if (peer === null)
    return [edge(id, 'holds-state-of', owner, `it is ${what === 'code' ? 'what it runs' : 'its own'}`)];
  return [owner, peer].map((end) => edge(id, 'carries-data-of', end, `${owner} and ${peer} exchange data in it`));
}

function physicalMemory(description: Description, pieces: readonly Piece[], nics: readonly string[]): AuditEdge[] {
  const direct = "the kernel's half of every address space maps all of physical memory read-write";
  const ids = [
    ...pieces.map(({ id }) => id),
    KERNEL_MEMORY,
    ...userDomains(description).flatMap((domain) => [tablesOf(domain), spaceOf(domain)]),
  ];
  const registers = [...nics, IOMMU, CONFIGURATION_SPACE, INTERRUPT_FILE];
  return [
    edge(domainId(KERNEL_DOMAIN), 'reads', PHYSICAL_MEMORY, direct),
    edge(domainId(KERNEL_DOMAIN), 'writes', PHYSICAL_MEMORY, direct),
    ...ids.map((id) => edge(PHYSICAL_MEMORY, 'contains', id, 'it is RAM')),
    ...registers.map((id) => edge(PHYSICAL_MEMORY, 'contains', id, 'its registers are memory-mapped')),
  ];
}

// ---------------------------------------------------------------- devices

function machineEdges(description: Description, links: readonly Link[], pieces: readonly Piece[]): AuditEdge[] {
  const { devices, hands, takers } = handsOf(description, links);
  const held = (resource: Resource, verb: 'programs' | 'takes', device: string, reason: string): AuditEdge[] =>
    holdersOf(description, resource).map((holder) =>
      edge(domainId(domainOf(description, holder)), verb, device, `${holder} holds ${reason}`),
    );
  return [
    ...held('ecam', 'programs', CONFIGURATION_SPACE, 'the frame of configuration space'),
    ...held('iommu-registers', 'programs', IOMMU, "the frame of the IOMMU's registers"),
    ...held('irq-control', 'takes', INTERRUPT_FILE, 'control of interrupts: any identity that nobody has yet'),
    ...devices.flatMap((device) => [
      edge(CONFIGURATION_SPACE, 'programs', device, 'its command register, its BARs and its reset'),
      ...hands
        .filter((hand) => hand.device === device)
        .map((hand) => edge(domainId(domainOf(description, hand.component)), 'programs', device, hand.reason)),
      ...held('pci-window', 'programs', device, 'the untyped memory of the PCI window, where its registers decode'),
      ...held('pci-io', 'programs', device, 'the untyped memory of PCI I/O space, where I/O BARs decode'),
      ...dma(description, device, mappersOf(description, links, device), pieces),
      ...interruptsOf(
        description,
        device,
        hands.filter((hand) => hand.device === device && hand.drives),
      ),
      edge(device, 'exchanges-frames-with', WIRE, 'it is plugged in'),
      edge(WIRE, 'exchanges-frames-with', device, 'whoever is at the other end sends frames'),
    ]),
    ...takers.map(({ component, device, reason }) =>
      edge(domainId(domainOf(description, component)), 'takes', device, reason),
    ),
    edge(
      IOMMU,
      'dma-writes',
      PHYSICAL_MEMORY,
      'its queues, fences and messages go to physical addresses, untranslated',
    ),
    edge(IOMMU, 'dma-reads', PHYSICAL_MEMORY, 'its tables and queues stand at physical addresses, untranslated'),
    edge(IOMMU, 'interrupts', INTERRUPT_FILE, 'by the message of its fault queue'),
    ...[...hands.filter(({ drives }) => drives).map(({ component }) => component), ...serversOf(links, iommu)].map(
      (to) => edge(INTERRUPT_FILE, 'interrupts', to, 'it has bound an interrupt: the kernel signals its notification'),
    ),
  ];
}

/** Whom a device interrupts: its driver, where the IOMMU gives each of its messages a number; else whoever has one. */
function interruptsOf(
  { iommu, messages }: Description,
  device: string,
  drivers: readonly { readonly component: string }[],
): AuditEdge[] {
  if (iommu !== 'translating' || messages === 'off')
    return [
      edge(device, 'interrupts', INTERRUPT_FILE, 'by messages (MSI-X), and by any write to the page that takes them'),
    ];
  const reason = 'by messages (MSI-X), each of which the IOMMU turns into one interrupt of its own, whatever it says';
  return drivers.map(({ component }) => edge(device, 'interrupts', component, reason));
}

/** Who may have memory mapped for a device: whoever drives it; where nobody asks who does, whoever calls the IOMMU's owner. */
function mappersOf(description: Description, links: readonly Link[], device: string): { readonly component: string }[] {
  const { hands } = handsOf(description, links);
  if (description.ownership !== 'off') return hands.filter((hand) => hand.device === device && hand.drives);
  return links.filter(({ contract }) => contract.name === iommu.name).map(({ client }) => ({ component: client }));
}

/** What a device reaches: everything where the IOMMU is bare, else what whoever drives it may have mapped for it. */
function dma(
  description: Description,
  device: string,
  drivers: readonly { readonly component: string }[],
  pieces: readonly Piece[],
): AuditEdge[] {
  const both = (to: string, reason: string): AuditEdge[] => [
    edge(device, 'dma-writes', to, reason),
    edge(device, 'dma-reads', to, reason),
  ];
  if (description.iommu !== 'translating')
    return both(PHYSICAL_MEMORY, `the IOMMU is ${description.iommu}: the device reaches whatever address it is given`);
  const frames = new Map<string, string>();
  for (const { component } of drivers) {
    const domain = domainOf(description, component);
    const holds = ({ owner, peer, mappedIn }: Piece): boolean =>
      domain === KERNEL_DOMAIN
        ? [owner, peer].some((end) => end !== null && domainOf(description, end) === domain)
        : mappedIn.some((mapping) => mapping.domain === domain);
    for (const piece of pieces.filter(holds)) frames.set(piece.id, component);
  }
  return [...frames].flatMap(([id, component]) =>
    both(
      id,
      `the IOMMU translates: ${component} holds the frames and may have them mapped for its device, and no others`,
    ),
  );
}

// ---------------------------------------------------------------- who talks to whom

/** A connection is between two components; its rights belong to the domain, and whatever stands there may use them. */
function talk(description: Description, link: Link): AuditEdge[] {
  const { client, server, text } = link;
  const [from, to] = [domainOf(description, client), domainOf(description, server)];
  const send = (sender: string, verb: 'calls' | 'casts', receiver: string, gate: string): AuditEdge[] => {
    const domain = domainOf(description, sender);
    const senders = from === to || description.domains[domain]!.length === 1 ? [sender] : [sender, domainId(domain)];
    return senders.map((one) => edge(one, verb, receiver, `${text}: ${gate}`));
  };
  return [
    ...(hasCalls(link) ? send(client, 'calls', server, UP[link.up]) : []),
    ...(hasCasts(link) ? send(client, 'casts', server, UP[link.up]) : []),
    ...(hasEvents(link) ? send(server, 'casts', client, DOWN[link.down]) : []),
    ...signals(link, domainId(from), domainId(to)),
  ];
}
const UP: Readonly<Record<Link['up'], string>> = {
  direct: 'a function call inside the domain',
  'system-call': "a system call into the kernel's domain",
  ipc: "a badged capability to the server's endpoint",
  ring: "a badged capability to the server's endpoint; casts by a ring in shared memory",
  upcall: 'a ring that the kernel fills',
};
const DOWN: Readonly<Record<Link['down'], string>> = {
  queue: 'a queue inside the domain',
  'system-call': 'a system call; the kernel appends to a queue of its own',
  outbox: 'parked in an outbox of the sender, and fetched by a call',
  ring: 'a ring in shared memory',
  upcall: 'a ring that the kernel fills',
};
function signals(link: Link, client: string, server: string): AuditEdge[] {
  const signal = (from: string, to: string): AuditEdge =>
    edge(from, 'signals', to, `${link.text}: a capability to its notification, badged with one bit`);
  const isWaiting = link.down === 'ring' || link.down === 'outbox';
  return [
    ...(link.up === 'ring' && queuesUp(link) ? [signal(client, link.server)] : []),
    ...(isWaiting && hasEvents(link) ? [signal(server, link.client)] : []),
  ];
}

/** The kernel's own invocations. */
const usesKernel = ({ components }: Description, name: string): boolean =>
  Object.values(components.find((component) => component.name === name)!.uses).some(
    (contract) => contract.name === kernelAbi.contractOfKernel.name,
  );
const kernelCalls = (description: Description): AuditEdge[] =>
  description.components
    .filter(({ name }) => usesKernel(description, name))
    .map(({ name }) => edge(name, 'calls', KERNEL, "the kernel's invocations, on rights of its own domain"));

function lifeAndDeath(description: Description): AuditEdge[] {
  return userDomains(description).flatMap((domain) =>
    holdersOf(description, `domain:${domain}`).flatMap((holder) => {
      const from = domainId(domainOf(description, holder));
      const reason = `${holder} holds the capability to its threads`;
      return [edge(from, 'ends', domainId(domain), reason), edge(from, 'starts', domainId(domain), reason)];
    }),
  );
}
/**
 * What a bus driver lends, it keeps the rights of. Memory of connections is nobody's to take back: both ends hold copies
 * of rights that stand in the kernel, and a copy revokes nothing.
 */
function loans(description: Description, links: readonly Link[]): AuditEdge[] {
  const drivers = handsOf(description, links).hands.filter(({ drives }) => drives);
  const reason = 'the rights to registers and interrupts are derived from its own, and go when it revokes those';
  return serversOf(links, pciBus).flatMap((bus) =>
    drivers
      .filter(({ component }) => domainOf(description, component) !== domainOf(description, bus))
      .map(({ component }) => edge(domainId(domainOf(description, bus)), 'revokes', component, reason)),
  );
}
