/**
 * The same parts with walls in different places: one system of each shape. They are those of `apps/`, which nobody may
 * import, and some between them.
 */
import type { Description } from '@bulkhead/assembler';
import { webService } from '@bulkhead/parts';
import { LEVELS } from '@bulkhead/runtime';

const SERVERS = ['pci-bus-driver', 'iommu-driver', 'supervisor', 'nic-driver', 'net-stack'];
const parts = webService();
const withChild = { ...parts.authority, supervisor: { 'child-0': 'domain:nic-driver' } } as const;

export const monolithic: Description = {
  name: 'monolithic',
  summary: 'only the application is outside the kernel',
  ...parts,
  domains: { kernel: SERVERS, 'web-server': ['web-server'] },
  iommu: 'bare',
  supervised: [],
};
export const hybrid: Description = {
  ...monolithic,
  name: 'hybrid',
  summary: 'the NIC driver and the application are outside the kernel',
  domains: {
    kernel: SERVERS.filter((name) => name !== 'nic-driver'),
    'nic-driver': ['nic-driver'],
    'web-server': ['web-server'],
  },
  authority: withChild,
  iommu: 'translating',
  supervised: ['nic-driver'],
};
export const multiserver: Description = {
  ...hybrid,
  name: 'multiserver',
  summary: 'every component is a process',
  domains: { kernel: [], ...Object.fromEntries([...SERVERS, 'web-server'].map((name) => [name, [name]])) },
  limits: { 'nic-driver': 2000 },
  budgets: { 'nic-driver': { budgetUs: 4000, periodUs: 8000 } },
};
export const multiserverBare: Description = { ...multiserver, name: 'multiserver, bare IOMMU', iommu: 'bare' };
export const multiserverRings: Description = {
  ...multiserver,
  name: 'multiserver with rings',
  summary: 'every component is a process; the data path crosses rings in shared memory',
  rings: ['web-server.net -> net-stack.sockets', 'net-stack.device -> nic-driver.device'],
};
export const monolithicIommu: Description = { ...monolithic, name: 'monolithic, IOMMU on', iommu: 'translating' };
export const exokernel: Description = {
  ...monolithic,
  name: 'exokernel',
  summary: 'driver and network stack are a library inside the application',
  domains: {
    kernel: ['pci-bus-driver', 'iommu-driver', 'supervisor'],
    application: ['nic-driver', 'net-stack', 'web-server'],
  },
  levels: { application: LEVELS.nicDriver },
  authority: { ...parts.authority, supervisor: { 'child-0': 'domain:application' } },
  iommu: 'translating',
  supervised: ['application'],
};
const two = webService({ applications: 2 });
export const exokernelTwo: Description = {
  ...exokernel,
  ...two,
  name: 'exokernel of two applications',
  summary: 'two applications with a NIC each; driver and network stack are a library inside each',
  domains: { ...exokernel.domains, 'application-b': ['nic-driver-b', 'net-stack-b', 'web-server-b'] },
  levels: { application: LEVELS.nicDriver, 'application-b': LEVELS.nicDriver },
  authority: {
    ...two.authority,
    supervisor: { 'child-0': 'domain:application', 'child-1': 'domain:application-b' },
  },
  nics: 2,
  supervised: ['application', 'application-b'],
};

export const SYSTEMS: readonly Description[] = [
  monolithic,
  hybrid,
  multiserver,
  multiserverBare,
  multiserverRings,
  monolithicIommu,
  exokernel,
  exokernelTwo,
];
