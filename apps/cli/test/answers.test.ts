import type { Comparison, SystemResult } from '@bulkhead/comparison';
import type { CapsSnapshot } from '@bulkhead/inspection';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Explanation } from '../src/commands/explain.ts';
import type { InspectReport } from '../src/commands/inspect.ts';
import { measureJob } from '../src/measuring/measure-job.ts';
import { profileOf } from '../src/profiles.ts';
import { DESIGN_NAMES } from '../src/systems.ts';
import { command } from './execute.ts';
import { bulkhead, fixture, shell, stopAll } from './run.ts';

afterEach(stopAll);

/** Exactly one JSON object on standard output, nothing else anywhere. */
async function json<T>(run: typeof bulkhead, ...args: string[]): Promise<T> {
  const { status, stdout, stderr } = await run(...args, '--json');
  expect([status, stderr]).toEqual([0, '']);
  const value: unknown = JSON.parse(stdout);
  expect(value).toBeTypeOf('object');
  return value as T;
}
const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);

describe('bulkhead explain ipc', () => {
  it("gives the lecture's 552 cycles as the sum of its parts, then what it leaves out, then the total", async () => {
    const { lecture, leftOut, totalCycles } = await json<Explanation>(
      bulkhead,
      'explain',
      'ipc',
      '--profile',
      'lecture',
    );
    expect(lecture.parts.map(({ label, cycles }) => [label, cycles])).toEqual([
      ['sysenter/sysexit', 106],
      ['reload CR3', 170],
      ['sysenter/sysexit', 106],
      ['reload CR3', 170],
    ]);
    expect(lecture.cycles).toBe(552);
    expect(leftOut.parts.length).toBeGreaterThan(0);
    expect(leftOut.cycles).toBe(sum(leftOut.parts.map(({ cycles }) => cycles)));
    expect(totalCycles).toBe(552 + leftOut.cycles);
  });
  it.each(['lecture', 'haswell'])(
    'has a source and a certainty for every part (%s), through every gate',
    async (profile) => {
      for (const gate of ['direct', 'system-call', 'ipc']) {
        const { lecture, leftOut, totalCycles } = await json<Explanation>(
          command,
          'explain',
          'ipc',
          '--profile',
          profile,
          '--gate',
          gate,
        );
        expect(totalCycles).toBe(sum([...lecture.parts, ...leftOut.parts].map(({ cycles }) => cycles)));
        for (const { source, certainty } of [...lecture.parts, ...leftOut.parts]) {
          expect(source.length).toBeGreaterThan(5);
          expect(['calibrated', 'derived', 'assumed']).toContain(certainty);
        }
      }
    },
  );
  it('prints the same as a table, the subtotal between the parts', async () => {
    const { stdout } = await command('explain', 'ipc', '--profile', 'lecture');
    expect(stdout).toMatch(/reload CR3 +170[^\n]*\nlecture +552\n(.*\n)*left out by the lecture +\d+\ntotal +\d+\n/);
  });
});

describe('bulkhead inspect', () => {
  it('names every domain and connection of a system', async () => {
    const report = await json<InspectReport>(bulkhead, 'inspect', 'multiserver', 'domains');
    expect(report.domains.find(({ name }) => name === 'kernel')?.components).toEqual([]);
    expect(report.domains.filter(({ privilege, alive }) => privilege === 'user' && alive)).toHaveLength(6);
    expect(report.connections.find(({ client }) => client === 'web-server.net')?.calls).toBe('ipc');
  });
  it('shows a start while it goes on: --at takes parts of a millisecond', async () => {
    const at = (ms: string): Promise<CapsSnapshot> => json(command, 'inspect', 'multiserver', 'caps', '--at', ms);
    const counts = (await Promise.all(['0', '0.2', '1'].map(at))).map(({ capabilities }) => capabilities.length);
    expect(counts[1]).toBeGreaterThan(counts[0]!);
    expect(counts[1]).toBeLessThan(counts[2]!);
  });
  it('reads a system by the path of its module', async () => {
    const { system, domains } = await json<InspectReport>(command, 'inspect', fixture('sixth.ts'), 'domains');
    expect(system).toBe('sixth');
    expect(domains.map(({ name }) => name)).toEqual(['kernel', 'net-stack', 'web-server']);
  });
  it('prints tables for people', async () => {
    const { stdout } = await command('inspect', 'monolithic', 'domains');
    expect(stdout).toMatch(/^kernel +kernel .*nic-driver \(30\)/m);
  });
});

const LOAD = { requests: 150, clients: 8, seed: 1 };
const OPTIONS = Object.entries(LOAD).flatMap(([name, value]) => [`--${name}`, `${value}`]);
const digestsOf = ({ systems }: Comparison): string[] => systems.map(({ digest }) => digest);

/** Within this process, and no worker. */
async function measured(system: string, seed: number): Promise<SystemResult> {
  const { requests, clients } = LOAD;
  const answer = await measureJob(
    {
      system,
      profile: profileOf('haswell'),
      seed,
      workload: { workload: 'http', requests, warmUpRequests: 200, clients, sizeBytes: 100, loop: { kind: 'closed' } },
    },
    () => {},
  );
  if (answer.kind !== 'measured') throw new Error(answer.message);
  return answer.result;
}

