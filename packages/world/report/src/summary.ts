/** The top of the page: what was done, what came out in plain words, and the table. */
import type { Comparison, SystemResult } from '@bulkhead/comparison';
import { causesIn, cyclesOf, shortOf } from './causes.ts';
import { type Fall, fallText, isNicDriver, worstFall } from './charts/containment.ts';
import { byCycles } from './charts/cycles.ts';
import { type Content, html, type Markup } from './html.ts';
import type { Containment, ReportInput } from './input.ts';
import { amount, duration, ratioText } from './numbers.ts';
import { capital, counted, countWord, listed, named } from './words.ts';

const WORKLOADS: Readonly<Record<string, string>> = {
  'null-call': 'calls that do nothing',
  'udp-echo': 'UDP datagrams and their echoes',
  'tcp-stream': 'blocks of a TCP stream',
  http: 'HTTP requests',
  kv: 'key-value commands',
};

export const headline = ({ systems }: Comparison): string => `${capital(counted(systems.length, 'system'))}, one load`;

export function conditions({ workload, profile, seed }: Comparison): Content {
  const { requests, clients, sizeBytes, loop } = workload;
  const arrivals =
    loop.kind === 'closed'
      ? 'each asks again when it is answered'
      : `arriving at ${amount(loop.requestsPerSecond)} a second whoever waits`;
  return html`${amount(requests)} ${WORKLOADS[workload.workload] ?? workload.workload} of ${amount(sizeBytes)} bytes from ${clients === 1 ? 'one client' : `${amount(clients)} clients`}, ${arrivals}. The same components in every system; only the walls differ. Prices are those of the profile <b>${profile.name}</b> (${profile.title}); time is simulated; seed ${seed}.`;
}

/** What the dearest pays more for than the cheapest, most first. */
function differences(cheap: SystemResult, dear: SystemResult): { readonly cause: string; readonly cycles: number }[] {
  const [a, b] = [cheap.perRequest.byCause, dear.perRequest.byCause];
  return causesIn([a, b])
    .map((cause) => ({ cause, cycles: cyclesOf(b, cause) - cyclesOf(a, cause) }))
    .filter(({ cycles }) => cycles > 0)
    .sort((x, y) => y.cycles - x.cycles);
}

function costSentence(systems: readonly SystemResult[]): Content {
  const sorted = byCycles(systems);
  const [cheap, dear] = [sorted[0], sorted.at(-1)];
  if (cheap === undefined || dear === undefined) return 'Nothing was measured.';
  const fastest = html`${named(cheap.system)} needs the fewest cycles: ${amount(cheap.perRequest.cycles)} a request, and answers ${amount(cheap.requestsPerSecond)} requests a second.`;
  if (cheap === dear || !(cheap.perRequest.cycles > 0)) return fastest;
  const more = dear.perRequest.cycles - cheap.perRequest.cycles;
  const reasons = differences(cheap, dear).slice(0, 3);
  const why = reasons.map(({ cause, cycles }) => html`${amount(cycles)} for ${shortOf(cause)}`);
  return html`${fastest} ${named(dear.system)} needs ${ratioText(dear.perRequest.cycles / cheap.perRequest.cycles)} times as many. Most of its ${amount(more)} cycles more: ${listed(why)}.`;
}

const shareText = ({ harmed, others }: Fall): string =>
  harmed.length === others
    ? `all ${counted(others, 'other')}`
    : `${countWord(harmed.length)} of the ${countWord(others)} others`;

function fallSentence(containments: readonly Containment[]): Content[] {
  const falls = containments.flatMap((containment) => {
    const fall = worstFall(containment, isNicDriver);
    return fall === undefined ? [] : [{ system: containment.system, fall }];
  });
  if (falls.length === 0) return [];
  const harmed = falls.filter(({ fall }) => fall.harmed.length > 0);
  const safe = falls.filter(({ fall }) => fall.harmed.length === 0);
  const harms = harmed.map(({ system, fall }) => html`${shareText(fall)} in ${named(system)}`);
  const first = harmed.length === 0 ? 'nobody else anywhere' : listed(harms);
  const rest =
    harmed.length === 0 || safe.length === 0
      ? ''
      : html`, and nobody else in ${listed(safe.map(({ system }) => named(system)))}`;
  return [html`When the NIC driver fails, it harms ${first}${rest}.`];
}

function privilegeSentence(systems: readonly SystemResult[]): Content[] {
  const sorted = [...systems].sort((a, b) => a.privilegedLines - b.privilegedLines);
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (least === undefined || most === undefined || least.privilegedLines === most.privilegedLines) return [];
  return [
    html`With the kernel’s privilege run ${amount(least.privilegedLines)} lines of code in ${named(least.system)} and ${amount(most.privilegedLines)} in ${named(most.system)}.`,
  ];
}

