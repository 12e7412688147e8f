/** Two applications on an exokernel, with a NIC each: what happens to one does not happen to the other. */
import { type Description, system } from '@bulkhead/assembler';
import { webService } from '@bulkhead/parts';
import { LEVELS } from '@bulkhead/runtime';

const parts = webService({ applications: 2 });

const exokernelTwo: Description = system({
  name: 'exokernel-two',
  summary: 'two applications with a NIC each; driver and network stack are a library inside each',
  ...parts,
  domains: {
    kernel: ['pci-bus-driver', 'iommu-driver', 'supervisor'],
    application: ['nic-driver', 'net-stack', 'web-server'],
    'application-b': ['nic-driver-b', 'net-stack-b', 'web-server-b'],
  },
  levels: { application: LEVELS.nicDriver, 'application-b': LEVELS.nicDriver },
  authority: {
    ...parts.authority,
    supervisor: { 'child-0': 'domain:application', 'child-1': 'domain:application-b' },
  },
  iommu: 'translating',
  nics: 2,
  supervised: ['application', 'application-b'],
});
export default exokernelTwo;
