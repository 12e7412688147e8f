/** `pnpm test:packages [part of a folder …]`: every published package as its users get it, and the example projects. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, type Packed, pack } from './build.ts';
import { exampleProblems, exampleProjects, exampleRunProblems, usedBy } from './examples.ts';
import { importProblems } from './imports.ts';
import { installProblems } from './install.ts';
import { manifestProblems } from './manifest.ts';
import { type Package, publishedPackages, select, withDependencies } from './packages.ts';
import { exampleOf, readmeProblems } from './readme.ts';
import { Registry } from './registry.ts';
import { copyTree, publishProblems, unreleasedProblems, versionProblems } from './release.ts';
import { Report } from './report.ts';
import { configuredRegistry, eachOf, plainNode, stopAll } from './run.ts';
import { contentProblems, publintProblems, readTarball, type Tarball, typeProblems } from './tarball.ts';

const CHECKS_A_PACKAGE = 8;
const CHECKS_AN_EXAMPLE = 2;
const CHECKS_OF_THE_WHOLE = 3;
const INSTALLS_AT_ONCE = 3;
const NOT_BUILT: readonly string[] = ['it was not built'];

const all: readonly Package[] = publishedPackages();
const chosen: readonly Package[] = select(all, process.argv.slice(2));
const examples = select(exampleProjects(), process.argv.slice(2));
const needed: readonly Package[] = withDependencies(all, [...chosen, ...usedBy(all, examples)]);
const report = new Report(chosen.length * CHECKS_A_PACKAGE + examples.length * CHECKS_AN_EXAMPLE + CHECKS_OF_THE_WHOLE);
const folder: string = mkdtempSync(join(tmpdir(), 'bulkhead-packages-'));
let registry: Registry | undefined;

function checkSources(): void {
  for (const pkg of chosen) {
    report.record(`${pkg.name}: README`, readmeProblems(pkg));
    report.record(`${pkg.name}: manifest`, manifestProblems(pkg));
    report.record(`${pkg.name}: imports and dependencies agree`, importProblems(pkg));
  }
  for (const example of examples) report.record(`${example.folder}: is in order`, exampleProblems(example, all));
  report.record('changesets name every package that was never released', unreleasedProblems(all));
}

/** @returns the tarballs of what could be built. */
async function buildAndPack(): Promise<ReadonlyMap<string, Packed>> {
  report.stage('building');
  const problems = await build(needed, (count) => report.stage(`building ${count} of ${needed.length}`));
  for (const { name } of chosen) report.record(`${name}: builds`, problems.has(name) ? [problems.get(name)!] : []);
  for (const [name, problem] of problems)
    if (!chosen.some((each) => each.name === name)) report.note(`${name}: does not build:\n${problem}`);
  report.stage('packing');
  const built = needed.filter(({ name }) => !problems.has(name));
  const tarballs = join(folder, 'tarballs');
  mkdirSync(tarballs);
  const packed = built.length > 0 ? await pack(built, tarballs) : [];
  return new Map(packed.map((each) => [each.name, each]));
}

async function checkTarballs(packed: ReadonlyMap<string, Packed>): Promise<readonly Tarball[]> {
  report.stage('publint and attw');
  const tarballs: Tarball[] = [];
  for (const each of packed.values()) {
    const tarball = readTarball(readFileSync(each.filename));
    tarballs.push(tarball);
    if (!chosen.some(({ name }) => name === each.name)) continue;
    report.record(`${each.name}: tarball`, contentProblems(each, tarball));
    report.record(`${each.name}: publint`, await publintProblems(tarball));
    report.record(`${each.name}: types (attw)`, await typeProblems(tarball));
  }
  for (const { name } of chosen)
    if (!packed.has(name))
      for (const check of ['tarball', 'publint', 'types (attw)']) report.record(`${name}: ${check}`, NOT_BUILT);
  return tarballs;
}

async function checkInstalls(registryUrl: string, packed: ReadonlyMap<string, Packed>): Promise<void> {
  const node = plainNode();
  if (!node.version.startsWith('v20.'))
    report.note(`The examples run under Node ${node.version}: there is no Node 20 here (BULKHEAD_NODE20 names one).`);
  report.stage('installing');
  const options = { registryUrl, node, folder: join(folder, 'installs') };
  await eachOf(chosen, INSTALLS_AT_ONCE, async (pkg) => {
    const problems = packed.has(pkg.name) ? await installProblems(pkg, exampleOf(pkg), options) : NOT_BUILT;
    report.record(`${pkg.name}: installs, and its example runs`, problems);
  });
  report.stage('the example projects');
  await eachOf(examples, INSTALLS_AT_ONCE, async (example) => {
    const built = usedBy(all, [example]).every(({ name }) => packed.has(name));
    report.record(
      `${example.folder}: installs, and its tests pass`,
      built ? await exampleRunProblems(example, options) : NOT_BUILT,
    );
  });
}

async function checkRelease(registryUrl: string): Promise<void> {
  report.stage('trying a release');
  const copy = join(folder, 'tree');
  await copyTree(copy);
  report.record('changeset version', await versionProblems(copy, all));
  report.record('pnpm publish --recursive --dry-run', await publishProblems(copy, registryUrl));
}

async function cleanUp(): Promise<void> {
  await stopAll();
  await registry?.stop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

/** Told to end, or left alone by whoever started it. */
const end = (): void => void cleanUp().finally(() => process.exit(130));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, end);
process.once('disconnect', end);
// A listener alone would keep a finished run alive.
process.channel?.unref();
process.stdout.on('error', () => {});
try {
  checkSources();
  const packed = await buildAndPack();
  const tarballs = await checkTarballs(packed);
  report.stage('publishing to a registry on this machine');
  registry = await Registry.start(join(folder, 'registry'), configuredRegistry());
  for (const tarball of tarballs) await registry.publish(tarball);
  await checkInstalls(registry.url, packed);
  await checkRelease(registry.url);
} catch (error) {
  report.record('the package checks themselves', [
    error instanceof Error ? (error.stack ?? error.message) : String(error),
  ]);
} finally {
  await cleanUp();
}
process.exitCode = report.end();
