/** A comparison for people. */
import { type Comparison, tornadoText } from '@bulkhead/comparison';
import type { WorkloadOptions } from '@bulkhead/load';
import { comparisonTable } from './comparison-table.ts';
import { histogramText } from './histogram-text.ts';
import { whole } from './table.ts';

const CHART_COLUMNS = 100;

/** @param histograms with every latency, beside the percentiles. */
export function comparisonText(comparison: Comparison, histograms = false): string {
  const { workload, profile, seed, systems, sweep } = comparison;
  const lines = [
    `${describeLoad(workload)}, profile ${profile.name}, seed ${seed}`,
    '',
    comparisonTable(systems),
    '',
    `digests: ${systems.map(({ system, digest }) => `${system} ${digest}`).join(', ')}`,
  ];
  if (histograms)
    for (const { system, latency } of systems) lines.push('', `${system}: latencies`, '', histogramText(latency));
  for (const { system, saturated } of systems) {
    if (saturated !== undefined)
      lines.push(
        `${system} cannot keep up: ${whole(saturated.offeredPerSecond)} requests a second arrive and ${whole(saturated.answeredPerSecond)} are answered; its latencies only tell how long was measured`,
      );
  }
  if (sweep !== undefined) {
    lines.push('', `Every assumption alone × ${sweep.factors.join(' and × ')}:`, '');
    for (const conclusion of sweep.conclusions) lines.push(tornadoText(conclusion, sweep.factors, CHART_COLUMNS));
  }
  return `${lines.join('\n')}\n`;
}

export function describeLoad({ workload, requests, clients, sizeBytes, path, loop }: WorkloadOptions): string {
  const what: Readonly<Record<WorkloadOptions['workload'], string>> = {
    'null-call': 'calls that do nothing',
    'udp-echo': `datagrams of ${sizeBytes} bytes and their echoes`,
    'tcp-stream': `blocks of ${sizeBytes} bytes of streams`,
    http: `requests for ${path ?? `/bytes/${sizeBytes}`}`,
    kv: `commands on values of ${sizeBytes} bytes`,
  };
  const pace =
    loop.kind === 'closed'
      ? `by ${clients} ${clients === 1 ? 'client' : 'clients'}`
      : `arriving at ${whole(loop.requestsPerSecond)} a second for ${clients} clients`;
  return `${whole(requests)} ${what[workload]} ${pace}`;
}
