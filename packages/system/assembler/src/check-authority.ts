/** What is wrong with the authority that a description gives. */
import { byName, known, namesOf, own } from './check-words.ts';
import { type Description, EXCLUSIVE_RESOURCES, KERNEL_DOMAIN, SHARED_RESOURCES } from './description.ts';

/** Rights that nobody asks for, devices with two owners, children with two parents. @returns a line a mistake. */
export function checkAuthority(description: Description): string[] {
  const problems: string[] = [];
  const owners = new Map<string, string>();
  const machine: readonly string[] = [...EXCLUSIVE_RESOURCES, ...SHARED_RESOURCES];
  for (const [component, rights] of Object.entries(description.authority)) {
    const definition = byName(description, component);
    if (definition === undefined) {
      problems.push(
        `authority names '${component}', which is no component here: use one of ${known(namesOf(description))}`,
      );
      continue;
    }
    for (const [right, resource] of Object.entries(rights)) {
      if (!(definition.rights ?? []).includes(right))
        problems.push(`'${component}' asks for no right '${right}': it asks for ${known(definition.rights ?? [])}`);
      if (resource.startsWith('domain:')) {
        const problem = checkChild(description, component, resource, owners);
        if (problem !== null) problems.push(problem);
        owners.set(resource, component);
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

/** The right to a domain: who holds it ends and starts the domain. */
function checkChild(
  description: Description,
  component: string,
  resource: string,
  owners: ReadonlyMap<string, string>,
): string | null {
  const domain = resource.slice('domain:'.length);
  const members = own(description.domains, domain);
  if (members === undefined)
    return `'${component}' is granted '${resource}', but there is no such domain: use one of ${known(Object.keys(description.domains))}`;
  if (domain === KERNEL_DOMAIN)
    return `'${component}' is granted '${resource}': nothing would be left to start it again; take the right away`;
  if (members.length === 0) return `'${component}' is granted '${resource}', which is empty: remove the domain`;
  if (members.includes(component) && description.supervised.includes(domain))
    return `'${component}' may start only itself ('${resource}'): grant it to a supervisor`;
  const owner = owners.get(resource);
  return owner === undefined
    ? null
    : `'${resource}' has two supervisors, '${owner}' and '${component}': leave it to one`;
}
