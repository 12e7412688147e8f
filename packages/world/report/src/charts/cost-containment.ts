/** Cost against containment: what a system costs, and how many others its NIC driver takes with it. */
import type { Comparison } from '@bulkhead/comparison';
import type { Chart } from '../figure.ts';
import { type Content, html, type Markup } from '../html.ts';
import type { Containment } from '../input.ts';
import { amount } from '../numbers.ts';
import { at, chart, horizontal, NARROWEST_PX, ticksAcross, vertical, WIDE_PX } from '../svg.ts';
import { listed, named } from '../words.ts';
import { isNicDriver, worstFall } from './containment.ts';
import { linearAxis } from './scales.ts';
import { labelled, type Spot } from './spots.ts';

const TOP_PX = 56;
const PLOT_PX = 220;
const AXIS_PX = 40;
/** Between the line of those that harm nobody and the axis: names stand beside dots, not on the axis. */
const FOOT_PX = 20;

interface Dot {
  readonly system: string;
  readonly cycles: number;
  readonly harmed: number;
}
export function dotsOf({ systems }: Comparison, containments: readonly Containment[]): Dot[] {
  return systems.flatMap(({ system, perRequest: { cycles } }) => {
    const containment = containments.find((candidate) => candidate.system === system);
    const fall = containment && worstFall(containment, isNicDriver);
    return fall === undefined ? [] : [{ system, cycles, harmed: fall.harmed.length }];
  });
}

const mark = ({ system, cycles, harmed }: Dot): Markup =>
  html`<circle class="dot" r="6"><title>${system}: ${amount(cycles)} cycles a request, ${harmed} harmed</title></circle>`;

function name({ text, dx, dy }: Spot): Markup {
  const leader = dy === 0 ? '' : html`<path class="leader" d="M0 ${dy < 0 ? -6 : 6}L${dx / 2} ${dy}"/>`;
  return html`${leader}<text class="name small" x="${dx}" y="${dy + 4}" text-anchor="${dx < 0 ? 'end' : 'start'}">${text}</text>`;
}

function captionOf(dots: readonly Dot[]): Content {
  const fewest = Math.min(...dots.map(({ harmed }) => harmed));
  const contained = dots.filter(({ harmed }) => harmed === fewest).sort((a, b) => a.cycles - b.cycles);
  const cheapest = [...dots].sort((a, b) => a.cycles - b.cycles)[0];
  const safest = contained[0];
  if (cheapest === undefined || safest === undefined) return 'No system here has a NIC driver.';
  const others = (harmed: number): string => (harmed === 0 ? 'nobody else' : `${harmed} others`);
  if (cheapest === safest)
    return html`Nearer the bottom left is better. ${named(safest.system)} is both: no system costs less, and none loses fewer when the NIC driver fails (${others(fewest)}).`;
  return html`Nearer the bottom left is better. ${named(cheapest.system)} costs least, ${amount(cheapest.cycles)} cycles, and its NIC driver’s failure harms ${others(cheapest.harmed)}. Of ${listed(contained.map(({ system }) => named(system)))}, where it harms ${others(fewest)}, ${named(safest.system)} is the cheapest at ${amount(safest.cycles)}.`;
}

function drawingOf(dots: readonly Dot[]): Markup {
  const x = linearAxis(Math.max(1, ...dots.map(({ cycles }) => cycles)) * 1.04);
  const y = linearAxis(Math.max(1, ...dots.map(({ harmed }) => harmed)));
  const yOf = (harmed: number): number => TOP_PX + PLOT_PX * (1 - y.place(harmed));
  const bottom = TOP_PX + PLOT_PX + FOOT_PX;
  const spots = dots.map(({ system, cycles, harmed }) => ({ text: system, x: x.place(cycles), y: yOf(harmed) }));
  const names = (widthPx: number, kind: string): Markup[] =>
    labelled(spots, widthPx, bottom).map((spot) => at(spot.x, spot.y, name(spot), kind));
  const rows = y.ticks
    .filter((tick) => tick % 1 === 0)
    .map((tick) => [horizontal(yOf(tick), 'grid'), html`<text class="tick" y="${yOf(tick) - 4}">${tick}</text>`]);
  const columns = [
    x.ticks.map((tick) => vertical(x.place(tick), bottom, bottom + 5, 'axis')),
    ticksAcross(x, bottom + 18, (tick) => amount(tick)),
  ];
  return chart(bottom + AXIS_PX, 'Each system by its cycles a request and by how many others its NIC driver harms', [
    html`<text class="axis-name" y="14">↑ others that its failure harms</text>`,
    rows,
    horizontal(bottom, 'axis'),
    columns,
    html`<text class="axis-name" x="100%" y="${bottom + 34}" text-anchor="end">cycles a request →</text>`,
    dots.map((dot) => at(x.place(dot.cycles), yOf(dot.harmed), mark(dot))),
    names(NARROWEST_PX, 'on-narrow'),
    names(WIDE_PX, 'on-wide'),
  ]);
}

export function costAgainstContainment(comparison: Comparison, containments: readonly Containment[]): Chart {
  const dots = dotsOf(comparison, containments);
  return {
    id: 'cost-containment',
    title: 'What it costs, and what falls with the NIC driver',
    caption: captionOf(dots),
    drawing: drawingOf(dots),
    data: {
      name: 'cost-containment',
      columns: ['system', 'cycles a request', 'others harmed when the NIC driver fails'],
      rows: dots.map(({ system, cycles, harmed }) => [system, cycles, harmed]),
    },
    command: comparison.command,
  };
}
