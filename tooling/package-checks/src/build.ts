/** Builds with turbo and packs with pnpm, as a release does. */
import { globSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Package, ROOT } from './packages.ts';
import { INSIDE, pnpm } from './run.ts';

const PROBLEM_LINES = 15;
const tail = (text: string): string => text.trimEnd().split('\n').slice(-PROBLEM_LINES).join('\n');
const filters = (packages: readonly Package[]): readonly string[] => packages.map(({ name }) => `--filter=${name}`);

interface Summary {
  readonly tasks: readonly { readonly package: string; readonly execution?: { readonly exitCode: number | null } }[];
}

/** Turbo's own account of the run: which package's build ended how. */
function takeSummary(): Summary | undefined {
  const folder = join(ROOT, '.turbo/runs');
  const newest = globSync('*.json', { cwd: folder }).sort().at(-1);
  if (newest === undefined) return undefined;
  const summary = JSON.parse(readFileSync(join(folder, newest), 'utf8')) as Summary;
  rmSync(folder, { recursive: true });
  return summary;
}

/** Turbo says of every task, when it begins, whether its cache holds it. */
const TASK_BEGINS = /:build: cache (hit|miss|bypass)/g;

/** @returns what went wrong, by package; a package that is not in it was built. */
export async function build(
  packages: readonly Package[],
  begun: (count: number) => void,
): Promise<ReadonlyMap<string, string>> {
  rmSync(join(ROOT, '.turbo/runs'), { recursive: true, force: true });
  const turbo = ['turbo', 'run', 'build', '--continue', '--summarize', '--concurrency=3', '--output-logs=full'];
  let count = 0;
  const follow = (text: string): void => {
    count += text.match(TASK_BEGINS)?.length ?? 0;
    begun(count);
  };
  const { code, output } = await pnpm(['exec', ...turbo, ...filters(packages)], {
    cwd: ROOT,
    env: INSIDE,
    limitMs: 900_000,
    follow,
  });
  const summary = takeSummary();
  const built = new Set(
    summary?.tasks.filter(({ execution }) => execution?.exitCode === 0).map((task) => task.package),
  );
  const problems = new Map<string, string>();
  if (code === 0) return problems;
  for (const { name } of packages) {
    const own = output.split('\n').filter((line) => line.startsWith(`${name}:build:`));
    if (!built.has(name)) problems.set(name, tail(own.length > 0 ? own.join('\n') : output));
  }
  return problems;
}

export interface Packed {
  readonly name: string;
  readonly version: string;
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

export async function pack(packages: readonly Package[], folder: string): Promise<readonly Packed[]> {
  const args = ['--recursive', ...filters(packages), 'pack', '--json', '--pack-destination', folder];
  const { code, stdout, output } = await pnpm(args, { cwd: ROOT, env: INSIDE });
  if (code !== 0) throw new Error(`pnpm pack failed:\n${tail(output)}`);
  const packed = JSON.parse(stdout) as Packed | readonly Packed[];
  return Array.isArray(packed) ? packed : [packed as Packed];
}
