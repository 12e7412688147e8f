/** A system of the user's own: a module anywhere, whose default export is a description. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { checkDescription, type Description, DescriptionError } from '@bulkhead/assembler';
import { checkOutline } from './description-outline.ts';
import { messageOf, UsageError } from './errors.ts';
import { offerOwnPackages } from './own-packages.ts';

type Module = Readonly<Record<string, unknown>>;

const MODULE = /\.[cm]?[jt]s$/;

/** True when the text can only mean a path. */
export const isPath = (name: string): boolean => /[./\\]/.test(name);

/** @throws UsageError in one line, or in one a mistake when there are several. */
export async function loadOwnSystem(name: string): Promise<Description> {
  const url = urlOf(name);
  const description = descriptionIn(name, await importModule(name, url));
  const problems = checkDescription(description);
  if (problems.length > 0) throw new UsageError(told(`system '${description.name}' cannot be assembled`, problems));
  return { ...description, config: guarded(description) };
}

/** One mistake is told in one line. */
const told = (what: string, problems: readonly string[]): string =>
  problems.length === 1
    ? `${what}: ${problems[0]}`
    : `${what}:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`;

function urlOf(name: string): URL {
  const path = resolve(name);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) throw new UsageError(`'${name}' is a folder: give the module in it, such as index.ts`);
  if (!found?.isFile())
    throw new UsageError(`no file '${name}': give the path of a module whose default export is a description`);
  if (!MODULE.test(path))
    throw new UsageError(`'${name}' is no module: a description is a .ts or .js file, with a default export`);
  return pathToFileURL(path);
}

async function importModule(name: string, url: URL): Promise<Module> {
  offerOwnPackages();
  try {
    return (await import(url.href)) as Module;
  } catch (error) {
    const line = lineOf(error, url);
    const where = line === null ? 'the module' : `line ${line}`;
    const kind = error instanceof SyntaxError ? 'syntax error: ' : '';
    // Who imported what is not there is said already.
    const what = messageOf(error).replace(/ imported from .*$/, '');
    throw new UsageError(`'${name}' cannot be loaded, mend ${where}: ${kind}${what}`);
  }
}

/** @returns the first line of that module that the error names. */
function lineOf(error: unknown, url: URL): string | null {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  for (const line of stack.split('\n')) {
    for (const path of [url.pathname, fileURLToPath(url)]) {
      const at = line.indexOf(path);
      const number = at < 0 ? null : /^:(\d+)/.exec(line.slice(at + path.length));
      if (number !== null) return number[1]!;
    }
  }
  return null;
}

function descriptionIn(name: string, module: Module): Description {
  const value = module['default'];
  if (value === undefined) throw new UsageError(`'${name}' has no default export: ${exportOf(module)}`);
  if (typeof value === 'function' || value instanceof Promise)
    throw new UsageError(
      `the default export of '${name}' is a ${typeof value === 'function' ? 'function' : 'promise'}: export the description itself`,
    );
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UsageError(`the default export of '${name}' is no object: export a description, made with system({ … })`);
  const problems = checkOutline(value);
  if (problems.length > 0) throw new UsageError(told(`'${name}' is no description`, problems));
  return value as Description;
}

function exportOf(module: Module): string {
  const names = Object.keys(module).filter((name) => name !== 'default' && name !== 'module.exports');
  return names.length === 1 ? `add 'export default ${names[0]};'` : "put 'export default' before the description";
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
