/** Other programs: how they are found, started and stopped. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ROOT } from './packages.ts';

export interface Outcome {
  readonly code: number | null;
  readonly output: string;
  readonly stdout: string;
}
export interface RunOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** @defaultValue 300000 */
  readonly limitMs?: number;
  /** Sees standard output as it comes. */
  readonly follow?: (text: string) => void;
}

const running: Set<ChildProcess> = new Set();
let ending = false;
const PATIENCE_MS = 5_000;

/** Once it is true, nothing may be started. */
export const isEnding = (): boolean => ending;

/** A program and all that it started: each is the leader of a group of its own. */
function endGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // It has ended by itself.
  }
}

/** Ends whatever is still running, by its own process id, and waits until it has ended. Nothing is started afterwards. */
export async function stopAll(): Promise<void> {
  ending = true;
  const ends = [...running].map((child) => new Promise((resolve) => child.once('close', resolve)));
  for (const child of running) endGroup(child, 'SIGTERM');
  const patience = setTimeout(() => {
    for (const child of running) endGroup(child, 'SIGKILL');
  }, PATIENCE_MS);
  await Promise.all(ends);
  clearTimeout(patience);
}

export function run(command: string, args: readonly string[], options: RunOptions): Promise<Outcome> {
  const { cwd, env, limitMs = 300_000, follow = () => {} } = options;
  if (ending) return new Promise(() => {});
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const output: string[] = [];
  const stdout: string[] = [];
  running.add(child);
  const limit = setTimeout(() => {
    output.push(`\nended after ${limitMs / 1000} s\n`);
    endGroup(child, 'SIGKILL');
  }, limitMs);
  child.stdout.on('data', (chunk: Buffer) => {
    const text = chunk.toString();
    stdout.push(text);
    output.push(text);
    follow(text);
  });
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  return new Promise((resolve) => {
    child.on('error', (error) => output.push(error.message));
    child.on('close', (code) => {
      clearTimeout(limit);
      running.delete(child);
      resolve({ code, output: output.join(''), stdout: stdout.join('') });
    });
  });
}

const pathEntries = (): readonly string[] => (process.env.PATH ?? '').split(delimiter);
const outsidePath: string = pathEntries()
  .filter((folder) => !folder.split(/[\\/]/).includes('node_modules'))
  .join(delimiter);

/** The machine's environment without what npm and pnpm add for their children. */
function outsideEnv(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(
    ([key]) => !/^(p?npm_|INIT_CWD$|NODE_OPTIONS$|NODE_PATH$|NODE_CHANNEL)/i.test(key),
  );
  return { ...Object.fromEntries(entries), PATH: outsidePath };
}

/** For what a user of a package would run: the machine's own Node and npm. */
export const OUTSIDE: NodeJS.ProcessEnv = outsideEnv();
/** For the tools of this tree: the pinned Node and the root's commands first. */
export const INSIDE: NodeJS.ProcessEnv = {
  ...OUTSIDE,
  PATH: `${join(ROOT, 'node_modules/.bin')}${delimiter}${outsidePath}`,
  TURBO_TELEMETRY_DISABLED: '1',
  DO_NOT_TRACK: '1',
  NO_COLOR: '1',
};

const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

export interface PlainNode {
  readonly path: string;
  readonly version: string;
}

/** Node 20 as a user has it: `BULKHEAD_NODE20`, or the machine's own. */
export function plainNode(): PlainNode {
  const found = outsidePath
    .split(delimiter)
    .map((folder) => join(folder, 'node'))
    .find(isExecutable);
  const path = process.env.BULKHEAD_NODE20 ?? found ?? process.execPath;
  return { path, version: execFileSync(path, ['--version'], { encoding: 'utf8' }).trim() };
}

const { packageManager } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { packageManager: string };

/** The pinned pnpm, which the machine need not have. */
export const pnpm = (args: readonly string[], options: RunOptions): Promise<Outcome> =>
  run('npx', ['-y', packageManager, ...args], options);

/** The registry that this machine is set up for. Read when it is needed, and never written down. */
export const configuredRegistry = (): string =>
  execFileSync('npm', ['config', 'get', 'registry'], {
    encoding: 'utf8',
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();

/** Runs `work` on every item, at most `width` at a time. */
export async function eachOf<T>(items: readonly T[], width: number, work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const lane = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: width }, lane));
}
