/** What is wrong with the components of a description, each by itself. */
import { type ComponentDefinition, LEVELS } from '@bulkhead/runtime';
import { checkName, namesOf, repeated } from './check-words.ts';
import { type Description, KERNEL_DOMAIN } from './description.ts';

/** Frames that the assembler maps: 4 KiB and 2 MiB. */
const FRAME_BITS: readonly number[] = [12, 21];

/** Names, levels, pages, regions. @returns a line a mistake. */
export function checkComponents(description: Description): string[] {
  const { components } = description;
  if (components.length === 0) return ['a system needs a component: list one under components'];
  return [
    ...repeated(namesOf(description)).map((name) =>
      new Set(components.filter((component) => component.name === name)).size === 1
        ? `component '${name}' is listed twice: list each component once`
        : `two components are named '${name}': give one of them another name, with named()`,
    ),
    ...components.flatMap(checkComponent),
  ];
}

function checkComponent(definition: ComponentDefinition): string[] {
  return [...checkNames(definition), ...checkNumbers(definition), ...checkRegions(definition)];
}

function checkNames({ name, kind = name, rights = [], work }: ComponentDefinition): string[] {
  const named = checkName(name, 'a component') ?? checkName(kind, 'the kind of a component');
  return [
    ...(named === null ? [] : [named]),
    ...(name === KERNEL_DOMAIN
      ? [`no component may be named '${name}': the kernel has that name; choose another`]
      : []),
    ...repeated(rights).map((right) => `'${name}' asks twice for the right '${right}': ask once`),
    ...repeated(work).map((piece) => `'${name}' lists the work '${piece}' twice: list each piece once`),
  ];
}

function checkNumbers({ name, level, heapPages, footprint }: ComponentDefinition): string[] {
  const problems: string[] = [];
  const { codePages, dataPages } = footprint;
  if (!isCount(heapPages))
    problems.push(`'${name}' asks for ${heapPages} pages of heap: use a whole number, 0 or more`);
  if (!isCount(codePages) || !isCount(dataPages))
    problems.push(
      `'${name}' has a footprint of ${codePages} and ${dataPages} pages: use whole numbers, each 0 or more`,
    );
  if (!Number.isInteger(level) || level < 1 || level >= LEVELS.kernel)
    problems.push(`'${name}' has level ${level}: use a whole number from 1 to ${LEVELS.kernel - 1}`);
  return problems;
}
const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

function checkRegions({ name, regions = {}, shares = {}, uses, provides }: ComponentDefinition): string[] {
  const sizes = [...Object.entries(regions), ...Object.entries(shares)];
  return [
    ...sizes
      .filter(([, { sizeBits, count }]) => !FRAME_BITS.includes(sizeBits) || !isCount(count) || count < 1)
      .map(
        ([region, { sizeBits, count }]) =>
          `region '${region}' of '${name}' is ${count} frames of 2^${sizeBits} bytes: use 12 or 21, and at least one`,
      ),
    ...Object.keys(shares)
      .filter((port) => !Object.hasOwn(uses, port) && !Object.hasOwn(provides, port))
      .map((port) => `'${name}' shares a region on '${port}', which is no port of it: name one of its ports`),
    ...Object.keys(uses)
      .filter((port) => Object.hasOwn(provides, port))
      .map((port) => `'${name}' uses and provides a port '${port}': give the two ends two names`),
  ];
}
