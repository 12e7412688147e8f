/** The driver as a component. */
import { kernel } from '@bulkhead/abi';
import { iommu } from '@bulkhead/iommu-driver-api';
import { netDevice } from '@bulkhead/nic-driver-api';
import { pciBus } from '@bulkhead/pci-bus-driver-api';
import { type ComponentDefinition, component, identityNumber, LEVELS } from '@bulkhead/runtime';
import { supervision } from '@bulkhead/supervisor-api';
import { DEVICE_ID_NETWORK, VENDOR_ID } from '@bulkhead/virtio-datasheet';
import type { VirtioNetDriverConfig } from './config.ts';
import { HEAP_SIZE_BYTES, QUEUES_PAGE_COUNT, VirtioNetDriver } from './driver.ts';

const PAGE_SIZE_BYTES = 4096;
const VENDOR_DEVICE: number = DEVICE_ID_NETWORK * 0x1_0000 + VENDOR_ID;

const drivesIt = (vendorDevice: number): string | null =>
  vendorDevice === VENDOR_DEVICE
    ? null
    : `give 0x${VENDOR_DEVICE.toString(16)}, a virtio network card, which alone it drives`;

type Uses = {
  readonly pci: typeof pciBus;
  readonly iommu: typeof iommu;
  readonly kernel: typeof kernel.contractOfKernel;
  readonly supervision: typeof supervision;
};
type Provides = { readonly device: typeof netDevice };

export const virtioNetDriver: ComponentDefinition<Uses, Provides, VirtioNetDriverConfig> = component<
  Uses,
  Provides,
  VirtioNetDriverConfig
>({
  name: 'virtio-net-driver',
  level: LEVELS.nicDriver,
  uses: { pci: pciBus, iommu, kernel: kernel.contractOfKernel, supervision },
  provides: { device: netDevice },
  /** CHOICE: an estimate. Both paths are some 4 KiB of code; they touch heap, descriptors and rings of both queues. */
  footprint: { codePages: 2, dataPages: 6 },
  heapPages: Math.ceil(HEAP_SIZE_BYTES / PAGE_SIZE_BYTES),
  // Ten times and more what the longest handler takes, in any system, workload and profile that `compare` has.
  limitUs: 10_000,
  regions: { queues: { sizeBits: 12, count: QUEUES_PAGE_COUNT } },
  work: ['init', 'interrupt', 'rx-frame', 'tx-frame'],
  config: { vendorDevice: VENDOR_DEVICE, peer: 0 },
  accepts: { vendorDevice: drivesIt, peer: identityNumber },
  create(context, ports) {
    const driver = new VirtioNetDriver(context, ports);
    return {
      handlers: {
        pci: {},
        iommu: { faulted: () => driver.faulted() },
        kernel: { notified: (token) => driver.notified(token) },
        supervision: { ping: () => void ports.supervision.pong() },
        device: {
          open: (from) => driver.open(from),
          submit: (from, buffer, lenBytes) => driver.submit(from, buffer, lenBytes),
          supply: (from, buffer) => driver.supply(from, buffer),
        },
      },
      start: () => driver.start(),
      settle: () => driver.settle(),
    };
  },
});
