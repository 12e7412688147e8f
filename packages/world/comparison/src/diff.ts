/**
 * Two saved comparisons side by side: what changed, by how much, and why.
 *
 * First what differs in what was asked, because then the two do not compare like with like. Then, for every system that
 * is in both, the change of busy cycles a request as a sum: by cause, by component, and within a cause by component.
 * Invariant: the contributions and what rounding leaves (`unattributed`) add up to the whole change, in either sum.
 */

import { type Change, changeOf } from './diff-change.ts';
import { type CauseChange, causeChanges, type NamedChange, namedChanges, sumOf } from './diff-contributions.ts';
import { type SettingChange, settingChanges, shapeChanges } from './diff-settings.ts';
import type { Comparison, PerRequest, SystemResult } from './result.ts';

const DIFF_FORMAT = 'bulkhead-diff/1';

export interface ComparisonDiff {
  readonly format: typeof DIFF_FORMAT;
  readonly before: { readonly command: string };
  readonly after: { readonly command: string };
  /** Workload, profile and seed. Unless empty, the two do not compare like with like. */
  readonly settings: readonly SettingChange[];
  readonly onlyBefore: readonly string[];
  readonly onlyAfter: readonly string[];
  /** Systems that are in both, cheapest first by cycles a request. */
  readonly order: { readonly before: readonly string[]; readonly after: readonly string[] };
  /** Those that are in both, in the order of the first. */
  readonly systems: readonly SystemDiff[];
}

export interface SystemDiff {
  readonly system: string;
  /** It did exactly the same in both. */
  readonly unchanged: boolean;
  /** Of every frame with its time, and every cell of the ledger. */
  readonly sameDigest: boolean;
  /** Of the application's bytes. When they differ, the two did not do the same work. */
  readonly sameApplicationDigest: boolean;
  /** Where the walls stand: domains, gates, IOMMU. */
  readonly shape: readonly SettingChange[];
  /** Busy cycles a request. */
  readonly cycles: Change;
  /** What changed, largest contribution first. */
  readonly byCause: readonly CauseChange[];
  readonly byComponent: readonly NamedChange[];
  /** What the contributions leave of the whole change; 0 but for figures that do not add up. */
  readonly unattributed: { readonly byCause: number; readonly byComponent: number };
  /** What happened how often a request. Only what changed, as are the next three. */
  readonly counts: readonly NamedChange[];
  /** By primitive and piece of work: how often it was charged, a request. */
  readonly charged: readonly NamedChange[];
  /** Nanoseconds. */
  readonly latency: readonly NamedChange[];
  readonly totals: readonly NamedChange[];
}

const COUNTS: readonly {
  [Key in keyof PerRequest]: PerRequest[Key] extends number ? Exclude<Key, 'cycles'> : never;
}[keyof PerRequest][] = [
  'modeSwitches',
  'addressSpaceSwitches',
  'ipcs',
  'interrupts',
  'tlbRefills',
  'deviceAccesses',
  'copies',
  'bytesCopied',
];
const LATENCIES = ['minNs', 'meanNs', 'p50Ns', 'p90Ns', 'p99Ns', 'p999Ns', 'maxNs'] as const;
const TOTALS = [
  'requests',
  'failed',
  'requestsPerSecond',
  'requestsPerSecondOfProcessor',
  'bytesPerSecond',
  'privilegedLines',
] as const;

/** Below this share of the larger sum, what is left over is the rounding of floating-point sums. */
const ROUNDING = 1e-9;

/** @returns what `after` has that `before` has not, in numbers and in their causes. */
export function diffComparisons(before: Comparison, after: Comparison): ComparisonDiff {
  const others = new Map(after.systems.map((result) => [result.system, result]));
  const names = new Set(before.systems.map(({ system }) => system));
  const pairs = before.systems.flatMap((result): (readonly [SystemResult, SystemResult])[] => {
    const other = others.get(result.system);
    return other === undefined ? [] : [[result, other]];
  });
  return {
    format: DIFF_FORMAT,
    before: { command: before.command },
    after: { command: after.command },
    settings: settingChanges(before, after),
    onlyBefore: [...names].filter((name) => !others.has(name)),
    onlyAfter: [...others.keys()].filter((name) => !names.has(name)),
    order: { before: byCycles(pairs.map(([first]) => first)), after: byCycles(pairs.map(([, second]) => second)) },
    systems: pairs.map(([first, second]) => diffSystems(first, second)),
  };
}

/** @returns whether nothing is said: the same was asked, and the same came out. */
export const isEmptyDiff = ({ settings, onlyBefore, onlyAfter, systems }: ComparisonDiff): boolean =>
  settings.length + onlyBefore.length + onlyAfter.length === 0 && systems.every(({ unchanged }) => unchanged);

function diffSystems(before: SystemResult, after: SystemResult): SystemDiff {
  const diff = changesOf(before, after);
  const lists = [diff.shape, diff.byCause, diff.byComponent, diff.counts, diff.charged, diff.latency, diff.totals];
  const unchanged =
    diff.sameDigest &&
    diff.sameApplicationDigest &&
    diff.cycles.change === 0 &&
    lists.every((changes) => changes.length === 0);
  return { system: before.system, unchanged, ...diff };
}

function changesOf(before: SystemResult, after: SystemResult): Omit<SystemDiff, 'system' | 'unchanged'> {
  const cycles = changeOf(before.perRequest.cycles, after.perRequest.cycles);
  const byCause = causeChanges(before.perRequest, after.perRequest);
  const byComponent = namedChanges(before.perRequest.byComponent, after.perRequest.byComponent);
  return {
    sameDigest: before.digest === after.digest,
    sameApplicationDigest: before.applicationDigest === after.applicationDigest,
    shape: shapeChanges(before, after),
    cycles,
    byCause,
    byComponent,
    unattributed: { byCause: leftOver(cycles, byCause), byComponent: leftOver(cycles, byComponent) },
    counts: listed(COUNTS, before.perRequest, after.perRequest),
    charged: namedChanges(before.perRequest.counts, after.perRequest.counts),
    latency: listed(LATENCIES, before.latency, after.latency),
    totals: listed(TOTALS, before, after),
  };
}

const listed = <Key extends string>(
  keys: readonly Key[],
  before: Readonly<Record<Key, number>>,
  after: Readonly<Record<Key, number>>,
): readonly NamedChange[] =>
  keys.filter((key) => before[key] !== after[key]).map((name) => ({ name, ...changeOf(before[name], after[name]) }));

function leftOver({ before, after, change }: Change, parts: readonly NamedChange[]): number {
  const left = change - sumOf(parts);
  return Math.abs(left) <= ROUNDING * Math.max(1, Math.abs(before), Math.abs(after)) ? 0 : left;
}

const byCycles = (results: readonly SystemResult[]): readonly string[] =>
  [...results].sort((one, other) => one.perRequest.cycles - other.perRequest.cycles).map(({ system }) => system);
