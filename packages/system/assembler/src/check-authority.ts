/** What is wrong with the authority that a description gives. */
import { byName, known, namesOf, own, repeated } from './check-words.ts';
import { type Description, EXCLUSIVE_RESOURCES, KERNEL_DOMAIN, SHARED_RESOURCES } from './description.ts';

/** Rights to children are as many as there are children. */
const OPTIONAL_RIGHT = /^child-(\d+)$/;
const DOMAIN = 'domain:';
const EXCLUSIVE: readonly string[] = EXCLUSIVE_RESOURCES;
const MACHINE: readonly string[] = [...EXCLUSIVE_RESOURCES, ...SHARED_RESOURCES];

/** Rights that nobody asks for, devices with two owners, children with two parents. @returns a line a mistake. */
export function checkAuthority(description: Description): string[] {
  const problems: string[] = [];
  const owners = new Map<string, string>();
  for (const [component, rights] of Object.entries(description.authority)) {
    const definition = byName(description, component);
    if (definition === undefined) {
      problems.push(
        `authority names '${component}', which is no component here: use one of ${known(namesOf(description))}`,
      );
      continue;
    }
    const wanted = definition.rights ?? [];
    for (const [right, resource] of Object.entries(rights)) {
      if (!wanted.includes(right))
        problems.push(`'${component}' asks for no right '${right}': it asks for ${known(wanted)}`);
      const problem = checkGrant(description, component, resource, owners);
      if (problem !== null) problems.push(problem);
    }
    problems.push(...checkTwice(component, Object.values(rights)), ...checkChildren(component, Object.keys(rights)));
  }
  return [...problems, ...checkWanted(description)];
}

/** @returns a line, or null. Notes who owns what. */
function checkGrant(
  description: Description,
  component: string,
  resource: string,
  owners: Map<string, string>,
): string | null {
  const isDomain = resource.startsWith(DOMAIN);
  const problem = isDomain ? checkChild(description, component, resource) : checkResource(resource);
  if (problem !== null || (!isDomain && !EXCLUSIVE.includes(resource))) return problem;
  const owner = owners.get(resource);
  owners.set(resource, component);
  if (owner === undefined || owner === component) return null;
  return isDomain
    ? `'${resource}' has two supervisors, '${owner}' and '${component}': leave it to one`
    : `'${resource}' has two owners, '${owner}' and '${component}': a device belongs to exactly one`;
}

const checkResource = (resource: string): string | null =>
  MACHINE.includes(resource)
    ? null
    : `'${resource}' is no resource of the machine: use one of ${known(MACHINE)}, or '${DOMAIN}…' of a domain`;

/** The right to a domain: who holds it ends and starts the domain. */
function checkChild(description: Description, component: string, resource: string): string | null {
  const domain = resource.slice(DOMAIN.length);
  const members = own(description.domains, domain);
  if (members === undefined)
    return `'${component}' is granted '${resource}', but there is no such domain: use one of ${known(Object.keys(description.domains))}`;
  if (domain === KERNEL_DOMAIN)
    return `'${component}' is granted '${resource}': nothing would be left to start it again; take the right away`;
  if (members.length === 0) return `'${component}' is granted '${resource}', which is empty: remove the domain`;
  return members.includes(component) && description.supervised.includes(domain)
    ? `'${component}' may start only itself ('${resource}'): grant it to a supervisor`
    : null;
}

const checkTwice = (component: string, resources: readonly string[]): string[] =>
  repeated(resources).map((resource) => `'${component}' is granted '${resource}' twice: grant it once`);

/** A supervisor finds its children by number. */
function checkChildren(component: string, rights: readonly string[]): string[] {
  const numbers = rights.flatMap((right) => OPTIONAL_RIGHT.exec(right)?.[1] ?? []).map(Number);
  const missing = numbers.length === 0 ? -1 : numbers.findIndex((_, index) => !numbers.includes(index));
  return missing < 0
    ? []
    : [`'${component}' is granted ${numbers.length} children, and none as 'child-${missing}': number them from 0`];
}

function checkWanted({ components, authority }: Description): string[] {
  return components.flatMap(({ name, rights = [] }) =>
    rights
      .filter((right) => !OPTIONAL_RIGHT.test(right) && own(own(authority, name) ?? {}, right) === undefined)
      .map((right) => `'${name}' needs the right '${right}': grant it under authority`),
  );
}
