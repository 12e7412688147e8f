/** The commands, and what becomes of mistakes. Exit status: 0 done, 1 what was asked failed, 2 a mistake in how it was asked. */
import {
  type Application,
  type ApplicationContext,
  buildApplication,
  buildRouteMap,
  type CommandContext,
  run,
} from '@stricli/core';
import { compare } from './commands/compare.ts';
import { demo } from './commands/demo.ts';
import { explain } from './commands/explain.ts';
import { inspect } from './commands/inspect.ts';
import { serve } from './commands/serve.ts';
import { describeError, exitStatusOf } from './errors.ts';
import { textOf } from './output/text.ts';

const routes = { demo, serve, compare, explain, inspect };
const brief =
  'The same operating-system components, assembled into different systems: what each wall costs, and what it buys';

/** https://no-color.org: present, and not empty. */
const noColor = (process: NodeJS.Process): boolean => (process.env['NO_COLOR'] ?? '') !== '';

const application = (process: NodeJS.Process): Application<CommandContext> =>
  buildApplication(buildRouteMap({ routes, docs: { brief } }), {
    name: 'bulkhead',
    scanner: { caseStyle: 'allow-kebab-for-camel', allowArgumentEscapeSequence: true },
    documentation: { caseStyle: 'convert-camel-to-kebab', disableAnsiColor: noColor(process) },
    determineExitCode: exitStatusOf,
    localization: { text: textOf(Object.keys(routes)) },
  });

/** Reads the command line, does what it asks, and sets the exit status. */
export async function main(process: NodeJS.Process): Promise<void> {
  endQuietlyWithReader(process);
  process.on('uncaughtException', (error) => {
    process.stderr.write(`${describeError(error)}\n`);
    process.exit(1);
  });
  await run(application(process), process.argv.slice(2), { process } as ApplicationContext);
  // The library's own codes for mistakes in the command line are negative.
  if (typeof process.exitCode === 'number' && process.exitCode < 0) process.exitCode = 2;
}

/** `bulkhead … | head -1`: when nobody reads any more there is nothing left to do, and nothing to complain about. */
function endQuietlyWithReader(process: NodeJS.Process): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
  process.stderr.on('error', () => {});
}
