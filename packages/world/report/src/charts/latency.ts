/** How latencies are spread: one hill a system, over one logarithmic axis. */
import type { Comparison, SystemResult } from '@bulkhead/comparison';
import type { Chart } from '../figure.ts';
import { type Content, html, type Markup } from '../html.ts';
import { duration, ratioText } from '../numbers.ts';
import { chart, px, STRETCHED_WIDTH, stretched, ticksAcross, vertical } from '../svg.ts';
import { named } from '../words.ts';
import { type Axis, logAxis } from './scales.ts';

type Latency = SystemResult['latency'];

const ROW_PX = 74;
const HILL_TOP_PX = 20;
const HILL_PX = 44;
const AXIS_PX = 24;
/** Slices of the axis: wide enough to be seen, narrow enough to keep the shape. */
const SLICES = 120;

/** @returns what share of the latencies falls into each slice of the axis. A bucket is spread over all that it covers. */
function slicesOf({ buckets, count, minNs, maxNs }: Latency, axis: Axis): Float64Array {
  const slices = new Float64Array(SLICES);
  for (const { fromNs, toNs, count: inBucket } of buckets) {
    const from = axis.place(Math.max(fromNs, minNs)) * SLICES;
    const to = Math.max(from, axis.place(Math.min(toNs, maxNs)) * SLICES);
    const share = count > 0 ? inBucket / count : 0;
    for (let slice = Math.floor(from); slice <= to && slice < SLICES; slice++) {
      const covered = to === from ? 1 : (Math.min(to, slice + 1) - Math.max(from, slice)) / (to - from);
      slices[slice] = slices[slice]! + share * covered;
    }
  }
  return slices;
}

/** Steps, each as high as its share of the highest in this system. */
function hill(slices: Float64Array): string {
  const highest = Math.max(...slices);
  if (highest <= 0) return '';
  const width = STRETCHED_WIDTH / SLICES;
  let path = `M0 ${HILL_PX}`;
  for (let slice = 0; slice < SLICES; slice++) {
    const share = slices[slice]!;
    // What happened at all must be seen: never thinner than a pixel.
    const height = share === 0 ? 0 : Math.max(1, (share / highest) * HILL_PX);
    path += `V${px(HILL_PX - height)}H${px((slice + 1) * width)}`;
  }
  return `${path}V${HILL_PX}Z`;
}

function row({ system, latency }: SystemResult, index: number, axis: Axis): Markup {
  const top = index * ROW_PX;
  const hillTop = top + HILL_TOP_PX;
  const [p50, p99] = [axis.place(latency.p50Ns), axis.place(latency.p99Ns)];
  return html`<text class="name" y="${top + 14}">${system}</text>
<text class="value" x="100%" y="${top + 14}">p50 ${duration(latency.p50Ns)} · p99 ${duration(latency.p99Ns)}</text>
${stretched(hillTop, HILL_PX, html`<path class="hill" d="${hill(slicesOf(latency, axis))}"/>`)}
<line class="axis" x2="100%" y1="${hillTop + HILL_PX}" y2="${hillTop + HILL_PX}"/>
${vertical(p50, hillTop, hillTop + HILL_PX, 'median')}${vertical(p99, hillTop, hillTop + HILL_PX, 'tail')}`;
}

function captionOf(systems: readonly SystemResult[]): Content {
  const sorted = [...systems].sort((a, b) => a.latency.p50Ns - b.latency.p50Ns);
  const first = sorted[0];
  const last = sorted.at(-1);
  if (first === undefined || last === undefined) return 'No system was measured.';
  const typical = ({ system, latency }: SystemResult): Markup =>
    html`half of ${named(system)}’s answers take at most ${duration(latency.p50Ns)}`;
  const tail = ({ latency }: SystemResult): number => (latency.p50Ns > 0 ? latency.p99Ns / latency.p50Ns : 0);
  const longest = [...systems].sort((a, b) => tail(b) - tail(a))[0]!;
  const range =
    first === last ? html`Here ${typical(first)}` : html`At best ${typical(first)}, at worst ${typical(last)}`;
  return html`${range}. The longest tail is ${named(longest.system)}’s: its 99th percentile is ${ratioText(tail(longest))} times its median.`;
}

export function latencies({ systems, command }: Comparison): Chart {
  const axis = logAxis(
    Math.min(...systems.map(({ latency }) => latency.minNs)),
    Math.max(...systems.map(({ latency }) => latency.maxNs)),
  );
  const height = systems.length * ROW_PX;
  const ticks = [
    axis.ticks.map((tick) => vertical(axis.place(tick), 0, height, 'grid')),
    ticksAcross(axis, height + 16, duration),
  ];
  return {
    id: 'latency',
    title: 'How long an answer takes',
    caption: captionOf(systems),
    drawing: chart(height + AXIS_PX, 'Distribution of latencies, one row for each system, on a logarithmic axis', [
      ticks,
      systems.map((result, index) => row(result, index, axis)),
    ]),
    key: html`<p class="note"><span class="line median"></span> p50, the median · <span class="line tail"></span> p99 · the axis is logarithmic · each hill has the same height: compare where they stand and how wide they are</p>`,
    data: {
      name: 'latency',
      columns: ['system', 'above ns', 'at most ns', 'answers'],
      rows: systems.flatMap(({ system, latency }) =>
        latency.buckets.map(({ fromNs, toNs, count }) => [system, fromNs, toNs, count]),
      ),
    },
    command,
  };
}
