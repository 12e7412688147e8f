/** Two comparisons side by side, for people. What was asked comes first: if it differs, the rest means less. */
import { type ComparisonDiff, isEmptyDiff, type NamedChange, type SystemDiff } from '@bulkhead/comparison';
import { table, tenths, whole } from './table.ts';

type Cause = SystemDiff['byCause'][number];
type Setting = SystemDiff['shape'][number];

const withDigits = (maximumFractionDigits: number): Intl.NumberFormat =>
  new Intl.NumberFormat('en-US', { maximumFractionDigits, signDisplay: 'exceptZero' });
const signed = withDigits(1);
const signedWhole = withDigits(0);
const signedPrecise = withDigits(2);

const WORDS: Readonly<Record<string, string>> = {
  modeSwitches: 'mode switches a request, there and back',
  addressSpaceSwitches: 'address-space switches a request',
  ipcs: 'IPCs a request',
  interrupts: 'interrupts a request',
  tlbRefills: 'TLB refills a request',
  deviceAccesses: 'device accesses a request',
  copies: 'copies a request',
  bytesCopied: 'bytes copied a request',
  minNs: 'latency, least, ns',
  meanNs: 'latency, mean, ns',
  p50Ns: 'latency p50, ns',
  p90Ns: 'latency p90, ns',
  p99Ns: 'latency p99, ns',
  p999Ns: 'latency p99.9, ns',
  maxNs: 'latency, most, ns',
  requests: 'requests measured',
  failed: 'requests that failed',
  requestsPerSecond: 'requests a simulated second',
  requestsPerSecondOfProcessor: '… if the processor alone were the limit',
  bytesPerSecond: 'bytes a simulated second',
  privilegedLines: 'privileged code, TypeScript lines',
};
const words = (name: string): string => WORDS[name] ?? name;

export interface DiffFiles {
  readonly before: string;
  readonly after: string;
}

export function diffText(diff: ComparisonDiff, files: DiffFiles): string {
  const parts = [
    `before: ${files.before}: ${diff.before.command}\nafter:  ${files.after}: ${diff.after.command}`,
    ...askedText(diff),
    ...onlyText('before', diff.onlyBefore),
    ...onlyText('after', diff.onlyAfter),
    ...orderText(diff),
    ...(isEmptyDiff(diff)
      ? ['No difference.']
      : diff.systems.map((system) => systemText(system, diff.settings.length === 0))),
    ...(diff.systems.length === 0 ? ['No system is in both.'] : []),
  ];
  return `${parts.join('\n\n')}\n`;
}

const askedText = ({ settings }: ComparisonDiff): readonly string[] =>
  settings.length === 0
    ? []
    : [`These two do not compare like with like. What was asked differs:\n${settingLines(settings)}`];
const onlyText = (when: string, names: readonly string[]): readonly string[] =>
  names.length === 0 ? [] : [`only ${when}: ${names.join(', ')}`];
function orderText({ order }: ComparisonDiff): readonly string[] {
  const [before, after] = [order.before.join(' < '), order.after.join(' < ')];
  return before === after
    ? []
    : [`The order by cycles a request has changed:\n  before: ${before}\n  after:  ${after}`];
}
const settingLines = (settings: readonly Setting[]): string =>
  settings.map(({ name, before, after }) => `  ${name}: ${before} → ${after}`).join('\n');

/** @param alike the same was asked of both. */
function systemText(diff: SystemDiff, alike: boolean): string {
  if (diff.unchanged) return `${diff.system}: no difference, every frame and every cycle`;
  const { before, after, change } = diff.cycles;
  const heading = [
    `${diff.system}: ${whole(before)} → ${whole(after)} cycles a request, ${signedWhole.format(change)}${share(change, before)}`,
    ...(diff.sameApplicationDigest || !alike
      ? []
      : ["  The applications' bytes differ: the two did not do the same work."]),
    ...(diff.shape.length > 0 ? [`  Its walls are not the same:\n${indented(settingLines(diff.shape))}`] : []),
  ];
  const bytes = diff.sameApplicationDigest ? 'the same' : 'differs';
  return [
    heading.join('\n'),
    ...(diff.byCause.length > 0 ? [indented(contributions(diff))] : []),
    ...(diff.byCause.length > 0 ? [diff.byCause.flatMap(whyText).join('\n')] : []),
    ...figuresText(diff),
    `  digest: ${diff.sameDigest ? 'the same' : 'differs'}, of the applications' bytes: ${bytes}`,
  ]
    .filter((block) => block !== '')
    .join('\n\n');
}

const share = (change: number, whole: number): string =>
  whole === 0 ? '' : ` (${signed.format((100 * change) / whole)} %)`;
const indented = (text: string): string => text.replace(/^(?=.)/gm, '  ');

/** The shares are of the whole before, so that they add up to the whole's. */
function contributions({ cycles, byCause, byComponent, unattributed }: SystemDiff): string {
  const row = ({ name, before, after, change }: NamedChange, indent: string): readonly string[] => [
    `${indent}${name}`,
    whole(before),
    whole(after),
    signedWhole.format(change),
    cycles.before === 0 ? '' : signed.format((100 * change) / cycles.before),
  ];
  const rest = (left: number): readonly string[][] =>
    left === 0 ? [] : [['not accounted for', '', '', signedWhole.format(left), '']];
  const rows = [
    ...byCause.flatMap((cause) => [row(cause, ''), ...cause.byComponent.map((part) => row(part, '  '))]),
    ...rest(unattributed.byCause),
    ['by component', '', '', '', ''],
    ...byComponent.map((part) => row(part, '  ')),
    ...rest(unattributed.byComponent),
  ];
  return table(['cycles a request, by cause', 'before', 'after', 'change', '% of before'], rows);
}

function whyText({ name, why }: Cause): readonly string[] {
  if (why === undefined) return [];
  const { count, times, byCount, byPrice } = why;
  return [
    `  ${name}: ${tenths(times.before)} → ${tenths(times.after)} ${words(count)}: ${signedWhole.format(byCount)} by how often, ${signedWhole.format(byPrice)} by what each costs`,
  ];
}

function figuresText({ counts, latency, totals }: SystemDiff): readonly string[] {
  const rows = [...counts, ...latency, ...totals].map(({ name, before, after, change }) => [
    words(name),
    figure(before),
    figure(after),
    signedFigure(change),
  ]);
  return rows.length === 0 ? [] : [indented(table(['', 'before', 'after', 'change'], rows))];
}
const figure = (value: number): string =>
  Math.abs(value) < 1000 && !Number.isInteger(value) ? tenths(value) : whole(value);
const signedFigure = (value: number): string => {
  const size = Math.abs(value);
  return (size < 10 ? signedPrecise : size < 1000 ? signed : signedWhole).format(value);
};
