/** The command within this process: for what needs no process of its own. */
import type { StricliProcess } from '@stricli/core';
import { execute } from '../src/application.ts';
import type { Outcome } from './run.ts';

export async function command(...args: string[]): Promise<Outcome> {
  const out = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') => ({
    write: (text: string): void => {
      out[name] += text;
    },
    getColorDepth: () => 1,
  });
  const process: StricliProcess = { stdout: stream('stdout'), stderr: stream('stderr'), env: {}, exitCode: null };
  await execute(args, process);
  return { status: Number(process.exitCode ?? 0), ...out };
}
