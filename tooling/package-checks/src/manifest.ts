/** What a manifest must say for its package to be found, built, published and used. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Package, read, SCOPE } from './packages.ts';

const REPOSITORY = 'git+https://github.com/bulkhead-os/bulkhead.git';
const FILES = ['tsconfig.json', 'tsup.config.ts', 'vitest.config.ts', 'turbo.json'] as const;
const OWN_MANIFEST = './package.json';
/** Folders whose tag is not the layer's. */
const TAG_OF_FOLDER: readonly (readonly [RegExp, string])[] = [
  [/^packages\/hardware\/ports$/, 'ports'],
  [/^packages\/kernel\/abi$/, 'abi'],
  [/^packages\/servers\/(runtime|connections|device-claim)$/, 'runtime'],
  [/^packages\/servers\/[^/]+-api$/, 'server-api'],
];

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

export function tagOf(folder: string): string {
  const special = TAG_OF_FOLDER.find(([pattern]) => pattern.test(folder));
  return special === undefined ? folder.split('/')[1]! : special[1];
}

function exportsProblems({ root, folder, manifest }: Package): readonly string[] {
  const { exports = {}, publishConfig = {} } = manifest;
  const problems: string[] = [];
  if (!same(Object.keys(exports), Object.keys(publishConfig.exports ?? {})))
    problems.push('exports and publishConfig.exports name different entries');
  for (const [entry, source] of Object.entries(exports)) {
    if (entry === OWN_MANIFEST) continue;
    const name = typeof source === 'string' ? /^\.\/src\/(.+)\.ts$/.exec(source)?.[1] : undefined;
    if (name === undefined) problems.push(`exports["${entry}"] is no file of ./src`);
    else if (!existsSync(join(root, folder, `src/${name}.ts`))) problems.push(`./src/${name}.ts does not exist`);
    else if (!same(publishConfig.exports?.[entry], { types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` }))
      problems.push(`publishConfig.exports["${entry}"] is not { types, default } of ./dist/${name}`);
  }
  if (!('.' in exports)) problems.push('exports has no "."');
  if (exports[OWN_MANIFEST] !== OWN_MANIFEST) problems.push(`exports does not name ${OWN_MANIFEST}`);
  return problems;
}

function dependencyProblems({ manifest }: Package): readonly string[] {
  const ours = Object.entries(manifest.dependencies ?? {}).filter(([name]) => name.startsWith(SCOPE));
  return ours
    .filter(([, range]) => range !== 'workspace:^')
    .map(([name, range]) => `${name} is asked for as ${range}, not as workspace:^`);
}

function fieldProblems({ name, folder, manifest }: Package): readonly string[] {
  const expected: readonly (readonly [string, unknown, unknown])[] = [
    ['name', name, `${SCOPE}${folder.split('/').at(-1)}`],
    ['license', manifest.license, 'MIT'],
    ['type', manifest.type, 'module'],
    ['sideEffects', manifest.sideEffects, false],
    ['repository', manifest.repository, { type: 'git', url: REPOSITORY, directory: folder }],
    ['engines', manifest.engines, { node: '>=20' }],
    ['publishConfig.access', manifest.publishConfig?.access, 'public'],
    ['publishConfig.provenance', manifest.publishConfig?.provenance, true],
    ['files', manifest.files, ['dist', 'src']],
    ['scripts.build', manifest.scripts?.build, 'tsup'],
  ];
  return expected
    .filter(([, actual, wanted]) => !same(actual, wanted))
    .map(([field, actual, wanted]) => `${field} is ${JSON.stringify(actual)}, not ${JSON.stringify(wanted)}`);
}

export function manifestProblems(pkg: Package): readonly string[] {
  const { root, folder, manifest } = pkg;
  const problems = [...fieldProblems(pkg), ...exportsProblems(pkg), ...dependencyProblems(pkg)];
  if ((manifest.description ?? '').length < 10) problems.push('description says nothing');
  if (!/^\d+\.\d+\.\d+$/.test(manifest.version)) problems.push(`version is ${manifest.version}`);
  for (const file of FILES) if (!existsSync(join(root, folder, file))) problems.push(`${file} is missing`);
  const { tags } = JSON.parse(read(pkg, 'turbo.json') ?? '{}') as { tags?: unknown };
  if (!same(tags, [tagOf(folder)]))
    problems.push(`turbo.json has the tags ${JSON.stringify(tags)}, not ["${tagOf(folder)}"]`);
  return problems;
}
