/** What the checks of a description share. */
import type { ComponentDefinition } from '@bulkhead/runtime';
import type { Description } from './description.ts';

export const namesOf = ({ components }: Description): string[] => components.map(({ name }) => name);

export const byName = (description: Description, name: string): ComponentDefinition | undefined =>
  description.components.find((component) => component.name === name);

export const domainOf = (description: Description, component: string): string | undefined =>
  Object.keys(description.domains).find((domain) => description.domains[domain]!.includes(component));

/** @returns the value under a key that the description itself wrote, and not one that every object has. */
export const own = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;

/** Names for people. */
export const known = (names: readonly string[]): string => (names.length === 0 ? 'none' : names.join(', '));

/** @returns the elements that stood in the list before, each once. */
export const repeated = <T>(list: readonly T[]): T[] => [
  ...new Set(list.filter((one, index) => list.indexOf(one) !== index)),
];

/**
 * Names stand in connections, in DOT and Mermaid drawings, in columns of tables and as keys of objects, so none may
 * mean something there: letters, digits, `-` and `_`, and nothing that every object of the language has.
 *
 * @returns a line, or null.
 */
export function checkName(name: string, what: string): string | null {
  if (!/^[A-Za-z][\w-]*$/.test(name)) return `'${oneLine(name)}' cannot name ${what}: use letters, digits and '-'`;
  return name in Object.prototype ? `'${name}' cannot name ${what}: every object has one; choose another` : null;
}
/** What a user wrote, so that the line stays a line. */
export const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');
