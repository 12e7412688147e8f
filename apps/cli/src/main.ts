/** The command `bulkhead`. Exit status: 0 done, 1 what was asked failed, 2 a mistake in how it was asked. */
import { type ApplicationContext, buildApplication, buildRouteMap, run, text_en } from '@stricli/core';
import { compare } from './commands/compare.ts';
import { demo } from './commands/demo.ts';
import { explain } from './commands/explain.ts';
import { inspect } from './commands/inspect.ts';
import { serve } from './commands/serve.ts';
import { describeError, UsageError } from './errors.ts';

const root = buildRouteMap({
  routes: { demo, serve, compare, explain, inspect },
  docs: {
    brief:
      'The same operating-system components, assembled into different systems: what each wall costs, and what it buys',
  },
});

const app = buildApplication(root, {
  name: 'bulkhead',
  scanner: { caseStyle: 'allow-kebab-for-camel', allowArgumentEscapeSequence: true },
  documentation: { caseStyle: 'convert-camel-to-kebab', disableAnsiColor: process.env['NO_COLOR'] !== undefined },
  determineExitCode: (error) => (error instanceof UsageError ? 2 : 1),
  localization: {
    text: {
      ...text_en,
      exceptionWhileRunningCommand: describeError,
      exceptionWhileParsingArguments: (error) =>
        `bulkhead: ${error instanceof Error ? error.message : String(error)} (see --help)`,
    },
  },
});

await run(app, process.argv.slice(2), { process } as ApplicationContext);
// The library's own codes for mistakes in the command line are negative.
if (typeof process.exitCode === 'number' && process.exitCode < 0) process.exitCode = 2;