describe('bulkhead compare', () => {
  let report: Comparison;
  let again: Comparison;
  beforeAll(async () => {
    const compare = (): Promise<Comparison> => json<Comparison>(bulkhead, 'compare', ...OPTIONS);
    [report, again] = await Promise.all([compare(), compare()]);
  });

  it('prints the same twice in two processes', () => {
    expect(again).toEqual(report);
    const { seed, ...load } = LOAD;
    expect(report).toMatchObject({ workload: { workload: 'http', sizeBytes: 100, ...load }, seed });
    expect(report.systems.map(({ system }) => system)).toEqual(DESIGN_NAMES);
  });
  it('gives the same digests twice in one process, and other digests for another seed', async () => {
    const [monolithic, , multiserver] = digestsOf(report);
    expect(monolithic).not.toBe(multiserver);
    for (let i = 0; i < 2; i++) expect((await measured('monolithic', 1)).digest).toBe(monolithic);
    for (let i = 0; i < 2; i++) expect((await measured('multiserver', 1)).digest).toBe(multiserver);
    expect((await measured('monolithic', 2)).digest).not.toBe(monolithic);
  });
  it('adds up: causes, components, and both together are the cycles of a request', () => {
    for (const { perRequest, requests } of report.systems) {
      expect(requests).toBe(LOAD.requests);
      const cells = Object.values(perRequest.byComponentAndCause).flatMap((causes) => Object.values(causes));
      expect(sum(Object.values(perRequest.byCause))).toBeCloseTo(perRequest.cycles, 4);
      expect(sum(Object.values(perRequest.byComponent))).toBeCloseTo(perRequest.cycles, 4);
      expect(sum(cells)).toBeCloseTo(perRequest.cycles, 4);
    }
  });
  it('shows what walls cost: more cycles, IPCs and address-space switches, and less privileged code', () => {
    const [monolithic, , multiserver] = report.systems;
    const [without, within] = [monolithic!.perRequest, multiserver!.perRequest];
    expect(within.addressSpaceSwitches).toBeGreaterThan(without.addressSpaceSwitches + 1);
    expect(within.ipcs).toBeGreaterThan(without.ipcs + 1);
    expect(within.cycles).toBeGreaterThan(without.cycles);
    expect(multiserver!.privilegedLines).toBeLessThan(monolithic!.privilegedLines);
  });
  it('gives the same results in any order of the systems', async () => {
    const turned = [...DESIGN_NAMES].reverse();
    const { systems } = await json<Comparison>(bulkhead, 'compare', '--systems', turned.join(','), ...OPTIONS);
    expect([...systems].reverse()).toEqual(report.systems);
  });
  it('names the command that gives the same again', async () => {
    const again = await json<Comparison>(bulkhead, ...report.command.split(' ').slice(1));
    expect(again).toEqual(report);
  });
  it('delivers the same application bytes in every system', () => {
    expect(new Set(report.systems.map(({ applicationDigest }) => applicationDigest)).size).toBe(1);
  });
  it.each([
    ['--workload null-call --clients 2', "--clients 2: 'null-call' takes 1"],
    ['--workload tcp-stream --rate 5', "--rate: 'tcp-stream' has no requests that could arrive; leave it out"],
    ['--workload kv --path /', '--path goes with --workload http alone'],
    ['--path / --size 5', '--path and --size exclude each other'],
    ['--size 99999999', "--size 99999999: 'http' takes 0 to 16777216"],
  ])('refuses %s with one line that names the mend', async (options, line) => {
    const { status, stdout, stderr } = await command('compare', '--systems', 'monolithic', ...options.split(' '));
    expect([status, stdout, stderr]).toEqual([2, '', `bulkhead: ${line}\n`]);
  });
  it('takes a sixth system by path, beside the others, and prints a table', async () => {
    const { status, stdout } = await bulkhead(
      'compare',
      '--systems',
      `monolithic,${fixture('sixth.ts')}`,
      '--requests',
      '50',
    );
    expect(status).toBe(0);
    expect(stdout).toMatch(/^ +monolithic +sixth$/m);
    expect(stdout).toMatch(/^cycles a request +[\d,]+ +[\d,]+$/m);
    expect(stdout).toMatch(/^digests: monolithic [0-9a-f]{16}, sixth [0-9a-f]{16}$/m);
  });
});

describe('What a command prints', () => {
  it('ends quietly when nobody reads on', async () => {
    const { status, stdout, stderr } = await shell(
      'set -o pipefail; $BULKHEAD compare --systems monolithic --requests 20 2>&1 | head -1',
    );
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout.split('\n')).toHaveLength(2);
    expect(stdout).not.toMatch(/EPIPE|Error/);
  });
  it('has no colours and draws nothing where there is no terminal', async () => {
    const { status, stdout, stderr } = await bulkhead('compare', '--systems', 'monolithic', '--requests', '20');
    expect(status).toBe(0);
    expect(stdout + stderr).not.toContain('\x1b');
    expect(stderr).toContain('monolithic: 20 requests in simulated time');
  });
});
