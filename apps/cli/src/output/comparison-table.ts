/** The table that people come for. */
import type { SystemResult } from '../comparison.ts';
import { table, tenths, whole } from './table.ts';

/** One row a figure, one column a system. */
export function comparisonTable(results: readonly SystemResult[]): string {
  const row = (label: string, of: (result: SystemResult) => string): string[] => [label, ...results.map(of)];
  const causes = Object.keys(results[0]!.perRequest.byCause);
  const components = Object.keys(results[0]!.perRequest.byComponent);
  const rows = [
    row('requests a simulated second', (r) => whole(r.requestsPerSecond)),
    row('… if the processor alone were the limit', (r) => whole(r.requestsPerSecondOfProcessor)),
    row('latency p50, µs', (r) => tenths(r.latencyUs.p50)),
    row('latency p99, µs', (r) => tenths(r.latencyUs.p99)),
    row('cycles a request', (r) => whole(r.perRequest.cycles)),
    ...causes.map((cause) => row(`  ${cause}`, (r) => whole(r.perRequest.byCause[cause] ?? 0))),
    row('of these, charged to', () => ''),
    ...components.map((component) => row(`  ${component}`, (r) => whole(r.perRequest.byComponent[component] ?? 0))),
    row('mode switches a request, there and back', (r) => tenths(r.perRequest.modeSwitches)),
    row('address-space switches a request', (r) => tenths(r.perRequest.addressSpaceSwitches)),
    row('IPCs a request', (r) => tenths(r.perRequest.ipcs)),
    row('interrupts a request', (r) => tenths(r.perRequest.interrupts)),
    row('bytes copied a request', (r) => whole(r.perRequest.bytesCopied)),
    row('privileged code, TypeScript lines', (r) => whole(r.privilegedLines)),
    row('IOMMU', (r) => r.iommu),
  ];
  return table(['', ...results.map(({ system }) => system)], rows);
}
