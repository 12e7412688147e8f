/**
 * Where everything stands that a description makes: which gate carries which connection, and which memory is made for
 * whom, from whose promised memory, and mapped in whose address space. The assembler's rules, followed without building.
 */
import type { Contract } from '@bulkhead/abi';
import { type ConnectionText, type Description, KERNEL_DOMAIN, parseConnection } from '@bulkhead/assembler';
import { ringSizeBytes } from '@bulkhead/ipc';
import { invariant } from '@bulkhead/result';
import type { ComponentDefinition } from '@bulkhead/runtime';

export type Access = 'read-write' | 'read-execute';

export interface Mapping {
  readonly domain: string;
  readonly access: Access;
}
/** One piece of memory. */
export interface Piece {
  readonly id: string;
  /** The component whose memory it is. */
  readonly owner: string;
  /** The other end of the connection, when it is there for a connection. */
  readonly peer: string | null;
  readonly sizeBytes: number;
  /** The user domains in which it is mapped. */
  readonly mappedIn: readonly Mapping[];
  /** What it is, for people. */
  readonly what: string;
}

/** A connection, and by which gates it goes. */
export interface Link {
  readonly text: ConnectionText;
  readonly contract: Contract;
  readonly client: string;
  readonly clientPort: string;
  readonly server: string;
  readonly serverPort: string;
  readonly up: 'direct' | 'system-call' | 'ipc' | 'ring' | 'upcall';
  readonly down: 'queue' | 'system-call' | 'outbox' | 'ring' | 'upcall';
}

const PAGE_BYTES = 4096;
/** A cast in a queue is its method and four words. */
const ENTRY_WORDS = 5;

export const domainOf = ({ domains }: Description, component: string): string => {
  const found = Object.keys(domains).find((domain) => domains[domain]!.includes(component));
  invariant(found !== undefined, `component '${component}' is in no domain`);
  return found;
};
const definitionOf = ({ components }: Description, name: string): ComponentDefinition =>
  components.find((component) => component.name === name)!;

export function linksOf(description: Description): Link[] {
  return description.connections.map((text) => {
    const ends = parseConnection(text)!;
    const [from, to] = [domainOf(description, ends.client), domainOf(description, ends.server)];
    const ring = description.rings?.includes(text) ?? false;
    const contract = definitionOf(description, ends.client).uses[ends.clientPort]!;
    return { text, contract, ...ends, up: upGate(from, to, ring), down: downGate(from, to, ring) };
  });
}
function upGate(client: string, server: string, ring: boolean): Link['up'] {
  if (client === server) return 'direct';
  if (server === KERNEL_DOMAIN) return 'system-call';
  if (client === KERNEL_DOMAIN) return 'upcall';
  return ring ? 'ring' : 'ipc';
}
function downGate(client: string, server: string, ring: boolean): Link['down'] {
  if (client === server) return 'queue';
  if (client === KERNEL_DOMAIN) return 'system-call';
  if (server === KERNEL_DOMAIN) return 'upcall';
  return ring ? 'ring' : 'outbox';
}

export const hasCasts = ({ contract }: Link): boolean => Object.keys(contract.casts).length > 0;
export const hasEvents = ({ contract }: Link): boolean => Object.keys(contract.events).length > 0;
export const hasCalls = ({ contract }: Link): boolean => Object.keys(contract.calls).length > 0;
/** Casts to the server wait in a queue, and do not run at once. */
export const queuesUp = (link: Link): boolean => hasCasts(link) && (link.up === 'ring' || link.up === 'upcall');

/** All memory that components have, in the order of the description: their own, then that of connections. */
export function piecesOf(description: Description): Piece[] {
  return [
    ...description.components.flatMap((definition) => ownPieces(description, definition)),
    ...linksOf(description).flatMap((link) => [...sharedRegion(description, link), ...queues(description, link)]),
  ];
}

function ownPieces(description: Description, definition: ComponentDefinition): Piece[] {
  const { name, heapPages, footprint, regions = {} } = definition;
  const domain = domainOf(description, name);
  const piece = (what: string, pages: number, access: Access = 'read-write'): Piece => ({
    id: `${what} of ${name}`,
    owner: name,
    peer: null,
    sizeBytes: pages * PAGE_BYTES,
    mappedIn: domain === KERNEL_DOMAIN ? [] : [{ domain, access }],
    what,
  });
  return [
    piece('heap', Math.max(1, heapPages)),
    ...(footprint.codePages > 0 ? [piece('code', footprint.codePages, 'read-execute')] : []),
    ...(footprint.dataPages > 0 ? [piece('data', footprint.dataPages)] : []),
    piece('message buffer', 1),
    ...Object.entries(regions).map(([region, { sizeBits, count }]) =>
      piece(`region '${region}'`, (count * 2 ** sizeBits) / PAGE_BYTES),
    ),
  ];
}

/** The end that says how large the region is owns it; the other end has it mapped too. */
function sharedRegion(description: Description, link: Link): Piece[] {
  const { client, clientPort, server, serverPort, text } = link;
  const ofClient = definitionOf(description, client).shares?.[clientPort];
  const size = ofClient ?? definitionOf(description, server).shares?.[serverPort];
  if (size === undefined) return [];
  const [owner, peer] = ofClient === undefined ? [server, client] : [client, server];
  const sizeBytes = size.count * 2 ** size.sizeBits;
  const mappedIn = mappings(description, [owner, peer]);
  return [{ id: `shared region of ${text}`, owner, peer, sizeBytes, mappedIn, what: 'shared region' }];
}

/** A queue is the producer's memory, or the consumer's where the kernel appends for a user. */
function queues(description: Description, link: Link): Piece[] {
  const made: Piece[] = [];
  if (queuesUp(link)) made.push(queue(description, link, true));
  if (hasEvents(link)) made.push(queue(description, link, false));
  return made;
}
function queue(description: Description, link: Link, up: boolean): Piece {
  const [producer, consumer] = up ? [link.client, link.server] : [link.server, link.client];
  const appendedByKernel = !up && link.down === 'system-call';
  const owner = appendedByKernel ? consumer : producer;
  const peer = appendedByKernel ? producer : consumer;
  // An outbox is fetched with a call, and what the kernel appends to is the kernel's: the other end has no mapping.
  const ends = appendedByKernel || (!up && link.down === 'outbox') ? [owner] : [owner, peer];
  const what = up ? 'cast queue' : 'event queue';
  return {
    id: `${what} of ${link.text}`,
    owner,
    peer,
    sizeBytes: Math.ceil(ringSizeBytes(link.contract.capacity, ENTRY_WORDS) / PAGE_BYTES) * PAGE_BYTES,
    mappedIn: mappings(description, ends),
    what,
  };
}
function mappings(description: Description, components: readonly string[]): Piece['mappedIn'] {
  const domains = new Set(components.map((component) => domainOf(description, component)));
  return [...domains].filter((domain) => domain !== KERNEL_DOMAIN).map((domain) => ({ domain, access: 'read-write' }));
}
