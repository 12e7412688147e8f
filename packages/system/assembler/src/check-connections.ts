/** What is wrong with the connections of a description. */
import type { Contract } from '@bulkhead/abi';
import type { ComponentDefinition } from '@bulkhead/runtime';
import { differenceOf, isKernels } from './check-contracts.ts';
import { checkRing } from './check-rings.ts';
import { byName, domainOf, known, namesOf, own } from './check-words.ts';
import { type ConnectionText, type Description, type Ends, KERNEL_DOMAIN, parseConnection } from './description.ts';

/** Sources that can wake one component: bits of its notification word beside its own tokens. */
export const MAX_INBOUND = 16;

/** Ends, ports, contracts and levels. @returns a line a mistake. */
export function checkConnections(description: Description): string[] {
  const problems: string[] = [];
  const connected = new Set<string>();
  for (const text of description.connections) {
    const ends = parseConnection(text);
    if (ends === null) {
      problems.push(`connection '${text}' cannot be read: write 'client.port -> server.port'`);
      continue;
    }
    const problem = checkEnds(description, text, ends);
    if (problem !== null) problems.push(problem);
    const clientEnd = `${ends.client}.${ends.clientPort}`;
    if (connected.has(clientEnd))
      problems.push(`port '${clientEnd}' is connected twice: a client's port has one server`);
    connected.add(clientEnd);
  }
  return [...problems, ...checkUnconnected(description, connected), ...checkInbound(description)];
}

function checkUnconnected({ components }: Description, connected: ReadonlySet<string>): string[] {
  return components.flatMap((component) =>
    Object.entries(component.uses)
      .filter(([port, contract]) => !isKernels(contract) && !connected.has(`${component.name}.${port}`))
      .map(([port, { name }]) => {
        const servers = components.flatMap((server) =>
          Object.keys(server.provides)
            .filter((serverPort) => server.provides[serverPort]!.name === name)
            .map((serverPort) => `${server.name}.${serverPort}`),
        );
        return `port '${component.name}.${port}' is not connected: add '${component.name}.${port} -> …' to a provider of '${name}' (${known(servers)})`;
      }),
  );
}

/** In the order of its checks: the first that applies is told. */
function checkEnds(description: Description, text: ConnectionText, ends: Ends): string | null {
  const client = byName(description, ends.client);
  if (client === undefined)
    return `connection '${text}': no component '${ends.client}'; there are ${known(namesOf(description))}`;
  const server = byName(description, ends.server);
  if (server === undefined)
    return `connection '${text}': no component '${ends.server}'; there are ${known(namesOf(description))}`;
  const used = own(client.uses, ends.clientPort);
  const provided = own(server.provides, ends.serverPort);
  const isReversed = own(client.provides, ends.clientPort) !== undefined && own(server.uses, ends.serverPort);
  if (used === undefined && isReversed)
    return `connection '${text}' is the wrong way round: the client stands first, write '${ends.server}.${ends.serverPort} -> ${ends.client}.${ends.clientPort}'`;
  if (used === undefined)
    return `connection '${text}': '${ends.client}' uses no port '${ends.clientPort}'; it uses ${known(Object.keys(client.uses))}`;
  if (isKernels(used)) return `connection '${text}': the kernel is connected with everybody already; remove the line`;
  if (provided === undefined)
    return `connection '${text}': '${ends.server}' provides no port '${ends.serverPort}'; it provides ${known(Object.keys(server.provides))}`;
  return (
    checkSpeech(text, used, provided) ??
    checkShares(text, ends, client, server) ??
    checkRise(description, text, client, server) ??
    checkUpcall(description, text, ends, used) ??
    checkRing(description, text, ends)
  );
}

function checkSpeech(text: ConnectionText, used: Contract, provided: Contract): string | null {
  if (used.name !== provided.name)
    return `connection '${text}': the ends speak '${used.name}' and '${provided.name}'; both must speak one contract`;
  const difference = differenceOf(used, provided);
  return difference === null
    ? null
    : `connection '${text}': the ends speak two contracts named '${used.name}', which differ in '${difference}'; import one for both`;
}

function checkShares(
  text: ConnectionText,
  { clientPort, serverPort }: Ends,
  client: ComponentDefinition,
  server: ComponentDefinition,
): string | null {
  return own(client.shares ?? {}, clientPort) !== undefined && own(server.shares ?? {}, serverPort) !== undefined
    ? `connection '${text}': both ends say how large their shared region is; let one of them`
    : null;
}

/** A client calls strictly upward: by the components' own levels inside a domain, by those of the domains outside. */
function checkRise(
  description: Description,
  text: ConnectionText,
  client: ComponentDefinition,
  server: ComponentDefinition,
): string | null {
  if (server.level <= client.level)
    return `connection '${text}' goes from level ${client.level} to level ${server.level}: a client calls strictly upward; raise '${server.name}' or swap the ends`;
  const from = domainOf(description, client.name);
  const to = domainOf(description, server.name);
  if (from === to) return null;
  const levels = description.levels ?? {};
  const fromLevel = own(levels, from ?? '') ?? client.level;
  const toLevel = own(levels, to ?? '') ?? server.level;
  return toLevel > fromLevel
    ? null
    : `connection '${text}' goes from domain '${from}' of level ${fromLevel} to level ${toLevel}: a client calls strictly upward; lower the level of '${from}', or move '${server.name}' into it`;
}

/** From the kernel go casts only, for it waits for nobody. */
function checkUpcall(
  description: Description,
  text: ConnectionText,
  { client, server }: Ends,
  { calls }: Contract,
): string | null {
  const [call] = Object.keys(calls);
  return call !== undefined &&
    domainOf(description, client) === KERNEL_DOMAIN &&
    domainOf(description, server) !== KERNEL_DOMAIN
    ? `connection '${text}' would call from the kernel into a user domain ('${call}'): move '${server}' into '${KERNEL_DOMAIN}' or '${client}' out of it`
    : null;
}

/** A component hears of each connection whose casts to it are queued by a bit of its notification word. */
function checkInbound(description: Description): string[] {
  const heardBy = new Map<string, number>();
  const hear = (component: string): void => void heardBy.set(component, (heardBy.get(component) ?? 0) + 1);
  for (const text of description.connections) {
    const ends = parseConnection(text);
    const contract = ends === null ? undefined : own(byName(description, ends.client)?.uses ?? {}, ends.clientPort);
    if (ends === null || contract === undefined) continue;
    if (Object.keys(contract.events).length > 0) hear(ends.client);
    if (Object.keys(contract.casts).length > 0 && isQueued(description, text, ends)) hear(ends.server);
  }
  return [...heardBy]
    .filter(([, sources]) => sources > MAX_INBOUND)
    .map(
      ([component, sources]) =>
        `'${component}' would hear from ${sources} connections: ${MAX_INBOUND} are the most, divide its work`,
    );
}
/** A cast to the server runs at once, but through a ring, and from the kernel outward. */
const isQueued = (description: Description, text: ConnectionText, { client, server }: Ends): boolean =>
  description.rings?.includes(text) === true ||
  (domainOf(description, client) === KERNEL_DOMAIN && domainOf(description, server) !== KERNEL_DOMAIN);
