import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { importProblems } from '../src/imports.ts';
import { manifestProblems, tagOf } from '../src/manifest.ts';
import { type Manifest, type Package, publishedPackages } from '../src/packages.ts';
import { exampleOf, readmeProblems } from '../src/readme.ts';

const MANIFEST = {
  name: '@bulkhead/good',
  version: '0.1.0',
  description: 'A package that is in order',
  license: 'MIT',
  type: 'module',
  sideEffects: false,
  repository: {
    type: 'git',
    url: 'git+https://github.com/bulkhead-os/bulkhead.git',
    directory: 'packages/base/good',
  },
  engines: { node: '>=20' },
  exports: { '.': './src/index.ts', './package.json': './package.json' },
  publishConfig: {
    access: 'public',
    provenance: true,
    exports: {
      '.': { types: './dist/index.d.ts', default: './dist/index.js' },
      './package.json': './package.json',
    },
  },
  files: ['dist', 'src'],
  scripts: { build: 'tsup' },
  dependencies: { '@bulkhead/bits': 'workspace:^' },
} satisfies Manifest;

const README = `# @bulkhead/good

Is in order.

## Owns

Order.

## Does not own

Chaos.

## Example

\`\`\`js
import assert from 'node:assert/strict';
import { good } from '@bulkhead/good';
# no heading
assert.equal(good, 1);
\`\`\`

## Specifications

None.
`;

let root: string;
const folder = 'packages/base/good';
const write = (file: string, text: string): void => writeFileSync(join(root, folder, file), text);
const withManifest = (change: object): Package => {
  write('package.json', JSON.stringify({ ...MANIFEST, ...change }));
  return publishedPackages(root)[0]!;
};
const good = (): Package => publishedPackages(root)[0]!;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bulkhead-problems-'));
  mkdirSync(join(root, folder, 'src'), { recursive: true });
  mkdirSync(join(root, folder, 'test'));
  write('package.json', JSON.stringify(MANIFEST));
  write('README.md', README);
  write('turbo.json', '{ "extends": ["//"], "tags": ["base"] }');
  for (const file of ['tsconfig.json', 'tsup.config.ts', 'vitest.config.ts']) write(file, '');
  write('src/index.ts', "import { bits } from '@bulkhead/bits';\nexport const good = bits;\n");
  write(
    'test/good.test.ts',
    "import { it } from 'vitest';\nimport { good } from '../src/index.ts';\nit(String(good));\n",
  );
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('a package in order', () => {
  it('has no problems, and an example', () => {
    expect([...readmeProblems(good()), ...manifestProblems(good()), ...importProblems(good())]).toEqual([]);
    expect(exampleOf(good())).toContain('assert.equal(good, 1)');
  });

  it('is not looked at when it is private', () => {
    withManifest({ private: true });
    expect(publishedPackages(root)).toEqual([]);
  });
});

describe('README', () => {
  const problemsWith = (text: string): string => {
    write('README.md', text);
    return readmeProblems(good()).join('\n');
  };
  it.each(['Owns', 'Does not own', 'Example', 'Specifications'])('must have the section %s', (title) => {
    expect(problemsWith(README.replace(`## ${title}`, '## Something'))).toContain(`"## ${title}" is missing`);
  });
  it('must not have an empty section', () => {
    expect(problemsWith(README.replace('Chaos.', ''))).toContain('"## Does not own" is missing or empty');
  });
  it('must have a js block, and only one', () => {
    expect(problemsWith(README.replace('```js', '```text'))).toContain('there are 0 js blocks');
    expect(problemsWith(`${README}\n\`\`\`js\n1;\n\`\`\`\n`)).toContain('there are 2 js blocks');
  });
  it('must not import what installing the package does not bring', () => {
    expect(problemsWith(README.replace("from '@bulkhead/good'", "from '@bulkhead/other'"))).toContain(
      'imports @bulkhead/other',
    );
    expect(problemsWith(README.replace('node:assert/strict', 'node:fs'))).toContain('imports node:fs');
  });
  it('must assert something', () => {
    expect(problemsWith(README.replaceAll('assert', 'check'))).toContain('asserts nothing');
  });
  it('must exist', () => {
    rmSync(join(root, folder, 'README.md'));
    expect(readmeProblems(good())).toEqual(['there is no README.md']);
  });
});

