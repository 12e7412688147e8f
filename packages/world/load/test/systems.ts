/** Systems under a load. */
import { type AssembleOptions, assemble, type Description, type System } from '@bulkhead/assembler';
import type { NetStackConfig } from '@bulkhead/net-stack';
import { type Application, HTTP_PORT, withApplication } from '@bulkhead/parts';
import { farEndConfig, guestAddress } from '@bulkhead/test-systems';
import type { MeasureOptions, WorkloadName } from '../src/index.ts';

/** Of the far end: other numbers than the machine's own. */
const configOf = (seed: number): NetStackConfig => farEndConfig(seed + 1_000_003);
export const target = (seed: number) => ({ address: guestAddress, port: HTTP_PORT, config: configOf(seed) });

export const loadOf = (seed: number, changes: Partial<MeasureOptions> = {}): MeasureOptions => ({
  workload: 'http',
  clients: 8,
  requests: 120,
  warmUpRequests: 20,
  sizeBytes: 100,
  loop: { kind: 'closed' },
  address: guestAddress,
  config: configOf(seed),
  ...changes,
});

export const create = (description: Description, seed: number, options: AssembleOptions = {}): System =>
  assemble(description, { seed, ...options });

const APPLICATION: Readonly<Record<WorkloadName, Application>> = {
  'null-call': 'web-server',
  'udp-echo': 'echo-server',
  'tcp-stream': 'stream-server',
  http: 'web-server',
  kv: 'kv-server',
};
/** The system with the application that answers to the workload. */
export function serving(description: Description, workload: WorkloadName): Description {
  const serves = withApplication(description, APPLICATION[workload]);
  if (!serves.ok) throw new Error(serves.error);
  return serves.value;
}
