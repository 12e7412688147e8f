/** Systems by name, or by the path of a module that exports a description. The only place where descriptions are loaded. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkDescription, type Description, DescriptionError } from '@bulkhead/assembler';
import exokernel from '@bulkhead/exokernel';
import exokernelTwo from '@bulkhead/exokernel-two';
import hybrid from '@bulkhead/hybrid';
import monolithic from '@bulkhead/monolithic';
import monolithicIommu from '@bulkhead/monolithic-iommu';
import multiserver from '@bulkhead/multiserver';
import multiserverAsync from '@bulkhead/multiserver-async';
import { z } from 'zod';
import { messageOf, UsageError } from './errors.ts';
import { offerOwnPackages } from './own-packages.ts';

/** The five designs, in the order in which walls are added and moved. */
const DESIGNS: Readonly<Record<string, Description>> = {
  monolithic,
  hybrid,
  multiserver,
  'multiserver-async': multiserverAsync,
  exokernel,
};
const KNOWN: Readonly<Record<string, Description>> = {
  ...DESIGNS,
  'monolithic-iommu': monolithicIommu,
  'exokernel-two': exokernelTwo,
};
export const DESIGN_NAMES: readonly string[] = Object.keys(DESIGNS);
export const SYSTEM_NAMES: readonly string[] = Object.keys(KNOWN);

const aFunction = z.custom<unknown>((value) => typeof value === 'function', 'must be a function');
const contract = z.looseObject({ name: z.string(), calls: z.looseObject({}), events: z.looseObject({}) });
const component = z.looseObject({
  name: z.string().min(1),
  level: z.number(),
  uses: z.record(z.string(), contract),
  provides: z.record(z.string(), contract),
  footprint: z.looseObject({ codePages: z.number(), dataPages: z.number() }),
  heapPages: z.number(),
  work: z.array(z.string()),
  create: aFunction,
});
const reservation = z.looseObject({ sizeMiB: z.number(), atMiB: z.number().optional() });

/** The outline of a description; what it means is checked by the assembler. */
const outline = z.looseObject({
  name: z.string().min(1),
  summary: z.string(),
  components: z.array(component).min(1),
  domains: z.record(z.string(), z.array(z.string())),
  connections: z.array(z.string()),
  authority: z.record(z.string(), z.record(z.string(), z.string())),
  config: aFunction,
  iommu: z.enum(['bare', 'translating']),
  supervised: z.array(z.string()),
  rings: z.array(z.string()).optional(),
  levels: z.record(z.string(), z.number()).optional(),
  nics: z.number().optional(),
  reserve: z.record(z.string(), reservation).optional(),
});

/** @throws UsageError when there is no such system, or its description is wrong. */
export async function loadSystem(name: string): Promise<Description> {
  const known = Object.hasOwn(KNOWN, name) ? KNOWN[name] : undefined;
  if (known !== undefined) return known;
  const description = descriptionIn(name, await importModule(name));
  const problems = checkDescription(description);
  if (problems.length > 0)
    throw new UsageError(`system '${description.name}' cannot be assembled:\n${listOf(problems)}`);
  return { ...description, config: guarded(description) };
}

const listOf = (problems: readonly string[]): string => problems.map((problem) => `  - ${problem}`).join('\n');

async function importModule(name: string): Promise<{ readonly default?: unknown }> {
  const path = resolve(name);
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) {
    const isPath = /[./\\]/.test(name);
    throw new UsageError(
      isPath
        ? `no file '${name}': give the path of a module whose default export is a description`
        : `no system '${name}': use one of ${SYSTEM_NAMES.join(', ')}, or the path of a module that exports one`,
    );
  }
  offerOwnPackages();
  try {
    return (await import(pathToFileURL(path).href)) as { default?: unknown };
  } catch (error) {
    throw new UsageError(`'${name}' cannot be loaded, mend the module: ${kindOf(error)}${messageOf(error)}`);
  }
}

const kindOf = (error: unknown): string => (error instanceof SyntaxError ? 'syntax error: ' : '');

function descriptionIn(name: string, module: { readonly default?: unknown }): Description {
  const parsed = outline.safeParse(module.default);
  if (parsed.success) return module.default as Description;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'default export'}: ${message}`);
  throw new UsageError(`'${name}' exports no description:\n${listOf(problems)}`);
}

/** A description's own code runs in `config`: what it throws is its author's mistake, not ours. */
const guarded =
  (description: Description): Description['config'] =>
  (facts) => {
    try {
      return description.config(facts);
    } catch (error) {
      if (error instanceof DescriptionError) throw error;
      throw new UsageError(`config of system '${description.name}' fails, mend it: ${messageOf(error)}`);
    }
  };

/** A description, and what it was asked for by: a name or a path. */
export interface LoadedSystem extends Description {
  readonly source: string;
}

/** Names separated by commas. @throws UsageError as `loadSystem`, or when one is named twice. */
export async function loadSystems(list: string): Promise<LoadedSystem[]> {
  const names = list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (names.length === 0) throw new UsageError(`no system named: use one of ${SYSTEM_NAMES.join(', ')}`);
  const systems = await Promise.all(names.map(async (source) => ({ ...(await loadSystem(source)), source })));
  const twice = systems.find(({ name }, index) => systems.findIndex((other) => other.name === name) !== index);
  if (twice !== undefined) throw new UsageError(`system '${twice.name}' is named twice: name each once`);
  return systems;
}
