/** `bulkhead compare`: the same load on several systems, in simulated time, as one table. */
import { COMPARISON_FORMAT, type Comparison, type Sweep, type SystemResult, shapedFor } from '@bulkhead/comparison';
import type { Profile, ProfileName } from '@bulkhead/costs';
import { WORKLOAD_LIMITS, WORKLOADS, type WorkloadName, type WorkloadOptions } from '@bulkhead/load';
import type { Nic } from '@bulkhead/parts';
import { buildCommand, type Command, type CommandContext } from '@stricli/core';
import { UsageError } from '../errors.ts';
import type { MeasureJob } from '../measuring/job.ts';
import { type MeasuringPool, PROCESSORS, withPool } from '../measuring/pool.ts';
import { sweepOver } from '../measuring/sweeping.ts';
import { comparisonText } from '../output/comparison-text.ts';
import { mustBeWritable } from '../output/files.ts';
import { jsonOf } from '../output/json.ts';
import { runSteps, type Step } from '../output/progress.ts';
import { profileOf } from '../profiles.ts';
import { writeReport } from '../reporting.ts';
import { DESIGN_NAMES, loadSystems } from '../systems.ts';
import { tracePathOf } from '../tracing.ts';
import { fileName, jsonFlag, nicFlag, oneOf, profileFlag, requestPath, seedFlag, wholeNumber } from './flags.ts';

interface Flags {
  readonly systems: string;
  readonly nic?: Nic;
  readonly workload: WorkloadName;
  readonly profile: ProfileName;
  readonly seed: number;
  readonly requests: number;
  readonly warmUp: number;
  readonly clients?: number;
  readonly size?: number;
  readonly rate?: number;
  readonly path?: string;
  readonly trace?: string;
  readonly report?: string;
  readonly histogram: boolean;
  readonly sweep: boolean;
  readonly json: boolean;
}

/** @throws UsageError when an option does not go with the workload. */
function workloadOf({ workload, requests, warmUp, clients, size, rate, path }: Flags): WorkloadOptions {
  const limits = WORKLOAD_LIMITS[workload];
  const option = (name: string, value: number | undefined, least: number, most: number, usual: number): number => {
    if (value === undefined || (value >= least && value <= most)) return value ?? usual;
    throw new UsageError(`--${name} ${value}: '${workload}' takes ${least === most ? most : `${least} to ${most}`}`);
  };
  if (rate !== undefined && !limits.hasOpenLoop)
    throw new UsageError(`--rate: '${workload}' has no requests that could arrive; leave it out`);
  if (path !== undefined && workload !== 'http') throw new UsageError('--path goes with --workload http alone');
  if (path !== undefined && size !== undefined) throw new UsageError('--path and --size exclude each other');
  return {
    workload,
    requests,
    warmUpRequests: warmUp,
    clients: option('clients', clients, 1, limits.clients.most, limits.clients.usual),
    sizeBytes: option('size', size, limits.sizeBytes.least, limits.sizeBytes.most, limits.sizeBytes.usual),
    loop: rate === undefined ? { kind: 'closed' } : { kind: 'open', requestsPerSecond: rate },
    ...(path === undefined ? {} : { path }),
  };
}

/** The command line that gives the same again, with every value in it. */
function commandOf(flags: Flags, systems: readonly string[], load: WorkloadOptions): string {
  const { profile, seed, sweep } = flags;
  const nic = flags.nic === undefined ? '' : ` --nic ${flags.nic}`;
  const rate = load.loop.kind === 'open' ? ` --rate ${load.loop.requestsPerSecond}` : '';
  const what = load.path === undefined ? ` --size ${load.sizeBytes}` : ` --path ${load.path}`;
  return `bulkhead compare --systems ${systems.join(',')}${nic} --workload ${load.workload} --requests ${load.requests} --warm-up ${load.warmUpRequests} --clients ${load.clients}${what}${rate} --profile ${profile} --seed ${seed}${sweep ? ' --sweep' : ''}`;
}

const titleOf = ({ system, workload }: MeasureJob): string =>
  `${system}: ${workload.requests} requests in simulated time`;

async function measureAll(pool: MeasuringPool, jobs: readonly MeasureJob[], quiet: boolean): Promise<SystemResult[]> {
  const steps = jobs.map(
    (job): Step<SystemResult> => ({ title: titleOf(job), run: (report) => pool.measure(job, report) }),
  );
  return runSteps(steps, quiet, PROCESSORS);
}

async function sweepAll(jobs: readonly MeasureJob[], systems: readonly SystemResult[], quiet: boolean): Promise<Sweep> {
  const title = `every assumption of profile ${jobs[0]!.profile.name}, halved and doubled`;
  const run = (report: (share: number) => void): Promise<Sweep> =>
    withPool((pool) => sweepOver(pool, jobs, systems, report), false);
  const [sweep] = await runSteps([{ title, run }], quiet);
  return sweep!;
}

