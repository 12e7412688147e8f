/** Two systems of the same parts with walls in different places, booted; and one whose driver broke and came back. */
import { assemble, type Description, type System } from '@bulkhead/assembler';
import { injectBitFlip } from '@bulkhead/faults';
import { webService } from '@bulkhead/parts';

const SERVERS = ['pci-bus-driver', 'iommu-driver', 'supervisor', 'nic-driver', 'net-stack'];
const BOOT_NS = 50_000_000;
const parts = webService();

export const oneWall: Description = {
  name: 'one wall',
  summary: 'only the application is outside the kernel',
  ...parts,
  domains: { kernel: SERVERS, 'web-server': ['web-server'] },
  iommu: 'bare',
  supervised: [],
};
export const manyWalls: Description = {
  name: 'many walls',
  summary: 'every component is a process',
  ...parts,
  domains: { kernel: [], ...Object.fromEntries([...SERVERS, 'web-server'].map((name) => [name, [name]])) },
  authority: { ...parts.authority, supervisor: { 'child-0': 'domain:nic-driver' } },
  iommu: 'translating',
  supervised: ['nic-driver'],
};

export function booted(description: Description): System {
  const system = assemble(description);
  system.runUntil(system.clock.cyclesOf(BOOT_NS));
  return system;
}
/** The driver's pointers break at its first frame, and it is started again. */
export function broken(description: Description = manyWalls): System {
  const system = assemble(description);
  injectBitFlip(system, { component: 'nic-driver', bit: 30, afterFrames: 0 });
  system.runUntil(system.clock.cyclesOf(BOOT_NS));
  return system;
}
