/** Cycles a request by component and cause: one panel a system, all bars on one scale. */
import type { Comparison, SystemResult } from '@bulkhead/comparison';
import { type Cycles, causesIn, cyclesOf, sumOf } from '../causes.ts';
import { componentsInOrder, kindsInOrder } from '../component-order.ts';
import type { Chart } from '../figure.ts';
import { type Content, html, type Markup } from '../html.ts';
import { amount, percent } from '../numbers.ts';
import { chart } from '../svg.ts';
import { listed, named } from '../words.ts';
import { stackedBar } from './cycles.ts';

const ROW_PX = 34;
const BAR_TOP_PX = 16;
const BAR_PX = 11;

interface Row {
  readonly component: string;
  readonly byCause: Cycles;
}

interface Panel {
  readonly result: SystemResult;
  readonly rows: readonly Row[];
}

/** Components in order, then whatever else was charged: the kernel's core. */
function rowsOf(result: SystemResult, kinds: readonly string[]): Row[] {
  const { byComponentAndCause } = result.perRequest;
  const described = componentsInOrder(result, kinds).map(({ name }) => name);
  const names = new Set([...described, ...Object.keys(byComponentAndCause)]);
  return [...names].map((component) => ({
    component,
    byCause: Object.hasOwn(byComponentAndCause, component) ? byComponentAndCause[component]! : {},
  }));
}

function panel(result: SystemResult, rows: readonly Row[], causes: readonly string[], full: number): Markup {
  const line = ({ component, byCause }: Row, index: number): Content => {
    const top = index * ROW_PX;
    const bar = { byCause, causes, full, topPx: top + BAR_TOP_PX, heightPx: BAR_PX, isLabelled: false };
    return html`<text class="part" y="${top + 12}">${component}</text>
<text class="value" x="100%" y="${top + 12}">${amount(sumOf(byCause), 0)}</text>
<rect class="track" width="100%" y="${bar.topPx}" height="${BAR_PX}"/>
${stackedBar({ ...bar, whose: component })}`;
  };
  return html`<div class="panel"><h3>${result.system}</h3>
${chart(rows.length * ROW_PX, `${result.system}: cycles of one request by component and cause`, rows.map(line))}</div>`;
}

/** Who does the most in each system, and how much of all. */
function captionOf(panels: readonly Panel[]): Content {
  const heaviest = panels.flatMap(({ result, rows: all }) => {
    const rows = [...all].sort((a, b) => sumOf(b.byCause) - sumOf(a.byCause));
    const total = rows.reduce((sum, { byCause }) => sum + sumOf(byCause), 0);
    const first = rows[0];
    return first === undefined || total === 0
      ? []
      : [html`${first.component} in ${named(result.system)} (${percent(sumOf(first.byCause) / total)})`];
  });
  if (heaviest.length === 0) return 'Nobody was charged.';
  return html`The same components everywhere, on one scale. Most is charged to ${listed(heaviest)}. What a crossing costs is charged to the kernel.`;
}

/** Below this nobody sees a bar. */
const LEAST_CYCLES = 0.5;

export function cyclesByComponent({ systems, command }: Comparison): Chart {
  const kinds = kindsInOrder(systems);
  const whole = systems.map((result) => ({ result, rows: rowsOf(result, kinds) }));
  const isBusy = ({ byCause }: Row): boolean => sumOf(byCause) >= LEAST_CYCLES;
  const names = [...new Set(whole.flatMap(({ rows }) => rows.map(({ component }) => component)))];
  const busy = new Set(whole.flatMap(({ rows }) => rows.filter(isBusy).map(({ component }) => component)));
  const quiet = names.filter((name) => !busy.has(name));
  const panels = whole.map(({ result, rows }) => ({
    result,
    rows: rows.filter(({ component }) => busy.has(component)),
  }));
  const all = panels.flatMap(({ rows }) => rows.map(({ byCause }) => byCause));
  const causes = causesIn(all);
  const full = Math.max(1, ...all.map(sumOf));
  return {
    id: 'cycles-by-component',
    title: 'Who spends them',
    caption: captionOf(whole),
    drawing: html`<div class="panels">${panels.map(({ result, rows }) => panel(result, rows, causes, full))}</div>`,
    key: html`<p class="note">Colours as above; a bar that fills its track is ${amount(full, 0)} cycles.${
      quiet.length === 0 ? '' : html` Not shown, for a request costs them nothing in any system: ${listed(quiet)}.`
    }</p>`,
    data: {
      name: 'cycles-by-component',
      columns: ['system', 'component', ...causes, 'total'],
      rows: whole.flatMap(({ result, rows }) =>
        rows.map(({ component, byCause }) => [
          result.system,
          component,
          ...causes.map((cause) => cyclesOf(byCause, cause)),
          sumOf(byCause),
        ]),
      ),
    },
    command,
  };
}
