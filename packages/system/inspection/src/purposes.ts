/**
 * What a physical page is for: heap, code, a ring. The kernel does not know; it follows from how a domain is filled.
 * The rights from which all others to a frame were derived stand in the order in which the assembler's loader makes
 * them the first time:
 *
 *     in a domain's slots, of each component: regions (large frames first), heap, code, data, message buffer
 *     in the kernel core's slots, of what connections share, made of the memory of one domain:
 *         shared regions, component by component, connection by connection
 *         queues, as the connections were made
 *
 * What does not fit that order, or contradicts what the loader says of code, data and buffers, stays `unknown`.
 */

import { kernelPage } from '@bulkhead/address-space';
import { type Connection, KERNEL_DOMAIN, type Place, type System } from '@bulkhead/assembler';
import { objects } from '@bulkhead/capabilities';
import { ringSizeBytes } from '@bulkhead/ipc';
import type { Capability } from './capability.ts';
import type { Derivation } from './derivation.ts';
import { KERNEL_CORE } from './owners.ts';

export type PurposeKind =
  | 'region'
  | 'shared-region'
  | 'heap'
  | 'code'
  | 'data'
  | 'message-buffer'
  | 'queue'
  | 'unknown';

export interface Purpose {
  readonly kind: PurposeKind;
  /** The component for which it was made; null where that is not known. */
  readonly component: string | null;
  /** A region's name, or the connection that is shared or queued: `client.port -> server.port`. */
  readonly name: string;
}
export const UNKNOWN: Purpose = { kind: 'unknown', component: null, name: '' };

/** @returns a purpose in words. */
export function describePurpose({ kind, component, name }: Purpose): string {
  switch (kind) {
    case 'region':
      return `${name} of ${component}`;
    case 'shared-region':
      return `shared region of ${name}`;
    case 'queue':
      return `queue of ${name}`;
    case 'message-buffer':
      return `message buffer of ${component}`;
    case 'unknown':
      return 'frame';
    default:
      return `${kind} of ${component}`;
  }
}

const PAGE_BYTES = 4096;
const PAGE_BITS = 12;
/** Words of an entry of a queue of casts: a method and four arguments. */
const ENTRY_WORDS = 5;

interface Piece {
  readonly purpose: Purpose;
  readonly sizeBits: number;
  readonly count: number;
  /** The page at which the component has it, where the loader says so. */
  readonly page?: number;
}

/** @returns purposes by the physical page on which a frame starts. */
export function purposesOf(
  system: System,
  all: readonly Capability[],
  derivations: readonly Derivation[],
): Map<number, Purpose> {
  const typeOf = new Map(all.map(({ slot, type }) => [slot, type]));
  const parents = new Map(derivations.map(({ slot, parent }) => [slot, parent]));
  const purposes = new Map<number, Purpose>();
  const made = all.filter(
    ({ type, slot }) =>
      type === objects.NAMES[objects.FRAME] && typeOf.get(parents.get(slot) ?? 0) === objects.NAMES[objects.UNTYPED],
  );
  for (const { name } of system.kernel.domains) {
    const places = system.places.filter(({ seat, memory }) => seat.domain.name === name && memory !== null);
    const own = made.filter(({ holder, owner }) => holder === name && owner === name);
    const shared = made.filter(({ holder, owner }) => holder === KERNEL_CORE && owner === name);
    for (const [frame, purpose] of [
      ...labelled(places.flatMap(furnitureOf), own),
      ...labelledShared(system, name, places, shared, all),
    ])
      purposes.set(frame, purpose);
  }
  return purposes;
}

type Label = readonly [page: number, purpose: Purpose];
const labelsOf = (frames: readonly Capability[], purpose: Purpose): Label[] =>
  frames.map(({ address }) => [address! / PAGE_BYTES, purpose]);

/** Frames in the order of their slots, against pieces in the order in which the loader makes them. */
function labelled(pieces: readonly Piece[], frames: readonly Capability[]): Label[] {
  const labels: Label[] = [];
  let at = 0;
  for (const piece of pieces) {
    if (!fits(frames, at, piece)) return labels;
    labels.push(...labelsOf(frames.slice(at, at + piece.count), piece.purpose));
    at += piece.count;
  }
  return labels;
}
/** Regions in their order; then queues, of which those of a domain that started late may stand anywhere. */
function labelledShared(
  system: System,
  domain: string,
  places: readonly Place[],
  frames: readonly Capability[],
  all: readonly Capability[],
): Label[] {
  const regions = places.flatMap((place) => sharesOf(system, place));
  const labels = labelled(regions, frames);
  if (labels.length < regions.reduce((sum, { count }) => sum + count, 0)) return labels;
  const queues = queuesOf(system, domain);
  for (let at = labels.length; at < frames.length; ) {
    const next = queues.findIndex((queue) => fits(frames, at, queue) && sharedAs(frames[at]!, queue, all));
    if (next < 0) return labels;
    const [{ count, purpose }] = queues.splice(next, 1) as [QueuePiece];
    labels.push(...labelsOf(frames.slice(at, at + count), purpose));
    at += count;
  }
  return labels;
}

