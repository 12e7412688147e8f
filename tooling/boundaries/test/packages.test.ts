import { afterAll, describe, expect, it } from 'vitest';
import { judgePackages, type PackageVerdict } from '../src/package-rules.ts';
import { Fixture, type FixturePackage } from './fixture.ts';

const BELOW_SYSTEM = 'base datasheets ports hardware abi kernel server-api runtime servers';
/** The table of CONTRIBUTING.md, by tag: who may import whom. */
const MAY_IMPORT: Readonly<Record<string, string>> = {
  base: 'base tooling',
  datasheets: 'base tooling',
  ports: 'base tooling',
  hardware: 'base datasheets ports hardware tooling',
  abi: 'base tooling',
  kernel: 'base datasheets ports abi kernel tooling',
  'server-api': 'base abi server-api tooling',
  runtime: 'base abi server-api runtime tooling',
  servers: 'base datasheets abi server-api runtime tooling',
  system: `${BELOW_SYSTEM} system world tooling`,
  world: `${BELOW_SYSTEM} system world tooling`,
  apps: `${BELOW_SYSTEM} system world apps tooling`,
  tooling: 'tooling',
};
const TAGS: readonly string[] = Object.keys(MAY_IMPORT);

const importAll = (targets: readonly string[]): string =>
  `${targets.map((target) => `import '@bulkhead/${target}';`).join('\n')}\n`;

/** One target and one importer of everything in every layer. */
function everyPair(): readonly FixturePackage[] {
  const targets = TAGS.map((tag) => `target-${tag}`);
  return TAGS.flatMap((tag) => [
    { folder: `packages/base/target-${tag}`, tag },
    {
      folder: `packages/base/importer-${tag}`,
      tag,
      dependencies: targets,
      files: { 'src/index.ts': importAll(targets) },
    },
  ]);
}

/** Turbo wraps its messages; this undoes it. */
const unwrapped = ({ output }: PackageVerdict): string => output.replace(/\s*\n\s*\|?\s*/g, ' ');

/** `importer → target`, as turbo names them, whichever end's rule was broken. */
function refusedPairs(verdict: PackageVerdict): ReadonlySet<string> {
  const byDependency =
    /Package `@bulkhead\/target-([a-z-]+)` found \S+ any tag listed in allowlist for `@bulkhead\/importer-([a-z-]+)`/g;
  const byDependent =
    /Package `@bulkhead\/importer-([a-z-]+)` found \S+ any tag listed in allowlist for `@bulkhead\/target-([a-z-]+)`/g;
  const text = unwrapped(verdict);
  return new Set([
    ...[...text.matchAll(byDependency)].map(([, target, importer]) => `${importer} → ${target}`),
    ...[...text.matchAll(byDependent)].map(([, importer, target]) => `${importer} → ${target}`),
  ]);
}

const fixtures: Fixture[] = [];
function fixture(packages: readonly FixturePackage[]): Fixture {
  const made = new Fixture(packages);
  fixtures.push(made);
  return made;
}
afterAll(() => {
  for (const made of fixtures) made.remove();
});

describe('the layer table, by turbo boundaries', async () => {
  const refused = refusedPairs(await judgePackages(fixture(everyPair()).root));
  for (const importer of TAGS)
    for (const target of TAGS) {
      const allowed = MAY_IMPORT[importer]!.split(' ').includes(target);
      it(`${importer} ${allowed ? 'may' : 'may not'} import ${target}`, () => {
        expect(refused.has(`${importer} → ${target}`)).toBe(!allowed);
      });
    }
});

describe('what else turbo boundaries holds', () => {
  const target = { folder: 'packages/base/target', tag: 'base' };
  const importer = { folder: 'packages/base/importer', tag: 'base' };

  it('passes a tree that keeps the rules', async () => {
    const files = { 'src/index.ts': importAll(['target']) };
    const { clean, output } = await judgePackages(
      fixture([target, { ...importer, dependencies: ['target'], files }]).root,
    );
    expect(clean, output).toBe(true);
  });

  it('refuses an import that the manifest does not declare', async () => {
    const files = { 'src/index.ts': importAll(['target']) };
    const verdict = await judgePackages(fixture([target, { ...importer, files }]).root);
    expect(verdict.clean).toBe(false);
    expect(unwrapped(verdict)).toContain('cannot import package `@bulkhead/target` because it is not a dependency');
  });

  it('refuses a relative import that leaves the package', async () => {
    const files = { 'src/index.ts': "import '../../target/src/index.ts';\n" };
    const verdict = await judgePackages(fixture([target, { ...importer, files }]).root);
    expect(verdict.clean).toBe(false);
    expect(unwrapped(verdict)).toContain('leaves the package');
  });
});
