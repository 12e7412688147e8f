/**
 * What is wrong with a description, before anything is built: one line each, which names the mend.
 *
 * The three rules of levels are checked here: a call goes to a strictly higher level; what goes from the kernel to a user
 * domain consists of casts only; a domain that is one thread has a level of its own.
 */
import { checkAuthority } from './check-authority.ts';
import { checkComponents } from './check-components.ts';
import { checkConfig } from './check-config.ts';
import { checkConnections } from './check-connections.ts';
import { checkContracts } from './check-contracts.ts';
import { checkDomains, checkLevels } from './check-domains.ts';
import { checkNics, checkTopology } from './check-machine.ts';
import { checkCapacity, checkReservations } from './check-memory.ts';
import { checkPrograms } from './check-programs.ts';
import { checkRings } from './check-rings.ts';
import { checkSupervision } from './check-supervision.ts';
import { checkTimes } from './check-times.ts';
import { oneLine } from './check-words.ts';
import type { Description } from './description.ts';

/** Each by itself: a mistake in one thing keeps none of the others from being told. */
const CHECKS: readonly ((description: Description) => string[])[] = [
  checkIommu,
  checkComponents,
  checkDomains,
  checkSupervision,
  checkConnections,
  checkContracts,
  checkRings,
  checkAuthority,
  checkLevels,
  checkNics,
  checkTopology,
  checkReservations,
  checkTimes,
  checkPrograms,
];

/** @returns every mistake, in the order of the description; empty when it can be assembled. */
export function checkDescription(description: Description): string[] {
  const problems = CHECKS.flatMap((check) => check(description));
  // What follows looks names up and adds sizes: it wants them right.
  const all = problems.length > 0 ? problems : [...checkCapacity(description), ...checkConfig(description)];
  return all.map(oneLine);
}

/** Words of the fields that have few, the first of those that may be left out being what is then meant. */
const WORDS = {
  iommu: ['off', 'bare', 'translating'],
  ownership: ['checked', 'off', undefined],
  messages: ['translated', 'off', undefined],
  invalidation: ['strict', 'deferred', undefined],
} as const satisfies { readonly [K in keyof Description]?: readonly Description[K][] };

function checkIommu(description: Description): string[] {
  return (Object.keys(WORDS) as (keyof typeof WORDS)[]).flatMap((field) => {
    const words: readonly unknown[] = WORDS[field];
    const used = words.filter((word) => word !== undefined).map((word) => `'${word}'`);
    return words.includes(description[field])
      ? []
      : [`${field} is '${description[field]}': use ${used.slice(0, -1).join(', ')} or ${used.at(-1)}`];
  });
}
