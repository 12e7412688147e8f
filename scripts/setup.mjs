/**
 * `npm start` and `npm test` on a machine that has Node 20 and npm, and nothing else.
 *
 * Brings in pnpm, the dependencies and the pinned Node when the lockfile is not the one they were installed from,
 * then runs the job under that Node. Imports nothing that is not in the clone.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { duration, showProgress } from '../tooling/all-tests/src/progress.mjs';

const ROOT = join(import.meta.dirname, '..');
const STAMP = join(ROOT, 'node_modules', '.bulkhead-setup');
const NODE = join(ROOT, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
const OLDEST_NODE = 20;
/** What a first set-up took on two cores with an empty cache. */
const USUAL_SETUP_MS = 45_000;
const LINES_OF_A_FAILURE = 30;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

const JOBS = {
  start: ['apps/cli/src/main.ts', 'demo'],
  test: ['tooling/all-tests/src/main.ts'],
};

const read = (file) => readFileSync(join(ROOT, file), 'utf8');

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

/** What the installed tree was made from: another lockfile, setting or machine means another tree. */
function wantedStamp() {
  const hash = createHash('sha256');
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json']) hash.update(read(file));
  return `${hash.digest('hex')} ${process.platform} ${process.arch}\n`;
}

const isSetUp = (stamp) => existsSync(NODE) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === stamp;

function lockedPackages() {
  const packages = read('pnpm-lock.yaml').split(/^packages:$/m)[1] ?? '';
  return (packages.split(/^snapshots:$/m)[0].match(/^ {2}\S/gm) ?? []).length;
}

/** Follows pnpm's log: how many packages are in place, and the last lines in case it fails. */
function followInstall(child) {
  const state = { added: 0, tail: [] };
  const follow = (chunk) => {
    const text = chunk.toString();
    const counts = [...text.matchAll(/downloaded (\d+), added (\d+)/g)].at(-1);
    if (counts) state.added = Math.max(Number(counts[1]), Number(counts[2]));
    state.tail = [...state.tail, ...text.split('\n').filter((line) => line.trim() !== '')].slice(-LINES_OF_A_FAILURE);
  };
  child.stdout.on('data', follow);
  child.stderr.on('data', follow);
  return state;
}

function progressText(state, startedAt) {
  const total = lockedPackages();
  return () => {
    const spent = `${duration(performance.now() - startedAt)} of about ${duration(USUAL_SETUP_MS)}`;
    const what =
      state.added === 0 ? 'bringing in pnpm and the dependencies' : `${state.added} of about ${total} packages`;
    return `Setting up, once: ${what}, ${spent}`;
  };
}

const finished = (child) =>
  new Promise((resolve) => {
    child.on('error', (error) => resolve({ code: 1, error }));
    child.on('close', (code, signal) => resolve({ code, signal }));
  });

/** npx, pnpm and what they started, and then this process. */
function endGroup(child) {
  if (process.platform === 'win32') child.kill();
  else process.kill(-child.pid, 'SIGTERM');
  process.exit(130);
}

async function install() {
  const { packageManager } = JSON.parse(read('package.json'));
  const args = ['-y', packageManager, 'install', '--frozen-lockfile', '--reporter=append-only'];
  const child = spawn('npx', args, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
    detached: process.platform !== 'win32',
    env: { ...process.env, npm_config_confirm_modules_purge: 'false' },
  });
  const end = () => endGroup(child);
  for (const signal of SIGNALS) process.once(signal, end);
  const state = followInstall(child);
  const startedAt = performance.now();
  const stop = showProgress({ text: progressText(state, startedAt), everyMs: 10_000 });
  const { code, error } = await finished(child);
  stop();
  for (const signal of SIGNALS) process.off(signal, end);
  if (code === 0 && existsSync(NODE)) {
    process.stderr.write(`Set up in ${duration(performance.now() - startedAt)}.\n`);
    return;
  }
  if (code === 0) state.tail.push('The package "node" did not bring its binary: its install script did not run.');
  if (error) state.tail.push(String(error.message));
  fail(
    `${state.tail.join('\n')}\n\nSet-up failed: "npx ${args.join(' ')}". It needs the npm registry that ` +
      '"npm config get registry" names; when that answers, run the same command again.',
  );
}

/** Takes the place of this process as far as a parent can see: same streams, signals and exit status. */
async function run(args) {
  const path = `${join(ROOT, 'node_modules', '.bin')}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH}`;
  const child = spawn(NODE, args, { cwd: ROOT, stdio: 'inherit', env: { ...process.env, PATH: path } });
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));
  const { code, signal, error } = await finished(child);
  if (error) fail(error.message);
  process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 143);
}

if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE)
  fail(`Bulkhead needs Node ${OLDEST_NODE} or newer; this is ${process.version}.`);
const [job, ...rest] = process.argv.slice(2);
if (!Object.hasOwn(JOBS, job ?? '')) fail(`Say what to run: node scripts/setup.mjs ${Object.keys(JOBS).join('|')}`);
const stamp = wantedStamp();
if (!isSetUp(stamp)) {
  await install();
  writeFileSync(STAMP, stamp);
}
await run([...JOBS[job], ...rest]);
