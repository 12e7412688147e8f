/** One job as a child process: its results, its output, and how far it is. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import type { Job } from './jobs.ts';
import type { Message, Results } from './results.ts';

export interface Running {
  readonly job: Job;
  readonly startedAt: number;
  readonly child: ChildProcess;
  done: number;
  total: number;
  stage: string;
}
export interface Finished {
  readonly job: Job;
  readonly tookMs: number;
  readonly results: Results;
  readonly output: string;
}

/** No job takes so long: one that does hangs, and would hang for ever. */
const LIMIT_MS = 25 * 60_000;

const NONE: Results = { passed: 0, failed: [], skipped: [] };

/** A job that counts must tell its results; whatever it tells, a bad exit status is a failure. */
export function judge(job: Job, code: number | null, told: Results | undefined): Results {
  if (!job.counts)
    return code === 0 ? { ...NONE, passed: 1 } : { ...NONE, failed: [{ name: job.name, reason: 'see above' }] };
  if (told === undefined) return { ...NONE, failed: [{ name: job.name, reason: 'ended without results' }] };
  if (code === 0 || told.failed.length > 0) return told;
  return { ...told, failed: [{ name: job.name, reason: `exit status ${code}` }] };
}

export function start(job: Job, root: string): { running: Running; finished: Promise<Finished> } {
  const startedAt = performance.now();
  const child = spawn(process.execPath, job.args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  const running: Running = { job, startedAt, child, done: 0, total: 0, stage: '' };
  const output: string[] = [];
  let told: Results | undefined;
  child.stdout?.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  child.on('message', (message: Message) => {
    if (message.kind === 'results') told = message.results;
    else Object.assign(running, { stage: '', ...message });
  });
  const limit = setTimeout(() => {
    told = { ...NONE, failed: [{ name: job.name, reason: `still ran after ${LIMIT_MS / 60_000} minutes` }] };
    for (const pid of descendantsOf(child.pid)) process.kill(pid, 'SIGKILL');
  }, LIMIT_MS);
  const finished = new Promise<Finished>((resolve) => {
    child.on('error', (error) => output.push(error.message));
    child.on('close', (code) => {
      clearTimeout(limit);
      const results = judge(job, code, told);
      resolve({ job, tookMs: performance.now() - startedAt, results, output: output.join('') });
    });
  });
  return { running, finished };
}

/** @returns a process and all that it started, by id: what has lost itself in a loop hears no signal but this. */
function descendantsOf(root: number | undefined): number[] {
  if (root === undefined) return [];
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  const pairs = lines.map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
  const found = [root];
  for (let i = 0; i < found.length; i++) {
    for (const [pid, parent] of pairs) if (parent === found[i]) found.push(pid);
  }
  return found;
}
