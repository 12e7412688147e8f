/** A capability microkernel; every driver and server is a user process of its own, and calls are synchronous IPC. */
import { type Description, system } from '@bulkhead/assembler';
import { webService } from '@bulkhead/parts';

const parts = webService();

const multiserver: Description = system({
  name: 'multiserver',
  summary: 'every driver and server a process of its own, behind the MMU and the IOMMU; synchronous IPC',
  ...parts,
  domains: {
    kernel: [],
    'pci-bus-driver': ['pci-bus-driver'],
    'iommu-driver': ['iommu-driver'],
    supervisor: ['supervisor'],
    'nic-driver': ['nic-driver'],
    'net-stack': ['net-stack'],
    'web-server': ['web-server'],
  },
  authority: { ...parts.authority, supervisor: { 'child-0': 'domain:nic-driver' } },
  iommu: 'translating',
  supervised: ['nic-driver'],
  // Whatever its device does, its driver has half of the hart.
  limits: { 'nic-driver': 2000 },
  budgets: { 'nic-driver': { budgetUs: 4000, periodUs: 8000 } },
});
export default multiserver;
