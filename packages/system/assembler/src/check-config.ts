/**
 * Whether the parameters that a description gives are anybody's. A component's `config` lists all its parameters, so what
 * stands in no list is a slip of the pen, which the component would never see.
 */
import type { Accept, ComponentDefinition } from '@bulkhead/runtime';
import { checkCards } from './check-cards.ts';
import { byName, domainOf, known, namesOf, own } from './check-words.ts';
import type { Description } from './description.ts';
import { DescriptionError } from './description-error.ts';
import { factsOf } from './facts.ts';

/** Which components and parameters there are hangs on no chance. */
const ANY_SEED = 1;
/** Of a text that is quoted, in characters. */
const LONGEST_SHOWN = 60;

/** Only for a description that is right otherwise. @returns a line a mistake. */
export function checkConfig(description: Description): string[] {
  let configs: unknown;
  try {
    configs = description.config(factsOf(description, ANY_SEED));
  } catch (error) {
    if (error instanceof DescriptionError) return [...error.problems];
    const what = (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
    return [`config fails, mend it: ${what}`];
  }
  if (configs instanceof Promise) return ['config gives a promise: return the object itself, without async'];
  if (!isRecord(configs)) return [`config gives ${kindOf(configs)}: return an object of parameters by component`];
  const problems = Object.entries(configs).flatMap(([component, config]) => {
    const definition = byName(description, component);
    return definition === undefined
      ? [`config names '${component}', which is no component here: use one of ${known(namesOf(description))}`]
      : checkParameters(definition, config);
  });
  return problems.length > 0 ? problems : [...checkCards(description, configs), ...checkChildren(description, configs)];
}

function checkParameters({ name, config: defaults, accepts = {} }: ComponentDefinition, config: unknown): string[] {
  if (!isRecord(config)) return [`config of '${name}' is ${kindOf(config)}: use an object of its parameters`];
  const parameters = isRecord(defaults) ? Object.keys(defaults) : [];
  return Object.entries(config).flatMap(([key, value]) => {
    if (!parameters.includes(key))
      return [
        `'${name}' has no parameter '${key}': ${parameters.length === 0 ? 'leave it out' : `use one of ${known(parameters)}`}`,
      ];
    if (value === undefined) return [`config sets '${key}' of '${name}' to undefined: leave it out`];
    const mistaken = checkKind(name, key, value, (defaults as Readonly<Record<string, unknown>>)[key]);
    return mistaken.length > 0 ? mistaken : checkValue(name, key, value, accepts);
  });
}

/** What the component itself says of a value of the right kind. */
function checkValue(
  component: string,
  parameter: string,
  value: unknown,
  accepts: NonNullable<ComponentDefinition['accepts']>,
): string[] {
  const accept = own(accepts, parameter) as Accept<unknown> | undefined;
  const mend = accept?.(value) ?? null;
  return mend === null ? [] : [`config sets '${parameter}' of '${component}' to ${shown(value)}: ${mend}`];
}
/** In one line, and not a long one. */
function shown(value: unknown): string {
  if (typeof value === 'number') return String(value);
  const isShort = typeof value === 'string' && value.length <= LONGEST_SHOWN && !value.includes('\n');
  return isShort ? `'${value}'` : wordOf(value);
}

/** A parameter is of the kind of its default; one that is null says nothing of the kind. */
function checkKind(component: string, parameter: string, value: unknown, usual: unknown): string[] {
  if (usual === null || usual === undefined || wordOf(value) === wordOf(usual)) return [];
  return [`config sets '${parameter}' of '${component}' to ${wordOf(value)}: give ${wordOf(usual)}`];
}
const wordOf = (value: unknown): string =>
  isRecord(value) ? 'an object' : Array.isArray(value) ? 'a list' : value === null ? 'null' : `a ${typeof value}`;

/** What a supervisor is told of a child: the name of its right, and the identity of the component that is watched. */
interface Child {
  readonly domainRight: string;
  readonly component: number;
}

/** A supervisor that is told of its children is told of those that it may start, and of no others. */
function checkChildren(description: Description, configs: Readonly<Record<string, unknown>>): string[] {
  return description.components.flatMap(({ name, config: defaults }) => {
    const { children } = { ...(defaults as object), ...(configs[name] as object) } as { children?: unknown };
    if (!Array.isArray(children)) return [];
    const told = children.filter(isChild);
    const rights = Object.entries(own(description.authority, name) ?? {});
    return [
      ...rights
        .filter(
          ([right, resource]) => resource.startsWith(DOMAIN) && !told.some((child) => child.domainRight === right),
        )
        .map(
          ([right, resource]) =>
            `'${name}' may start '${resource}', and its config lists no child '${right}': list it under children, or take the domain out of authority and supervised`,
        ),
      ...told.flatMap((child) => checkChild(description, name, child, Object.fromEntries(rights)[child.domainRight])),
    ];
  });
}
const DOMAIN = 'domain:';
const isChild = (value: unknown): value is Child =>
  isRecord(value) && typeof value['domainRight'] === 'string' && typeof value['component'] === 'number';

function checkChild(
  description: Description,
  supervisor: string,
  { domainRight, component }: Child,
  resource: string | undefined,
): string[] {
  const watched = namesOf(description)[component];
  const domain = watched === undefined ? undefined : domainOf(description, watched);
  if (domain === undefined || resource === `${DOMAIN}${domain}`) return [];
  const given = resource === undefined ? 'no such right' : `'${resource}'`;
  return [
    `config tells '${supervisor}' that '${domainRight}' is '${watched}', and authority gives it ${given}: give it '${DOMAIN}${domain}'`,
  ];
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const kindOf = (value: unknown): string =>
  Array.isArray(value) ? 'a list' : typeof value === 'object' || value === undefined ? `${value}` : `a ${typeof value}`;
