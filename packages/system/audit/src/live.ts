/**
 * The same graph from a system that runs: what page tables open to domains, what the IOMMU opens to devices, and what
 * the capabilities of each domain allow, as they stand at this moment. What memory means to whom does not change with
 * the moment: that part is the description's.
 */
import { type Description, KERNEL_DOMAIN, type System } from '@bulkhead/assembler';
import {
  type CapsSnapshot,
  capsOf,
  type DeviceReach,
  type DomainReach,
  type MemorySnapshot,
  memoryOf,
  type NamedCapability,
  type Reach,
  reachOf,
} from '@bulkhead/inspection';
import { auditDescription } from './describe.ts';
import { domainOf, linksOf, type Piece, piecesOf } from './layout.ts';
import {
  type Audit,
  type AuditEdge,
  CONFIGURATION_SPACE,
  domainId,
  edge,
  INTERRUPT_FILE,
  IOMMU,
  KERNEL,
  node,
  PHYSICAL_MEMORY,
  type Verb,
} from './model.ts';

/** Verbs that are read off the system; edges of all others follow from where things stand. */
const OBSERVED: readonly Verb[] = [
  'reads',
  'writes',
  'dma-reads',
  'dma-writes',
  'programs',
  'takes',
  'signals',
  'ends',
  'starts',
  'revokes',
];

/** Reads everything; changes and charges nothing. */
export function auditSystem(system: System): Audit {
  const predicted = auditDescription(system.description);
  const reader = new Reader(system, predicted);
  const edges = reader.edges();
  const known = new Set(predicted.nodes.map(({ id }) => id));
  const unknown = [...new Set(edges.map(({ to }) => to))].filter((id) => !known.has(id));
  return {
    ...predicted,
    source: 'live',
    nodes: [...predicted.nodes, ...unknown.map((id) => node(id, 'memory'))],
    edges,
  };
}

/** @returns what a system allows that its description did not foretell: empty when the prediction holds. */
export function unforeseen(predicted: Audit, live: Audit): AuditEdge[] {
  const foretold = new Set(predicted.edges.map(keyOf));
  return live.edges.filter((found) => !foretold.has(keyOf(found)));
}
/** @returns what the description foretold and the system does not allow at this moment. */
export const unfulfilled = (predicted: Audit, live: Audit): AuditEdge[] => unforeseen(live, predicted);

const keyOf = ({ from, verb, to }: AuditEdge): string => `${from}\n${verb}\n${to}`;

class Reader {
  readonly #description: Description;
  readonly #predicted: Audit;
  readonly #pieces: readonly Piece[];
  readonly #memory: MemorySnapshot;
  readonly #reach: Reach;
  readonly #caps: CapsSnapshot;

  constructor(system: System, predicted: Audit) {
    this.#description = system.description;
    this.#predicted = predicted;
    this.#pieces = piecesOf(system.description);
    this.#memory = memoryOf(system);
    this.#reach = reachOf(system);
    this.#caps = capsOf(system);
  }

  edges(): AuditEdge[] {
    const found = [
      ...this.#memory.domains.flatMap(({ domain, runs }) => runs.flatMap((run) => this.#mapping(domain, run))),
      ...this.#reach.domains.flatMap((domain) => this.#rights(domain)),
      ...this.#reach.devices.flatMap((device) => this.#device(device)),
      ...this.#holders(),
      ...this.#revocations(),
    ];
    const follows = this.#predicted.edges.filter((one) => this.#follows(one));
    return [...new Map([...follows, ...found].map((one) => [keyOf(one), one])).values()];
  }

