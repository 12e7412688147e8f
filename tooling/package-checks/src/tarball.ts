/** What is in a tarball, as its users' tools see it. */
import { checkPackage, createPackageFromTarballData, type Problem } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import type { Packed } from './build.ts';
import type { Manifest } from './packages.ts';

/** The ways of resolving that an ES module does not serve: attw's profile `esm-only`. */
const NOT_SERVED: readonly string[] = ['node10', 'node16-cjs'];
const ALWAYS: readonly string[] = [
  'LICENSE',
  'README.md',
  'package.json',
  'dist/index.js',
  'dist/index.d.ts',
  'src/index.ts',
];
const ALLOWED = /^(dist\/|src\/|LICENSE$|README\.md$|CHANGELOG\.md$|package\.json$)/;

export interface Tarball {
  readonly bytes: Uint8Array;
  readonly manifest: Manifest;
}

export function readTarball(bytes: Uint8Array): Tarball {
  const contents = createPackageFromTarballData(bytes);
  const text = contents.readFile(`/node_modules/${contents.packageName}/package.json`);
  return { bytes, manifest: JSON.parse(text) as Manifest };
}

export function contentProblems({ files }: Packed, { manifest }: Tarball): readonly string[] {
  const paths = files.map(({ path }) => path);
  const entries = { ...manifest.dependencies, ...manifest.peerDependencies };
  return [
    ...ALWAYS.filter((path) => !paths.includes(path)).map((path) => `${path} is not in the tarball`),
    ...paths.filter((path) => !ALLOWED.test(path)).map((path) => `${path} does not belong in the tarball`),
    ...Object.entries(entries)
      .filter(([, range]) => range.startsWith('workspace:'))
      .map(([name, range]) => `${name} is still ${range}`),
  ];
}

const exactBuffer = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer;

export async function publintProblems({ bytes }: Tarball): Promise<readonly string[]> {
  const { messages, pkg } = await publint({ pack: { tarball: exactBuffer(bytes) }, strict: true });
  return messages.map((message) => formatMessage(message, pkg, { color: false }) ?? message.code);
}

const isServed = (problem: Problem): boolean =>
  !('resolutionKind' in problem) || !NOT_SERVED.includes(problem.resolutionKind);

export async function typeProblems({ bytes }: Tarball): Promise<readonly string[]> {
  const result = await checkPackage(createPackageFromTarballData(bytes));
  if (!result.types) return ['there are no types'];
  return result.problems.filter(isServed).map((problem) => JSON.stringify(problem));
}
