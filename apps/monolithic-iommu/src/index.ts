/** As monolithic, with the IOMMU translating: a wall between devices and memory, and none between components. */
import { type Description, system } from '@bulkhead/assembler';
import { webService } from '@bulkhead/parts';

const monolithicIommu: Description = system({
  name: 'monolithic-iommu',
  summary: 'as monolithic, but devices reach only the memory that is mapped for them',
  ...webService(),
  domains: {
    kernel: ['pci-bus-driver', 'iommu-driver', 'supervisor', 'nic-driver', 'net-stack'],
    'web-server': ['web-server'],
  },
  iommu: 'translating',
  supervised: [],
});
export default monolithicIommu;
