/** What is wrong with limits and budgets. */
import { DEFAULT_PATIENCE } from '@bulkhead/microkernel';
import type { ComponentDefinition } from '@bulkhead/runtime';
import { byName, known, namesOf, own } from './check-words.ts';
import type { Budget, Description } from './description.ts';

/** An hour. */
const LONGEST_US = 3_600_000_000;

/** @returns the longest that one handler of a component may take in a system; undefined when it has no limit. */
export const limitOf = ({ limits = {} }: Description, { name, limitUs }: ComponentDefinition): number | undefined =>
  own(limits, name) ?? limitUs;

/** @returns a line a mistake. */
export function checkTimes(description: Description): string[] {
  const { components, limits = {}, budgets = {}, patience = {} } = description;
  return [
    ...components
      .filter(({ limitUs }) => limitUs !== undefined && !isTime(limitUs))
      .map(({ name, limitUs }) => `'${name}' has a limit of ${limitUs} us: use ${WHOLE}`),
    ...Object.entries(limits).flatMap(([name, limitUs]) => [
      ...checkComponent(description, name, 'limits'),
      ...(isTime(limitUs) ? [] : [`limits gives '${name}' ${limitUs} us: use ${WHOLE}`]),
    ]),
    ...Object.entries(budgets).flatMap(([name, budget]) => [
      ...checkComponent(description, name, 'budgets'),
      ...checkBudget(description, name, budget),
    ]),
    ...Object.entries(patience).flatMap(([name, value]) => {
      if (!Object.hasOwn(DEFAULT_PATIENCE, name))
        return [`patience names '${name}': use one of ${known(Object.keys(DEFAULT_PATIENCE))}`];
      return value === undefined || isTime(value) ? [] : [`patience gives ${value} for ${name}: use ${WHOLE}`];
    }),
  ];
}
const isTime = (us: number): boolean => Number.isInteger(us) && us >= 1 && us <= LONGEST_US;
const WHOLE = `a whole number from 1 to ${LONGEST_US}`;

const checkComponent = (description: Description, name: string, key: string): string[] =>
  byName(description, name) === undefined
    ? [`${key} names '${name}', which is no component here: use one of ${known(namesOf(description))}`]
    : [];

/** A handler begins when its limit is left, so the budget holds one; what is left of the period is for others. */
function checkBudget(description: Description, name: string, { budgetUs, periodUs }: Budget): string[] {
  if (!isTime(budgetUs) || !isTime(periodUs))
    return [`budgets gives '${name}' ${budgetUs} us of every ${periodUs}: use whole numbers from 1 to ${LONGEST_US}`];
  if (budgetUs >= periodUs)
    return [`budgets gives '${name}' ${budgetUs} us of every ${periodUs}: give less than the period, or no budget`];
  const definition = byName(description, name);
  if (definition === undefined) return [];
  const limitUs = limitOf(description, definition);
  if (limitUs === undefined) return [`'${name}' has a budget and no limit: give it one under limits`];
  return limitUs > budgetUs
    ? [`'${name}' has a limit of ${limitUs} us, and a budget of ${budgetUs} holds no handler: give a larger budget`]
    : [];
}
