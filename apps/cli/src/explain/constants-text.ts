/** What `explain constants` prints for people. */
import { table, whole } from '../output/table.ts';
import type { ConstantsReport } from './constants.ts';

export function constantsText(report: ConstantsReport): string {
  const { profile, profileTitle, cyclesPerSecond, constants, reference } = report;
  const width = Math.max(...constants.map(({ cycles }) => whole(cycles).length));
  const rows = constants.map(({ name, label, unit, cycles, certainty, evidence, source }) => [
    name,
    label === name ? '' : label,
    whole(cycles).padStart(width),
    unit,
    certainty,
    evidence,
    source,
  ]);
  return [
    `Profile ${profile}: ${profileTitle}, ${whole(cyclesPerSecond / 1e6)} MHz`,
    '',
    table(['constant', 'called here', 'cycles', 'of', 'certainty', 'evidence', 'source'], rows, false),
    '',
    ...(reference.length > 0 ? ['Published beside these, told and never spent', '', referenceTable(report), ''] : []),
  ].join('\n');
}
const referenceTable = ({ reference }: ConstantsReport): string =>
  table(
    ['figure', 'cycles', 'certainty', 'evidence', 'source'],
    reference.map(({ label, cycles, toCycles, certainty, evidence, source }) => [
      label,
      toCycles === undefined ? whole(cycles) : `${whole(cycles)} to ${whole(toCycles)}`,
      certainty,
      evidence,
      source,
    ]),
    false,
  );
/** Cycles alone, a column a profile. */
export function constantsOfAllText(reports: readonly ConstantsReport[]): string {
  const names = [...new Set(reports.flatMap(({ constants }) => constants.map(({ name }) => name)))];
  const cell = ({ constants }: ConstantsReport, name: string): string => {
    const found = constants.find((constant) => constant.name === name);
    return found === undefined ? '' : `${whole(found.cycles)}${MARKS[found.certainty]}`;
  };
  return [
    'Every constant in cycles, by profile: = calibrated, ~ derived, ? assumed',
    '',
    table(
      ['constant', ...reports.map(({ profile }) => profile)],
      names.map((name) => [name, ...reports.map((report) => cell(report, name))]),
    ),
    '',
  ].join('\n');
}
const MARKS = { calibrated: ' =', derived: ' ~', assumed: ' ?' } as const;
