/**
 * What is wrong with a description, before anything is built: one line each, which names the mend.
 *
 * The three rules of levels are checked here: a call goes to a strictly higher level; a contract that goes from the
 * kernel to a user domain, or through a ring, consists of casts only.
 */
import { isPowerOfTwo } from '@bulkhead/bits';
import { MAX_NICS } from '@bulkhead/board';
import { type ComponentDefinition, LEVELS } from '@bulkhead/runtime';
import { checkAuthority } from './check-authority.ts';
import { checkConnections } from './check-connections.ts';
import { byName, known, namesOf, own } from './check-words.ts';
import { type Description, KERNEL_DOMAIN } from './description.ts';

/** Frames that the assembler maps: 4 KiB and 2 MiB. */
const FRAME_BITS: readonly number[] = [12, 21];
/** RAM that `reserve` may divide. */
export const RESERVABLE_MIB = 64;

/** @returns every mistake, in the order of the description; empty when it can be assembled. */
export function checkDescription(description: Description): string[] {
  return [
    ...checkComponents(description),
    ...checkDomains(description),
    ...checkConnections(description),
    ...checkAuthority(description),
    ...checkLevels(description),
    ...checkNics(description),
    ...checkReservations(description),
  ];
}

function checkComponents(description: Description): string[] {
  const names = namesOf(description);
  const doubled = names.filter((name, index) => names.indexOf(name) !== index);
  return [
    ...doubled.map((name) => `component '${name}' is listed twice: list each component once`),
    ...description.components.flatMap(checkComponent),
  ];
}
function checkComponent({ name, level, heapPages, regions = {}, shares = {} }: ComponentDefinition): string[] {
  const problems: string[] = [];
  if (!/^[A-Za-z][\w-]*$/.test(name)) problems.push(`'${name}' cannot name a component: use letters, digits and '-'`);
  if (name === KERNEL_DOMAIN)
    problems.push(`no component may be named '${name}': the kernel has that name; choose another`);
  if (!Number.isInteger(heapPages) || heapPages < 0)
    problems.push(`'${name}' asks for ${heapPages} pages of heap: use a whole number, 0 or more`);
  if (!Number.isInteger(level) || level < 1 || level >= LEVELS.kernel)
    problems.push(`'${name}' has level ${level}: use a whole number from 1 to ${LEVELS.kernel - 1}`);
  for (const [region, { sizeBits, count }] of Object.entries({ ...regions, ...shares })) {
    if (!FRAME_BITS.includes(sizeBits) || !Number.isInteger(count) || count < 1)
      problems.push(
        `region '${region}' of '${name}' is ${count} frames of 2^${sizeBits} bytes: use 12 or 21, and at least one`,
      );
  }
  return problems;
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
    if (own(description.domains, domain) === undefined)
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

/** A user domain of several components is one thread, and its level is stated; no other domain's is. */
function checkLevels(description: Description): string[] {
  const { domains, levels = {} } = description;
  const unknown = Object.keys(levels).filter((domain) => own(domains, domain) === undefined);
  return [
    ...unknown.map(
      (domain) => `levels names '${domain}', which is no domain: use one of ${known(Object.keys(domains))}`,
    ),
    ...Object.entries(domains).flatMap(([domain, members]) => {
      const level = own(levels, domain);
      if (domain === KERNEL_DOMAIN || members.length < 2)
        return level === undefined
          ? []
          : [
              `domain '${domain}' needs no level: ${domain === KERNEL_DOMAIN ? 'its components have' : 'its component has'} one; remove it from levels`,
            ];
      const highest = Math.max(...members.map((name) => byName(description, name)?.level ?? 0));
      if (level === undefined)
        return [
          `domain '${domain}' holds ${members.length} components and is one thread: state its level under levels, ${highest} or more`,
        ];
      if (!Number.isInteger(level) || level < highest || level >= LEVELS.kernel)
        return [`domain '${domain}' has level ${level}: use a whole number from ${highest} to ${LEVELS.kernel - 1}`];
      return [];
    }),
  ];
}

function checkNics({ nics = 1 }: Description): string[] {
  return Number.isInteger(nics) && nics >= 1 && nics <= MAX_NICS
    ? []
    : [`the board has ${nics} network cards: use a whole number from 1 to ${MAX_NICS}`];
}

function checkReservations({ domains, reserve = {} }: Description): string[] {
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
