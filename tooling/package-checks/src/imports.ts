/** Every import is declared, and every dependency is imported. */
import { globSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import ts from 'typescript';
import type { Package } from './packages.ts';

/** Given by the root of the tree to every test. */
const TEST_TOOLS: readonly string[] = ['vitest', 'fast-check', '@types/node'];
/** Used by configuration files that are no modules. */
const BUILD_TOOLS: readonly string[] = ['@bulkhead/tsconfig', '@bulkhead/tsup-preset', '@bulkhead/vitest-preset'];

/** `@scope/name/deep` is of `@scope/name`, `node:fs/promises` of `node:fs`. */
const packageOf = (specifier: string): string => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

export function importedPackages(text: string): readonly string[] {
  const { importedFiles } = ts.preProcessFile(text, true, true);
  const bare = importedFiles.map(({ fileName }) => fileName).filter((name) => !name.startsWith('.'));
  return [...new Set(bare.map(packageOf))];
}

const importsUnder = (pkg: Package, pattern: string): readonly string[] => {
  const cwd = join(pkg.root, pkg.folder);
  const files = globSync(pattern, { cwd });
  return [...new Set(files.flatMap((file) => importedPackages(readFileSync(join(cwd, file), 'utf8'))))];
};

export function importProblems(pkg: Package): readonly string[] {
  const { dependencies = {}, peerDependencies = {}, devDependencies = {} } = pkg.manifest;
  const inSource = importsUnder(pkg, 'src/**/*.ts').filter((name) => !isBuiltin(name));
  const inTests = importsUnder(pkg, '{test,bench}/**/*.ts').filter((name) => !isBuiltin(name));
  const published = new Set([...Object.keys(dependencies), ...Object.keys(peerDependencies)]);
  const forTests = new Set([...published, ...Object.keys(devDependencies), ...TEST_TOOLS, pkg.name]);
  return [
    ...inSource.filter((name) => !published.has(name)).map((name) => `src imports ${name}, which is no dependency`),
    ...inTests.filter((name) => !forTests.has(name)).map((name) => `a test imports ${name}, which is not declared`),
    ...[...published]
      .filter((name) => !inSource.includes(name))
      .map((name) => `src does not import its dependency ${name}`),
    ...Object.keys(devDependencies)
      .filter((name) => !inTests.includes(name) && !BUILD_TOOLS.includes(name) && !TEST_TOOLS.includes(name))
      .map((name) => `no test imports the devDependency ${name}`),
  ];
}
