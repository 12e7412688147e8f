import { checkDescription } from '@bulkhead/assembler';
import { webService } from '@bulkhead/parts';
import { describe, expect, it } from 'vitest';
import exokernelTwo from '../src/index.ts';

const FACTS: Parameters<typeof exokernelTwo.config>[0] = {
  identity: (component) => component.length,
  supervised: (component) =>
    exokernelTwo.supervised.some((domain) => exokernelTwo.domains[domain]!.includes(component)),
  iommu: exokernelTwo.iommu,
  machine: {
    msiPage: 1,
    pciWindowPage: 2,
    pciWindowPages: 3,
    pciIoPage: 4,
    pciIoPages: 5,
    pciBusCount: 2,
    hasBridges: false,
  },
  seed: 4,
};
const parts = webService({ applications: 2 });

describe('exokernel-two', () => {
  it('can be assembled', () => {
    expect(checkDescription(exokernelTwo)).toEqual([]);
  });
  it('holds the parts of a web service as they are: components, connections, configuration', () => {
    expect(exokernelTwo.components.map(({ create }) => create)).toEqual(parts.components.map(({ create }) => create));
    expect(exokernelTwo.components.map(({ name }) => name)).toEqual(parts.components.map(({ name }) => name));
    expect(exokernelTwo.connections).toEqual(parts.connections);
    expect(exokernelTwo.config(FACTS)).toEqual(parts.config(FACTS));
  });
  it('adds where the walls are, and nothing else', () => {
    const own = Object.keys(exokernelTwo).filter((key) => !(key in parts));
    expect(own.sort()).toEqual(['domains', 'iommu', 'levels', 'name', 'nics', 'summary', 'supervised']);
    const { supervisor, ...rest } = exokernelTwo.authority;
    expect(rest).toEqual(parts.authority);
    expect(supervisor).toEqual({ 'child-0': 'domain:application', 'child-1': 'domain:application-b' });
  });
  it('has two applications that share nothing but the kernel, and a card for each', () => {
    const { kernel, ...applications } = exokernelTwo.domains;
    expect(kernel).toEqual(['pci-bus-driver', 'iommu-driver', 'supervisor']);
    expect(Object.values(applications).map((members) => members.length)).toEqual([3, 3]);
    expect(exokernelTwo.nics).toBe(2);
  });
});
