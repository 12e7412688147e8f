/** Synchronous against asynchronous IPC, by how many messages are handed over at once. */
import type { Chart } from '../figure.ts';
import { type Content, html, type Markup } from '../html.ts';
import type { IpcBatch, IpcBatches } from '../input.ts';
import { amount, ratioText } from '../numbers.ts';
import { at, chart, horizontal, px, STRETCHED_WIDTH, stretched, ticksAcross } from '../svg.ts';
import { linearAxis } from './scales.ts';

const TOP_PX = 42;
const PLOT_PX = 200;
const AXIS_PX = 40;

interface Line {
  readonly kind: 'sync' | 'async';
  readonly text: string;
  readonly value: (row: IpcBatch) => number;
}
const LINES: readonly Line[] = [
  { kind: 'sync', text: 'synchronous', value: ({ syncCyclesPerMessage }) => syncCyclesPerMessage },
  { kind: 'async', text: 'asynchronous', value: ({ asyncCyclesPerMessage }) => asyncCyclesPerMessage },
];

const inBatches = ({ batch }: IpcBatch): string => (batch === 1 ? 'alone' : `in batches of ${batch}`);

function captionOf(rows: readonly IpcBatch[]): Content {
  const ahead = (row: IpcBatch): boolean => row.asyncCyclesPerMessage < row.syncCyclesPerMessage;
  const first = rows[0];
  const last = rows.at(-1);
  if (first === undefined || last === undefined) return 'Nothing was measured.';
  const one = html`Handed over ${inBatches(first)}, a message costs ${amount(first.syncCyclesPerMessage)} cycles synchronously and ${amount(first.asyncCyclesPerMessage)} asynchronously; ${inBatches(last)}, ${amount(last.syncCyclesPerMessage)} and ${amount(last.asyncCyclesPerMessage)}.`;
  const turn = rows.find((_, index) => rows.slice(index).every(ahead));
  if (turn === undefined) return html`${one} Synchronous IPC stays ahead.`;
  const gain = last.syncCyclesPerMessage / last.asyncCyclesPerMessage;
  const from = turn === first ? 'At every size shown' : `From batches of ${turn.batch}`;
  return html`${one} ${from}, asynchronous IPC is ahead, in the end by a factor of ${ratioText(gain)}.`;
}

const marker = (kind: Line['kind']): Markup =>
  kind === 'sync'
    ? html`<circle class="dot sync" r="5"/>`
    : html`<rect class="dot async" x="-5" y="-5" width="10" height="10"/>`;

function drawingOf(rows: readonly IpcBatch[]): Markup {
  const axis = linearAxis(Math.max(1, ...rows.flatMap((row) => LINES.map(({ value }) => value(row)))));
  const xOf = (index: number): number => 0.12 + (0.84 * index) / Math.max(1, rows.length - 1);
  const yOf = (cycles: number): number => TOP_PX + PLOT_PX * (1 - axis.place(cycles));
  const bottom = TOP_PX + PLOT_PX;
  const batches = {
    ticks: rows.map(({ batch }) => batch),
    place: (size: number): number => xOf(rows.findIndex(({ batch }) => batch === size)),
  };
  const line = ({ kind, value }: Line): Content => {
    const points = rows.map((row, index) => `${px(xOf(index) * STRETCHED_WIDTH)},${px(yOf(value(row)))}`);
    return [
      stretched(0, bottom, html`<polyline class="line ${kind}" points="${points.join(' ')}"/>`),
      rows.map((row, index) => at(xOf(index), yOf(value(row)), marker(kind))),
    ];
  };
  return chart(bottom + AXIS_PX, 'Cycles a message by batch size, synchronous and asynchronous', [
    html`<text class="axis-name" y="14">↑ cycles a message</text>`,
    axis.ticks.map((tick) => [
      horizontal(yOf(tick), tick === 0 ? 'axis' : 'grid'),
      html`<text class="tick" y="${px(yOf(tick) - 4)}">${amount(tick)}</text>`,
    ]),
    ticksAcross(batches, bottom + 18, amount),
    html`<text class="axis-name" x="100%" y="${bottom + 34}" text-anchor="end">messages handed over at once →</text>`,
    LINES.map(line),
  ]);
}

export function syncAgainstAsync({ profile, rows, command }: IpcBatches): Chart {
  return {
    id: 'ipc',
    title: 'Synchronous or asynchronous messages',
    caption: captionOf(rows),
    drawing: drawingOf(rows),
    key: html`<p class="note">${LINES.map(
      ({ kind, text }) =>
        html`<svg class="sample" width="34" height="12" aria-hidden="true"><line class="line ${kind}" x2="34" y1="6" y2="6"/>${at(0.5, 6, marker(kind))}</svg> ${text} `,
    )}· profile ${profile}</p>`,
    data: {
      name: 'ipc-by-batch',
      columns: ['batch', 'synchronous cycles a message', 'asynchronous cycles a message'],
      rows: rows.map((row) => [row.batch, ...LINES.map(({ value }) => value(row))]),
    },
    command: command ?? `bulkhead explain ipc --profile ${profile}`,
  };
}
