/** The projects under `examples/`: outside the workspace, with dependencies on published names, as a user's would be. */
import { cpSync, existsSync, globSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { basename, delimiter, dirname, join } from 'node:path';
import type { InstallOptions } from './install.ts';
import { type Manifest, type Package, ROOT, SCOPE } from './packages.ts';
import { OUTSIDE, run } from './run.ts';
import { importedPackages } from './specifiers.ts';

export interface ExampleProject {
  readonly name: string;
  /** Relative to `root`: `examples/mmu-and-cpu`. */
  readonly folder: string;
  readonly root: string;
  readonly manifest: Manifest;
}

const TEST_LIMIT_MS = 120_000;
const PROBLEM_LINES = 30;
/** What a clone has and an example needs not. */
const LEFT_OUT: readonly string[] = ['node_modules', 'package-lock.json'];

export function exampleProjects(root: string = ROOT): readonly ExampleProject[] {
  return globSync('examples/*/package.json', { cwd: root })
    .sort()
    .map((file) => {
      const manifest = JSON.parse(readFileSync(join(root, file), 'utf8')) as Manifest;
      return { name: manifest.name, folder: dirname(file), root, manifest };
    });
}

export const usedBy = (packages: readonly Package[], examples: readonly ExampleProject[]): readonly Package[] =>
  packages.filter(({ name }) => examples.some(({ manifest }) => manifest.dependencies?.[name] !== undefined));

/** @param packages all that are published: what an example names must be one of them. */
export function exampleProblems(example: ExampleProject, packages: readonly Package[]): readonly string[] {
  const { manifest, folder } = example;
  const cwd = join(example.root, folder);
  const dependencies = Object.entries(manifest.dependencies ?? {});
  const published = new Set(packages.map(({ name }) => name));
  const files = globSync('{src,test}/**/*.js', { cwd });
  const imported = new Set(files.flatMap((file) => importedPackages(readFileSync(join(cwd, file), 'utf8'))));
  const foreign = [...imported].filter((name) => !isBuiltin(name));
  return [
    ...(manifest.private === true ? [] : ['it is not private']),
    ...(manifest.scripts?.['test'] === undefined ? ['it has no script "test"'] : []),
    ...(globSync('test/**/*.test.js', { cwd }).length > 0 ? [] : ['it has no tests']),
    ...(existsSync(join(cwd, 'README.md')) ? [] : ['there is no README.md']),
    ...(dependencies.length > 0 ? [] : ['it depends on nothing']),
    ...dependencies
      .filter(([name]) => name.startsWith(SCOPE) && !published.has(name))
      .map(([name]) => `${name} is not published`),
    ...dependencies
      .filter(([, range]) => range.includes(':'))
      .map(([name, range]) => `${name} is asked for as ${range}, which nobody else has`),
    ...foreign.filter((name) => !(name in (manifest.dependencies ?? {}))).map((name) => `${name} is not declared`),
    ...dependencies.filter(([name]) => !imported.has(name)).map(([name]) => `nothing imports ${name}`),
  ];
}

const tail = (text: string): string => text.trimEnd().split('\n').slice(-PROBLEM_LINES).join('\n');

/** What its reader does, in a copy: `npm install`, then `npm test`, with the packages of this tree. */
export async function exampleRunProblems(
  { root, folder }: ExampleProject,
  { registryUrl, folder: installs, node }: InstallOptions,
): Promise<readonly string[]> {
  const cwd = join(installs, `example-${basename(folder)}`);
  const filter = (source: string): boolean => !LEFT_OUT.includes(basename(source));
  cpSync(join(root, folder), cwd, { recursive: true, filter });
  const env = { ...OUTSIDE, PATH: `${dirname(node.path)}${delimiter}${OUTSIDE['PATH']}` };
  const flags = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error', '--no-package-lock'];
  const where = [`--registry=${registryUrl}`, `--cache=${join(installs, '.npm-cache')}`];
  const installed = await run('npm', ['install', ...where, ...flags], { cwd, env });
  if (installed.code !== 0) return [`npm install failed:\n${tail(installed.output)}`];
  const tested = await run('npm', ['test'], { cwd, env, limitMs: TEST_LIMIT_MS });
  return tested.code === 0 ? [] : [`npm test ended with status ${tested.code}:\n${tail(tested.output)}`];
}
