/** A small workspace in a temporary folder, under this repository's own rules. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const REPOSITORY: string = join(import.meta.dirname, '../../..');

export interface FixturePackage {
  /** `packages/base/bits`: the last part is the package's name. */
  readonly folder: string;
  readonly tag: string;
  readonly dependencies?: readonly string[];
  /** By path within the package; `src/index.ts` is made when it is left out. */
  readonly files?: Readonly<Record<string, string>>;
}

const json = (value: unknown): string => JSON.stringify(value);
const nameOf = (folder: string): string => folder.split('/').at(-1)!;

export class Fixture {
  readonly root: string = mkdtempSync(join(tmpdir(), 'bulkhead-boundaries-'));
  readonly #folders: Map<string, string> = new Map();

  constructor(packages: readonly FixturePackage[]) {
    copyFileSync(join(REPOSITORY, 'turbo.json'), join(this.root, 'turbo.json'));
    this.write('package.json', json({ name: 'fixture', private: true, packageManager: 'pnpm@12.21.0' }));
    this.write('pnpm-workspace.yaml', 'packages:\n  - packages/*/*\n  - apps/*\n  - tooling/*\n');
    this.write('pnpm-lock.yaml', "lockfileVersion: '9.0'\nimporters:\n  .: {}\n");
    for (const { folder } of packages) this.#folders.set(nameOf(folder), folder);
    for (const each of packages) this.#add(each);
  }

  write(path: string, text: string): void {
    const file = join(this.root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  #add({ folder, tag, dependencies = [], files = {} }: FixturePackage): void {
    const name = nameOf(folder);
    const manifest = {
      name: `@bulkhead/${name}`,
      version: '0.0.0',
      type: 'module',
      exports: { '.': './src/index.ts' },
      dependencies: Object.fromEntries(dependencies.map((each) => [`@bulkhead/${each}`, 'workspace:^'])),
    };
    this.write(`${folder}/package.json`, json(manifest));
    this.write(`${folder}/turbo.json`, json({ extends: ['//'], tags: [tag] }));
    this.write(`${folder}/src/index.ts`, `export const ${name.replaceAll('-', '_')} = 1;\n`);
    for (const [path, text] of Object.entries(files)) this.write(`${folder}/${path}`, text);
    for (const each of dependencies) this.#link(folder, each);
  }

  #link(folder: string, dependency: string): void {
    const scope = join(this.root, folder, 'node_modules/@bulkhead');
    mkdirSync(scope, { recursive: true });
    symlinkSync(join(this.root, this.#folders.get(dependency)!), join(scope, dependency));
  }
}
