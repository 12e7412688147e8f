/**
 * What is wrong with a description, before anything is built: one line each, which names the mend.
 *
 * The three rules of levels are checked here: a call goes to a strictly higher level; a contract that goes from the
 * kernel to a user domain, or through a ring, consists of casts only.
 */
import { kernel as kernelAbi } from '@bulkhead/abi';
import type { ComponentDefinition } from '@bulkhead/runtime';
import {
  type ConnectionText,
  type Description,
  type Ends,
  EXCLUSIVE_RESOURCES,
  KERNEL_DOMAIN,
  parseConnection,
  SHARED_RESOURCES,
} from './description.ts';

/** RAM that `reserve` may divide. */
export const RESERVABLE_MIB = 64;
/** Sources that can wake one component: bits of its notification word beside its own 16 tokens. */
export const MAX_INBOUND = 16;

/** @returns every mistake, in the order of the description; empty when it can be assembled. */
export function checkDescription(description: Description): string[] {
  return [
    ...checkComponents(description),
    ...checkDomains(description),
    ...checkConnections(description),
    ...checkAuthority(description),
    ...checkReservations(description),
  ];
}

const byName = (description: Description, name: string): ComponentDefinition | undefined =>
  description.components.find((component) => component.name === name);

const domainOf = (description: Description, component: string): string | undefined =>
  Object.keys(description.domains).find((domain) => description.domains[domain]!.includes(component));

const known = (names: readonly string[]): string => (names.length === 0 ? 'there is none' : names.join(', '));

function checkComponents({ components }: Description): string[] {
  const names = components.map(({ name }) => name);
  return names
    .filter((name, index) => names.indexOf(name) !== index)
    .map((name) => `component '${name}' is listed twice: list each component once`);
}

function checkDomains(description: Description): string[] {
  const problems: string[] = [];
  const names = description.components.map(({ name }) => name);
  const placed = Object.values(description.domains).flat();
  for (const [domain, members] of Object.entries(description.domains)) {
    for (const member of members) {
      if (!names.includes(member))
        problems.push(`domain '${domain}' holds '${member}', which is no component here: use one of ${known(names)}`);
    }
    if (domain !== KERNEL_DOMAIN && members.length > 1)
      problems.push(
        `domain '${domain}' holds ${members.length} components: give each its own domain, or place them in '${KERNEL_DOMAIN}'`,
      );
    if (domain !== KERNEL_DOMAIN && members.length === 0)
      problems.push(`domain '${domain}' is empty: remove it, or place a component in it`);
  }
  for (const name of new Set(names)) {
    const count = placed.filter((member) => member === name).length;
    if (count === 0)
      problems.push(`component '${name}' is in no domain: add it to one of ${known(Object.keys(description.domains))}`);
    if (count > 1) problems.push(`component '${name}' is in ${count} domains: leave it in one`);
  }
  for (const domain of description.supervised) {
    if (!(domain in description.domains))
      problems.push(
        `'${domain}' is supervised but is no domain: use one of ${known(Object.keys(description.domains))}`,
      );
    else if (domain === KERNEL_DOMAIN)
      problems.push(`the '${KERNEL_DOMAIN}' domain cannot be supervised: nothing would be left to start it`);
    else if (!Object.values(description.authority).some((rights) => Object.values(rights).includes(`domain:${domain}`)))
      problems.push(`nobody may start the supervised domain '${domain}': grant 'domain:${domain}' to a supervisor`);
  }
  return problems;
}

function checkConnections(description: Description): string[] {
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
  for (const text of description.rings ?? []) {
    if (!description.connections.includes(text))
      problems.push(`ring '${text}' is no connection: list it under connections too`);
  }
  return problems;
}

