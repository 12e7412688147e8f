/** The driver as a component. */
import { kernel } from '@bulkhead/abi';
import { DEVICE_ID, ITR_INTERVAL, ITR_UNIT_NS, VENDOR_ID } from '@bulkhead/intel-82574-datasheet';
import { iommu } from '@bulkhead/iommu-driver-api';
import { netDevice } from '@bulkhead/nic-driver-api';
import { pciBus } from '@bulkhead/pci-bus-driver-api';
import { type ComponentDefinition, component, identityNumber, LEVELS, wholeNumber } from '@bulkhead/runtime';
import { supervision } from '@bulkhead/supervisor-api';
import type { NicDriverConfig } from './config.ts';
import { HEAP_SIZE_BYTES, NicDriver } from './driver.ts';

const PAGE_SIZE_BYTES = 4096;
const VENDOR_DEVICE: number = DEVICE_ID * 0x1_0000 + VENDOR_ID;
/** What EITR holds. */
const LONGEST_INTERVAL_US: number = Math.floor((ITR_INTERVAL.mask * ITR_UNIT_NS) / 1000);

const drivesIt = (vendorDevice: number): string | null =>
  vendorDevice === VENDOR_DEVICE
    ? null
    : `give 0x${VENDOR_DEVICE.toString(16)}, an Intel 82574L, which alone it drives`;

type Uses = {
  readonly pci: typeof pciBus;
  readonly iommu: typeof iommu;
  readonly kernel: typeof kernel.contractOfKernel;
  readonly supervision: typeof supervision;
};
type Provides = { readonly device: typeof netDevice };

export const nicDriver: ComponentDefinition<Uses, Provides, NicDriverConfig> = component<
  Uses,
  Provides,
  NicDriverConfig
>({
  name: 'nic-driver',
  level: LEVELS.nicDriver,
  uses: { pci: pciBus, iommu, kernel: kernel.contractOfKernel, supervision },
  provides: { device: netDevice },
  /** CHOICE: an estimate. Both paths are some 4 KiB of code; they touch heap, two rings and the registers. */
  footprint: { codePages: 2, dataPages: 4 },
  heapPages: Math.ceil(HEAP_SIZE_BYTES / PAGE_SIZE_BYTES),
  // Ten times and more what the longest handler takes, in any system, workload and profile that `compare` has.
  limitUs: 10_000,
  /** The first page is the transmit ring, the second the receive ring. */
  regions: { rings: { sizeBits: 12, count: 2 } },
  work: ['init', 'interrupt', 'rx-frame', 'tx-frame'],
  config: { vendorDevice: VENDOR_DEVICE, peer: 0, interruptIntervalUs: 20 },
  accepts: { vendorDevice: drivesIt, peer: identityNumber, interruptIntervalUs: wholeNumber(0, LONGEST_INTERVAL_US) },
  create(context, ports) {
    const driver = new NicDriver(context, ports);
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
