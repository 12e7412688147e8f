/** What is wrong with who starts whom: every supervised domain must come to be started by somebody who runs. */
import { domainOf, known, own, repeated } from './check-words.ts';
import { type Description, KERNEL_DOMAIN } from './description.ts';

/** @returns a line a mistake. */
export function checkSupervision(description: Description): string[] {
  return [
    ...repeated(description.supervised).map((domain) => `'${domain}' is supervised twice: name it once`),
    ...[...new Set(description.supervised)].flatMap((domain) => checkSupervised(description, domain)),
    ...checkStarts(description),
  ];
}

function checkSupervised(description: Description, domain: string): string[] {
  if (own(description.domains, domain) === undefined)
    return [`'${domain}' is supervised but is no domain: use one of ${known(Object.keys(description.domains))}`];
  if (domain === KERNEL_DOMAIN)
    return [`the '${KERNEL_DOMAIN}' domain cannot be supervised: nothing would be left to start it`];
  if (supervisorOf(description, domain) === undefined)
    return [
      `nobody may start the supervised domain '${domain}': give a supervisor the right, as authority: { supervisor: { 'child-0': 'domain:${domain}' } }`,
    ];
  return [];
}

const supervisorOf = ({ authority }: Description, domain: string): string | undefined =>
  Object.keys(authority).find((component) => Object.values(authority[component]!).includes(`domain:${domain}`));

/** Supervisors may have supervisors, but the first of them must start at boot. */
function checkStarts(description: Description): string[] {
  const waiting = new Map<string, string>();
  for (const domain of description.supervised) {
    const supervisor = supervisorOf(description, domain);
    const from = supervisor === undefined ? undefined : domainOf(description, supervisor);
    // Who supervises itself is told with its authority.
    if (from !== undefined && from !== domain) waiting.set(domain, from);
  }
  const circles = new Set<string>();
  for (const domain of waiting.keys()) {
    const circle = circleFrom(domain, waiting);
    if (circle !== null) circles.add(circle.join(' → '));
  }
  return [...circles].map(
    (circle) =>
      `supervised domains wait for each other to be started: ${circle}; take one of them out of supervised, to start it at boot`,
  );
}

/** @returns the circle in which the domain itself stands, from its first name in the alphabet on; null when in none. */
function circleFrom(domain: string, waiting: ReadonlyMap<string, string>): string[] | null {
  const path = [domain];
  for (let next = waiting.get(domain); next !== undefined; next = waiting.get(next)) {
    if (next === domain) {
      const first = path.indexOf([...path].sort()[0]!);
      return [...path.slice(first), ...path.slice(0, first), path[first]!];
    }
    if (path.includes(next)) return null;
    path.push(next);
  }
  return null;
}
