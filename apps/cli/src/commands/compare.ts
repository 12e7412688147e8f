/** `bulkhead compare`: the same load on several systems, in simulated time, as one table. */
import { buildCommand, type Command, type CommandContext } from '@stricli/core';
import { measureSystem, type SystemResult } from '../comparison.ts';
import { UsageError } from '../errors.ts';
import { comparisonTable } from '../output/comparison-table.ts';
import { runSteps } from '../output/progress.ts';
import { profileOf } from '../profiles.ts';
import { loadSystems, SYSTEM_NAMES } from '../systems.ts';
import { jsonFlag, profileFlag, seedFlag, wholeNumber } from './flags.ts';

interface Flags {
  readonly systems: string;
  readonly workload: string;
  readonly profile: string;
  readonly seed: number;
  readonly requests: number;
  readonly clients: number;
  readonly path: string;
  readonly json: boolean;
}

export const compare: Command<CommandContext> = buildCommand<Flags, [], CommandContext>({
  docs: { brief: 'The same load on several systems, in simulated time, as one table' },
  parameters: {
    flags: {
      systems: {
        kind: 'parsed',
        parse: String,
        brief: 'Names or module paths, separated by commas',
        default: SYSTEM_NAMES.join(','),
      },
      workload: { kind: 'parsed', parse: String, brief: 'http', default: 'http' },
      profile: profileFlag,
      seed: seedFlag,
      requests: { kind: 'parsed', parse: wholeNumber(1, 10_000_000), brief: 'How many are measured', default: '5000' },
      clients: {
        kind: 'parsed',
        parse: wholeNumber(1, 200),
        brief: 'Connections, each with one request at a time',
        default: '64',
      },
      path: { kind: 'parsed', parse: String, brief: 'What they ask for', default: '/bytes/100' },
      json: jsonFlag,
    },
  },
  async func(this: CommandContext, flags: Flags): Promise<void> {
    if (flags.workload !== 'http') throw new UsageError(`no workload '${flags.workload}': use http`);
    if (!flags.path.startsWith('/')) throw new UsageError(`'${flags.path}' is no path: it must begin with '/'`);
    const profile = profileOf(flags.profile);
    const systems = await loadSystems(flags.systems);
    const steps = systems.map((description) => ({
      title: `${description.name}: ${flags.requests} requests in simulated time`,
      run: (report: (share: number) => void): Promise<SystemResult> =>
        measureSystem(description, { ...flags, profile }, report),
    }));
    const results = await runSteps(steps, flags.json);
    const heading = `${flags.requests} requests for ${flags.path} by ${flags.clients} clients, profile ${profile.name}, seed ${flags.seed}`;
    this.process.stdout.write(
      flags.json
        ? `${JSON.stringify({ workload: flags.workload, profile: profile.name, seed: flags.seed, clients: flags.clients, path: flags.path, systems: results }, null, 2)}\n`
        : `${heading}\n\n${comparisonTable(results)}\n`,
    );
  },
});
