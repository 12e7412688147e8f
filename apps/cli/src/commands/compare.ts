/** `bulkhead compare`: the same load on several systems, in simulated time, as one table. */
import type { ProfileName } from '@bulkhead/costs';
import { buildCommand, type Command, type CommandContext } from '@stricli/core';
import { measureSystem, type SystemResult } from '../comparison.ts';
import { comparisonTable } from '../output/comparison-table.ts';
import { jsonOf } from '../output/json.ts';
import { runSteps, type Step } from '../output/progress.ts';
import { profileOf } from '../profiles.ts';
import { loadSystems, SYSTEM_NAMES } from '../systems.ts';
import { jsonFlag, oneOf, profileFlag, requestPath, seedFlag, wholeNumber } from './flags.ts';

const WORKLOADS = ['http'] as const;
const PLANNED_WORKLOADS: readonly string[] = ['udp-echo', 'tcp-stream', 'null-call'];

interface Flags {
  readonly systems: string;
  readonly workload: (typeof WORKLOADS)[number];
  readonly profile: ProfileName;
  readonly seed: number;
  readonly requests: number;
  readonly clients: number;
  readonly path: string;
  readonly json: boolean;
}
/** What `--json` prints. */
export interface CompareReport extends Omit<Flags, 'systems' | 'json'> {
  readonly systems: readonly SystemResult[];
}

function render({ requests, path, clients, profile, seed, systems }: CompareReport): string {
  const load = `${requests} requests for ${path} by ${clients} clients, profile ${profile}, seed ${seed}`;
  const digests = systems.map(({ system, digest }) => `${system} ${digest}`).join(', ');
  return `${load}\n\n${comparisonTable(systems)}\n\ndigests: ${digests}\n`;
}

export const compare: Command<CommandContext> = buildCommand<Flags, [], CommandContext>({
  docs: {
    brief: 'The same load on several systems, in simulated time, as one table',
    fullDescription:
      'Runs the same HTTP load on each system and prints what it cost, by cause and by component.\nThe same systems, seed and load give the same digests.',
  },
  parameters: {
    flags: {
      systems: {
        kind: 'parsed',
        parse: String,
        brief: 'Names or module paths, separated by commas',
        placeholder: 'a,b,…',
        default: SYSTEM_NAMES.join(','),
      },
      workload: {
        kind: 'parsed',
        parse: oneOf(WORKLOADS, PLANNED_WORKLOADS),
        brief: 'What the clients do: http',
        placeholder: 'name',
        default: 'http',
      },
      profile: profileFlag,
      seed: seedFlag,
      requests: {
        kind: 'parsed',
        parse: wholeNumber(1, 10_000_000),
        brief: 'How many are measured',
        placeholder: 'number',
        default: '5000',
      },
      clients: {
        kind: 'parsed',
        parse: wholeNumber(1, 200),
        brief: 'Connections, each with one request at a time',
        placeholder: 'number',
        default: '64',
      },
      path: {
        kind: 'parsed',
        parse: requestPath,
        brief: 'What they ask for',
        placeholder: 'path',
        default: '/bytes/100',
      },
      json: jsonFlag,
    },
  },
  async func(this: CommandContext, { systems: names, json, ...load }: Flags): Promise<void> {
    const profile = profileOf(load.profile);
    const systems = await loadSystems(names);
    const steps = systems.map(
      (description): Step<SystemResult> => ({
        title: `${description.name}: ${load.requests} requests in simulated time`,
        run: (report) => measureSystem(description, { ...load, profile }, report),
      }),
    );
    const report: CompareReport = { ...load, systems: await runSteps(steps, json) };
    this.process.stdout.write(json ? jsonOf(report) : render(report));
  },
});
