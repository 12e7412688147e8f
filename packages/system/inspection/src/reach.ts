/**
 * Who can reach what at this moment, as plain data for whoever draws conclusions from it: the memory that page tables
 * open to each domain, the memory that the IOMMU opens to each device, the capabilities that each domain holds, whom it
 * can call and signal with them, and who is told of which interrupt. Physical pages are numbers.
 *
 * A component reaches what its domain reaches: no wall stands inside one.
 */
import type { System } from '@bulkhead/assembler';
import { objects } from '@bulkhead/capabilities';
import { type AddressRange, addressMapOf } from './address-map.ts';
import { type Capability, capabilitiesOf } from './capability.ts';
import { type InterruptRoute, interruptRoutesOf } from './interrupt-routes.ts';
import { type DmaReach, ioSpaceOf } from './io-space.ts';
import { intersection, type PageRange, pageCount, union } from './page-ranges.ts';
import { mappingOf, type PageRun } from './page-runs.ts';
import { barPagesOf, type DeviceFunction, functionsOf } from './pci-functions.ts';

/** Physical pages that may be read, written, or executed from. */
export interface PhysicalAccess {
  readonly readable: readonly PageRange[];
  readonly writable: readonly PageRange[];
  readonly executable: readonly PageRange[];
}

/** A right to call a component, or to signal it. */
export interface Channel {
  readonly kind: 'endpoint' | 'notification';
  readonly from: string;
  /** The right, in the caller's capability space. */
  readonly right: number;
  readonly badge: number;
  /** Whose endpoint or notification it is; null when it is nobody's any more. */
  readonly component: string | null;
  readonly domain: string | null;
  /** Endpoints only: whether rights may be passed along. */
  readonly mayPassRights: boolean;
}

export interface DomainReach extends PhysicalAccess {
  readonly domain: string;
  readonly isKernel: boolean;
  /** Whether it runs: a domain that ended keeps its memory and rights until it is started again. */
  readonly alive: boolean;
  readonly components: readonly string[];
  readonly capabilities: readonly Capability[];
  /** To others' endpoints and notifications, and to its own. */
  readonly channels: readonly Channel[];
  /** Domains that it may end and start: it holds a right to a thread of theirs. */
  readonly controls: readonly string[];
}
export interface DeviceReach {
  readonly device: string;
  readonly requesterId: number;
  /** PCI's own switch: without it no access leaves the device, whatever the IOMMU says. */
  readonly busMaster: boolean;
  readonly reach: DmaReach;
  readonly readable: readonly PageRange[];
  readonly writable: readonly PageRange[];
  /** Domains that can store to its registers. */
  readonly controlledBy: readonly string[];
  /** Components that are told of its interrupts. */
  readonly interruptsTo: readonly string[];
}
export interface Reach {
  readonly system: string;
  readonly atCycles: number;
  readonly addressMap: readonly AddressRange[];
  readonly domains: readonly DomainReach[];
  readonly devices: readonly DeviceReach[];
  readonly interrupts: readonly InterruptRoute[];
}

/** Reads everything; changes and charges nothing. */
export function reachOf(system: System): Reach {
  const capabilities = capabilitiesOf(system);
  const addressMap = addressMapOf(system);
  const interrupts = interruptRoutesOf(system);
  const domains = system.kernel.domains.map((domain) => domainReach(system, domain, capabilities));
  return {
    system: system.description.name,
    atCycles: system.clock.now,
    addressMap,
    domains,
    devices: functionsOf(system).map((found) => deviceReach(system, found, addressMap, domains, interrupts)),
    interrupts,
  };
}

type Domain = System['kernel']['domains'][number];

function domainReach(system: System, domain: Domain, all: readonly Capability[]): DomainReach {
  const { name, isKernel, alive, seats } = domain;
  const capabilities = all.filter(({ holder }) => holder === name);
  const threads = capabilities.filter(({ type }) => type === objects.NAMES[objects.TCB]);
  const controls = threads.map(({ component }) => seatNamed(system, component)?.domain.name);
  return {
    domain: name,
    isKernel,
    alive: isKernel ? system.panic === null : alive,
    components: seats.map((seat) => seat.name),
    ...accessOf(runsOf(system, domain)),
    capabilities,
    channels: capabilities.flatMap((capability) => channelOf(system, capability)),
    controls: [...new Set(controls)].filter((controlled) => controlled !== undefined),
  };
}
const seatNamed = ({ kernel }: System, name: string | null) => kernel.seats.find((seat) => seat.name === name);

/**
 * What a domain's own privilege may touch: user pages in user mode, supervisor pages in the kernel's. A user domain has
 * the kernel's pages in its tables, but not for itself. Without an address space there is nothing.
 */
export function runsOf({ board, kernel }: System, domain: Domain): readonly PageRun[] {
  const root = domain.isKernel ? kernel.kernelMemory.rootTablePage : spaceRoot(kernel, domain);
  return root === 0 ? [] : mappingOf(board.ram, root).runs.filter(({ user }) => user !== domain.isKernel);
}
/** @returns the page of a user domain's root table, or 0 while its address space does not exist. */
export function spaceRoot({ capabilities }: System['kernel'], { cnodeSlot, rootPage }: Domain): number {
  return cnodeSlot !== 0 && capabilities.typeOf(cnodeSlot) === objects.CNODE ? rootPage : 0;
}
function accessOf(runs: readonly PageRun[]): PhysicalAccess {
  const pages = (wanted: readonly PageRun[]): PageRange[] =>
    union(wanted.map(({ physicalPage, count }) => ({ page: physicalPage, count })));
  return {
    readable: pages(runs.filter(({ read }) => read)),
    writable: pages(runs.filter(({ write }) => write)),
    executable: pages(runs.filter(({ execute }) => execute)),
  };
}

/** An endpoint takes calls from whoever may send and be answered; a notification takes signals from whoever may send. */
function channelOf(system: System, { type, rights, holder, index, badge, component }: Capability): Channel[] {
  const isEndpoint = type === objects.NAMES[objects.ENDPOINT];
  if (!isEndpoint && type !== objects.NAMES[objects.NOTIFICATION]) return [];
  const mayPassRights = rights.includes('G');
  if (!rights.includes('W') || (isEndpoint && !mayPassRights && !rights.includes('P'))) return [];
  const domain = seatNamed(system, component)?.domain.name ?? null;
  const kind = isEndpoint ? 'endpoint' : 'notification';
  return [{ kind, from: holder, right: index, badge, component, domain, mayPassRights: isEndpoint && mayPassRights }];
}

function deviceReach(
  system: System,
  found: DeviceFunction,
  addressMap: readonly AddressRange[],
  domains: readonly DomainReach[],
  interrupts: readonly InterruptRoute[],
): DeviceReach {
  const { name, requesterId, busMaster } = found;
  const space = ioSpaceOf(system, requesterId);
  const registers = union(barPagesOf(found));
  const { readable, writable } = accessOf(space.runs);
  const bare = space.reach === 'everything';
  return {
    device: name,
    requesterId,
    busMaster,
    reach: space.reach,
    readable: bare ? union(addressMap) : readable,
    writable: bare ? union(addressMap) : writable,
    controlledBy: domains
      .filter((domain) => pageCount(intersection(domain.writable, registers)) > 0)
      .map(({ domain }) => domain),
    interruptsTo: [
      ...new Set(
        interrupts
          .filter(
            ({ component, sources }) => component !== null && sources.some((source) => source.startsWith(`${name} `)),
          )
          .map(({ component }) => component!),
      ),
    ],
  };
}
