/** What `explain ipc` prints for people. */
import type { Step } from '@bulkhead/assembler';
import { table, tenths, whole } from '../output/table.ts';
import { bars } from './bars.ts';
import type { Batch } from './batches.ts';
import type { IpcReport } from './ipc.ts';
import type { Explanation, Gate } from './parts.ts';
import { type ProfileWays, WAYS, type Way } from './ways.ts';

const TITLES: Readonly<Record<Gate, string>> = {
  direct: 'One call and its reply (direct)',
  'system-call': 'One call and its reply (system-call)',
  ipc: 'One call and its reply (ipc)',
  slow: 'One call of eight words and its reply (ipc, slow path)',
  async: 'One message through a ring, and its signal (async)',
};
const WAY_NAMES = Object.keys(WAYS) as Way[];

const rowsOf = (steps: readonly Step[]): string[][] =>
  steps.map(({ component, label, count, cycles, certainty, source }) => [
    count === 1 ? label : `${label} × ${count}`,
    whole(cycles),
    component,
    certainty,
    source,
  ]);

/** First what the lecture adds up, then what it leaves out, then the total. */
export function explanationText({ profile, profileTitle, gate, lecture, leftOut, totalCycles }: Explanation): string {
  const rows = [
    ...rowsOf(lecture.parts),
    [profile === 'lecture' ? 'lecture' : "the lecture's parts", whole(lecture.cycles), '', '', ''],
    ...rowsOf(leftOut.parts),
    ['left out by the lecture', whole(leftOut.cycles), '', '', ''],
    ['total', whole(totalCycles), '', '', ''],
  ];
  const [head = '', ...lines] = table(['step', 'cycles', 'charged to', 'certainty', 'source'], rows, false).split('\n');
  return [`${TITLES[gate]}, profile ${profile}: ${profileTitle}`, '', head, ...lines, ''].join('\n');
}

/** Everything about messages under one profile. */
export function ipcText(report: IpcReport): string {
  return [
    explanationText(report),
    `Every way that a message can go, cycles, profile ${report.profile}`,
    '',
    waysTable([report]),
    '',
    `${report.conclusions.walls}`,
    `${report.conclusions.slowPath}`,
    '',
    'Synchronous against asynchronous, cycles a message by batch',
    '',
    batchTable(report.batches),
    '',
    batchChart(report.batches),
    '',
    `${report.conclusions.crossover}`,
    '',
  ].join('\n');
}
export function allProfilesText(profiles: readonly ProfileWays[]): string {
  return [
    'One message, every way that it can go: cycles, by profile',
    '',
    waysTable(profiles),
    '',
    ...profiles.map(({ profile, profileTitle }) => `${profile}: ${profileTitle}`),
    '',
  ].join('\n');
}

const waysTable = (profiles: readonly ProfileWays[]): string =>
  table(
    ['', ...profiles.map(({ profile }) => profile)],
    WAY_NAMES.map((way) => [WAYS[way], ...profiles.map(({ ways }) => cycles(ways[way]))]),
  );
const cycles = (value: number): string => (Number.isInteger(value) ? whole(value) : tenths(value));

const batchTable = (batches: readonly Batch[]): string =>
  table(
    ['batch', 'synchronous', 'asynchronous'],
    batches.map(({ batch, syncCyclesPerMessage, asyncCyclesPerMessage }) => [
      whole(batch),
      tenths(syncCyclesPerMessage),
      tenths(asyncCyclesPerMessage),
    ]),
  );
const batchChart = (batches: readonly Batch[]): string =>
  bars(
    batches.map(({ batch, syncCyclesPerMessage, asyncCyclesPerMessage }) => ({
      title: whole(batch),
      bars: [
        { name: 'synchronous', value: syncCyclesPerMessage },
        { name: 'asynchronous', value: asyncCyclesPerMessage },
      ],
    })),
    tenths,
  );
