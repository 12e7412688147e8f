/** `turbo boundaries` over a tree: who may depend on whom, by the tag in each package's turbo.json. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

export interface PackageVerdict {
  readonly clean: boolean;
  readonly output: string;
}

const REPOSITORY: string = join(import.meta.dirname, '../../..');
const QUIET = { TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', NO_COLOR: '1', TURBO_NO_UPDATE_NOTIFIER: '1' };

export function judgePackages(root: string): Promise<PackageVerdict> {
  const turbo = join(REPOSITORY, 'node_modules/turbo/bin/turbo');
  const child = spawn(process.execPath, [turbo, 'boundaries', '--no-color'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...QUIET },
  });
  const output: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ clean: code === 0, output: output.join('') }));
  });
}
