/** What is wrong with the connections of a description. */
import { type CastSpec, type Contract, kernel as kernelAbi } from '@bulkhead/abi';
import type { ComponentDefinition } from '@bulkhead/runtime';
import { ENTRY_WORDS } from './cast-queue.ts';
import { byName, domainOf, known, namesOf, own } from './check-words.ts';
import { type ConnectionText, type Description, type Ends, KERNEL_DOMAIN, parseConnection } from './description.ts';

/** Sources that can wake one component: bits of its notification word beside its own tokens. */
export const MAX_INBOUND = 16;
/** An entry of a queue holds its method and so many words. */
const MAX_CAST_WORDS: number = ENTRY_WORDS - 1;

/** Ends, ports, contracts, levels and rings. @returns a line a mistake. */
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
  for (const component of description.components) {
    for (const [port, contract] of Object.entries(component.uses)) {
      if (contract.name === kernelAbi.contractOfKernel.name || connected.has(`${component.name}.${port}`)) continue;
      const servers = description.components.flatMap((server) =>
        Object.entries(server.provides)
          .filter(([, provided]) => provided.name === contract.name)
          .map(([serverPort]) => `${server.name}.${serverPort}`),
      );
      problems.push(
        `port '${component.name}.${port}' is not connected: add '${component.name}.${port} -> …' to a provider of '${contract.name}' (${known(servers)})`,
      );
    }
  }
  problems.push(...checkInbound(description), ...checkContracts(description));
  for (const text of description.rings ?? []) {
    if (!description.connections.includes(text))
      problems.push(`ring '${text}' is no connection: list it under connections too`);
  }
  return problems;
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
  if (used === undefined)
    return `connection '${text}': '${ends.client}' uses no port '${ends.clientPort}'; it uses ${known(Object.keys(client.uses))}`;
  const provided = own(server.provides, ends.serverPort);
  if (provided === undefined)
    return `connection '${text}': '${ends.server}' provides no port '${ends.serverPort}'; it provides ${known(Object.keys(server.provides))}`;
  if (used.name !== provided.name)
    return `connection '${text}': the ends speak '${used.name}' and '${provided.name}'; both must speak one contract`;
  if (client.shares?.[ends.clientPort] !== undefined && server.shares?.[ends.serverPort] !== undefined)
    return `connection '${text}': both ends say how large their shared region is; let one of them`;
  const clientDomain = domainOf(description, ends.client);
  const serverDomain = domainOf(description, ends.server);
  const problem = checkRise(description, text, client, server);
  if (problem !== null) return problem;
  const calls = Object.keys(used.calls);
  if (clientDomain === KERNEL_DOMAIN && serverDomain !== KERNEL_DOMAIN && calls.length > 0)
    return `connection '${text}' would call from the kernel into a user domain ('${calls[0]}'): move '${ends.server}' into '${KERNEL_DOMAIN}' or '${ends.client}' out of it`;
  if (
    description.rings?.includes(text) &&
    (clientDomain === KERNEL_DOMAIN || serverDomain === KERNEL_DOMAIN || clientDomain === serverDomain)
  )
    return `connection '${text}' cannot be a ring: rings connect two user domains`;
  return null;
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
  const fromLevel = description.levels?.[from ?? ''] ?? client.level;
  const toLevel = description.levels?.[to ?? ''] ?? server.level;
  return toLevel > fromLevel
    ? null
    : `connection '${text}' goes from domain '${from}' of level ${fromLevel} to level ${toLevel}: a client calls strictly upward; lower the level of '${from}', or move '${server.name}' into it`;
}

/** A component hears of each connection whose casts are queued by a bit of its notification word. */
function checkInbound(description: Description): string[] {
  const ends = description.connections.map(parseConnection).filter((parsed) => parsed !== null);
  return description.components.flatMap((component) => {
    const sources =
      ends.filter(({ client, clientPort }) => client === component.name && hasEvents(own(component.uses, clientPort)))
        .length +
      ends.filter(
        ({ server, serverPort }) => server === component.name && hasCasts(own(component.provides, serverPort)),
      ).length;
    return sources > MAX_INBOUND
      ? [`'${component.name}' would hear from ${sources} connections: ${MAX_INBOUND} are the most, divide its work`]
      : [];
  });
}
const hasEvents = (contract: Contract | undefined): boolean => Object.keys(contract?.events ?? {}).length > 0;
const hasCasts = (contract: Contract | undefined): boolean => Object.keys(contract?.casts ?? {}).length > 0;

/** What a queue's entry can carry: a few words, and no rights, for nobody is there to derive them. */
function checkContracts({ components }: Description): string[] {
  const contracts = new Set(
    components.flatMap(({ uses, provides }) => [...Object.values(uses), ...Object.values(provides)]),
  );
  return [...contracts].flatMap((contract) =>
    Object.entries<CastSpec>({ ...contract.casts, ...contract.events }).flatMap(([method, { args }]) => [
      ...(args.length > MAX_CAST_WORDS
        ? [
            `cast '${contract.name}.${method}' has ${args.length} words: ${MAX_CAST_WORDS} are the most, send the rest through the shared region`,
          ]
        : []),
      ...(args.includes('right')
        ? [`cast '${contract.name}.${method}' carries a right: rights go with calls, make it one`]
        : []),
    ]),
  );
}
