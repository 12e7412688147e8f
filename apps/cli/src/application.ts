/** The commands, and what becomes of mistakes. Exit status: 0 done, 1 what was asked failed, 2 a mistake in how it was asked. */
import {
  type Application,
  buildApplication,
  buildRouteMap,
  type CommandContext,
  run,
  type StricliProcess,
} from '@stricli/core';
import { audit } from './commands/audit.ts';
import { compare } from './commands/compare.ts';
import { demo } from './commands/demo.ts';
import { diff } from './commands/diff.ts';
import { explain } from './commands/explain.ts';
import { inspect } from './commands/inspect.ts';
import { serve } from './commands/serve.ts';
import { describeError, exitStatusOf } from './errors.ts';
import { textOf } from './output/text.ts';
import { SYSTEM_NAMES } from './systems.ts';

const routes = { demo, serve, compare, diff, explain, inspect, audit };
const brief =
  'The same operating-system components, assembled into different systems: what each wall costs, and what it buys';
const fullDescription = `${brief}.

SYSTEM is a name from apps/ (${SYSTEM_NAMES.join(', ')}) or the path of a module that exports a description.
Exit status: 0 done, 1 what was asked failed, 2 a mistake in how it was asked.`;

/** https://no-color.org: present, and not empty. */
const noColor = (process: StricliProcess): boolean => (process.env?.NO_COLOR ?? '') !== '';

const application = (process: StricliProcess): Application<CommandContext> =>
  buildApplication(buildRouteMap({ routes, docs: { brief, fullDescription } }), {
    name: 'bulkhead',
    scanner: { caseStyle: 'allow-kebab-for-camel', allowArgumentEscapeSequence: true },
    documentation: { caseStyle: 'convert-camel-to-kebab', disableAnsiColor: noColor(process) },
    determineExitCode: exitStatusOf,
    localization: { text: textOf(Object.keys(routes)) },
  });

/** Does what the arguments ask, and sets the exit status. */
export async function execute(args: readonly string[], process: StricliProcess): Promise<void> {
  await run(application(process), args, { process });
  // The library's own codes for mistakes in the command line are negative.
  if (typeof process.exitCode === 'number' && process.exitCode < 0) process.exitCode = 2;
}

/** The process is this command, and nothing else. */
export async function main(process: NodeJS.Process): Promise<void> {
  endQuietlyWithReader(process);
  process.on('uncaughtException', (error) => {
    process.stderr.write(`${describeError(error)}\n`);
    process.exit(1);
  });
  await execute(process.argv.slice(2), process as StricliProcess);
}

/** `bulkhead … | head -1`: when nobody reads any more there is nothing left to do, and nothing to complain about. */
function endQuietlyWithReader(process: NodeJS.Process): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
  process.stderr.on('error', () => {});
}
