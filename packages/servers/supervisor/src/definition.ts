/** The supervisor as a component. */
import { kernel } from '@bulkhead/abi';
import { iommu } from '@bulkhead/iommu-driver-api';
import { pciBus } from '@bulkhead/pci-bus-driver-api';
import { type ComponentDefinition, component, LEVELS, mustAccept } from '@bulkhead/runtime';
import { supervision } from '@bulkhead/supervisor-api';
import { ACCEPTS, DEFAULT_CONFIG, type SupervisorConfig } from './config.ts';
import { HEAP_SIZE_BYTES } from './records.ts';
import { Supervisor } from './supervisor.ts';

const PAGE_SIZE_BYTES = 4096;

type Uses = {
  readonly pci: typeof pciBus;
  readonly iommu: typeof iommu;
  readonly kernel: typeof kernel.contractOfKernel;
};
type Provides = { readonly supervision: typeof supervision };

export const supervisor: ComponentDefinition<Uses, Provides, SupervisorConfig> = component<
  Uses,
  Provides,
  SupervisorConfig
>({
  name: 'supervisor',
  level: LEVELS.supervisor,
  uses: { pci: pciBus, iommu, kernel: kernel.contractOfKernel },
  provides: { supervision },
  /** CHOICE: an estimate: a page of code, and the page of its records. */
  footprint: { codePages: 1, dataPages: 1 },
  heapPages: Math.ceil(HEAP_SIZE_BYTES / PAGE_SIZE_BYTES),
  // Ten times and more what the longest handler takes (it starts a driver), in any system and profile that `compare` has.
  limitUs: 50_000,
  /** As many as there are children; only those are looked up. */
  rights: ['child-0', 'child-1', 'child-2', 'child-3'],
  work: ['start-child', 'fault', 'reclaim', 'beat'],
  config: DEFAULT_CONFIG,
  accepts: ACCEPTS,
  create(context, ports) {
    mustAccept('supervisor', ACCEPTS, context.config);
    const instance = new Supervisor(context, ports);
    return {
      handlers: {
        pci: {},
        iommu: { faulted: (device, cause, ioPage) => instance.faulted(device, cause, ioPage) },
        kernel: { notified: (token) => instance.notified(token) },
        supervision: { pong: (from) => instance.pong(from) },
      },
      start: () => instance.start(),
    };
  },
});
