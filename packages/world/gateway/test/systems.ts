/** One web service in two shapes, as the descriptions of the apps have it. */
import { type Description, system } from '@bulkhead/assembler';
import { webService } from '@bulkhead/parts';

const parts = webService();

const monolithic: Description = system({
  name: 'monolithic',
  summary: 'all but the application in the kernel',
  ...parts,
  domains: {
    kernel: ['pci-bus-driver', 'iommu-driver', 'supervisor', 'nic-driver', 'net-stack'],
    'web-server': ['web-server'],
  },
  iommu: 'bare',
  supervised: [],
});

const multiserver: Description = system({
  name: 'multiserver',
  summary: 'every component a process',
  ...parts,
  domains: { kernel: [], ...Object.fromEntries(parts.components.map(({ name }) => [name, [name]])) },
  authority: { ...parts.authority, supervisor: { 'child-0': 'domain:nic-driver' } },
  iommu: 'translating',
  supervised: ['nic-driver'],
});

export const SYSTEMS: readonly Description[] = [monolithic, multiserver];
export const byName = (name: string): Description => SYSTEMS.find((description) => description.name === name)!;
