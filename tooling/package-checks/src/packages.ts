/** The packages of the tree that are published, as their manifests say. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const ROOT: string = join(import.meta.dirname, '../../..');
export const SCOPE = '@bulkhead/';

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly description?: string;
  readonly license?: string;
  readonly type?: string;
  readonly sideEffects?: boolean;
  readonly repository?: { readonly type?: string; readonly url?: string; readonly directory?: string };
  readonly engines?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly publishConfig?: {
    readonly access?: string;
    readonly provenance?: boolean;
    readonly exports?: Readonly<Record<string, unknown>>;
  };
  readonly files?: readonly string[];
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}
export interface Package {
  readonly name: string;
  /** Of the tree that holds it. */
  readonly root: string;
  /** Relative to the root: `packages/base/bits`. */
  readonly folder: string;
  readonly manifest: Manifest;
}

export const read = (pkg: Package, file: string): string | undefined => {
  const path = join(pkg.root, pkg.folder, file);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
};

export function publishedPackages(root: string = ROOT): readonly Package[] {
  return globSync('packages/*/*/package.json', { cwd: root })
    .sort()
    .map((file) => {
      const manifest = JSON.parse(readFileSync(join(root, file), 'utf8')) as Manifest;
      return { name: manifest.name, root, folder: dirname(file), manifest };
    })
    .filter(({ manifest }) => manifest.private !== true);
}

/** @param words parts of folders: `base/`, `kernel/abi`; none means all. */
export const select = <T extends { readonly folder: string }>(
  all: readonly T[],
  words: readonly string[],
): readonly T[] =>
  words.length === 0 ? all : all.filter(({ folder }) => words.some((word) => `/${folder}/`.includes(`/${word}`)));

/** The chosen packages and everything of ours that they lean on. */
export function withDependencies(all: readonly Package[], chosen: readonly Package[]): readonly Package[] {
  const needed = new Set<Package>(chosen);
  for (const { manifest } of needed)
    for (const pkg of all) if (manifest.dependencies?.[pkg.name] !== undefined) needed.add(pkg);
  return all.filter((pkg) => needed.has(pkg));
}
