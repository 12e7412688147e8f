/** What is wrong with the walls of a description: who stands where, and at which level. */
import { LEVELS } from '@bulkhead/runtime';
import { byName, checkName, known, namesOf, own, repeated } from './check-words.ts';
import { type Description, KERNEL_DOMAIN } from './description.ts';

/** Every component stands in exactly one domain. @returns a line a mistake. */
export function checkDomains(description: Description): string[] {
  const { domains } = description;
  const names = namesOf(description);
  const placed = Object.values(domains).flatMap((members) => [...new Set(members)]);
  // A name that is misspelt leaves its component nowhere: one slip, one line.
  const isMisspelt = placed.some((member) => !names.includes(member));
  return [
    ...Object.entries(domains).flatMap(([domain, members]) => checkDomain(description, domain, members)),
    ...[...new Set(names)].flatMap((name) => {
      const count = placed.filter((member) => member === name).length;
      if (count === 0 && !isMisspelt)
        return [`component '${name}' is in no domain: add it to one of ${known(Object.keys(domains))}`];
      return count > 1 ? [`component '${name}' is in ${count} domains: leave it in one`] : [];
    }),
  ];
}

function checkDomain(description: Description, domain: string, members: readonly string[]): string[] {
  const names = namesOf(description);
  const hasProgram = Object.values(description.programs ?? {}).some((program) => program.domain === domain);
  const misnamed = checkName(domain, 'a domain');
  return [
    ...(misnamed === null ? [] : [misnamed]),
    ...members
      .filter((member) => !names.includes(member))
      .map((member) => `domain '${domain}' holds '${member}', which is no component here: use one of ${known(names)}`),
    ...repeated(members).map((member) => `domain '${domain}' holds '${member}' twice: name it once`),
    ...(domain !== KERNEL_DOMAIN && members.length === 0 && !hasProgram
      ? [`domain '${domain}' is empty: remove it, or place a component in it`]
      : []),
  ];
}

/** A user domain of several components is one thread, and its level is stated; no other domain's is. */
export function checkLevels(description: Description): string[] {
  const { domains, levels = {} } = description;
  const unknown = Object.keys(levels).filter((domain) => own(domains, domain) === undefined);
  return [
    ...unknown.map(
      (domain) => `levels names '${domain}', which is no domain: use one of ${known(Object.keys(domains))}`,
    ),
    ...Object.entries(domains).flatMap(([domain, members]) =>
      domain === KERNEL_DOMAIN || members.length < 2
        ? checkNoLevel(description, domain)
        : checkLevel(description, domain, members),
    ),
  ];
}

function checkNoLevel({ levels = {} }: Description, domain: string): string[] {
  if (own(levels, domain) === undefined) return [];
  const whose = domain === KERNEL_DOMAIN ? 'its components have' : 'its component has';
  return [`domain '${domain}' needs no level: ${whose} one; remove it from levels`];
}

function checkLevel(description: Description, domain: string, members: readonly string[]): string[] {
  const level = own(description.levels ?? {}, domain);
  const highest = Math.max(...members.map((name) => byName(description, name)?.level ?? 0));
  if (level === undefined)
    return [
      `domain '${domain}' holds ${members.length} components and is one thread: state its level under levels, ${highest} or more`,
    ];
  return Number.isInteger(level) && level >= highest && level < LEVELS.kernel
    ? []
    : [`domain '${domain}' has level ${level}: use a whole number from ${highest} to ${LEVELS.kernel - 1}`];
}
