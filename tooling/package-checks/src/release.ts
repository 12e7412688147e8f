/** A release up to its last step, in a copy of the tree. */
import { cpSync, existsSync, globSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type Manifest, type Package, ROOT } from './packages.ts';
import { INSIDE, type Outcome, pnpm, run } from './run.ts';

/** Not part of a clone. `dist` is: a release builds before it publishes. */
const LEFT_OUT = /(^|\/)(node_modules|\.git|\.turbo|coverage)(\/|$)/;

const changesetsIn = (folder: string): readonly string[] =>
  globSync('*.md', { cwd: join(folder, '.changeset') }).filter((file) => file !== 'README.md');

/** Packages that a waiting changeset names. */
export function namedInChangesets(folder: string): ReadonlySet<string> {
  const texts = changesetsIn(folder).map((file) => readFileSync(join(folder, '.changeset', file), 'utf8'));
  return new Set(texts.flatMap((text) => [...text.matchAll(/^["']?(@[\w/-]+)["']?:/gm)].map(([, name]) => name!)));
}

/** A package that was never released must be in a changeset, or its first release would be forgotten. */
export function unreleasedProblems(packages: readonly Package[]): readonly string[] {
  const named = namedInChangesets(ROOT);
  const forgotten = packages.filter(({ name, manifest }) => manifest.version === '0.0.0' && !named.has(name));
  if (forgotten.length === 0) return [];
  return [`${forgotten.map(({ name }) => name).join(', ')}: version 0.0.0 and no changeset; run "pnpm changeset"`];
}

/** A copy under git, as `changeset version` wants it. */
export async function copyTree(folder: string): Promise<void> {
  cpSync(ROOT, folder, { recursive: true, filter: (source) => !LEFT_OUT.test(relative(ROOT, source)) });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const git = ['-c', 'user.name=checks', '-c', 'user.email=checks@localhost', '-c', 'core.hooksPath=/dev/null'];
  for (const args of [
    ['init', '-q', '-b', 'main'],
    ['add', '-A'],
    ['commit', '-q', '-m', 'A copy'],
  ]) {
    const { code, output } = await run('git', [...git, ...args], { cwd: folder, env: INSIDE });
    if (code !== 0) throw new Error(`git ${args[0]} failed in the copy:\n${output}`);
  }
}

const failedWith = ({ code, output }: Outcome, what: string): readonly string[] =>
  code === 0 ? [] : [`${what} ended with status ${code}:\n${output.trimEnd().split('\n').slice(-15).join('\n')}`];

const versionIn = (folder: string, pkg: Package): string =>
  (JSON.parse(readFileSync(join(folder, pkg.folder, 'package.json'), 'utf8')) as Manifest).version;

/** Every package that a changeset names gets a new version and a changelog. */
export async function versionProblems(folder: string, packages: readonly Package[]): Promise<readonly string[]> {
  if (changesetsIn(folder).length === 0)
    writeFileSync(join(folder, '.changeset/trial.md'), `---\n'${packages[0]!.name}': patch\n---\n\nA trial.\n`);
  const named = namedInChangesets(folder);
  const outcome = await run('changeset', ['version'], { cwd: folder, env: INSIDE });
  if (outcome.code !== 0) return failedWith(outcome, 'changeset version');
  return packages
    .filter(({ name }) => named.has(name))
    .filter(
      (pkg) => versionIn(folder, pkg) === pkg.manifest.version || !existsSync(join(folder, pkg.folder, 'CHANGELOG.md')),
    )
    .map(({ name }) => `${name} got no new version or no changelog`);
}

export async function publishProblems(folder: string, registryUrl: string): Promise<readonly string[]> {
  const args = ['publish', '--recursive', '--dry-run', '--no-git-checks', `--registry=${registryUrl}`];
  return failedWith(await pnpm(args, { cwd: folder, env: INSIDE }), 'pnpm publish --recursive --dry-run');
}