async function comparisonOf(flags: Flags, profile: Profile): Promise<Comparison> {
  const loaded = await loadSystems(flags.systems, flags.nic);
  const workload = workloadOf(flags);
  const { seed, json, sweep, trace } = flags;
  if (trace !== undefined && workload.workload === 'null-call')
    throw new UsageError('--trace sees nothing of null-call: choose another --workload');
  for (const system of loaded) {
    const shaped = shapedFor(system, workload.workload);
    if (!shaped.ok) throw new UsageError(shaped.error);
  }
  if (flags.report !== undefined) mustBeWritable(flags.report);
  const jobs = loaded.map(({ source, name }): MeasureJob => {
    const traced = trace === undefined ? {} : { trace: tracePathOf(trace, name, loaded.length === 1) };
    const card = flags.nic === undefined ? {} : { nic: flags.nic };
    return { system: source, workload, profile, seed, ...card, ...traced };
  });
  for (const job of jobs) if (job.trace !== undefined) mustBeWritable(job.trace);
  const names = loaded.map(({ source }) => source);
  return withPool(async (pool) => {
    const systems = await measureAll(pool, jobs, json);
    const untraced = jobs.map(({ trace: _, ...job }) => job);
    return {
      format: COMPARISON_FORMAT,
      command: commandOf(flags, names, workload),
      workload,
      profile: { name: profile.name, title: profile.title, cyclesPerSecond: profile.cyclesPerSecond },
      seed,
      systems,
      ...(sweep ? { sweep: await sweepAll(untraced, systems, json) } : {}),
    };
  });
}

const count = (most: number, brief: string) =>
  ({ kind: 'parsed', parse: wholeNumber(0, most), brief, placeholder: 'number' }) as const;

export const compare: Command<CommandContext> = buildCommand<Flags, [], CommandContext>({
  docs: {
    brief: 'The same load on several systems, in simulated time, as one table',
    fullDescription: `Runs the same load on each system and prints what it cost, by cause and by component.
The same systems, seed and load give the same digests, in any order and on any machine.

Without --rate each client asks again when it is answered (closed loop); with it requests arrive at that rate, and
latency counts from the arrival (open loop). What a request is, and what --clients and --size mean:
  http        a page of --size bytes          udp-echo    a datagram of --size bytes and its echo
  tcp-stream  a block of --size bytes         kv          a command: one SET for four GETs of --size bytes
  null-call   a call that does nothing, between application and network stack`,
  },
  parameters: {
    flags: {
      systems: {
        kind: 'parsed',
        parse: String,
        brief: 'Names or module paths, separated by commas',
        placeholder: 'a,b,…',
        default: DESIGN_NAMES.join(','),
      },
      nic: nicFlag,
      workload: {
        kind: 'parsed',
        parse: oneOf(WORKLOADS),
        brief: `What the clients do: ${WORKLOADS.join(', ')}`,
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
      warmUp: { ...count(10_000_000, 'How many come before those that are measured'), default: '200' },
      clients: { ...count(1000, 'Connections, or senders of datagrams'), optional: true },
      size: { ...count(1e9, 'Bytes of a page, block, datagram or value'), optional: true },
      rate: {
        kind: 'parsed',
        parse: wholeNumber(1, 1_000_000_000),
        brief: 'Open loop: so many requests a second arrive',
        placeholder: 'number',
        optional: true,
      },
      path: {
        kind: 'parsed',
        parse: requestPath,
        brief: 'Of http: what is asked for instead',
        placeholder: 'path',
        optional: true,
      },
      trace: {
        kind: 'parsed',
        parse: fileName,
        brief: 'Write what ran when, for Perfetto; .speedscope.json or .folded for a profile. One file a system',
        placeholder: 'file',
        optional: true,
      },
      report: {
        kind: 'parsed',
        parse: fileName,
        brief: 'Write one page with charts: FILE.html',
        placeholder: 'file',
        optional: true,
      },
      histogram: {
        kind: 'boolean',
        brief: 'Print every latency, in buckets',
        default: false,
        withNegated: false,
      },
      sweep: {
        kind: 'boolean',
        brief: 'Halve and double every assumption, and say which conclusions survive',
        default: false,
        withNegated: false,
      },
      json: jsonFlag,
    },
  },
  async func(this: CommandContext, flags: Flags): Promise<void> {
    const comparison = await comparisonOf(flags, profileOf(flags.profile));
    if (flags.report !== undefined) await writeReport(flags.report, comparison, flags);
    this.process.stdout.write(flags.json ? jsonOf(comparison) : comparisonText(comparison, flags.histogram));
  },
});
