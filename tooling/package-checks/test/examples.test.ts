import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exampleProblems, exampleProjects, usedBy } from '../src/examples.ts';
import { type Package, publishedPackages, select } from '../src/packages.ts';

const MANIFEST = {
  name: 'example-good',
  private: true,
  type: 'module',
  scripts: { test: 'node --test' },
  dependencies: { '@bulkhead/bits': '*' },
};

let root: string;
const write = (file: string, text: string): void => writeFileSync(join(root, 'examples/good', file), text);
const problemsWith = (change: object): string => {
  write('package.json', JSON.stringify({ ...MANIFEST, ...change }));
  return exampleProblems(exampleProjects(root)[0]!, packages()).join('\n');
};
const packages = (): readonly Package[] => publishedPackages(root);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bulkhead-examples-'));
  for (const folder of ['examples/good/src', 'examples/good/test', 'packages/base/bits', 'packages/base/clock'])
    mkdirSync(join(root, folder), { recursive: true });
  for (const name of ['bits', 'clock'])
    writeFileSync(join(root, `packages/base/${name}/package.json`), JSON.stringify({ name: `@bulkhead/${name}` }));
  write('README.md', '# Good\n');
  write('src/main.js', "import { bits } from '@bulkhead/bits';\nimport fs from 'node:fs';\nfs.write(bits);\n");
  write('test/main.test.js', "import '../src/main.js';\n");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('an example project', () => {
  it('has no problems when it is in order', () => {
    expect(problemsWith({})).toBe('');
  });

  it.each<[string, object, string]>([
    ['is private', { private: false }, 'it is not private'],
    ['has a script "test"', { scripts: {} }, 'it has no script "test"'],
    ['depends on something', { dependencies: {} }, 'it depends on nothing'],
    ['declares what it imports', { dependencies: {} }, '@bulkhead/bits is not declared'],
    ['imports what it declares', { dependencies: { '@bulkhead/clock': '*' } }, 'nothing imports @bulkhead/clock'],
    ['names what is published', { dependencies: { '@bulkhead/none': '*' } }, '@bulkhead/none is not published'],
    ['is outside the workspace', { dependencies: { '@bulkhead/bits': 'workspace:*' } }, 'asked for as workspace:*'],
    ['needs no folder of this tree', { dependencies: { '@bulkhead/bits': 'file:../..' } }, 'asked for as file:../..'],
  ])('%s', (_, change, problem) => {
    expect(problemsWith(change)).toContain(problem);
  });

  it('has tests and a README', () => {
    rmSync(join(root, 'examples/good/test/main.test.js'));
    rmSync(join(root, 'examples/good/README.md'));
    expect(problemsWith({}).split('\n')).toEqual(['it has no tests', 'there is no README.md']);
  });

  it('brings the packages that it names', () => {
    problemsWith({});
    expect(usedBy(packages(), exampleProjects(root)).map(({ name }) => name)).toEqual(['@bulkhead/bits']);
  });
});

describe('what is checked', () => {
  it.each([
    [[], 3],
    [['examples/'], 1],
    [['good'], 1],
    [['base/bits'], 1],
    [['bits', 'good'], 2],
    [['ase'], 0],
  ])('%j names %i folders', (words, count) => {
    write('package.json', JSON.stringify(MANIFEST));
    expect(select([...packages(), ...exampleProjects(root)], words)).toHaveLength(count);
  });
});
