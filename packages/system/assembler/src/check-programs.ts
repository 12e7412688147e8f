/** What is wrong with the programs of a description. */
import { LEVELS } from '@bulkhead/runtime';
import { byName, checkName, domainOf, known, namesOf, own } from './check-words.ts';
import { type Description, KERNEL_DOMAIN, type ProgramDescription } from './description.ts';

/** @returns a line a mistake. */
export function checkPrograms(description: Description): string[] {
  return Object.entries(description.programs ?? {}).flatMap(([name, program]) => [
    ...checkProgramName(description, name),
    ...checkPlace(description, name, program),
    ...checkTimes(name, program),
    ...Object.entries(program.calls ?? {}).flatMap(([call, target]) => checkCall(description, name, call, target)),
  ]);
}

function checkProgramName(description: Description, name: string): string[] {
  const misnamed = checkName(name, 'a program');
  if (misnamed !== null) return [misnamed];
  return namesOf(description).includes(name) || name === KERNEL_DOMAIN
    ? [`program '${name}' is called like a component: give it a name of its own`]
    : [];
}

function checkPlace({ domains, authority }: Description, name: string, { domain }: ProgramDescription): string[] {
  const members = own(domains, domain);
  if (members === undefined || domain === KERNEL_DOMAIN)
    return [
      `program '${name}' is in '${domain}', which is no user domain: use one of ${known(Object.keys(domains).filter((one) => one !== KERNEL_DOMAIN))}`,
    ];
  const isControlled = Object.values(authority).some((rights) => Object.values(rights).includes(`domain:${domain}`));
  return members.length === 0 && isControlled
    ? [`'${domain}' holds programs only and cannot be supervised: place a component in it`]
    : [];
}

function checkTimes(name: string, { priority, budgetUs, periodUs }: ProgramDescription): string[] {
  const isTime = (us: number): boolean => Number.isInteger(us) && us >= 1 && us <= LONGEST_US;
  const mistakes: string[] = [];
  if (!Number.isInteger(priority) || priority < 1 || priority >= LEVELS.kernel)
    mistakes.push(`program '${name}' has priority ${priority}: use a whole number from 1 to ${LEVELS.kernel - 1}`);
  if (!isTime(budgetUs) || !isTime(periodUs) || budgetUs > periodUs)
    mistakes.push(
      `program '${name}' has ${budgetUs} us of every ${periodUs}: use whole numbers from 1 to ${LONGEST_US}, the first not above the second`,
    );
  return mistakes;
}
/** A minute. */
const LONGEST_US = 60_000_000;

function checkCall(description: Description, name: string, call: string, target: string): string[] {
  const [component = '', port = '', ...more] = target.split('.');
  const server = byName(description, component);
  const what = `program '${name}' calls '${target}' as '${call}'`;
  if (server === undefined || more.length > 0)
    return [`${what}: write component.port, with one of ${known(namesOf(description))}`];
  if (own(server.provides, port) === undefined)
    return [`${what}: '${component}' provides ${known(Object.keys(server.provides))}`];
  return domainOf(description, component) === KERNEL_DOMAIN
    ? [`${what}: '${component}' stands in the kernel's domain, where nobody waits for messages; call one outside`]
    : [];
}
