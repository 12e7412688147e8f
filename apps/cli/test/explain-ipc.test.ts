import { assemble, metricsBetween, type System, snapshot } from '@bulkhead/assembler';
import { NEVER } from '@bulkhead/clock';
import { PRIMITIVES, profileNames } from '@bulkhead/costs';
import { castBatches } from '@bulkhead/parts';
import { describe, expect, it } from 'vitest';
import type { AllProfilesReport } from '../src/commands/explain.ts';
import { bars } from '../src/explain/bars.ts';
import { BATCH_SIZES, type Batch, castSteps, crossoverOf, measureBatches } from '../src/explain/batches.ts';
import { crossoverSentence, explainGate, explainIpc, type IpcReport } from '../src/explain/ipc.ts';
import { allProfilesText } from '../src/explain/ipc-text.ts';
import { GATES } from '../src/explain/parts.ts';
import { WAYS } from '../src/explain/ways.ts';
import { profileOf } from '../src/profiles.ts';
import { command } from './execute.ts';

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);
const json = async <T>(...args: string[]): Promise<T> =>
  JSON.parse((await command('explain', ...args, '--json')).stdout) as T;

/** Busy cycles of a whole period in which the producer sends `batch` casts, read off the ledger; the third of three. */
function periodCycles(profile: string, asynchronous: boolean, batch: number): number {
  const begins: ReturnType<typeof snapshot>[] = [];
  const system: System = assemble(
    castBatches({
      asynchronous,
      rounds: 5,
      produce: (_round, send) => {
        begins.push(snapshot(system));
        for (let i = 0; i < batch; i++) send(i);
      },
    }),
    { profile },
  );
  system.runUntil(NEVER);
  return metricsBetween(system, begins[2]!, begins[3]!).busyCycles;
}

const BATCHES = [1, 5];

describe.each(profileNames)('explain ipc, profile %s', (name) => {
  const profile = profileOf(name);
  it.each(GATES)('%s: the parts add up, and nothing is a part that did not happen', (gate) => {
    const { lecture, leftOut, totalCycles } = explainGate(profile, gate);
    const parts = [...lecture.parts, ...leftOut.parts];
    expect(sum(parts.map(({ cycles }) => cycles))).toBe(totalCycles);
    expect(lecture.cycles).toBe(sum(lecture.parts.map(({ cycles }) => cycles)));
    for (const { count } of parts) expect(count).toBeGreaterThan(0);
  });
  it.each(GATES)('%s: every step has its place in time, and the counts are those of the machine', (gate) => {
    const { lecture, leftOut, counts } = explainGate(profile, gate);
    const parts = [...lecture.parts, ...leftOut.parts];
    expect(parts.map(({ nth }) => nth).sort((a, b) => a - b)).toEqual(parts.map((_, i) => i + 1));
    for (const { parts: some } of [lecture, leftOut])
      expect(some.map(({ nth }) => nth)).toEqual(some.map(({ nth }) => nth).toSorted((a, b) => a - b));
    const { kernelEntries, addressSpaceSwitches, signals, wordsCopied, cacheLines } = counts;
    const foretold = {
      direct: [0, 0, 0, 0, 0],
      'system-call': [1, 0, 0, 0, 0],
      ipc: [2, 2, 0, 0, 0],
      slow: [2, 2, 0, 4, 0],
      async: [2, 2, 1, 0, 6],
    } as const;
    expect([kernelEntries, addressSpaceSwitches, signals, wordsCopied, cacheLines.total]).toEqual(foretold[gate]);
  });
  it('one message through a ring enters the kernel twice and switches twice, as one IPC does', () => {
    const labels = (gate: 'ipc' | 'async'): string[] =>
      explainGate(profile, gate).lecture.parts.map(({ label }) => label);
    expect(labels('async')).toEqual(labels('ipc'));
  });
  it('only long words take the slow path, and both ways have one choice of it', () => {
    const paths = (gate: 'ipc' | 'slow'): string[] =>
      explainGate(profile, gate)
        .leftOut.parts.map(({ primitive }) => primitive)
        .filter((primitive) => primitive.startsWith('ipc-'));
    expect(paths('ipc')).toEqual(['ipc-path', 'ipc-path']);
    expect(paths('slow')).toEqual(['ipc-slow-path', 'ipc-path']);
  });
  it('a batch costs what its period costs more than an empty one, by the ledger', () => {
    for (const asynchronous of [false, true]) {
      const empty = periodCycles(name, asynchronous, 0);
      const steps = castSteps(profile, asynchronous, BATCHES);
      BATCHES.forEach((batch, i) => {
        const cycles = sum(steps[i]!.map((step) => step.cycles));
        expect(cycles).toBe(periodCycles(name, asynchronous, batch) - empty);
      });
    }
  });
});

