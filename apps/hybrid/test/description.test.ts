import { checkDescription } from '@bulkhead/assembler';
import { webService } from '@bulkhead/parts';
import { describe, expect, it } from 'vitest';
import hybrid from '../src/index.ts';

const FACTS: Parameters<typeof hybrid.config>[0] = {
  identity: (component) => component.length,
  supervised: (component) => hybrid.supervised.some((domain) => hybrid.domains[domain]!.includes(component)),
  iommu: hybrid.iommu,
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
const parts = webService();

describe('hybrid', () => {
  it('can be assembled', () => {
    expect(checkDescription(hybrid)).toEqual([]);
  });
  it('holds the parts of a web service as they are: components, connections, configuration', () => {
    expect(hybrid.components.map(({ create }) => create)).toEqual(parts.components.map(({ create }) => create));
    expect(hybrid.components.map(({ name }) => name)).toEqual(parts.components.map(({ name }) => name));
    expect(hybrid.connections).toEqual(parts.connections);
    expect(hybrid.config(FACTS)).toEqual(parts.config(FACTS));
  });
  it('adds where the walls are, and nothing else', () => {
    const own = Object.keys(hybrid).filter((key) => !(key in parts));
    expect(own.sort()).toEqual(['domains', 'iommu', 'name', 'summary', 'supervised']);
    const { supervisor, ...rest } = hybrid.authority;
    expect(rest).toEqual(parts.authority);
    expect(supervisor).toEqual({ 'child-0': 'domain:nic-driver' });
  });
  it('is monolithic but for the NIC driver: it alone of the drivers stands outside, behind the IOMMU', () => {
    expect(hybrid.domains.kernel).toEqual(['pci-bus-driver', 'iommu-driver', 'supervisor', 'net-stack']);
    expect([hybrid.iommu, hybrid.supervised]).toEqual(['translating', ['nic-driver']]);
  });
});
