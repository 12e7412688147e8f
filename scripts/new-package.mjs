/** `pnpm new-package LAYER NAME DESCRIPTION`: a package of that layer with everything but its code. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const LAYERS = ['base', 'datasheets', 'hardware', 'kernel', 'servers', 'system', 'world'];
const [layer, name, ...words] = process.argv.slice(2);
const description = words.join(' ').trim();

function fail(message) {
  process.stderr.write(`${message}\nUsage: pnpm new-package ${LAYERS.join('|')} NAME DESCRIPTION\n`);
  process.exit(2);
}

if (!LAYERS.includes(layer)) fail(`There is no layer "${layer ?? ''}".`);
if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name ?? ''))
  fail(`"${name ?? ''}" is no name: use small letters and hyphens.`);
if (description.length < 10) fail('Say in a sentence what the package is.');
const folder = `packages/${layer}/${name}`;
if (existsSync(join(ROOT, folder))) fail(`${folder} exists.`);

const tag = layer === 'servers' && name.endsWith('-api') ? 'server-api' : layer;
const json = (value) => `${JSON.stringify(value, null, 2)}\n`;
const TOOLS = ['@bulkhead/tsconfig', '@bulkhead/tsup-preset', '@bulkhead/vitest-preset'];

const manifest = {
  name: `@bulkhead/${name}`,
  version: '0.0.0',
  description,
  license: 'MIT',
  type: 'module',
  sideEffects: false,
  repository: { type: 'git', url: 'git+https://github.com/bulkhead-os/bulkhead.git', directory: folder },
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
  scripts: { build: 'tsup', test: 'vitest run', typecheck: 'tsc --noEmit' },
  devDependencies: Object.fromEntries(TOOLS.map((tool) => [tool, 'workspace:*'])),
};

const FILES = {
  'package.json': json(manifest),
  'turbo.json': `${JSON.stringify({ extends: ['//'], tags: [tag] })}\n`,
  'tsconfig.json': json({ extends: '@bulkhead/tsconfig/library.json', include: ['src'] }),
  'tsup.config.ts': "export { library as default } from '@bulkhead/tsup-preset';\n",
  'vitest.config.ts': "export { project as default } from '@bulkhead/vitest-preset';\n",
  'src/index.ts': 'export {};\n',
  'README.md': `# @bulkhead/${name}\n\n${description}\n\n## Owns\n\n## Does not own\n\n## Example\n\n## Specifications\n`,
};

for (const [file, text] of Object.entries(FILES)) {
  const path = join(ROOT, folder, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
const changeset = join(ROOT, '.changeset', `add-${name}.md`);
writeFileSync(changeset, `---\n'@bulkhead/${name}': minor\n---\n\n${description}\n`);
const { packageManager } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
process.stdout.write(
  `${folder} and its changeset are there. Next: "npx -y ${packageManager} install", its first test, its README, ` +
    '"pnpm format", "pnpm test:packages ' +
    `${layer}/${name}".\n`,
);
