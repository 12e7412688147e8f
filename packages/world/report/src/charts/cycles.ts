/** Cycles a request by cause: one bar a system, all on one scale. */
import type { Comparison, SystemResult } from '@bulkhead/comparison';
import { CAUSE_WORDS, type Cycles, causesIn, colourOf, cyclesOf, sumOf, wallsOf } from '../causes.ts';
import type { Chart } from '../figure.ts';
import { type Content, html, type Markup } from '../html.ts';
import { amount, percent, ratioText } from '../numbers.ts';
import { chart, NARROWEST_PX, pct, textWidth, WIDE_PX } from '../svg.ts';
import { listed, named } from '../words.ts';

const ROW_PX = 58;
const BAR_TOP_PX = 20;
const BAR_PX = 28;
const LABEL_PX = 13;

export interface BarOptions {
  readonly byCause: Cycles;
  readonly causes: readonly string[];
  /** Cycles that fill the width. */
  readonly full: number;
  readonly topPx: number;
  readonly heightPx: number;
  readonly isLabelled: boolean;
  /** Whose it is, for a pointer that rests on it. */
  readonly whose: string;
}

/** One stacked bar. A cause is written in its part where it fits. */
export function stackedBar({ byCause, causes, full, topPx, heightPx, isLabelled, whose }: BarOptions): Content {
  let from = 0;
  return causes.map((cause) => {
    const cycles = cyclesOf(byCause, cause);
    if (cycles === 0) return '';
    const start = from;
    from += cycles / full;
    const share = cycles / full;
    const text = `${whose}, ${cause}: ${amount(cycles)} cycles a request (${percent(cycles / sumOf(byCause))})`;
    const bar = html`<rect class="bar ${colourOf(cause)}" x="${pct(start)}" width="${pct(share)}" y="${topPx}" height="${heightPx}"><title>${text}</title></rect>`;
    if (!isLabelled) return bar;
    const middle = start + share / 2;
    const write = (text: string, kind: string): Markup =>
      html`<text class="in ${kind}" x="${pct(middle)}" y="${topPx + heightPx / 2 + 4}">${text}</text>`;
    const fits = (text: string, widthPx: number): boolean => share * widthPx > textWidth(text, LABEL_PX);
    const whole = `${cause} ${amount(cycles, 0)}`;
    return [
      bar,
      fits(cause, NARROWEST_PX) ? write(cause, 'on-narrow') : '',
      fits(whole, WIDE_PX) ? write(whole, 'on-wide') : fits(cause, WIDE_PX) ? write(cause, 'on-wide') : '',
    ];
  });
}

function row({ system, perRequest }: SystemResult, index: number, causes: readonly string[], full: number): Markup {
  const top = index * ROW_PX;
  const bar = { byCause: perRequest.byCause, causes, full, topPx: top + BAR_TOP_PX, heightPx: BAR_PX };
  return html`<text class="name" y="${top + 14}">${system}</text>
<text class="value" x="100%" y="${top + 14}">${amount(perRequest.cycles)} cycles</text>
${stackedBar({ ...bar, isLabelled: true, whose: system })}`;
}

const byCausesOf = (systems: readonly SystemResult[]): Cycles[] => systems.map(({ perRequest }) => perRequest.byCause);

/** Every colour with what it stands for. */
export function causeKey(systems: readonly SystemResult[]): Markup {
  const causes = causesIn(byCausesOf(systems));
  const entry = (cause: string): Markup =>
    html`<li><span class="swatch ${colourOf(cause)}"></span><b>${cause}</b> ${meaningOf(cause)}</li>`;
  const isWall = (cause: string): boolean => CAUSE_WORDS.some((known) => known.isWall && known.cause === cause);
  const group = (title: string, members: readonly string[]): Content =>
    members.length === 0 ? '' : html`<div><h3>${title}</h3><ul>${members.map(entry)}</ul></div>`;
  return html`<div class="key">${group(
    'Work that every design does',
    causes.filter((cause) => !isWall(cause)),
  )}${group('What the walls cost', causes.filter(isWall))}</div>`;
}

const meaningOf = (cause: string): string =>
  CAUSE_WORDS.find((known) => known.cause === cause)?.meaning ?? 'a cause of its own';

export const byCycles = (systems: readonly SystemResult[]): SystemResult[] =>
  [...systems].sort((a, b) => a.perRequest.cycles - b.perRequest.cycles);

function captionOf(systems: readonly SystemResult[]): Content {
  const sorted = byCycles(systems);
  const least = sorted[0];
  const most = sorted.at(-1);
  if (least === undefined || most === undefined) return 'No system was measured.';
  const wallShare = ({ perRequest: { byCause } }: SystemResult): string =>
    percent(sumOf(byCause) > 0 ? wallsOf(byCause) / sumOf(byCause) : 0);
  const shares = sorted.map((result) => html`${named(result.system)} ${wallShare(result)}`);
  const spread =
    least === most || !(least.perRequest.cycles > 0)
      ? ''
      : html` From the shortest bar to the longest it is a factor of ${ratioText(most.perRequest.cycles / least.perRequest.cycles)}.`;
  return html`The warm colours are the price of the walls: ${listed(shares)} of the cycles.${spread}`;
}

export function cyclesByCause({ systems, command }: Comparison): Chart {
  const causes = causesIn(byCausesOf(systems));
  const full = Math.max(1, ...systems.map(({ perRequest }) => sumOf(perRequest.byCause)));
  const title = 'Where the cycles of one request go';
  return {
    id: 'cycles-by-cause',
    title,
    caption: captionOf(systems),
    drawing: chart(
      systems.length * ROW_PX,
      `${title}: a stacked bar for each system`,
      systems.map((result, index) => row(result, index, causes, full)),
    ),
    key: causeKey(systems),
    data: {
      name: 'cycles-by-cause',
      columns: ['system', ...causes, 'total'],
      rows: systems.map(({ system, perRequest: { byCause, cycles } }) => [
        system,
        ...causes.map((cause) => cyclesOf(byCause, cause)),
        cycles,
      ]),
    },
    command,
  };
}
