/** Whether the memory that domains are promised can be given, and holds them. */
import { isPowerOfTwo } from '@bulkhead/bits';
import { CNODE_RADIX } from '@bulkhead/microkernel';
import type { ComponentDefinition } from '@bulkhead/runtime';
import { byName, known, own } from './check-words.ts';
import { type Description, parseConnection } from './description.ts';
import { type Link, planReservations, RESERVABLE_MIB } from './reservations.ts';

/** Slot 0 of a capability space is never used. */
const SLOTS = 2 ** CNODE_RADIX - 1;
/** The message buffer; endpoint, notification, reply object. */
const COMPONENT_SLOTS = 4;

/** What is wrong with each reservation, and with two of them. @returns a line a mistake. */
export function checkReservations({ domains, reserve = {} }: Description): string[] {
  const problems: string[] = [];
  const placed: { domain: string; from: number; to: number }[] = [];
  for (const [domain, { sizeMiB, atMiB }] of Object.entries(reserve)) {
    if (own(domains, domain) === undefined)
      problems.push(
        `memory is reserved for '${domain}', which is no domain: use one of ${known(Object.keys(domains))}`,
      );
    if (!Number.isInteger(sizeMiB) || !isPowerOfTwo(sizeMiB) || sizeMiB > RESERVABLE_MIB) {
      problems.push(`domain '${domain}' reserves ${sizeMiB} MiB: use a power of two from 1 to ${RESERVABLE_MIB}`);
      continue;
    }
    if (atMiB === undefined) continue;
    if (atMiB % sizeMiB !== 0 || atMiB < 0 || atMiB + sizeMiB > RESERVABLE_MIB)
      problems.push(
        `domain '${domain}' reserves ${sizeMiB} MiB at ${atMiB}: use a multiple of its size below ${RESERVABLE_MIB}`,
      );
    for (const other of placed) {
      if (atMiB < other.to && atMiB + sizeMiB > other.from)
        problems.push(`the memory of '${domain}' overlaps that of '${other.domain}': move one of them`);
    }
    placed.push({ domain, from: atMiB, to: atMiB + sizeMiB });
  }
  return problems;
}

/** Whether all domains together fit. Only for a description that is right otherwise. @returns a line a mistake. */
export function checkCapacity(description: Description): string[] {
  const slots = Object.entries(description.domains).flatMap(([domain, members]) =>
    checkSlots(description, domain, members),
  );
  if (slots.length > 0) return slots;
  const plan = planReservations(description, linksOf(description));
  return typeof plan === 'string' ? [plan] : [];
}

/** A lower bound: page tables and rights to others come on top, and boot tells when they do not fit. */
function checkSlots(description: Description, domain: string, members: readonly string[]): string[] {
  const slots = members.reduce((sum, name) => sum + slotsOf(byName(description, name)!), 0);
  return slots <= SLOTS
    ? []
    : [
        `domain '${domain}' needs ${slots} rights or more, and a capability space holds ${SLOTS}: use frames of 2^21 bytes, or fewer pages`,
      ];
}
function slotsOf({ heapPages, footprint, regions = {}, shares = {} }: ComponentDefinition): number {
  const frames = [...Object.values(regions), ...Object.values(shares)].reduce((sum, { count }) => sum + count, 0);
  return COMPONENT_SLOTS + Math.max(1, heapPages) + footprint.codePages + footprint.dataPages + frames;
}

/** Connections as far as memory is concerned. */
function linksOf(description: Description): Link[] {
  return description.connections.map((text) => {
    const { client, clientPort, server, serverPort } = parseConnection(text)!;
    const definition = byName(description, client)!;
    return {
      client: { definition },
      clientPort,
      server: { definition: byName(description, server)! },
      serverPort,
      contract: definition.uses[clientPort]!,
    };
  });
}
