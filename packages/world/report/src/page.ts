/** The page: a summary, the charts, and the comparison itself to take away. */

import { cyclesByComponent } from './charts/components.ts';
import { containmentMatrices, inOrder } from './charts/containment.ts';
import { costAgainstContainment } from './charts/cost-containment.ts';
import { cyclesByCause } from './charts/cycles.ts';
import { domainBoxes } from './charts/domains.ts';
import { syncAgainstAsync } from './charts/ipc.ts';
import { latencies } from './charts/latency.ts';
import { sweepTornadoes } from './charts/sweep.ts';
import { componentsInOrder, kindsInOrder } from './component-order.ts';
import { download } from './data-table.ts';
import { type Chart, figure } from './figure.ts';
import { html, Markup } from './html.ts';
import type { Containment, ReportInput } from './input.ts';
import { STYLE } from './style.ts';
import { conditions, findings, headline, mainTable } from './summary.ts';

/** Nothing may be fetched: the browser holds to it even where we err. CSP Level 3 §6.1. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

/** Matrices of systems that were compared, in the comparison's order. */
function matricesOf({ comparison: { systems }, containment = [] }: ReportInput): Containment[] {
  const kinds = kindsInOrder(systems);
  return systems.flatMap((result) => {
    const names = componentsInOrder(result, kinds).map(({ name }) => name);
    return containment.filter(({ system }) => system === result.system).map((matrix) => inOrder(matrix, names));
  });
}

function chartsOf({ comparison, containment = [], ipcBatches }: ReportInput): Chart[] {
  const { systems, sweep, command } = comparison;
  if (systems.length === 0) return [];
  return [
    domainBoxes(comparison),
    cyclesByCause(comparison),
    cyclesByComponent(comparison),
    latencies(comparison),
    ...(containment.length === 0
      ? []
      : [costAgainstContainment(comparison, containment), containmentMatrices(containment)]),
    ...(ipcBatches === undefined ? [] : [syncAgainstAsync(ipcBatches)]),
    ...(sweep === undefined ? [] : [sweepTornadoes(sweep, command)]),
  ];
}

const contents = (charts: readonly Chart[]): Markup =>
  html`<nav aria-label="Contents"><ul>${charts.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>`;

/** @returns one HTML page that stands alone: no script, and nothing to fetch. The same input gives the same bytes. */
export function reportHtml(given: ReportInput): string {
  const input = { ...given, containment: matricesOf(given) };
  const { comparison, generatedBy } = input;
  const charts = chartsOf(input);
  const names = comparison.systems.map(({ system }) => system).join(', ');
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>Bulkhead: ${names}</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<header>
<h1>${headline(comparison)}</h1>
<p class="lead">${conditions(comparison)}</p>
</header>
<main>
${findings(input)}
${mainTable(input)}
${contents(charts)}
${charts.map(figure)}
</main>
<footer>
<p>Everything again: <code>${comparison.command}</code></p>
<p>All of it as data: ${download('comparison.json', 'application/json', JSON.stringify(comparison), 'comparison.json')}. Made by ${generatedBy}.</p>
</footer>
</body>
</html>
`.toString();
}