describe('explain ipc', () => {
  it('has every batch from 1 to 256, and the message of the ring that the steps of one add up to', () => {
    const profile = profileOf('lecture');
    const { batches, crossoverBatch, ways } = explainIpc(profile);
    expect(batches.map(({ batch }) => batch)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256]);
    expect(batches).toEqual(measureBatches(profile, BATCH_SIZES));
    expect(batches[0]!.asyncCyclesPerMessage).toBe(explainGate(profile, 'async').totalCycles);
    expect(ways.async1).toBe(batches[0]!.asyncCyclesPerMessage);
    expect(ways.async32).toBe(batches[5]!.asyncCyclesPerMessage);
    expect(crossoverBatch).toBe(crossoverOf(batches));
  });
  it("under the lecture, one message through a ring has the lecture's 552 in it too", () => {
    expect(explainGate(profileOf('lecture'), 'async').lecture.cycles).toBe(552);
    expect(explainGate(profileOf('lecture'), 'slow').lecture.cycles).toBe(552);
  });
  it('prints the ways, the batches, a chart and where the lines cross; one gate alone prints that gate', async () => {
    const { stdout } = await command('explain', 'ipc');
    const report = await json<IpcReport>('ipc');
    for (const title of Object.values(WAYS)) expect(stdout).toMatch(new RegExp(`^${title} +[\\d,.]+$`, 'm'));
    expect(stdout).toMatch(/^256 +[\d,.]+ +[\d,.]+$/m);
    expect(stdout).toMatch(/^256 {2}synchronous +█+ [\d,.]+\n +asynchronous +█+ [\d,.]+$/m);
    expect(stdout).toContain(report.conclusions.crossover);
    expect((await command('explain', 'ipc', '--gate', 'async')).stdout).not.toContain('█');
  });
  it('prints of every step its order and its cause, and below what was counted', async () => {
    const { stdout } = await command('explain', 'ipc', '--profile', 'lecture', '--gate', 'slow');
    expect(stdout).toMatch(/^step +cycles +order +charged to +cause +certainty +source$/m);
    expect(stdout).toMatch(/^sysenter\/sysexit +106 +\d+ +kernel +trap +calibrated +lecture/m);
    expect(stdout).toMatch(/^reload CR3 +170 +\d+ +kernel +switch +calibrated +lecture/m);
    expect(stdout).toMatch(
      /^kernel entries: 2 · address-space switches: 2 · signals: 0 · words copied between message buffers: 4 · cache-line transfers: 0 · /m,
    );
  });
  it('puts all profiles side by side', async () => {
    const { profiles } = await json<AllProfilesReport>('ipc', '--profile', 'all');
    expect(profiles.map(({ profile }) => profile)).toEqual(profileNames);
    for (const { profile, ways } of profiles) {
      expect(Object.keys(ways)).toEqual(Object.keys(WAYS));
      expect(ways.ipcFast).toBe(explainGate(profileOf(profile), 'ipc').totalCycles);
    }
    expect(allProfilesText(profiles)).toMatch(new RegExp(`^ +${profileNames.join(' +')}$`, 'm'));
  });
});

describe('Where synchronous and asynchronous cross', () => {
  const batches = (...asyncCycles: readonly number[]): Batch[] =>
    asyncCycles.map((asyncCyclesPerMessage, i) => ({ batch: 2 ** i, syncCyclesPerMessage: 10, asyncCyclesPerMessage }));
  it.each([
    [[20, 10, 9, 5], 4, /cheaper from 4 messages a batch on .*, and not at 2 /],
    [[9, 8], 1, /at every batch that was measured: 9\.0 .* at 1\./],
    [[20, 10], null, /^Up to 2 messages a batch, the ring is never cheaper/],
    [[5, 20, 5], 4, /cheaper from 4 messages/],
  ] as const)('%j: from %s on', (cycles, from, sentence) => {
    expect(crossoverOf(batches(...cycles))).toBe(from);
    expect(crossoverSentence(batches(...cycles), from)).toMatch(sentence);
  });
});

describe('A bar chart', () => {
  it('has one scale, bars as long as their values, and none that is not seen', () => {
    const bar = (name: string, value: number): { name: string; value: number } => ({ name, value });
    const text = bars(
      [
        { title: '1', bars: [bar('a', 100), bar('bb', 50)] },
        { title: '10', bars: [bar('a', 0.001), bar('bb', 0)] },
      ],
      String,
    );
    expect(text.split('\n')).toEqual([
      ` 1  a   ${'█'.repeat(50)} 100`,
      `    bb  ${'█'.repeat(25)} 50`,
      '10  a   █ 0.001',
      '    bb   0',
    ]);
  });
});

describe('explain constants', () => {
  interface Report {
    readonly constants: readonly Readonly<
      Record<'name' | 'label' | 'unit' | 'source' | 'certainty' | 'evidence', string>
    >[];
  }
  it('tells every primitive and every piece of work once, with unit, certainty, evidence and source', async () => {
    const { constants } = await json<Report>('constants', '--profile', 'lecture');
    const names = constants.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining([...PRIMITIVES.map(({ name }) => name), 'net-stack.tcp-in']));
    expect(constants.find(({ name }) => name === 'address-space-switch')?.label).toBe('reload CR3');
    for (const { unit, source, certainty, evidence } of constants) {
      expect(unit.length).toBeGreaterThan(5);
      expect(source.length).toBeGreaterThan(5);
      expect(['calibrated', 'derived', 'assumed']).toContain(certainty);
      expect(['read', 'second-hand', 'from-memory', 'none']).toContain(evidence);
    }
    const { stdout } = await command('explain', 'constants', '--profile', 'lecture');
    for (const { label } of profileOf('lecture').reference) expect(stdout).toContain(`\n${label} `);
    for (const name of names) expect(stdout).toMatch(new RegExp(`^${name.replaceAll('.', '\\.')} +`, 'm'));
  });
  it('with all profiles, a column each', async () => {
    const { stdout } = await command('explain', 'constants', '--profile', 'all');
    expect(stdout).toMatch(new RegExp(`^constant +${profileNames.join(' +')}$`, 'm'));
    expect(stdout).toMatch(/^kernel-entry-exit +106 = /m);
  });
});
