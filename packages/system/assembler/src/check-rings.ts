/** What is wrong with the rings of a description. */
import type { Contract } from '@bulkhead/abi';
import { byName, domainOf, own, repeated } from './check-words.ts';
import { type ConnectionText, type Description, type Ends, KERNEL_DOMAIN, parseConnection } from './description.ts';

/** @returns a line a ring that is no connection, or is named twice. */
export function checkRings({ connections, rings = [] }: Description): string[] {
  return [
    ...repeated(rings).map((text) => `ring '${text}' is named twice: name it once`),
    ...[...new Set(rings)]
      .filter((text) => !connections.includes(text))
      .map((text) => {
        const meant = meantBy(text, connections);
        return meant === undefined
          ? `ring '${text}' is no connection: list it under connections too`
          : `ring '${text}' is no connection: write it as it stands there, '${meant}'`;
      }),
  ];
}

/** @returns the only connection of the same two components, in whichever order, with whatever ports and blanks. */
function meantBy(text: ConnectionText, connections: readonly ConnectionText[]): ConnectionText | undefined {
  const pairOf = (ends: Ends | null): string => (ends === null ? '' : [ends.client, ends.server].sort().join(' '));
  const pair = pairOf(parseConnection(text));
  const meant = connections.filter((connection) => pair !== '' && pairOf(parseConnection(connection)) === pair);
  return meant.length === 1 ? meant[0] : undefined;
}

/** A ring stands between two user domains, and something goes through it. @returns a line, or null. */
export function checkRing(description: Description, text: ConnectionText, { client, server }: Ends): string | null {
  if (!description.rings?.includes(text)) return null;
  const from = domainOf(description, client);
  const to = domainOf(description, server);
  if (from === KERNEL_DOMAIN || to === KERNEL_DOMAIN || from === to)
    return `connection '${text}' cannot be a ring: rings connect two user domains`;
  const contract = contractOf(description, text);
  return Object.keys({ ...contract?.casts, ...contract?.events }).length > 0
    ? null
    : `connection '${text}' cannot be a ring: '${contract?.name}' has no casts, and calls go by IPC; take it out of rings`;
}

function contractOf(description: Description, text: ConnectionText): Contract | undefined {
  const ends = parseConnection(text);
  return ends === null ? undefined : own(byName(description, ends.client)?.uses ?? {}, ends.clientPort);
}
