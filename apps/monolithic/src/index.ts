/** Kernel, drivers and network stack share the kernel's address space; only the application is outside. */
import { type Description, system } from '@bulkhead/assembler';
import { webService } from '@bulkhead/parts';

const monolithic: Description = system({
  name: 'monolithic',
  summary: 'kernel, drivers and network stack in one address space; only the application is outside',
  ...webService(),
  domains: {
    kernel: ['pci-bus-driver', 'iommu-driver', 'supervisor', 'nic-driver', 'net-stack'],
    'web-server': ['web-server'],
  },
  iommu: 'bare',
  supervised: [],
});
export default monolithic;
