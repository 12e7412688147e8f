/** Systems of the same parts behind walls of several shapes, under a short load. */
import { type AssembleOptions, assemble, type Description, type System } from '@bulkhead/assembler';
import { measure } from '@bulkhead/load';
import { parseIpv4Address } from '@bulkhead/net-stack';
import { GATEWAY_ADDRESS, GUEST_ADDRESS, HTTP_PORT, PREFIX_BITS, webService } from '@bulkhead/parts';
import { LEVELS } from '@bulkhead/runtime';

const parts = webService();
const SERVERS = ['pci-bus-driver', 'iommu-driver', 'supervisor', 'nic-driver', 'net-stack'];
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
const oneWall = shape('one wall', { domains: { kernel: SERVERS, 'web-server': ['web-server'] } });
const manyWalls = shape('many walls', {
  domains: { kernel: [], ...Object.fromEntries([...SERVERS, 'web-server'].map((name) => [name, [name]])) },
  ...starting('nic-driver'),
});
const rings: Description = {
  ...manyWalls,
  name: 'rings',
  rings: ['web-server.net -> net-stack.sockets', 'net-stack.device -> nic-driver.device'],
};
const library = shape('library', {
  domains: { kernel: SERVERS.slice(0, 3), 'web-server': ['nic-driver', 'net-stack', 'web-server'] },
  levels: { 'web-server': LEVELS.nicDriver },
  reserve: { 'web-server': { sizeMiB: 32 } },
  ...starting('web-server'),
});
export const SHAPES: readonly Description[] = [oneWall, manyWalls, rings, library];

const guest = parseIpv4Address(GUEST_ADDRESS);
if (!guest.ok) throw new Error('the machine has an address');
const address = guest.value;

/** Boots it and asks for a few pages. @param attach what happens between the two */
export function runUnderLoad(
  description: Description,
  options: AssembleOptions = {},
  attach: (system: System) => void = () => {},
): System {
  const system = assemble(description, { seed: 5, ...options });
  attach(system);
  const run = measure(system, {
    workload: 'http',
    clients: 3,
    requests: 12,
    warmUpRequests: 2,
    sizeBytes: 3000,
    loop: { kind: 'closed' },
    address,
    port: HTTP_PORT,
    config: { address: GATEWAY_ADDRESS, prefixBits: PREFIX_BITS, gateway: 0, seed: 7, timeWaitMs: 100 },
  });
  let step = run.next();
  while (step.done !== true) step = run.next();
  if ('unfinished' in step.value) throw new Error(`the load did not end: ${step.value.unfinished}`);
  return system;
}
