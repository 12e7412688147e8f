/** What `explain ipc` prints for people. */
import { table, tenths, whole } from '../output/table.ts';
import { bars } from './bars.ts';
import type { Batch } from './batches.ts';
import type { MessageCounts } from './counts.ts';
import type { IpcReport } from './ipc.ts';
import type { Explanation, Gate, OrderedStep } from './parts.ts';
import { type ProfileWays, WAYS, type Way } from './ways.ts';

const TITLES: Readonly<Record<Gate, string>> = {
  direct: 'One call and its reply (direct)',
  'system-call': 'One call and its reply (system-call)',
  ipc: 'One call and its reply (ipc)',
  slow: 'One call of eight words and its reply (ipc, slow path)',
  async: 'One message through a ring, and its signal (async)',
};
const WAY_NAMES = Object.keys(WAYS) as Way[];

const rowsOf = (steps: readonly OrderedStep[]): string[][] =>
  steps.map(({ nth, component, label, cause, count, cycles, certainty, source }) => [
    count === 1 ? label : `${label} × ${count}`,
    whole(cycles),
    whole(nth),
    component,
    cause,
    certainty,
    source,
  ]);

const HEAD: readonly string[] = ['step', 'cycles', 'order', 'charged to', 'cause', 'certainty', 'source'];
const sumRow = (what: string, cycles: number): string[] => [what, whole(cycles), ...HEAD.slice(2).map(() => '')];

/** First what the lecture adds up, then what it leaves out, then the total. */
export function explanationText(explanation: Explanation): string {
  const { profile, profileTitle, gate, lecture, leftOut, totalCycles, counts } = explanation;
  const rows = [
    ...rowsOf(lecture.parts),
    sumRow(profile === 'lecture' ? 'lecture' : "the lecture's parts", lecture.cycles),
    ...rowsOf(leftOut.parts),
    sumRow('left out by the lecture', leftOut.cycles),
    sumRow('total', totalCycles),
  ];
  const title = `${TITLES[gate]}, profile ${profile}: ${profileTitle}`;
  return [title, '', table(HEAD, rows, false), '', countsText(counts), ''].join('\n');
}

const countsText = ({ cacheLines, ...counts }: MessageCounts): string =>
  [
    `kernel entries: ${counts.kernelEntries}`,
    `address-space switches: ${counts.addressSpaceSwitches}`,
    `signals: ${counts.signals}`,
    `words copied between message buffers: ${counts.wordsCopied}`,
    `cache-line transfers: ${cacheLines.total}`,
    `TLB refills: ${counts.tlbRefills}`,
  ].join(' · ');

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
