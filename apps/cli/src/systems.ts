/** Systems by name, or by the path of a module that exports a description. The only place where descriptions are loaded. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkDescription, type Description } from '@bulkhead/assembler';
import monolithic from '@bulkhead/monolithic';
import multiserver from '@bulkhead/multiserver';
import { z } from 'zod';
import { UsageError } from './errors.ts';

const KNOWN: Readonly<Record<string, Description>> = { monolithic, multiserver };
export const SYSTEM_NAMES: readonly string[] = Object.keys(KNOWN);

/** The outline of a description; what it means is checked by the assembler. */
const outline = z.looseObject({
  name: z.string(),
  summary: z.string(),
  components: z.array(z.looseObject({ name: z.string(), level: z.number() })),
  domains: z.record(z.string(), z.array(z.string())),
  connections: z.array(z.string()),
  authority: z.record(z.string(), z.record(z.string(), z.string())),
  config: z.custom<Description['config']>((value) => typeof value === 'function', 'must be a function'),
  iommu: z.enum(['bare', 'translating']),
  supervised: z.array(z.string()),
});

const isPath = (text: string): boolean => /[./\\]/.test(text);

/** @throws UsageError when there is no such system, or its description is wrong. */
export async function loadSystem(name: string): Promise<Description> {
  const known = KNOWN[name];
  if (known !== undefined) return known;
  if (!isPath(name))
    throw new UsageError(
      `no system '${name}': use one of ${SYSTEM_NAMES.join(', ')}, or the path of a module that exports one`,
    );
  const path = resolve(name);
  if (!existsSync(path))
    throw new UsageError(`no file '${name}': give the path of a module whose default export is a description`);
  const module = await import(pathToFileURL(path).href).catch((error: unknown) => {
    throw new UsageError(`'${name}' cannot be loaded: ${error instanceof Error ? error.message : String(error)}`);
  });
  const parsed = outline.safeParse((module as { default?: unknown }).default);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      (issue) => `${issue.path.join('.') || 'default export'}: ${issue.message}`,
    );
    throw new UsageError(
      `'${name}' exports no description:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    );
  }
  const description = (module as { default: Description }).default;
  const problems = checkDescription(description);
  if (problems.length > 0)
    throw new UsageError(
      `system '${description.name}' cannot be assembled:\n${problems.map((p) => `  - ${p}`).join('\n')}`,
    );
  return description;
}

/** Names separated by commas. @throws UsageError as `loadSystem`. */
export async function loadSystems(list: string): Promise<Description[]> {
  const names = list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (names.length === 0) throw new UsageError(`no system named: use one of ${SYSTEM_NAMES.join(', ')}`);
  return Promise.all(names.map(loadSystem));
}
