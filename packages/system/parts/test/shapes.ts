/** The parts behind walls of several shapes, as apps describe them. */
import type { Description } from '@bulkhead/assembler';
import { LEVELS } from '@bulkhead/runtime';
import { webService } from '../src/index.ts';

const parts = webService();
const SERVERS = ['pci-bus-driver', 'iommu-driver', 'supervisor', 'nic-driver', 'net-stack'];
const apart = (names: readonly string[]): Description['domains'] =>
  Object.fromEntries(names.map((name) => [name, [name]]));
const starting = (domain: string): Partial<Description> => ({
  authority: { ...parts.authority, supervisor: { 'child-0': `domain:${domain}` } },
  iommu: 'translating',
  supervised: [domain],
});
const shape = (name: string, changes: Pick<Description, 'domains'> & Partial<Description>): Description => ({
  name,
  summary: 'one shape of walls',
  ...parts,
  iommu: 'bare',
  supervised: [],
  ...changes,
});

export const noWall: Description = shape('no wall', { domains: { kernel: [...SERVERS, 'web-server'] } });
export const oneWall: Description = shape('one wall', { domains: { kernel: SERVERS, 'web-server': ['web-server'] } });
export const driverAlone: Description = shape('driver alone', {
  domains: {
    kernel: SERVERS.filter((name) => name !== 'nic-driver'),
    ...apart(['nic-driver', 'web-server']),
  },
  ...starting('nic-driver'),
});
export const manyWalls: Description = shape('many walls', {
  domains: { kernel: [], ...apart([...SERVERS, 'web-server']) },
  ...starting('nic-driver'),
});
export const rings: Description = {
  ...manyWalls,
  name: 'rings',
  rings: ['web-server.net -> net-stack.sockets', 'net-stack.device -> nic-driver.device'],
};
/** A domain that is named after the web server, and holds a stack and a driver beside it. */
export const library: Description = shape('library', {
  domains: { kernel: SERVERS.slice(0, 3), 'web-server': ['nic-driver', 'net-stack', 'web-server'] },
  levels: { 'web-server': LEVELS.nicDriver },
  reserve: { 'web-server': { sizeMiB: 32 } },
  ...starting('web-server'),
});
export const SHAPES: readonly Description[] = [noWall, oneWall, driverAlone, manyWalls, rings, library];
