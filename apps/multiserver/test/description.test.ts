import { checkDescription } from '@bulkhead/assembler';
import { webService } from '@bulkhead/parts';
import { describe, expect, it } from 'vitest';
import multiserver from '../src/index.ts';

const FACTS: Parameters<typeof multiserver.config>[0] = {
  identity: (component) => component.length,
  supervised: (component) => multiserver.supervised.includes(component),
  iommu: multiserver.iommu,
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

describe('multiserver', () => {
  it('can be assembled', () => {
    expect(checkDescription(multiserver)).toEqual([]);
  });
  it('holds the parts of a web service as they are: components, connections, configuration', () => {
    const parts = webService();
    expect(multiserver.components.length).toBe(parts.components.length);
    multiserver.components.forEach((component, i) => {
      expect(component).toBe(parts.components[i]);
    });
    expect(multiserver.connections).toEqual(parts.connections);
    expect(multiserver.config(FACTS)).toEqual(parts.config(FACTS));
  });
  it('adds its walls, and to the authority only the right to start the driver that is supervised', () => {
    const own = Object.keys(multiserver).filter((key) => !(key in webService()));
    expect(own.sort()).toEqual(['budgets', 'domains', 'iommu', 'limits', 'name', 'summary', 'supervised']);
    const { supervisor, ...rest } = multiserver.authority;
    expect(rest).toEqual(webService().authority);
    expect(supervisor).toEqual({ 'child-0': 'domain:nic-driver' });
  });
  it('gives the driver half of the hart, whatever its device does', () => {
    expect(multiserver.budgets).toEqual({ 'nic-driver': { budgetUs: 4000, periodUs: 8000 } });
    expect(multiserver.limits).toEqual({ 'nic-driver': 2000 });
  });
  it('has a wall around every component: nothing but the kernel runs with its privilege', () => {
    const { kernel, ...outside } = multiserver.domains;
    expect(kernel).toEqual([]);
    expect(Object.values(outside).map((members) => members.length)).toEqual(multiserver.components.map(() => 1));
    expect([multiserver.iommu, multiserver.supervised]).toEqual(['translating', ['nic-driver']]);
  });
});
