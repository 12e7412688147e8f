import { checkDescription } from '@bulkhead/assembler';
import { webService } from '@bulkhead/parts';
import { describe, expect, it } from 'vitest';
import monolithic from '../src/index.ts';

const FACTS: Parameters<typeof monolithic.config>[0] = {
  identity: (component) => component.length,
  supervised: (component) => monolithic.supervised.includes(component),
  iommu: monolithic.iommu,
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

describe('monolithic', () => {
  it('can be assembled', () => {
    expect(checkDescription(monolithic)).toEqual([]);
  });
  it('holds the parts of a web service as they are: components, connections, authority, configuration', () => {
    const parts = webService();
    expect(monolithic.components.length).toBe(parts.components.length);
    monolithic.components.forEach((component, i) => {
      expect(component).toBe(parts.components[i]);
    });
    expect(monolithic.connections).toEqual(parts.connections);
    expect(monolithic.authority).toEqual(parts.authority);
    expect(monolithic.config(FACTS)).toEqual(parts.config(FACTS));
  });
  it('adds its walls and nothing else', () => {
    const own = Object.keys(monolithic).filter((key) => !(key in webService()));
    expect(own.sort()).toEqual(['domains', 'iommu', 'name', 'summary', 'supervised']);
  });
  it('has one wall: only the application is outside the kernel, and no device is kept from memory', () => {
    const outside = Object.entries(monolithic.domains).filter(([domain]) => domain !== 'kernel');
    expect(outside).toEqual([['web-server', ['web-server']]]);
    expect([monolithic.iommu, monolithic.supervised]).toEqual(['bare', []]);
  });
});