  /** What is no right of its own: where things stand, and gates that need no capability. */
  #follows({ from, verb, to }: AuditEdge): boolean {
    const builtIn = [IOMMU, CONFIGURATION_SPACE, PHYSICAL_MEMORY].includes(from);
    if (verb === 'interrupts' && from === INTERRUPT_FILE)
      return this.#reach.interrupts.some(({ component }) => component === to);
    if (verb === 'takes' && to !== INTERRUPT_FILE) return true;
    if (verb === 'calls' || verb === 'casts') return this.#mayTalk(from, to);
    return builtIn || !OBSERVED.includes(verb);
  }
  /** Between user domains by a capability to an endpoint, or through memory that both map; else by the kernel itself. */
  #mayTalk(from: string, to: string): boolean {
    if (to === KERNEL) return true;
    const sender = this.#reach.domains.find(
      ({ domain, components }) => domainId(domain) === from || components.includes(from),
    );
    if (sender === undefined || sender.isKernel) return true;
    const links = linksOf(this.#description).filter(({ client, server }) => client === to || server === to);
    return links.some(({ client, server, up }) => {
      const other = client === to ? server : client;
      if (domainOf(this.#description, other) !== sender.domain) return false;
      if (up === 'system-call' || up === 'upcall' || up === 'direct') return true;
      const kind = client === to ? 'notification' : 'endpoint';
      return sender.channels.some((channel) => channel.kind === kind && channel.component === to);
    });
  }
  /** Whoever holds a right from which another's mapping was derived can take that away. */
  #revocations(): AuditEdge[] {
    const bySlot = new Map(this.#caps.capabilities.map((capability) => [capability.slot, capability]));
    const parents = new Map(this.#caps.derivation.map(({ slot, parent }) => [slot, parent]));
    const above = (slot: number): NamedCapability[] => {
      const parent = bySlot.get(parents.get(slot) ?? 0);
      return parent === undefined ? [] : [parent, ...above(parent.slot)];
    };
    return this.#caps.capabilities.flatMap(({ slot, mapping, what }) =>
      mapping === null
        ? []
        : above(slot)
            .filter(({ holder }) => holder !== mapping.domain && this.#description.domains[holder] !== undefined)
            .flatMap((lender) => this.#revokes(lender, mapping.domain, what)),
    );
  }
  #revokes({ holder, index }: NamedCapability, domain: string, what: string): AuditEdge[] {
    const members = this.#description.domains[domain]!;
    const foretold = this.#predicted.edges.filter(
      ({ from, verb, to }) => verb === 'revokes' && from === domainId(holder) && members.includes(to),
    );
    const to = foretold.length > 0 ? foretold.map((one) => one.to) : members;
    const reason = `${what} in ${domain} was derived from its capability ${index}`;
    return to.map((component) => edge(domainId(holder), 'revokes', component, reason));
  }

  // ---------------------------------------------------------------- memory

  #mapping(domain: string, run: MemorySnapshot['domains'][number]['runs'][number]): AuditEdge[] {
    const from = domainId(domain);
    const { what, owner, access, count, page } = run;
    if (domain === KERNEL_DOMAIN) return this.#access(from, PHYSICAL_MEMORY, access, 'the direct map');
    const reason = `page tables map ${count} pages from page ${page}, ${access}`;
    const device = this.#deviceBehind(what);
    if (device !== null) return [edge(from, 'programs', device, reason)];
    return this.#access(from, this.#nameOf(what, owner, domain), access, reason);
  }
  #access(from: string, to: string, access: string, reason: string): AuditEdge[] {
    return [
      ...(access.includes('r') ? [edge(from, 'reads', to, reason)] : []),
      ...(access.includes('w') ? [edge(from, 'writes', to, reason)] : []),
    ];
  }
  #deviceBehind(what: string): string | null {
    if (what === 'registers of the IOMMU') return IOMMU;
    if (what === 'PCI configuration space') return CONFIGURATION_SPACE;
    const bar = /^BAR \d+ of (.+)$/.exec(what);
    const device = this.#reach.devices.find((one) => one.device === bar?.[1]);
    return device === undefined ? null : this.#nicOf(device);
  }
  /** A card is known by whom its interrupts go to, where there are several. */
  #nicOf({ device, interruptsTo }: DeviceReach): string {
    const nics = this.#predicted.edges.filter(({ verb, to }) => verb === 'exchanges-frames-with' && to === 'wire');
    const names = nics.map(({ from }) => from);
    const held = names.find((name) => interruptsTo.some((component) => name === `NIC of ${component}`));
    return names.length === 1 ? names[0]! : (held ?? `NIC at ${device}`);
  }
  /** @returns the predicted piece that this is, or a name that no prediction has. */
  #nameOf(what: string, owner: string | null, seenBy: string): string {
    const queue = /^queue of (.+)$/.exec(what);
    if (queue !== null) {
      const ofOwner = this.#pieces.filter(
        (piece) => piece.id.endsWith(` queue of ${queue[1]}`) && domainOf(this.#description, piece.owner) === owner,
      );
      const seen = ofOwner.find(({ mappedIn }) => mappedIn.some(({ domain }) => domain === seenBy));
      return (seen ?? ofOwner[0])?.id ?? `unforeseen ${what}`;
    }
    const region = this.#pieces.find(({ id }) => id === what || id.replaceAll("'", '') === `region ${what}`);
    return region?.id ?? `unforeseen ${what} of ${owner}`;
  }

  // ---------------------------------------------------------------- rights

  #rights({ domain, controls, channels, capabilities, isKernel }: DomainReach): AuditEdge[] {
    const from = domainId(domain);
    const others = channels.filter(
      ({ kind, component, domain: theirs }) => kind === 'notification' && component !== null && theirs !== domain,
    );
    const holder = capabilities.find(({ type }) => type === 'IRQControl');
    return [
      ...controls.flatMap((controlled) =>
        (['ends', 'starts'] as const).map((verb) =>
          edge(from, verb, domainId(controlled), 'a capability to its thread'),
        ),
      ),
      ...(isKernel ? [] : others).map(({ component, right, badge }) =>
        edge(from, 'signals', component!, `capability ${right} to its notification, badge ${badge}`),
      ),
      ...(holder === undefined
        ? []
        : [edge(from, 'takes', INTERRUPT_FILE, `capability ${holder.index}: control of interrupts`)]),
    ];
  }

  // ---------------------------------------------------------------- devices

  #device(device: DeviceReach): AuditEdge[] {
    const from = this.#nicOf(device);
    const runs = this.#memory.devices.find((space) => space.device === device.device)!.runs;
    const bare = 'the IOMMU passes every address through';
    const access =
      device.reach === 'everything'
        ? [edge(from, 'dma-reads', PHYSICAL_MEMORY, bare), edge(from, 'dma-writes', PHYSICAL_MEMORY, bare)]
        : [];
    return [
      ...access,
      ...(device.reach === 'mapped' ? runs : []).flatMap(({ what, owner, access: how, count, page }) => {
        if (what.startsWith('interrupt ') && what !== INTERRUPT_FILE) return [];
        if (what === INTERRUPT_FILE)
          return [edge(from, 'interrupts', INTERRUPT_FILE, `the IOMMU maps it at IO page ${page}, ${how}`)];
        const to = this.#nameOf(what, owner, '');
        const reason = `the IOMMU maps ${count} pages from IO page ${page}, ${how}`;
        return this.#access(from, to, how, reason).map((one) =>
          edge(from, one.verb === 'reads' ? 'dma-reads' : 'dma-writes', to, reason),
        );
      }),
    ];
  }
  /** Registers that a domain need not have mapped: it holds the memory in which they stand. */
  #holders(): AuditEdge[] {
    const bars = this.#caps.capabilities.filter(({ what }) => what.startsWith('BAR '));
    return this.#reach.domains.flatMap(({ domain, capabilities }) =>
      capabilities
        .filter(({ type, device }) => type === 'Untyped' && device)
        .flatMap(({ address, lenBytes, index }) =>
          bars
            .filter((bar) => isWithin(bar.address!, address!, lenBytes))
            .map(({ what }) =>
              edge(
                domainId(domain),
                'programs',
                this.#deviceBehind(what)!,
                `untyped capability ${index} to its registers`,
              ),
            ),
        ),
    );
  }
}

const isWithin = (address: number, from: number, lenBytes: number): boolean =>
  address >= from && address < from + lenBytes;
