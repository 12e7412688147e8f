/** `pnpm bench [part of a path …] [--json]`: what operations cost on this host, as ratios. */
import { fork } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { duration, showProgress } from '@bulkhead/all-tests';
import type { Measured } from './bench.ts';

const ROOT: string = join(import.meta.dirname, '../../..');
const PATTERNS = ['packages/*/*/bench/**/*.bench.ts', 'apps/*/bench/**/*.bench.ts', 'tooling/*/bench/**/*.bench.ts'];
const words: readonly string[] = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const asJson: boolean = process.argv.includes('--json');

const files: readonly string[] = globSync(PATTERNS, { cwd: ROOT })
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .sort();

/**
 * Code is compiled where and when it gets hot, and not beside it on another thread: what the compiler has seen by then
 * depends on who is faster, and with it, for good, how fast the code is. A program without the flag may have worse luck.
 */
const ENGINE: string[] = ['--expose-gc', '--no-concurrent-recompilation'];

const nanoseconds = (ns: number): string => {
  const [value, unit] = ns < 1e3 ? [ns, 'ns'] : ns < 1e6 ? [ns / 1e3, 'µs'] : [ns / 1e6, 'ms'];
  return `${value.toPrecision(3)} ${unit}`;
};

const line = ({ name, nsPerOperation, ratio, yardstick }: Measured): string =>
  `  ${name.padEnd(44)} ${nanoseconds(nsPerOperation).padStart(10)} ${ratio.toPrecision(3).padStart(9)} × ${yardstick}`;

function runFile(file: string, report: (measured: Measured) => void): Promise<number | null> {
  const child = fork(join(import.meta.dirname, 'run-file.ts'), [join(ROOT, file)], {
    execArgv: ENGINE,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  child.on('message', report);
  return new Promise((resolve) => child.on('close', resolve));
}

const startedAt: number = performance.now();
const results: Record<string, Measured[]> = {};
let failed = 0;
for (const [index, file] of files.entries()) {
  const measured: Measured[] = [];
  results[file] = measured;
  const text = (): string =>
    `[${index + 1}/${files.length}] ${file}: ${measured.length} measured, ${duration(performance.now() - startedAt)}`;
  const stop = showProgress({ text });
  const code = await runFile(file, (each) => measured.push(each));
  stop();
  if (code !== 0) failed++;
  if (!asJson) process.stdout.write(`${[file, ...measured.map(line)].join('\n')}\n`);
}
if (asJson) process.stdout.write(`${JSON.stringify({ benches: results })}\n`);
else if (files.length === 0) process.stderr.write('No bench file matches. They are packages/*/*/bench/*.bench.ts.\n');
process.exitCode = failed > 0 || files.length === 0 ? 1 : 0;
