/** As monolithic, but the NIC driver stands alone behind the MMU and the IOMMU. */
import { type Description, system } from '@bulkhead/assembler';
import { webService } from '@bulkhead/parts';

const parts = webService();

const hybrid: Description = system({
  name: 'hybrid',
  summary: 'kernel and network stack in one address space; the NIC driver alone, behind the MMU and the IOMMU',
  ...parts,
  domains: {
    kernel: ['pci-bus-driver', 'iommu-driver', 'supervisor', 'net-stack'],
    'nic-driver': ['nic-driver'],
    'web-server': ['web-server'],
  },
  authority: { ...parts.authority, supervisor: { 'child-0': 'domain:nic-driver' } },
  iommu: 'translating',
  supervised: ['nic-driver'],
});
export default hybrid;
