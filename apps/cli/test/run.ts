/** The command in processes of its own, as people start it. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
export const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}
export interface Running {
  readonly child: ChildProcess;
  readonly outcome: Promise<Outcome>;
}

/** Started processes, so that a test that fails leaves none running. */
const started: ChildProcess[] = [];
export function stopAll(): void {
  for (const child of started.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
}

/** What the caller's own surroundings say of colours must not matter. */
const ENV: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: '', BULKHEAD: `${process.execPath} ${MAIN}` };
delete ENV.FORCE_COLOR;

function startProgram(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...ENV, ...env } });
  started.push(child);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const outcome = new Promise<Outcome>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, stdout, stderr }));
  });
  return { child, outcome };
}

export const start = (...args: string[]): Running => startProgram(process.execPath, [MAIN, ...args]);
export const bulkhead = (...args: string[]): Promise<Outcome> => start(...args).outcome;
export const program = (name: string, ...args: string[]): Promise<Outcome> => startProgram(name, args).outcome;
/** Runs a script in which `$BULKHEAD` is the command. */
export const shell = (script: string): Promise<Outcome> => startProgram('bash', ['-c', script]).outcome;

/** Resolves with the match when it stands on standard output. Rejects when the process ends without it. */
export function printed({ child, outcome }: Running, pattern: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout!.on('data', (data: string) => {
      text += data;
      const found = pattern.exec(text);
      if (found !== null) resolve(found);
    });
    outcome.then(({ status, stderr }) => reject(new Error(`it ended with ${status}: ${stderr}`)), reject);
  });
}

export interface Server extends Running {
  /** What it said when it was ready. */
  readonly line: string;
  readonly port: number;
  readonly url: string;
}

/** Starts `serve` on a free port and waits for its line. */
export async function serve(...args: string[]): Promise<Server> {
  const running = start('serve', ...args, '--port', '0');
  const [line, port] = await printed(running, /^.* serves .*?127\.0\.0\.1:(\d+).*$/m);
  return { ...running, line, port: Number(port), url: `http://127.0.0.1:${port}` };
}
export function stop({ child, outcome }: Running, signal: NodeJS.Signals = 'SIGINT'): Promise<Outcome> {
  child.kill(signal);
  return outcome;
}

/** A folder that is gone afterwards. */
export async function inFolder<T>(act: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-cli-'));
  try {
    return await act(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @returns the first of these programs that is on the PATH, or null. */
export function findProgram(...names: string[]): string | null {
  for (const name of names) {
    try {
      return execFileSync('bash', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
    } catch {
      // Not this one.
    }
  }
  return null;
}
