import { webService } from '@bulkhead/parts';

const parts = webService();
const servers = ['pci-bus-driver', 'iommu-driver', 'supervisor', 'nic-driver', 'net-stack'];

/** Every component is a process; devices go through the IOMMU; the driver has half of the hart and no more. */
export const multiserver = {
  name: 'multiserver',
  summary: 'every component is a process',
  ...parts,
  domains: { kernel: [], ...Object.fromEntries([...servers, 'web-server'].map((name) => [name, [name]])) },
  authority: { ...parts.authority, supervisor: { 'child-0': 'domain:nic-driver' } },
  iommu: 'translating',
  supervised: ['nic-driver'],
  limits: { 'nic-driver': 2000 },
  budgets: { 'nic-driver': { budgetUs: 4000, periodUs: 8000 } },
};

/** The same components; only the web server is outside the kernel. */
export const monolithic = {
  name: 'monolithic',
  summary: 'kernel, drivers and network stack in one address space',
  ...parts,
  domains: { kernel: servers, 'web-server': ['web-server'] },
  iommu: 'bare',
  supervised: [],
};
