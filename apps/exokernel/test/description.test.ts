import { checkDescription } from '@bulkhead/assembler';
import { webService } from '@bulkhead/parts';
import { describe, expect, it } from 'vitest';
import exokernel from '../src/index.ts';

const FACTS: Parameters<typeof exokernel.config>[0] = {
  identity: (component) => component.length,
  supervised: (component) => exokernel.supervised.some((domain) => exokernel.domains[domain]!.includes(component)),
  iommu: exokernel.iommu,
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

describe('exokernel', () => {
  it('can be assembled', () => {
    expect(checkDescription(exokernel)).toEqual([]);
  });
  it('holds the parts of a web service as they are: components, connections, configuration', () => {
    expect(exokernel.components.map(({ create }) => create)).toEqual(parts.components.map(({ create }) => create));
    expect(exokernel.components.map(({ name }) => name)).toEqual(parts.components.map(({ name }) => name));
    expect(exokernel.connections).toEqual(parts.connections);
    expect(exokernel.config(FACTS)).toEqual(parts.config(FACTS));
  });
  it('adds where the walls are, and nothing else', () => {
    const own = Object.keys(exokernel).filter((key) => !(key in parts));
    expect(own.sort()).toEqual(['domains', 'iommu', 'levels', 'name', 'summary', 'supervised']);
    const { supervisor, ...rest } = exokernel.authority;
    expect(rest).toEqual(parts.authority);
    expect(supervisor).toEqual({ 'child-0': 'domain:application' });
  });
  it('keeps in the kernel what binds hardware, and nothing that uses it', () => {
    expect(exokernel.domains).toEqual({
      kernel: ['pci-bus-driver', 'iommu-driver', 'supervisor'],
      application: ['nic-driver', 'net-stack', 'web-server'],
    });
    expect([exokernel.iommu, exokernel.supervised]).toEqual(['translating', ['application']]);
  });
});
