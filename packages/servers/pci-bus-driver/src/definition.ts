/** The PCI-bus driver as a component. */
import { kernel } from '@bulkhead/abi';
import { NOBODY, pciBus } from '@bulkhead/pci-bus-driver-api';
import { type ComponentDefinition, component, LEVELS } from '@bulkhead/runtime';
import { ACCEPTS, type PciBusDriverConfig } from './config.ts';
import { HEAP_SIZE_BYTES, PciBusDriver } from './driver.ts';

const PAGE_SIZE_BYTES = 4096;

const DEFAULT_CONFIG: PciBusDriverConfig = {
  supervisor: NOBODY,
  iommuDriver: NOBODY,
  needsIoSpace: false,
  busCount: 2,
  windowPage: 0,
  windowPages: 0,
  ioPage: 0,
  ioPages: 0,
  msiPage: 0,
  firstIdentity: 1,
  lastIdentity: 0,
  allowed: [],
};

type Uses = { readonly kernel: typeof kernel.contractOfKernel };
type Provides = { readonly pci: typeof pciBus };

export const pciBusDriver: ComponentDefinition<Uses, Provides, PciBusDriverConfig> = component<
  Uses,
  Provides,
  PciBusDriverConfig
>({
  name: 'pci-bus-driver',
  level: LEVELS.pciBusDriver,
  uses: { kernel: kernel.contractOfKernel },
  provides: { pci: pciBus },
  /** CHOICE: an estimate. The handler's path is some 2 KiB of code; it reads its tables and configuration space. */
  footprint: { codePages: 2, dataPages: 3 },
  heapPages: Math.ceil(HEAP_SIZE_BYTES / PAGE_SIZE_BYTES),
  // Ten times and more what the longest handler takes, in any system, workload and profile that `compare` has.
  limitUs: 10_000,
  rights: ['config', 'memory-window', 'io-window', 'irq-control'],
  work: ['init', 'request'],
  config: DEFAULT_CONFIG,
  accepts: ACCEPTS,
  create(context, ports) {
    const driver = new PciBusDriver(context, ports.kernel);
    return {
      handlers: {
        kernel: { notified: () => {} },
        pci: {
          allow: (from, client, vendorDevice) => driver.allow(from, client, vendorDevice),
          find: (from, vendorDevice, nth) => driver.find(from, vendorDevice, nth),
          claim: (from, device) => driver.claim(from, device),
          bar: (from, device, index) => driver.bar(from, device, index),
          interrupt: (from, device, vector) => driver.interrupt(from, device, vector),
          start: (from, device) => driver.startDevice(from, device),
          release: (from, device) => driver.release(from, device),
          reclaim: (from, client) => driver.reclaim(from, client),
          ownerOf: (_from, device) => driver.ownerOf(device),
          heldBy: (from, client, nth) => driver.heldBy(from, client, nth),
          inventory: (from, nth) => driver.inventory(from, nth),
          raisedBy: (from, identity) => driver.raisedBy(from, identity),
          config: (from, device, offset) => driver.config(from, device, offset),
          messageOf: (from, device, vector) => driver.messageOf(from, device, vector),
          redirect: (from, device, page, count) => driver.redirect(from, device, page, count),
        },
      },
      start: () => driver.start(),
    };
  },
});
