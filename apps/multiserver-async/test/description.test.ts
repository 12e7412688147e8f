import { checkDescription } from '@bulkhead/assembler';
import { webService } from '@bulkhead/parts';
import { describe, expect, it } from 'vitest';
import multiserverAsync from '../src/index.ts';

const FACTS: Parameters<typeof multiserverAsync.config>[0] = {
  identity: (component) => component.length,
  supervised: (component) =>
    multiserverAsync.supervised.some((domain) => multiserverAsync.domains[domain]!.includes(component)),
  iommu: multiserverAsync.iommu,
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

describe('multiserver-async', () => {
  it('can be assembled', () => {
    expect(checkDescription(multiserverAsync)).toEqual([]);
  });
  it('holds the parts of a web service as they are: components, connections, configuration', () => {
    expect(multiserverAsync.components.map(({ create }) => create)).toEqual(
      parts.components.map(({ create }) => create),
    );
    expect(multiserverAsync.components.map(({ name }) => name)).toEqual(parts.components.map(({ name }) => name));
    expect(multiserverAsync.connections).toEqual(parts.connections);
    expect(multiserverAsync.config(FACTS)).toEqual(parts.config(FACTS));
  });
  it('adds where the walls are, and nothing else', () => {
    const own = Object.keys(multiserverAsync).filter((key) => !(key in parts));
    expect(own.sort()).toEqual(['budgets', 'domains', 'iommu', 'limits', 'name', 'rings', 'summary', 'supervised']);
    const { supervisor, ...rest } = multiserverAsync.authority;
    expect(rest).toEqual(parts.authority);
    expect(supervisor).toEqual({ 'child-0': 'domain:nic-driver' });
  });
  it('has a wall around every component, and rings on the data path alone', () => {
    const { kernel, ...outside } = multiserverAsync.domains;
    expect(kernel).toEqual([]);
    expect(Object.values(outside).every((members) => members.length === 1)).toBe(true);
    expect(multiserverAsync.rings).toEqual(parts.connections.slice(0, 2));
  });
});
