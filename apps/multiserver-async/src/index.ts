/** The processes of multiserver; the data path runs over rings in shared memory and notifications. */
import { type Description, system } from '@bulkhead/assembler';
import { webService } from '@bulkhead/parts';

const parts = webService();

const multiserverAsync: Description = system({
  name: 'multiserver-async',
  summary: 'every driver and server a process of its own; the data path over rings in shared memory',
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
  rings: ['web-server.net -> net-stack.sockets', 'net-stack.device -> nic-driver.device'],
  authority: { ...parts.authority, supervisor: { 'child-0': 'domain:nic-driver' } },
  iommu: 'translating',
  supervised: ['nic-driver'],
  // Whatever its device does, its driver has half of the hart.
  limits: { 'nic-driver': 2000 },
  budgets: { 'nic-driver': { budgetUs: 4000, periodUs: 8000 } },
});
export default multiserverAsync;
