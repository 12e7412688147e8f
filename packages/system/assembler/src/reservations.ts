/** How much memory each domain is promised, and where: one untyped of a power of two a domain. */
import type { Contract } from '@bulkhead/abi';
import type { ComponentDefinition } from '@bulkhead/runtime';
import { queueBytes } from './cast-queue.ts';
import type { Description } from './description.ts';

export interface Reservation {
  readonly domain: string;
  readonly atMiB: number;
  readonly sizeMiB: number;
}

/** A connection, as far as memory is concerned. */
export interface Link {
  readonly contract: Contract;
  readonly client: { readonly definition: ComponentDefinition };
  readonly clientPort: string;
  readonly server: { readonly definition: ComponentDefinition };
  readonly serverPort: string;
}

/** RAM that `reserve` may divide. */
export const RESERVABLE_MIB = 64;
const MIB = 1024 * 1024;
const PAGE_BYTES = 4096;
const MEGA_BYTES = 2 * MIB;
/** CNode, page tables, endpoints, and what alignment loses. */
const OVERHEAD_BYTES = 384 * 1024;

/** @returns what a component and its side of its connections take, in bytes. */
function needOf(definition: ComponentDefinition, connections: readonly Link[]): number {
  const { heapPages, footprint, regions = {}, shares = {} } = definition;
  const sizes = Object.values(regions).map(({ sizeBits, count }) => count * 2 ** sizeBits);
  const own = connections.filter(
    ({ client, server }) => client.definition === definition || server.definition === definition,
  );
  for (const { client, clientPort, server, serverPort, contract } of own) {
    const share =
      (client.definition === definition ? shares[clientPort] : undefined) ??
      (server.definition === definition ? shares[serverPort] : undefined);
    if (share !== undefined) sizes.push(share.count * 2 ** share.sizeBits);
    sizes.push(queueBytes(contract.capacity) + PAGE_BYTES);
  }
  const pages = heapPages + footprint.codePages + footprint.dataPages;
  // A frame of 2 MiB is aligned to its size; what is made before the first leaves a hole below it.
  const largest = Math.max(0, ...sizes.filter((bytes) => bytes >= MEGA_BYTES));
  return pages * PAGE_BYTES + sizes.reduce((sum, bytes) => sum + bytes, largest);
}

/** @returns the smallest power of two, 1 or more, that is not below `value`. */
function powerOfTwoFrom(value: number): number {
  let power = 1;
  while (power < value) power *= 2;
  return power;
}

/** @returns a place for every domain, or one line that says what does not fit. */
export function planReservations(description: Description, connections: readonly Link[]): Reservation[] | string {
  const wanted = Object.entries(description.domains).map(([domain, members]) => {
    const stated = description.reserve?.[domain];
    const need = members
      .map((name) => description.components.find((component) => component.name === name)!)
      .reduce((sum, definition) => sum + needOf(definition, connections), OVERHEAD_BYTES);
    const sizeMiB = stated?.sizeMiB ?? powerOfTwoFrom((need * 5) / 4 / MIB);
    return { domain, sizeMiB, fixed: stated?.atMiB, need };
  });
  for (const { domain, sizeMiB, need } of wanted) {
    if (need > sizeMiB * MIB)
      return `domain '${domain}' reserves ${sizeMiB} MiB, and its components want ${Math.ceil(need / MIB)}: reserve more`;
  }
  const taken: Reservation[] = [];
  for (const { domain, sizeMiB, fixed } of wanted) {
    if (fixed !== undefined) taken.push({ domain, atMiB: fixed, sizeMiB });
  }
  const free = wanted.filter(({ fixed }) => fixed === undefined).sort((a, b) => b.sizeMiB - a.sizeMiB);
  for (const { domain, sizeMiB } of free) {
    const atMiB = firstGap(taken, sizeMiB);
    if (atMiB < 0)
      return `the domains want more than the ${RESERVABLE_MIB} MiB there are: '${domain}' (${sizeMiB} MiB) does not fit; reserve less`;
    taken.push({ domain, atMiB, sizeMiB });
  }
  return taken;
}

function firstGap(taken: readonly Reservation[], sizeMiB: number): number {
  for (let at = 0; at + sizeMiB <= RESERVABLE_MIB; at += sizeMiB) {
    if (taken.every(({ atMiB, sizeMiB: size }) => at + sizeMiB <= atMiB || at >= atMiB + size)) return at;
  }
  return -1;
}
