/** Everything that `npm test` runs. Each job is also a script of the root package.json. */

export interface Job {
  readonly name: string;
  /** Arguments of Node, from the root of the tree. */
  readonly args: readonly string[];
  /** A job that counts its own tests; any other counts as one. */
  readonly counts: boolean;
  /** What it takes on two cores the first time; afterwards the last run's own figure is used. */
  readonly usualMs: number;
}

const BIOME = 'node_modules/@biomejs/biome/bin/biome';
const TSC = 'node_modules/typescript/bin/tsc';

/** Two at a time, in this order: the long ones first, so that none is left alone at the end. */
export const JOBS: readonly Job[] = [
  { name: 'package checks', args: ['tooling/package-checks/src/main.ts'], counts: true, usualMs: 285_000 },
  { name: 'unit tests', args: ['node_modules/vitest/vitest.mjs', 'run'], counts: true, usualMs: 720_000 },
  { name: 'type check of everything', args: [TSC, '-p', 'tsconfig.json'], counts: false, usualMs: 20_000 },
  { name: 'type check of libraries', args: [TSC, '-p', 'tsconfig.src.json'], counts: false, usualMs: 15_000 },
  { name: 'layer rules', args: ['tooling/boundaries/src/main.ts'], counts: true, usualMs: 10_000 },
  { name: 'lint and format', args: [BIOME, 'check', '--error-on-warnings', '.'], counts: false, usualMs: 4_000 },
];
