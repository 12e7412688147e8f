/** Every import is declared, and every dependency is imported. */
import { globSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import type { Package } from './packages.ts';
import { exampleOf } from './readme.ts';
import { importedPackages } from './specifiers.ts';

/** Given by the root of the tree to every test. */
const TEST_TOOLS: readonly string[] = ['vitest', 'fast-check', '@types/node'];
/** Used by configuration files that are no modules. */
const BUILD_TOOLS: readonly string[] = ['@bulkhead/tsconfig', '@bulkhead/tsup-preset', '@bulkhead/vitest-preset'];

const importsUnder = (pkg: Package, pattern: string): readonly string[] => {
  const cwd = join(pkg.root, pkg.folder);
  const files = globSync(pattern, { cwd });
  return [...new Set(files.flatMap((file) => importedPackages(readFileSync(join(cwd, file), 'utf8'))))];
};

export function importProblems(pkg: Package): readonly string[] {
  const { dependencies = {}, peerDependencies = {}, devDependencies = {} } = pkg.manifest;
  const inSource = importsUnder(pkg, 'src/**/*.ts').filter((name) => !isBuiltin(name));
  const inExample = importedPackages(exampleOf(pkg) ?? '');
  const inTests = importsUnder(pkg, '{test,bench}/**/*.ts').filter((name) => !isBuiltin(name));
  const published = new Set([...Object.keys(dependencies), ...Object.keys(peerDependencies)]);
  const forTests = new Set([...published, ...Object.keys(devDependencies), ...TEST_TOOLS, pkg.name]);
  return [
    ...inSource.filter((name) => !published.has(name)).map((name) => `src imports ${name}, which is no dependency`),
    ...inTests.filter((name) => !forTests.has(name)).map((name) => `a test imports ${name}, which is not declared`),
    ...[...published]
      .filter((name) => !inSource.includes(name) && !inExample.includes(name))
      .map((name) => `neither src nor the example imports the dependency ${name}`),
    ...Object.keys(devDependencies)
      .filter((name) => !inTests.includes(name) && !BUILD_TOOLS.includes(name) && !TEST_TOOLS.includes(name))
      .filter((name) => !published.has(name.replace(/^@types\//, '')))
      .map((name) => `no test imports the devDependency ${name}`),
  ];
}