describe('manifest', () => {
  it.each<[string, object, string]>([
    ['license', { license: 'GPL-3.0' }, 'license is "GPL-3.0"'],
    ['repository folder', { repository: { ...MANIFEST.repository, directory: 'elsewhere' } }, 'repository is'],
    ['name', { name: '@bulkhead/bad' }, 'name is "@bulkhead/bad"'],
    ['files', { files: ['dist'] }, 'files is ["dist"]'],
    ['workspace range', { dependencies: { '@bulkhead/bits': 'workspace:*' } }, 'asked for as workspace:*'],
    ['description', { description: '' }, 'description says nothing'],
    ['published entries', { publishConfig: { ...MANIFEST.publishConfig, exports: {} } }, 'name different entries'],
    ['entry without a file', { exports: { ...MANIFEST.exports, './x': './src/x.ts' } }, './src/x.ts does not exist'],
    ['access', { publishConfig: { ...MANIFEST.publishConfig, access: 'restricted' } }, 'publishConfig.access is'],
  ])('must have the right %s', (_, change, problem) => {
    expect(manifestProblems(withManifest(change)).join('\n')).toContain(problem);
  });

  it('must go with its layer’s tag', () => {
    write('turbo.json', '{ "extends": ["//"], "tags": ["kernel"] }');
    expect(manifestProblems(good()).join('\n')).toContain('not ["base"]');
    expect(tagOf('packages/kernel/abi')).toBe('abi');
    expect(tagOf('packages/servers/nic-driver-api')).toBe('server-api');
    expect(tagOf('packages/servers/connections')).toBe('runtime');
    expect(tagOf('packages/servers/device-claim')).toBe('runtime');
    expect(tagOf('packages/servers/nic-driver')).toBe('servers');
  });

  it('must stand beside the files that build and test the package', () => {
    cpSync(join(root, folder, 'tsup.config.ts'), join(root, folder, 'tsup.config.js'));
    rmSync(join(root, folder, 'tsup.config.ts'));
    expect(manifestProblems(good())).toEqual(['tsup.config.ts is missing']);
  });
});

describe('imports', () => {
  it('must be declared, deep ones and types included', () => {
    write(
      'src/more.ts',
      "import type { A } from '@bulkhead/clock/deep';\nexport { b } from 'pure-rand/generator/x';\n",
    );
    expect(importProblems(good())).toEqual([
      'src imports @bulkhead/clock, which is no dependency',
      'src imports pure-rand, which is no dependency',
    ]);
  });
  it('of a test may be devDependencies, which a source may not lean on', () => {
    write('test/more.test.ts', "import '@bulkhead/clock';\n");
    expect(importProblems(good())).toEqual(['a test imports @bulkhead/clock, which is not declared']);
    const declared = withManifest({ devDependencies: { '@bulkhead/clock': 'workspace:^' } });
    expect(importProblems(declared)).toEqual([]);
    write('src/more.ts', "import '@bulkhead/clock';\n");
    expect(importProblems(declared)).toEqual(['src imports @bulkhead/clock, which is no dependency']);
  });
  it('may be the example’s', () => {
    write('src/index.ts', 'export const good = 1;\n');
    write('README.md', README.replace("from '@bulkhead/good'", "from '@bulkhead/bits'"));
    expect(importProblems(good())).toEqual([]);
  });
  it('must use every dependency', () => {
    write('src/index.ts', 'export const good = 1;\n');
    expect(importProblems(good())).toEqual(['neither src nor the example imports the dependency @bulkhead/bits']);
  });
});
