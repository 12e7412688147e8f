/** Two systems of the same parts, as an app describes them: everything in the kernel but the application, or nothing. */
import { type AssembleOptions, assemble, type Description, type System } from '@bulkhead/assembler';
import { type NetStackConfig, parseIpv4Address } from '@bulkhead/net-stack';
import {
  type Application,
  GATEWAY_ADDRESS,
  GUEST_ADDRESS,
  HTTP_PORT,
  PREFIX_BITS,
  webService,
  withApplication,
} from '@bulkhead/parts';
import type { MeasureOptions, WorkloadName } from '../src/index.ts';

const SERVERS = ['pci-bus-driver', 'iommu-driver', 'supervisor', 'nic-driver', 'net-stack'];
const parts = webService();

export const oneWall: Description = {
  name: 'one wall',
  summary: 'only the application is outside the kernel',
  ...parts,
  domains: { kernel: SERVERS, 'web-server': ['web-server'] },
  iommu: 'bare',
  supervised: [],
};
export const manyWalls: Description = {
  name: 'many walls',
  summary: 'every component is a process',
  ...parts,
  domains: { kernel: [], ...Object.fromEntries([...SERVERS, 'web-server'].map((name) => [name, [name]])) },
  authority: { ...parts.authority, supervisor: { 'child-0': 'domain:nic-driver' } },
  iommu: 'translating',
  supervised: ['nic-driver'],
};

const guest = parseIpv4Address(GUEST_ADDRESS);
if (!guest.ok) throw new Error('the machine has an address');

export const farEndConfig = (seed: number): NetStackConfig => ({
  address: GATEWAY_ADDRESS,
  prefixBits: PREFIX_BITS,
  gateway: 0,
  seed: seed + 1_000_003,
  timeWaitMs: 100,
});
export const target = (seed: number) => ({ address: guest.value, port: HTTP_PORT, config: farEndConfig(seed) });

export const loadOf = (seed: number, changes: Partial<MeasureOptions> = {}): MeasureOptions => ({
  workload: 'http',
  clients: 8,
  requests: 120,
  warmUpRequests: 20,
  sizeBytes: 100,
  loop: { kind: 'closed' },
  address: guest.value,
  config: farEndConfig(seed),
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