/** @returns whether the next frames are of the piece's size, side by side, and where the loader has them. */
function fits(frames: readonly Capability[], at: number, { sizeBits, count, page }: Piece): boolean {
  const first = frames[at];
  if (first === undefined || at + count > frames.length) return count === 0;
  for (let i = 0; i < count; i++) {
    const frame = frames[at + i]!;
    if (frame.sizeBits !== sizeBits || frame.address !== first.address! + i * 2 ** sizeBits) return false;
  }
  if (page === undefined) return true;
  return page === (first.holder === KERNEL_DOMAIN ? kernelPage(first.address! / PAGE_BYTES) : first.mapping?.page);
}

/** The regions that a component shares, where its end decides the size. */
function sharesOf({ connections }: System, place: Place): Piece[] {
  return connections.flatMap((connection) => {
    const { shares = {} } = place.definition;
    const port =
      connection.client === place ? connection.clientPort : connection.server === place ? connection.serverPort : '';
    const size = shares[port];
    if (size === undefined) return [];
    return [{ purpose: purpose('shared-region', place, textOf(connection)), ...size }];
  });
}
function furnitureOf(place: Place): Piece[] {
  const { definition, codePage, dataPage, bufferPage } = place;
  const { codePages, dataPages } = definition.footprint;
  const regions = Object.entries(definition.regions ?? {}).toSorted(([, a], [, b]) => b.sizeBits - a.sizeBits);
  const pages = (kind: PurposeKind, count: number, page?: number): Piece => ({
    purpose: purpose(kind, place, ''),
    sizeBits: PAGE_BITS,
    count,
    ...(page === undefined || count === 0 ? {} : { page }),
  });
  return [
    ...regions.map(([name, size]) => ({ purpose: purpose('region', place, name), ...size })),
    pages('heap', Math.max(1, definition.heapPages)),
    pages('code', codePages, codePage),
    pages('data', dataPages, dataPage),
    pages('message-buffer', 1, bufferPage),
  ];
}

interface QueuePiece extends Piece {
  /** The domain that has it mapped too, or null. */
  readonly sharedWith: string | null;
}

/** Queues in a domain's memory, those between domains that start at boot first. */
function queuesOf({ connections, description }: System, domain: string): QueuePiece[] {
  const isLate = ({ client, server }: Connection): boolean =>
    [client, server].some(({ seat }) => description.supervised.includes(seat.domain.name));
  const ordered = [...connections.filter((one) => !isLate(one)), ...connections.filter(isLate)];
  return ordered.flatMap((connection) => [
    ...(connection.queuesUp ? queueIn(domain, connection, true) : []),
    ...(connection.events.length > 0 ? queueIn(domain, connection, false) : []),
  ]);
}
/** A queue stands with its producer; with its consumer where the kernel takes what a user casts. */
function queueIn(domain: string, connection: Connection, toServer: boolean): QueuePiece[] {
  const { client, server, contract } = connection;
  const [producer, consumer] = toServer ? [client, server] : [server, client];
  const inKernel = consumer.seat.domain.isKernel && !producer.seat.domain.isKernel;
  const fetched = !toServer && connection.down === 'outbox';
  const owner = inKernel ? consumer : producer;
  if (owner.seat.domain.name !== domain) return [];
  const isShared =
    !inKernel && !fetched && consumer.seat.domain !== owner.seat.domain && !consumer.seat.domain.isKernel;
  return [
    {
      purpose: purpose('queue', owner, textOf(connection)),
      sizeBits: PAGE_BITS,
      count: Math.ceil(ringSizeBytes(contract.capacity, ENTRY_WORDS) / PAGE_BYTES),
      sharedWith: isShared ? consumer.seat.domain.name : null,
    },
  ];
}
const sharedAs = (frame: Capability, { sharedWith }: QueuePiece, all: readonly Capability[]): boolean =>
  sharedWith === null ||
  all.some(({ holder, address, mapping }) => holder === sharedWith && address === frame.address && mapping !== null);

const purpose = (kind: PurposeKind, { seat }: Place, name: string): Purpose => ({ kind, component: seat.name, name });
const textOf = ({ client, clientPort, server, serverPort }: Connection): string =>
  `${client.seat.name}.${clientPort} -> ${server.seat.name}.${serverPort}`;
