/** The table that people come for. */
import type { SystemResult } from '@bulkhead/comparison';
import { table, tenths, whole } from './table.ts';

const US = 1000;

/** One row a figure, one column a system. */
export function comparisonTable(results: readonly SystemResult[]): string {
  const row = (label: string, of: (result: SystemResult) => string): string[] => [label, ...results.map(of)];
  const causes = namesIn(results, ({ perRequest }) => perRequest.byCause);
  const components = namesIn(results, ({ perRequest }) => perRequest.byComponent);
  const rows = [
    row('requests a simulated second', (r) => whole(r.requestsPerSecond)),
    row('… if the processor alone were the limit', (r) => whole(r.requestsPerSecondOfProcessor)),
    row('latency p50, µs', (r) => tenths(r.latency.p50Ns / US)),
    row('latency p99, µs', (r) => tenths(r.latency.p99Ns / US)),
    row('latency p99.9, µs', (r) => tenths(r.latency.p999Ns / US)),
    row('latency, longest, µs', (r) => tenths(r.latency.maxNs / US)),
    row('cycles a request', (r) => whole(r.perRequest.cycles)),
    ...causes.map((cause) => row(`  ${cause}`, (r) => whole(r.perRequest.byCause[cause] ?? 0))),
    row('of these, charged to', () => ''),
    ...components.map((component) => row(`  ${component}`, (r) => whole(r.perRequest.byComponent[component] ?? 0))),
    row('mode switches a request, there and back', (r) => tenths(r.perRequest.modeSwitches)),
    row('address-space switches a request', (r) => tenths(r.perRequest.addressSpaceSwitches)),
    row('IPCs a request', (r) => tenths(r.perRequest.ipcs)),
    row('interrupts a request', (r) => tenths(r.perRequest.interrupts)),
    row('copies a request', (r) => tenths(r.perRequest.copies)),
    row('bytes copied a request', (r) => whole(r.perRequest.bytesCopied)),
    row('privileged code, TypeScript lines', (r) => whole(r.privilegedLines)),
    row('IOMMU', (r) => r.iommu),
  ];
  return table(['', ...results.map(({ system }) => system)], rows);
}

/** Names that are anywhere, in the order in which they first appear; those that are nothing everywhere are left out. */
function namesIn(
  results: readonly SystemResult[],
  of: (result: SystemResult) => Readonly<Record<string, number>>,
): string[] {
  const names = [...new Set(results.flatMap((result) => Object.keys(of(result))))];
  return names.filter((name) => results.some((result) => (of(result)[name] ?? 0) > 0));
}