function sameness(systems: readonly SystemResult[]): Content[] {
  const failed = systems.filter((result) => result.failed > 0);
  const broken = failed.map(({ system, failed: count }) => html`${amount(count)} in ${named(system)}`);
  const slow = systems.filter(({ saturated }) => saturated !== undefined).map(({ system }) => named(system));
  const trouble = [
    ...(failed.length === 0 ? [] : [html`Requests failed: ${listed(broken)}.`]),
    ...(slow.length === 0 ? [] : [html`Requests arrived faster than they were answered in ${listed(slow)}.`]),
  ];
  if (systems.length < 2) return trouble;
  const digests = new Set(systems.map(({ applicationDigest }) => applicationDigest));
  const same =
    digests.size === 1
      ? 'Every system delivered the same application bytes on every connection.'
      : 'The application’s bytes are not the same in every system.';
  return [same, ...trouble];
}

export function findings({ comparison: { systems, sweep }, containment = [] }: ReportInput): Markup {
  const kept = sweep?.conclusions.filter(({ survives }) => survives).length ?? 0;
  const sentences = [
    costSentence(systems),
    ...fallSentence(containment),
    ...privilegeSentence(systems),
    ...(sweep === undefined
      ? []
      : [
          html`Varying every assumed price, ${countWord(kept)} of ${counted(sweep.conclusions.length, 'conclusion')} about who is ahead survive${kept === 1 ? 's' : ''}.`,
        ]),
    ...sameness(systems),
  ];
  return html`<ul class="findings">${sentences.map((sentence) => html`<li>${sentence}</li>`)}</ul>`;
}

interface Figure {
  readonly title: string;
  readonly text: (result: SystemResult) => string;
  /** What is best: for the bold type. Absent where there is no better. */
  readonly rank?: (result: SystemResult) => number;
}

/** Lowest rank is best. */
const FIGURES: readonly Figure[] = [
  {
    title: 'requests a second',
    text: ({ requestsPerSecond }) => amount(requestsPerSecond, 0),
    rank: ({ requestsPerSecond }) => -requestsPerSecond,
  },
  { title: 'latency p50', text: ({ latency }) => duration(latency.p50Ns), rank: ({ latency }) => latency.p50Ns },
  { title: 'latency p99', text: ({ latency }) => duration(latency.p99Ns), rank: ({ latency }) => latency.p99Ns },
  {
    title: 'cycles a request',
    text: ({ perRequest }) => amount(perRequest.cycles, 0),
    rank: ({ perRequest }) => perRequest.cycles,
  },
  {
    title: 'kernel entries a request',
    text: ({ perRequest }) => amount(perRequest.modeSwitches, 1),
    rank: ({ perRequest }) => perRequest.modeSwitches,
  },
  {
    title: 'address-space switches',
    text: ({ perRequest }) => amount(perRequest.addressSpaceSwitches, 1),
    rank: ({ perRequest }) => perRequest.addressSpaceSwitches,
  },
  { title: 'IPCs', text: ({ perRequest }) => amount(perRequest.ipcs, 1), rank: ({ perRequest }) => perRequest.ipcs },
  {
    title: 'copies',
    text: ({ perRequest }) => amount(perRequest.copies, 1),
    rank: ({ perRequest }) => perRequest.copies,
  },
  {
    title: 'privileged lines',
    text: ({ privilegedLines }) => amount(privilegedLines, 0),
    rank: ({ privilegedLines }) => privilegedLines,
  },
  { title: 'IOMMU', text: ({ iommu }) => iommu },
];

const bestOf = (systems: readonly SystemResult[], rank: (result: SystemResult) => number = () => 0): SystemResult =>
  systems.reduce((best, result) => (rank(result) < rank(best) ? result : best));

const FALLS = 'harmed by the NIC driver’s failure';

export function mainTable({ comparison: { systems }, containment = [] }: ReportInput): Markup {
  const falls = containment.length > 0;
  const column = (title: string): Markup => html`<th scope="col" role="columnheader">${title}</th>`;
  const fallOf = ({ system }: SystemResult): Markup => {
    const matrix = containment.find((candidate) => candidate.system === system);
    const fall = matrix && worstFall(matrix, isNicDriver);
    return html`<td role="cell" class="words" data-of="${FALLS}">${fall === undefined ? '–' : fallText(fall)}</td>`;
  };
  const cell = (result: SystemResult, { title, text, rank }: Figure): Markup => {
    const isBest =
      text(result) === text(bestOf(systems, rank)) && systems.some((other) => text(other) !== text(result));
    return html`<td role="cell" class="${rank !== undefined && isBest ? 'n best' : 'n'}" data-of="${title}">${text(result)}</td>`;
  };
  return html`<div class="scroll"><table class="main" role="table"><caption>Bold: the best of its column. Switches, IPCs and copies are those of one request.</caption>
<thead role="rowgroup"><tr role="row">${column('system')}${FIGURES.map(({ title }) => column(title))}${falls ? column(FALLS) : ''}</tr></thead>
<tbody role="rowgroup">${systems.map(
    (result) =>
      html`<tr role="row"><th scope="row" role="rowheader">${result.system}</th>${FIGURES.map((figure) => cell(result, figure))}${falls ? fallOf(result) : ''}</tr>\n`,
  )}</tbody></table></div>`;
}
