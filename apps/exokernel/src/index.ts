/** The kernel only binds hardware safely: driver and network stack are a library inside the application. */
import { type Description, system } from '@bulkhead/assembler';
import { webService } from '@bulkhead/parts';
import { LEVELS } from '@bulkhead/runtime';

const parts = webService();

const exokernel: Description = system({
  name: 'exokernel',
  summary: 'the application binds a whole NIC; driver and network stack are a library inside it',
  ...parts,
  domains: {
    kernel: ['pci-bus-driver', 'iommu-driver', 'supervisor'],
    application: ['nic-driver', 'net-stack', 'web-server'],
  },
  levels: { application: LEVELS.nicDriver },
  authority: { ...parts.authority, supervisor: { 'child-0': 'domain:application' } },
  iommu: 'translating',
  supervised: ['application'],
});
export default exokernel;
