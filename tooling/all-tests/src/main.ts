/** `npm test`: every check of the tree, two at a time, with progress; the last line is `N passed, M failed, K skipped`. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { JOBS, type Job } from './jobs.ts';
import { duration, showProgress } from './progress.mjs';
import { failedLines, lastLine, skippedLines, sum } from './results.ts';
import { type Finished, type Running, start } from './run-job.ts';

const ROOT: string = join(import.meta.dirname, '../../..');
const TIMINGS: string = join(ROOT, 'node_modules/.cache/bulkhead/timings.json');
const AT_ONCE = 2;

function readTimings(): Record<string, number> {
  try {
    return JSON.parse(readFileSync(TIMINGS, 'utf8')) as Record<string, number>;
  } catch {
    return {};
  }
}

const timings: Record<string, number> = readTimings();
const usualMs = (job: Job): number => timings[job.name] ?? job.usualMs;

/** Lists the jobs onto `AT_ONCE` lanes as the runner will, and gives the longest lane. */
function estimateMs(jobs: readonly Job[]): number {
  const lanes = new Array<number>(AT_ONCE).fill(0);
  for (const job of jobs) {
    const shortest = lanes.indexOf(Math.min(...lanes));
    lanes[shortest]! += usualMs(job);
  }
  return Math.max(...lanes);
}

const spent = (startedAt: number, usual: number): string => {
  const ms = performance.now() - startedAt;
  return ms < usual ? `${duration(ms)} of about ${duration(usual)}` : `${duration(ms)}, longer than usual`;
};

function describe({ job, done, total, stage, startedAt }: Running): string {
  const count = total > 0 ? ` ${done} of ${total}` : '';
  const now = stage === '' ? '' : `, ${stage}`;
  return `${job.name}${count}${now} (${spent(startedAt, usualMs(job))})`;
}

function printFinished({ job, tookMs, results, output }: Finished): void {
  const failed = results.failed.length > 0;
  if (failed) process.stdout.write(`${output.trimEnd()}\n`);
  const counts = job.counts ? `, ${lastLine(results)}` : '';
  process.stdout.write(`${failed ? 'FAILED' : 'ok    '} ${job.name}${counts}, ${duration(tookMs)}\n`);
}

const running: Set<Running> = new Set();
const finished: Finished[] = [];

/** One lane: takes the next job as soon as it is free. */
async function lane(queue: Job[], stopProgress: () => void, resumeProgress: () => void): Promise<void> {
  for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
    const started = start(job, ROOT);
    running.add(started.running);
    const result = await started.finished;
    running.delete(started.running);
    finished.push(result);
    stopProgress();
    printFinished(result);
    resumeProgress();
  }
}

function saveTimings(): void {
  const measured = finished.filter(({ results }) => results.failed.length === 0);
  for (const { job, tookMs } of measured) timings[job.name] = Math.round(tookMs);
  mkdirSync(dirname(TIMINGS), { recursive: true });
  writeFileSync(TIMINGS, JSON.stringify(timings));
}

async function main(): Promise<void> {
  const startedAt = performance.now();
  const totalMs = estimateMs(JOBS);
  const text = (): string =>
    `[${finished.length}/${JOBS.length}] ${spent(startedAt, totalMs)}: ${[...running].map(describe).join('; ')}`;
  let stop = showProgress({ text });
  const queue = [...JOBS];
  const lanes = Array.from({ length: AT_ONCE }, () =>
    lane(
      queue,
      () => stop(),
      () => {
        stop = showProgress({ text, quietMs: 3_000 });
      },
    ),
  );
  await Promise.all(lanes);
  stop();
  saveTimings();
  const results = sum(finished.map((job) => job.results));
  process.stdout.write(`${[...failedLines(results), ...skippedLines(results), lastLine(results)].join('\n')}\n`);
  process.exitCode = results.failed.length > 0 ? 1 : 0;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => {
    for (const { child } of running) child.kill(signal);
    process.exit(130);
  });
await main();
