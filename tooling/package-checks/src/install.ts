/** What a user does: `npm install` into an empty folder, then the README's example. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Package } from './packages.ts';
import { OUTSIDE, type PlainNode, run } from './run.ts';

const EXAMPLE_LIMIT_MS = 60_000;
const PROBLEM_LINES = 12;

export interface InstallOptions {
  readonly registryUrl: string;
  /** An empty folder for all installs; each gets one of its own in it. */
  readonly folder: string;
  readonly node: PlainNode;
}

const problem = (what: string, output: string): string =>
  `${what}:\n${output.trimEnd().split('\n').slice(-PROBLEM_LINES).join('\n')}`;

export async function installProblems(
  pkg: Package,
  example: string | undefined,
  options: InstallOptions,
): Promise<readonly string[]> {
  const { registryUrl, folder, node } = options;
  const cwd = join(folder, pkg.name.split('/')[1]!);
  mkdirSync(cwd, { recursive: true });
  const flags = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];
  const where = [`--registry=${registryUrl}`, `--cache=${join(folder, '.npm-cache')}`];
  const installed = await run('npm', ['install', pkg.name, ...where, ...flags], { cwd, env: OUTSIDE });
  if (installed.code !== 0) return [problem('npm install failed', installed.output)];
  if (example === undefined) return ['the README has no example to run'];
  writeFileSync(join(cwd, 'example.mjs'), example);
  const ran = await run(node.path, ['example.mjs'], { cwd, env: OUTSIDE, limitMs: EXAMPLE_LIMIT_MS });
  return ran.code === 0 ? [] : [problem(`the example ended with status ${ran.code}`, ran.output)];
}
