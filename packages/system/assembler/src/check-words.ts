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
export const known = (names: readonly string[]): string => (names.length === 0 ? 'there is none' : names.join(', '));
