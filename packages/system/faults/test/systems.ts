/** Two systems of the same parts with walls in different places, and a download that meets a fault on its way. */
import { type AssembleOptions, assemble, type Description, type System } from '@bulkhead/assembler';
import { HttpLoad } from '@bulkhead/load';
import { parseIpv4Address } from '@bulkhead/net-stack';
import { GATEWAY_ADDRESS, GUEST_ADDRESS, HTTP_PORT, PREFIX_BITS, webService } from '@bulkhead/parts';
import { bytesPage } from '@bulkhead/web-server';
import { type BitFlip, type Injection, injectBitFlip } from '../src/index.ts';

const SERVERS = ['pci-bus-driver', 'iommu-driver', 'supervisor', 'nic-driver', 'net-stack'];
const BOOT_NS = 20_000_000;
const STEP_NS = 1_000_000;
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

export interface Outcome {
  readonly system: System;
  readonly injection: Injection | null;
  readonly load: HttpLoad;
  /** Bytes that came, and how many of them were not those of the page. */
  readonly received: number;
  readonly wrong: number;
}
export interface DownloadOptions extends AssembleOptions {
  readonly lenBytes?: number;
  /** What is waited for, in simulated time. */
  readonly patienceNs?: number;
}

/** Downloads `/bytes/N` in simulated time, with the fault armed before the first byte. */
export function download(description: Description, fault: BitFlip | null, options: DownloadOptions = {}): Outcome {
  const { lenBytes = 500_000, patienceNs = 5e9, ...assembleOptions } = options;
  const address = parseIpv4Address(GUEST_ADDRESS);
  if (!address.ok) throw new Error('the machine has an address');
  const system = assemble(description, assembleOptions);
  const { clock } = system;
  system.runUntil(clock.cyclesOf(BOOT_NS));
  const injection = fault === null ? null : injectBitFlip(system, fault);
  let received = 0;
  let wrong = 0;
  const load = new HttpLoad({
    system,
    clients: 1,
    requests: 1,
    path: `/bytes/${lenBytes}`,
    address: address.value,
    port: HTTP_PORT,
    config: { address: GATEWAY_ADDRESS, prefixBits: PREFIX_BITS, gateway: 0, seed: 5 },
    onBody: (bytes, from, to) => {
      for (let at = from; at < to; at++) if (bytes[at] !== bytesPage(received++)) wrong++;
    },
  });
  load.start();
  const end = clock.now + clock.cyclesOf(patienceNs);
  while (!load.isDone && clock.now < end && system.panic === null) system.runUntil(clock.now + clock.cyclesOf(STEP_NS));
  return { system, injection, load, received, wrong };
}
