/** What `explain packet` prints for people. */
import { constantOf, labelOf, type Profile } from '@bulkhead/costs';
import { CAUSES } from '@bulkhead/ledger';
import { table, whole } from '../output/table.ts';
import type { Counts } from './counts.ts';
import type { PacketExplanation, PacketTotals } from './packet.ts';
import type { Line, Section } from './sections.ts';

/** Rows of counts, in the order of a table. */
const COUNTS: readonly (readonly [title: string, of: (counts: Counts) => number])[] = [
  ['kernel entries', (counts) => counts.kernelEntries],
  ['  of these, interrupts', (counts) => counts.interrupts],
  ['address-space switches', (counts) => counts.addressSpaceSwitches],
  ['IPCs, a call and its answer each', (counts) => counts.ipcs],
  ['signals', (counts) => counts.signals],
  ['copies of bulk data', (counts) => counts.copies],
  ['  bytes', (counts) => counts.bytesCopied],
  ['cache-line transfers', (counts) => counts.cacheLines.total],
  ['  of lines copied or filled', (counts) => counts.cacheLines.copied],
  ['  of queues and rings, 3 an entry put in or taken', (counts) => counts.cacheLines.queues],
  ['TLB refills', (counts) => counts.tlbRefills],
  ['device registers accessed', (counts) => counts.deviceAccesses],
  ['frames in', (counts) => counts.framesIn],
  ['frames out', (counts) => counts.framesOut],
];

/** Numbers the constants in the order in which they are met. */
class Sources {
  readonly #names: string[] = [];
  numberOf(primitive: string): number {
    const known = this.#names.indexOf(primitive) + 1;
    return known > 0 ? known : this.#names.push(primitive);
  }
  list(profile: Profile): string[] {
    return this.#names.map((name, i) => {
      const { cycles, source, evidence, certainty } = constantOf(profile, name);
      return `[${i + 1}] ${labelOf(profile, name)}, ${whole(cycles)} each, ${certainty}, ${evidence}: ${source}`;
    });
  }
}

/** Every step under the heading of whoever runs, the totals, and the sources. */
export function packetText(explanation: PacketExplanation, profile: Profile): string {
  const { system, summary, path, profileTitle, sections, elapsedCycles, waitingCycles, busyCycles } = explanation;
  const sources = new Sources();
  const width = whole(elapsedCycles).length;
  const rows = sections.flatMap((section) => rowsOf(section, sources, width));
  const total = (title: string, cycles: number): string[] => [title, whole(cycles).padStart(width), '', '', '', ''];
  return [
    `One request for ${path} to ${system}, from the wire to the application and back`,
    `${system}: ${summary}`,
    `Profile ${profile.name}: ${profileTitle}`,
    '',
    table(
      ['step', 'cycles'.padStart(width), 'charged to', 'cause', 'certainty', 'source'],
      [
        ...rows,
        total(`total of ${whole(explanation.steps)} steps`, busyCycles),
        total('waiting, in brackets above', waitingCycles),
        total('time that passed', elapsedCycles),
      ],
      false,
    ),
    '',
    totalsTable([explanation]),
    '',
    'Sources',
    ...sources.list(profile),
    '',
  ].join('\n');
}

const rowsOf = ({ component, how, cycles, lines }: Section, sources: Sources, width: number): string[][] => [
  [`${component}, ${how}: ${whole(cycles)}`, '', '', '', '', ''],
  ...lines.map((line) => rowOf(line, sources, width)),
];

function rowOf(line: Line, sources: Sources, width: number): string[] {
  switch (line.kind) {
    case 'wire':
      return [`  ${line.what}`, '', '', '', '', ''];
    case 'wait':
      return [`  ${line.what}`, `(${whole(line.cycles)})`.padStart(width), '', '', '', ''];
    case 'step': {
      const { what, component, cause, certainty, primitive } = line;
      const source = `[${sources.numberOf(primitive)}]`;
      return [`  ${what}`, whole(line.cycles).padStart(width), component, cause, certainty, source];
    }
  }
}

/** Systems side by side. */
export function packetSummaryText(systems: readonly PacketTotals[]): string {
  const { path, profile, profileTitle } = systems[0]!;
  return [
    `One request for ${path}, from the wire to the application and back`,
    `Profile ${profile}: ${profileTitle}`,
    '',
    totalsTable(systems),
    '',
    `Name a system to see every step: bulkhead explain packet --system ${systems[0]!.system}`,
    '',
  ].join('\n');
}

function totalsTable(systems: readonly PacketTotals[]): string {
  const row = (title: string, of: (totals: PacketTotals) => number): string[] => [
    title,
    ...systems.map((totals) => whole(of(totals))),
  ];
  const causes = CAUSES.filter((cause) => systems.some(({ byCause }) => cause in byCause));
  const components = [...new Set(systems.flatMap(({ byComponent }) => Object.keys(byComponent)))];
  return table(
    ['', ...systems.map(({ system }) => system)],
    [
      row('steps', ({ steps }) => steps),
      row('cycles, without waiting', ({ busyCycles }) => busyCycles),
      ...causes.map((cause) => row(`  ${cause}`, ({ byCause }) => byCause[cause] ?? 0)),
      ['charged to', ...systems.map(() => '')],
      ...components.map((name) => row(`  ${name}`, ({ byComponent }) => byComponent[name] ?? 0)),
      ...COUNTS.map(([title, of]) => row(title, ({ counts }) => of(counts))),
      row('cycles of waiting', ({ waitingCycles }) => waitingCycles),
    ],
  );
}
