import { checkDescription } from '@bulkhead/assembler';
import { webService } from '@bulkhead/parts';
import { describe, expect, it } from 'vitest';
import monolithicIommu from '../src/index.ts';

const FACTS: Parameters<typeof monolithicIommu.config>[0] = {
  identity: (component) => component.length,
  supervised: (component) =>
    monolithicIommu.supervised.some((domain) => monolithicIommu.domains[domain]!.includes(component)),
  iommu: monolithicIommu.iommu,
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

describe('monolithic-iommu', () => {
  it('can be assembled', () => {
    expect(checkDescription(monolithicIommu)).toEqual([]);
  });
  it('holds the parts of a web service as they are: components, connections, configuration', () => {
    expect(monolithicIommu.components.map(({ create }) => create)).toEqual(
      parts.components.map(({ create }) => create),
    );
    expect(monolithicIommu.components.map(({ name }) => name)).toEqual(parts.components.map(({ name }) => name));
    expect(monolithicIommu.connections).toEqual(parts.connections);
    expect(monolithicIommu.config(FACTS)).toEqual(parts.config(FACTS));
  });
  it('adds where the walls are, and nothing else', () => {
    const own = Object.keys(monolithicIommu).filter((key) => !(key in parts));
    expect(own.sort()).toEqual(['domains', 'iommu', 'name', 'summary', 'supervised']);
    const { supervisor, ...rest } = monolithicIommu.authority;
    expect(rest).toEqual(parts.authority);
    expect(supervisor).toEqual(undefined);
  });
  it('has the walls of monolithic, and one for devices', () => {
    expect(Object.keys(monolithicIommu.domains)).toEqual(['kernel', 'web-server']);
    expect(monolithicIommu.iommu).toBe('translating');
  });
});