/** In the order of its checks: the first that applies is told. */
function checkEnds(description: Description, text: ConnectionText, ends: Ends): string | null {
  const client = byName(description, ends.client);
  if (client === undefined) return `connection '${text}': no component '${ends.client}'`;
  const server = byName(description, ends.server);
  if (server === undefined) return `connection '${text}': no component '${ends.server}'`;
  const used = client.uses[ends.clientPort];
  if (used === undefined)
    return `connection '${text}': '${ends.client}' uses no port '${ends.clientPort}'; it uses ${known(Object.keys(client.uses))}`;
  const provided = server.provides[ends.serverPort];
  if (provided === undefined)
    return `connection '${text}': '${ends.server}' provides no port '${ends.serverPort}'; it provides ${known(Object.keys(server.provides))}`;
  if (used.name !== provided.name)
    return `connection '${text}': the ends speak '${used.name}' and '${provided.name}'; both must speak one contract`;
  if (server.level <= client.level)
    return `connection '${text}' goes from level ${client.level} to level ${server.level}: a client calls strictly upward; raise '${ends.server}' or swap the ends`;
  const calls = Object.keys(used.calls);
  const clientDomain = domainOf(description, ends.client);
  const serverDomain = domainOf(description, ends.server);
  if (clientDomain === KERNEL_DOMAIN && serverDomain !== KERNEL_DOMAIN && calls.length > 0)
    return `connection '${text}' would call from the kernel into a user domain ('${calls[0]}'): move '${ends.server}' into '${KERNEL_DOMAIN}' or '${ends.client}' out of it`;
  if (
    description.rings?.includes(text) &&
    (clientDomain === KERNEL_DOMAIN || serverDomain === KERNEL_DOMAIN || clientDomain === serverDomain)
  )
    return `connection '${text}' cannot be a ring: rings connect two user domains`;
  return null;
}

function checkAuthority(description: Description): string[] {
  const problems: string[] = [];
  const owners = new Map<string, string>();
  const machine: readonly string[] = [...EXCLUSIVE_RESOURCES, ...SHARED_RESOURCES];
  for (const [component, rights] of Object.entries(description.authority)) {
    const definition = byName(description, component);
    if (definition === undefined) {
      problems.push(`authority names '${component}', which is no component here`);
      continue;
    }
    for (const [right, resource] of Object.entries(rights)) {
      if (!(definition.rights ?? []).includes(right))
        problems.push(`'${component}' asks for no right '${right}': it asks for ${known(definition.rights ?? [])}`);
      if (resource.startsWith('domain:')) {
        if (!(resource.slice('domain:'.length) in description.domains))
          problems.push(`'${component}' is granted '${resource}', but there is no such domain`);
        continue;
      }
      if (!machine.includes(resource))
        problems.push(`'${resource}' is no resource of the machine: use one of ${known(machine)}`);
      if (!(EXCLUSIVE_RESOURCES as readonly string[]).includes(resource)) continue;
      const owner = owners.get(resource);
      if (owner !== undefined)
        problems.push(`'${resource}' has two owners, '${owner}' and '${component}': a device belongs to exactly one`);
      owners.set(resource, component);
    }
  }
  for (const definition of description.components) {
    for (const right of definition.rights ?? []) {
      if (!OPTIONAL_RIGHT.test(right) && description.authority[definition.name]?.[right] === undefined)
        problems.push(`'${definition.name}' needs the right '${right}': grant it under authority`);
    }
  }
  return problems;
}

/** Rights to children are as many as there are children. */
const OPTIONAL_RIGHT = /^child-\d+$/;

function checkReservations({ domains, reserve = {} }: Description): string[] {
  const problems: string[] = [];
  const placed: { domain: string; from: number; to: number }[] = [];
  for (const [domain, { sizeMiB, atMiB }] of Object.entries(reserve)) {
    if (!(domain in domains)) problems.push(`memory is reserved for '${domain}', which is no domain`);
    if (!Number.isInteger(Math.log2(sizeMiB)) || sizeMiB < 1 || sizeMiB > RESERVABLE_MIB) {
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
