/** What `bulkhead compare --json` printed into a file, read back and checked. */
import { readFileSync } from 'node:fs';
import { COMPARISON_FORMAT, type Comparison } from '@bulkhead/comparison';
import { WORKLOADS } from '@bulkhead/load';
import { z } from 'zod';
import { messageOf, UsageError } from './errors.ts';

const amount = z.number().nonnegative();
const figures = z.record(z.string(), amount);

const workload = z.object({
  workload: z.enum(WORKLOADS),
  requests: amount,
  warmUpRequests: amount,
  clients: amount,
  sizeBytes: amount,
  loop: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('closed') }),
    z.object({ kind: z.literal('open'), requestsPerSecond: amount }),
  ]),
});
const latency = z.object({
  count: amount,
  minNs: amount,
  meanNs: amount,
  p50Ns: amount,
  p90Ns: amount,
  p99Ns: amount,
  p999Ns: amount,
  maxNs: amount,
  buckets: z.array(z.object({ fromNs: amount, toNs: amount, count: amount })),
});
const perRequest = z.object({
  cycles: amount,
  byCause: figures,
  byComponent: figures,
  byComponentAndCause: z.record(z.string(), figures),
  counts: figures,
  modeSwitches: amount,
  addressSpaceSwitches: amount,
  ipcs: amount,
  interrupts: amount,
  tlbRefills: amount,
  deviceAccesses: amount,
  copies: amount,
  bytesCopied: amount,
});
const component = z.object({ name: z.string(), kind: z.string(), level: z.number() });
const connection = z.object({
  client: z.string(),
  server: z.string(),
  contract: z.string(),
  up: z.string(),
  down: z.string(),
});
const system = z.object({
  system: z.string().min(1),
  summary: z.string(),
  iommu: z.string(),
  domains: z.array(z.object({ name: z.string(), isKernel: z.boolean(), components: z.array(component) })),
  connections: z.array(connection),
  requests: amount,
  failed: amount,
  requestsPerSecond: amount,
  requestsPerSecondOfProcessor: amount,
  bytesPerSecond: amount,
  latency,
  perRequest,
  privilegedLines: amount,
  digest: z.string(),
  applicationDigest: z.string(),
});
/** Everything but the sweep, which says nothing about a run. */
const saved: z.ZodType<Omit<Comparison, 'sweep'>> = z.object({
  format: z.literal(COMPARISON_FORMAT),
  command: z.string(),
  workload,
  profile: z.object({ name: z.string(), title: z.string(), cyclesPerSecond: amount }),
  seed: z.number(),
  systems: z
    .array(system)
    .refine((results) => new Set(results.map((result) => result.system)).size === results.length, 'names one twice'),
});

const MEND = 'save one with bulkhead compare --json > FILE';

/** @throws UsageError when it cannot be read, or is something else. */
export function readComparison(path: string): Comparison {
  const value = parse(path, read(path));
  const checked = saved.safeParse(value);
  if (checked.success) return checked.data;
  const format = formatOf(value);
  if (format !== COMPARISON_FORMAT) throw new UsageError(`'${path}' is ${whatItIs(value, format)}`);
  const [issue] = checked.error.issues;
  const place = issue!.path.length > 0 ? `${issue!.path.join('.')}: ` : '';
  throw new UsageError(`'${path}' is no whole comparison, ${MEND}: ${place}${issue!.message}`);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`'${path}' cannot be read, ${MEND}: ${messageOf(error)}`);
  }
}
function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`'${path}' is not JSON: ${MEND}`);
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
const formatOf = (value: unknown): unknown => (isObject(value) ? value['format'] : undefined);

/** Before there was a format, a comparison was an object with systems. */
function whatItIs(value: unknown, format: unknown): string {
  const old =
    typeof format === 'string' ? format.startsWith('bulkhead-comparison/') : isObject(value) && 'systems' in value;
  if (old) return `a comparison of another version of Bulkhead: run the comparison again, and ${MEND}`;
  return `${typeof format === 'string' ? `a ${format}` : 'something else'}, and no comparison: ${MEND}`;
}
