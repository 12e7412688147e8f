/** The sweep: what becomes of each conclusion when one assumption is halved and doubled. A tornado for each. */
import type { Conclusion, Sweep, Swing } from '@bulkhead/comparison';
import type { Chart } from '../figure.ts';
import { type Content, html, type Markup } from '../html.ts';
import { amount, ratioText } from '../numbers.ts';
import { chart, label, pct, ticksAcross, vertical } from '../svg.ts';
import { capital, counted, countWord, named } from '../words.ts';
import { type Axis, rangeAxis } from './scales.ts';

const ROW_PX = 36;
const BAR_TOP_PX = 17;
const BAR_PX = 12;
const AXIS_PX = 34;
/** The widest swings; the rest are in the data. */
const SHOWN = 6;

const TOGETHER = 'all of them at once';

const ends = ({ ratios }: Pick<Swing, 'ratios'>): readonly [number, number] => [
  Math.min(...ratios),
  Math.max(...ratios),
];

/** A bar's row: one assumption, or all of them at once. */
interface Row {
  readonly label: string;
  readonly ratios: readonly number[];
  /** What a pointer that rests on it is told. */
  readonly note: string;
}
const rowOf = ({ label: name, cycles, certainty, source, ratios }: Swing): Row => ({
  label: name,
  ratios,
  note: `${name}: ${amount(cycles)} cycles, ${certainty}, ${source}`,
});
const rowsOf = ({ together, swings }: Conclusion): Row[] => [
  ...(together === undefined ? [] : [{ label: TOGETHER, ratios: together, note: TOGETHER }]),
  ...swings.slice(0, SHOWN).map(rowOf),
];

function bar(swing: Row, index: number, { ratio }: Conclusion, axis: Axis): Markup {
  const top = index * ROW_PX;
  const [least, most] = ends(swing);
  const part = (from: number, to: number, kind: string): Markup =>
    html`<rect class="bar ${kind}" x="${pct(axis.place(from))}" width="${pct(axis.place(to) - axis.place(from))}" y="${top + BAR_TOP_PX}" height="${BAR_PX}"/>`;
  const across = (value: number, kind: string): Markup =>
    vertical(axis.place(value), top + BAR_TOP_PX - 3, top + BAR_TOP_PX + BAR_PX + 3, kind);
  return html`<text class="part" y="${top + 12}">${swing.label}</text>
<text class="value" x="100%" y="${top + 12}">${ratioText(least)} to ${ratioText(most)}</text>
<g>${part(Math.min(least, ratio), ratio, 'down')}${part(ratio, Math.max(most, ratio), 'up')}<title>${swing.note}</title></g>${across(ratio, 'axis')}${across(1, 'limit')}`;
}

function tornado(conclusion: Conclusion): Markup {
  const { ahead, behind, ratio, survives } = conclusion;
  const shown = rowsOf(conclusion);
  const values = [1, ratio, ...shown.flatMap(ends)];
  const axis = rangeAxis(Math.min(...values), Math.max(...values));
  const height = shown.length * ROW_PX;
  const title = `${behind} by ${ahead}: how the ratio of their cycles a request moves with each assumption`;
  return html`<div class="panel"><h3>${ahead} ahead of ${behind}</h3>
<p class="note">${ratioText(ratio)} times the cycles. <b class="${survives ? 'holds' : 'breaks'}">${survives ? 'Survives.' : 'Does not survive.'}</b></p>
${chart(height + AXIS_PX, title, [
  ticksAcross(axis, height + 16, ratioText),
  shown.map((swing, index) => bar(swing, index, conclusion, axis)),
  label(axis.place(1), height + 30, 'equal', 'limit-name'),
])}</div>`;
}

function captionOf({ conclusions, factors }: Sweep): Content {
  const broken = conclusions.filter(({ survives }) => !survives);
  const kept = conclusions.length - broken.length;
  const range = `from ×${Math.min(...factors)} to ×${Math.max(...factors)}`;
  const narrowest = [...conclusions].filter(({ survives }) => survives).sort((a, b) => a.ratio - b.ratio)[0];
  const fate =
    broken.length === 0
      ? 'None of them is turned round.'
      : html`Turned round by some value: ${broken.map(({ ahead, behind }, index) => html`${index > 0 ? '; ' : ''}${named(ahead)} ahead of ${named(behind)}`)}.`;
  const close =
    narrowest === undefined
      ? ''
      : html` The closest that holds is ${named(narrowest.ahead)} ahead of ${named(narrowest.behind)}, by ${ratioText(narrowest.ratio)}.`;
  return html`Each assumed price is varied alone, ${factors.length === 0 ? '' : range}. ${capital(countWord(kept))} of ${counted(conclusions.length, 'conclusion')} survive${kept === 1 ? 's' : ''}. ${fate}${close}`;
}

export function sweepTornadoes(sweep: Sweep, command: string): Chart {
  return {
    id: 'sweep',
    title: 'Which conclusions survive the assumptions',
    caption: captionOf(sweep),
    drawing: html`<div class="panels">${sweep.conclusions.map(tornado)}</div>`,
    key: html`<p class="note">A bar is the range of the ratio while one assumption moves, the widest first; a bar that crosses the line “equal” would turn the conclusion round.</p>`,
    data: {
      name: 'sweep',
      columns: [
        'ahead',
        'behind',
        'ratio',
        'survives',
        'assumption',
        'cycles',
        'certainty',
        ...sweep.factors.map((factor) => `at ×${factor}`),
        'source',
      ],
      rows: sweep.conclusions.flatMap(({ ahead, behind, ratio, survives, swings }) =>
        swings.map(({ label: assumption, cycles, certainty, ratios, source }) => [
          ahead,
          behind,
          ratio,
          survives ? 'yes' : 'no',
          assumption,
          cycles,
          certainty,
          ...sweep.factors.map((_, index) => ratios[index] ?? ''),
          source,
        ]),
      ),
    },
    command,
  };
}
