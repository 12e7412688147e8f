import { afterAll, describe, expect, it } from 'vitest';
import { findImportViolations, IMPORT_RULES, type ImportViolation } from '../src/import-rules.ts';
import { Fixture, type FixturePackage } from './fixture.ts';

const source = (text: string): Readonly<Record<string, string>> => ({ 'src/index.ts': text });

/** A tree in which every rule is broken once, by the file that the table below names. */
const PLANTED: readonly FixturePackage[] = [
  { folder: 'packages/base/bits', tag: 'base' },
  { folder: 'packages/base/reaching', tag: 'base', files: source("import '../../bits/src/index.ts';\n") },
  {
    folder: 'packages/base/ringed',
    tag: 'base',
    files: {
      'src/index.ts': "export { b } from './b.ts';\nexport const a = 1;\n",
      'src/b.ts': "import { a } from './index.ts';\nexport const b = a;\n",
    },
  },
  {
    folder: 'packages/base/hosted',
    tag: 'base',
    files: source("import { readFileSync } from 'node:fs';\nreadFileSync;\n"),
  },
  { folder: 'packages/base/lost', tag: 'base', files: source("import './nowhere.ts';\n") },
  {
    folder: 'packages/base/leaning',
    tag: 'base',
    files: { 'src/index.ts': "import '../test/helper.ts';\n", 'test/helper.ts': 'export const help = 1;\n' },
  },
  { folder: 'packages/hardware/nic', tag: 'hardware' },
  {
    folder: 'packages/hardware/knowing',
    tag: 'hardware',
    dependencies: ['ipc'],
    files: source("import '@bulkhead/ipc';\n"),
  },
  { folder: 'packages/kernel/ipc', tag: 'kernel' },
  { folder: 'packages/kernel/bound', tag: 'kernel', dependencies: ['nic'], files: source("import '@bulkhead/nic';\n") },
  {
    folder: 'packages/servers/nic-driver',
    tag: 'servers',
    dependencies: ['nic'],
    files: source("import type {} from '@bulkhead/nic';\n"),
  },
  { folder: 'packages/servers/disk', tag: 'servers' },
  {
    folder: 'packages/servers/disk-api',
    tag: 'server-api',
    dependencies: ['disk'],
    files: source("import '@bulkhead/disk';\n"),
  },
  {
    folder: 'packages/servers/web',
    tag: 'servers',
    dependencies: ['disk'],
    files: source("import '@bulkhead/disk';\n"),
  },
  {
    folder: 'packages/world/ticking',
    tag: 'world',
    files: source("import { performance } from 'node:perf_hooks';\nperformance;\n"),
  },
  { folder: 'apps/alone', tag: 'apps' },
  { folder: 'apps/other', tag: 'apps', dependencies: ['alone'], files: source("import '@bulkhead/alone';\n") },
];

/** Rule, and the only files that break it. */
const CAUGHT: Readonly<Record<string, readonly string[]>> = {
  'stay-in-the-package': ['packages/base/reaching/src/index.ts'],
  'no-cycles': ['packages/base/ringed/src/b.ts'],
  'driver-not-its-device': ['packages/servers/nic-driver/src/index.ts'],
  'kernel-not-a-device': ['packages/kernel/bound/src/index.ts'],
  'hardware-knows-no-software': ['packages/hardware/knowing/src/index.ts'],
  'api-not-its-server': ['packages/servers/disk-api/src/index.ts'],
  'server-not-another-server': ['packages/servers/disk-api/src/index.ts', 'packages/servers/web/src/index.ts'],
  'no-host-in-libraries': ['packages/base/hosted/src/index.ts'],
  'no-host-clock': ['packages/world/ticking/src/index.ts'],
  'apps-are-leaves': ['apps/other/src/index.ts'],
  'sources-not-tests': ['packages/base/leaning/src/index.ts'],
  resolvable: ['packages/base/lost/src/index.ts'],
};

/** What the table allows, imported in every way that the tree uses. */
const CLEAN: readonly FixturePackage[] = [
  { folder: 'packages/base/bits', tag: 'base' },
  {
    folder: 'packages/servers/disk-api',
    tag: 'server-api',
    dependencies: ['bits'],
    files: source("import '@bulkhead/bits';\n"),
  },
  {
    folder: 'packages/servers/disk',
    tag: 'servers',
    dependencies: ['disk-api', 'bits'],
    files: {
      'src/index.ts': "import '@bulkhead/disk-api';\nimport './more.ts';\n",
      'src/more.ts': "import '@bulkhead/bits';\n",
    },
  },
  { folder: 'apps/alone', tag: 'apps', dependencies: ['disk'], files: source("import '@bulkhead/disk';\n") },
  {
    folder: 'apps/cli',
    tag: 'apps',
    dependencies: ['alone'],
    files: source("import '@bulkhead/alone';\nimport 'node:fs';\n"),
  },
];

const planted = new Fixture(PLANTED);
const clean = new Fixture(CLEAN);
afterAll(() => {
  planted.remove();
  clean.remove();
});

describe('import rules, by dependency-cruiser', async () => {
  const violations: readonly ImportViolation[] = await findImportViolations(planted.root, ['packages', 'apps']);

  it.each(IMPORT_RULES.map(({ name }) => name!))(
    '%s catches the violation planted for it, and nothing else',
    (rule) => {
      const files = violations.filter((violation) => violation.rule === rule).map(({ from }) => from);
      expect([...new Set(files)].sort()).toEqual(CAUGHT[rule]);
    },
  );

  it('finds nothing in a tree that keeps the rules', async () => {
    expect(await findImportViolations(clean.root, ['packages', 'apps'])).toEqual([]);
  });
});
