/** The protection domains of a moment, what stands in them, and the gates between them. */
import type { System } from '@bulkhead/assembler';
import { kindOf } from '@bulkhead/runtime';
import { type Capability, capabilitiesOf } from './capability.ts';
import { spacesOf } from './caps.ts';
import { hasReservation } from './owners.ts';
import { runsOf } from './reach.ts';

export interface ComponentSnapshot {
  readonly name: string;
  /** Whose code it is: the name of its package. */
  readonly kind: string;
  /** Its own priority level. */
  readonly level: number;
}
/** Memory that a domain was promised, in bytes. `usedBytes` is the watermark: what objects and alignment have taken. */
export interface ReservedMemory {
  readonly page: number;
  readonly sizeBytes: number;
  readonly usedBytes: number;
  readonly freeBytes: number;
}
export interface DomainSnapshot {
  readonly name: string;
  readonly privilege: 'kernel' | 'user';
  /** The level at which a user domain's one thread runs; null for the kernel's domain, whose components have their own. */
  readonly level: number | null;
  readonly alive: boolean;
  readonly starts: number;
  readonly asid: number;
  readonly components: readonly ComponentSnapshot[];
  readonly memory: ReservedMemory | null;
  readonly slots: { readonly used: number; readonly total: number } | null;
  /** Pages of 4 KiB that its own privilege may touch; null for the kernel's domain, to which all is mapped. */
  readonly mappedPages: number | null;
}
/** A connection, its two ends, and what carries it. */
export interface GateSnapshot {
  readonly client: string;
  readonly server: string;
  readonly contract: string;
  /** The gate of calls, and of casts to the server. */
  readonly calls: string;
  /** The gate of events; empty when the contract has none. */
  readonly events: string;
}
export interface DomainsSnapshot {
  readonly system: string;
  readonly summary: string;
  readonly atCycles: number;
  readonly domains: readonly DomainSnapshot[];
  readonly connections: readonly GateSnapshot[];
}

/** Reads everything; changes and charges nothing. */
export function domainsOf(system: System): DomainsSnapshot {
  const all = capabilitiesOf(system);
  return {
    system: system.description.name,
    summary: system.description.summary,
    atCycles: system.clock.now,
    domains: system.kernel.domains.map((domain) => snapshotOf(system, domain, all)),
    connections: system.connections.map(({ client, clientPort, server, serverPort, contract, up, down, events }) => ({
      client: `${client.seat.name}.${clientPort}`,
      server: `${server.seat.name}.${serverPort}`,
      contract: contract.name,
      calls: up,
      events: events.length > 0 ? down : '',
    })),
  };
}

type Domain = System['kernel']['domains'][number];

function snapshotOf(system: System, domain: Domain, all: readonly Capability[]): DomainSnapshot {
  const { name, isKernel, alive, starts, asid, seats } = domain;
  const space = spacesOf(system, all).find(({ holder }) => holder === name);
  return {
    name,
    privilege: isKernel ? 'kernel' : 'user',
    level: isKernel ? null : (seats[0]?.level ?? null),
    alive: isKernel ? system.panic === null : alive,
    starts,
    asid,
    components: seats.map((seat) => componentOf(system, seat.index)),
    memory: memoryOf(system, domain),
    slots: space === undefined ? null : { used: space.used, total: space.slots },
    mappedPages: isKernel ? null : runsOf(system, domain).reduce((sum, { count }) => sum + count, 0),
  };
}
function componentOf({ places }: System, index: number): ComponentSnapshot {
  const { definition } = places[index]!;
  return { name: definition.name, kind: kindOf(definition), level: definition.level };
}
function memoryOf({ kernel }: System, domain: Domain): ReservedMemory | null {
  if (!hasReservation(kernel, domain)) return null;
  const { capabilities } = kernel;
  const sizeBytes = 2 ** capabilities.sizeOf(domain.untypedSlot);
  const freeBytes = capabilities.freeBytesOf(domain.untypedSlot);
  return { page: capabilities.pageOf(domain.untypedSlot), sizeBytes, usedBytes: sizeBytes - freeBytes, freeBytes };
}
